"""`ecom lane`: started by the supervisor; a person may ask it which pages fell silent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json, wiring
from ecom_agent.cli.shell import app as the_app


def lane(
    silent: Annotated[
        bool, typer.Option("--silent", help="List pages that changed without an event for hours; start nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take platform events from the queues and act on them, until stopped."""
    if not silent:
        raise typer.Exit(wiring("INFO").run_lane())
    found = the_app().silent()
    if as_json:
        output.json({"count": len(found), "silent": [asdict(page) for page in found]})
        return
    rows = [(p.account, p.marketplace, p.external_id, p.condition, p.event_at, p.changed_at, p.changes) for p in found]
    columns = ["Account", "Marketplace", "Page", "Condition", "Last event (UTC)", "Last change (UTC)", "Changes"]
    output.table(columns, rows, empty="No page is silent.")
