"""`ecom quarantine`."""

from __future__ import annotations

from dataclasses import asdict

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json
from ecom_agent.cli.shell import app as the_app


def quarantine(as_json: Json = False) -> None:
    """List the records that could not be read, each with its reason. The rest of their page went on."""
    found = the_app().quarantine()
    if as_json:
        output.json({"quarantine": [asdict(q) for q in found]})
    else:
        rows = [(q.id, q.seen_at, q.account, q.stream, q.external_id, q.reason) for q in found]
        columns = ["#", "Seen (UTC)", "Account", "Stream", "Record", "Reason"]
        output.table(columns, rows, empty="No record is set aside.")
