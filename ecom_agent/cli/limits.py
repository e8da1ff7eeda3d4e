"""`ecom limits`: how far prices may go. Without a minimum no price is ever written."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from ecom_agent.cli import landed, output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput
from ecom_agent.records.views import LimitsView, ListingView

commands = typer.Typer(no_args_is_help=True, help="Price limits: list them, or set many from a CSV file.")
commands.command("landed")(landed.landed)
PLACE: Final = ("account", "marketplace", "sku")
AMOUNTS: Final = ("hard_min", "ceiling", "map_price", "unit_cost", "min_margin")
COSTS: Final = (
    "foreign_cost", "ad_cost", "return_percent", "return_cost", "margin_percent", "roi_percent", "fee_class",
    "costs_on",
)  # fmt: skip
COLUMNS: Final = (*PLACE, "currency", *AMOUNTS, *COSTS, "version")
SHOWN: Final = (*PLACE, "currency", *AMOUNTS, "version")


@commands.command("list")
def list_(
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as `ecom limits set` reads it.")] = False,
    as_json: Json = False,
) -> None:
    """List the limits in force."""
    rows = the_app().limits()
    if as_json:
        output.json({"limits": [asdict(r) for r in rows]})
    elif as_csv:
        typer.echo(",".join(COLUMNS))
        for r in rows:
            typer.echo(",".join(quoted(getattr(r, name)) for name in COLUMNS))
    else:
        cells = [[getattr(r, name) for name in SHOWN] for r in rows]
        output.table(SHOWN, cells, empty="No limits yet: they come with the first listings.")


@commands.command("floors")
def floors(
    sku: Annotated[str | None, typer.Argument(help="Only this SKU.")] = None,
    as_json: Json = False,
) -> None:
    """Show every listing's floor: its bounds, what break-even is made of, and as of when each figure holds."""
    rows = [r for r in the_app().pricing() if sku in (None, r.sku)]
    if sku is not None and not rows:
        raise BadInput("a listing that is known", sku, "see `ecom limits list`, or pull listings")
    if as_json:
        output.json({"floors": [floor_of(r) for r in rows]})
        return
    cells = []
    for r in rows:
        bounds = "; ".join(f"{name} {amount}" for name, amount in r.floor_parts)
        cells.append((r.account, r.marketplace, r.sku, r.floor or "none", r.floor_reason, "", bounds))
        for cost in r.floor_costs:
            day = "" if cost.at is None else cost.at.date().isoformat()
            cells.append(("", "", "", cost.amount or "not known", f"  {cost.name}", day, cost.note))
    heads = ["account", "marketplace", "sku", "floor", "why", "as of", "from"]
    output.table(heads, cells, empty="No listings yet: `ecom pull` brings them in.")


@commands.command("set")
def set_(
    file: Annotated[Path, typer.Option("--csv", help="Columns account, marketplace, sku, and any of the limits.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Set limits from a CSV file: all rows, or none if one is wrong.

    A column that is left out stays as it is; an empty cell means: not set.
    """
    app = the_app()
    rows = read(file, {(r.account, r.marketplace, r.sku): r for r in app.limits()})
    saved = app.set_limits(rows, person(by))
    if as_json:
        output.json({"saved": saved})
    else:
        typer.echo(f"{saved} limits saved.")


def read(file: Path, now: Mapping[tuple[str, str, str], LimitsView]) -> Sequence[LimitsView]:
    """The file's rows over the limits in force. Raises BadInput naming the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            header = set(reader.fieldnames or ())
            if not header.issuperset(PLACE) or not header <= set(COLUMNS):
                found = ", ".join(sorted(header)) or "no header"
                raise BadInput(f"columns {', '.join(COLUMNS)}", found, f"correct the first line of {file}")
            return [row(line, now, f"{file} line {reader.line_num}") for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise BadInput("a readable CSV file in UTF-8", f"{file}: {e}", "correct the path or the file") from e


def row(line: Mapping[str, str | None], now: Mapping[tuple[str, str, str], LimitsView], where: str) -> LimitsView:
    """One line over what is in force for its listing."""
    account, marketplace, sku = ((line.get(name) or "").strip() for name in PLACE)
    old = now.get((account, marketplace, sku))
    if old is None:
        raise BadInput(
            "a listing that is known", f"{account}/{marketplace}/{sku} in {where}", "correct the line, or pull listings"
        )
    amounts = {name: (line[name] or "").strip() or None for name in (*AMOUNTS, *COSTS) if name in line}
    currency = (line.get("currency") or old.currency).strip()
    return replace(old, currency=currency, **amounts)  # type: ignore[arg-type]  # only the amounts' names


def floor_of(listing: ListingView) -> dict[str, object]:
    """One listing's floor with its parts, for JSON."""
    return {
        "account": listing.account,
        "marketplace": listing.marketplace,
        "sku": listing.sku,
        "floor": listing.floor,
        "reason": listing.floor_reason,
        "parts": dict(listing.floor_parts),
        "costs": [asdict(cost) for cost in listing.floor_costs],
    }


def quoted(value: str | int | None) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text
