"""`ecom pull`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import FAILED, Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import EcomError, NotFound
from ecom_agent.records.views import PullReport


def pull(
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    stream: Annotated[
        str | None,
        typer.Option(
            help="Only this stream: orders, stock, listings, fees, offers, expected_prices, returns, charges, messages."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Pull what is new, now, from each stream's cursor on.

    One stream's failure does not stop the others; exit 1 if any failed.
    """
    app = the_app()
    wanted = [(a, s) for a, s, _ in app.streams() if account in (None, a) and stream in (None, s)]
    if not wanted:
        known = ", ".join(f"{a}/{s}" for a, s, _ in app.streams()) or "none"
        raise NotFound(f"no stream {stream or '*'} of account {account or '*'}; there are: {known}")
    reports: list[PullReport] = []
    failures: list[dict[str, str]] = []
    with output.progress() as tell:
        for a, s in wanted:
            tell(f"{a}/{s}")
            try:
                reports.append(app.pull(a, s))
            except EcomError as e:
                failures.append({"account": a, "stream": s, "error": str(e)})
    if as_json:
        output.json({"pulled": [asdict(r) for r in reports], "failed": failures})
    else:
        show(reports)
    for failure in failures:
        typer.echo(output.clean(f"ecom: {failure['account']}/{failure['stream']}: {failure['error']}"), err=True)
    if failures:
        raise typer.Exit(FAILED)


def show(reports: list[PullReport]) -> None:
    rows = [
        (r.account, r.stream, r.pages, r.fetched, r.written, r.unchanged, r.quarantined, r.seconds) for r in reports
    ]
    columns = ["Account", "Stream", "Pages", "Fetched", "Written", "Unchanged", "Set aside", "Seconds"]
    output.table(columns, rows, empty="Nothing was pulled.")
