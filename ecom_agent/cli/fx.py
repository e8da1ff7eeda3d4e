"""`ecom fx`: exchange rates by day, and sales by day in the seller's own currency."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from ecom_agent.cli import output, rows
from ecom_agent.cli.shell import By, Json, app, person

COLUMNS: Final = ("day", "base", "quote", "rate")
commands = typer.Typer(no_args_is_help=True, help="Exchange rates by day, and sales at home: rates, import, sales.")
Days = Annotated[int, typer.Option(min=1, help="The last so many days.")]


@commands.command()
def rates(days: Days = 30, as_json: Json = False) -> None:
    """List the rates that were entered, the latest day first."""
    found = app().fx_rates(days=days)
    if as_json:
        output.json({"rates": [asdict(one) for one in found]})
        return
    cells = [(r.at.date().isoformat(), r.base, r.quote, str(r.rate), r.source) for r in found]
    output.table(["Day", "One", "Is worth of", "Rate", "Source"], cells, empty="No rate yet: `ecom fx import`.")


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Option("--csv", help=f"Columns {', '.join(COLUMNS)}: one base was worth rate quote.")],
    source: Annotated[str, typer.Option(help="Where they are from, such as ECB.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter rates from a CSV file: all rows, or none if one is wrong. A day entered again is corrected."""
    entered = app().enter_fx_rates(rows.read(file, COLUMNS), source, person(by))
    if as_json:
        output.json({"entered": entered})
        return
    typer.echo(f"{entered} rates entered.")


@commands.command()
def sales(days: Days = 7, as_json: Json = False) -> None:
    """Show sales by day, each marketplace by its own midnight, and at home at the rate of that day."""
    found = app().sales_by_day(days=days)
    if as_json:
        output.json({"days": [asdict(one) for one in found]})
        return
    cells = [
        (d.day.isoformat(), d.account, d.marketplace, d.zone, d.orders, d.sales, d.home, d.by or d.why) for d in found
    ]
    heads = ["Day", "Account", "Marketplace", "Zone", "Orders", "Sales", "At home", "By"]
    output.table(heads, cells, empty="No sales in these days.")
