"""`ecom stock`: our own stock book, and how it is shared out to the channels."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput

commands = typer.Typer(
    no_args_is_help=True, help="One stock for all channels: show the pools, enter a count, enter what came or went."
)
OneSku = Annotated[str, typer.Argument(help="The product, by our own SKU.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept in the audit.")]


@commands.command()
def show(
    sku: Annotated[str | None, typer.Argument(help="Only this product of ours.")] = None, as_json: Json = False
) -> None:
    """Show what we have, what each channel shows, what it should show, and why."""
    pools = the_app().pools(sku)
    if as_json:
        output.json({"pools": [{**asdict(pool), "shown": pool.shown} for pool in pools]})
        return
    rows: list[tuple[object, ...]] = []
    for pool in pools:
        rows.append((pool.sku, pool.on_hand, pool.reserved, pool.buffer, pool.sellable, "all", pool.shown, "", ""))
        rows += [
            ("", "", "", "", "", f"{x.account}/{x.marketplace} {x.sku}", x.shown, x.share, x.why) for x in pool.outlets
        ]
    heads = ["product", "on hand", "in orders", "held back", "sellable", "channel", "shows", "share", "why"]
    output.table(heads, rows, empty="No product yet: bind listings to products of yours, then `ecom stock count`.")


@commands.command()
def count(
    sku: Annotated[str | None, typer.Argument(help="The product, by our own SKU.")] = None,
    units: Annotated[int | None, typer.Argument(help="Units on the shelf, with those of open orders.")] = None,
    file: Annotated[Path | None, typer.Option("--csv", help="Many at once: columns sku, units.")] = None,
    note: Note = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter what lies on the shelf now: one product, or all rows of a CSV file, or none if one is wrong."""
    if (file is None) == (sku is None or units is None):
        raise BadInput("SKU and UNITS, or --csv FILE", "both or neither", "see `ecom stock count --help`")
    counted = read(file) if file is not None else {str(sku): int(units or 0)}
    entered = the_app().count_stock(counted, person(by), note)
    if as_json:
        output.json({"counted": entered})
    else:
        typer.echo(f"{entered} products counted.")


@commands.command()
def move(
    sku: OneSku,
    units: Annotated[int, typer.Argument(help="Units that came, or with a minus went; write -- before a minus.")],
    note: Note,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Enter goods received, put back, broken or lost: all that is no order."""
    on_hand = the_app().move_stock(sku, units, person(by), note)
    if as_json:
        output.json({"sku": sku, "on_hand": on_hand})
    else:
        typer.echo(output.clean(f"{sku}: {on_hand} on hand."))


@commands.command()
def entries(sku: OneSku, as_json: Json = False) -> None:
    """List what was entered for one product, the newest first."""
    found = the_app().stock_entries(sku)
    if as_json:
        output.json({"entries": [asdict(entry) for entry in found]})
        return
    rows = [(e.at, e.kind, e.units, e.by, e.note) for e in found]
    output.table(["at (UTC)", "kind", "units", "by", "note"], rows, empty="Nothing was entered for it.")


def read(file: Path) -> dict[str, int]:
    """SKU → units. Raises BadInput naming the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if set(reader.fieldnames or ()) != {"sku", "units"}:
                found = ", ".join(reader.fieldnames or ()) or "no header"
                raise BadInput("columns sku, units", found, f"correct the first line of {file}")
            counted: dict[str, int] = {}
            for line in reader:
                where = f"{file} line {reader.line_num}"
                sku, units = (line["sku"] or "").strip(), (line["units"] or "").strip()
                if not sku or sku in counted or not units.isascii() or not units.isdigit():
                    raise BadInput("a SKU, once, and its units", f"{sku!r}, {units!r} in {where}", "correct the line")
                counted[sku] = int(units)
            return counted
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise BadInput("a readable CSV file in UTF-8", f"{file}: {e}", "correct the path or the file") from e
