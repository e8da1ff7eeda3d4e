"""`ecom attribution`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.backfill import DAY
from ecom_agent.cli.shell import Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.money import Money
from ecom_agent.records.attributions import AttributionRow

HEAD = ("SKU", "", "Change", "Price", "Buy Box", "Demand", "Conversion", "Cost", "Luck", "Luck lies in")


def attribution(
    account: Annotated[str, typer.Option(help="Whose sales.")],
    split: Annotated[
        datetime, typer.Option("--at", formats=DAY, metavar="WHEN", help="The moment between before and after, UTC.")
    ],
    days: Annotated[int, typer.Option(min=1, help="So many days before it, and as many after.")] = 14,
    as_json: Json = False,
) -> None:
    """Tell where a change in profit came from: price, Buy Box, demand, cost, or luck.

    The parts sum to the change. Luck is what is left of a listing's sales when its time featured, its price and the
    demand that moved alike for all are counted; it lies in the last column 19 times of 20 when nothing else happened.
    """
    report = the_app().attribution(account, split.replace(tzinfo=UTC), days)
    if as_json:
        output.json(asdict(report))
        return
    rows = [cells(row) for row in (*report.totals, *report.listings)]
    output.table(HEAD, rows, empty="Nothing was sold or seen on both sides.")
    for sku, why in report.left_out:
        typer.echo(output.clean(f"left out: {sku}: {why}"))


def cells(row: AttributionRow) -> tuple[str, ...]:
    """Money in major units."""
    parts = (row.change, row.price, row.buy_box, row.demand, row.conversion, row.cost, row.luck)
    told = [f"{Money(round(value), row.currency).major:,}" for value in (*parts, row.luck_low, row.luck_high)]
    return (row.sku or "all", row.currency, *told[:-2], f"{told[-2]} … {told[-1]}")
