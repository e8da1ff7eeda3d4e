"""`ecom limits landed`: landed costs out of consignments, by Incoterm."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.economics import consignments
from ecom_agent.economics.landed_cost import landed_cost
from ecom_agent.errors import BadInput
from ecom_agent.records.views import LimitsView

PLACE: Final = ("account", "marketplace", "sku")
COLUMNS: Final = (*PLACE, *consignments.COLUMNS)


def landed(
    file: Annotated[Path, typer.Option("--csv", help=f"Columns {', '.join(COLUMNS)}: a line for each listing.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Set what a unit costs landed, from consignments: all rows, or none if one is wrong.

    Goods, freight, insurance, duty and import tax of a consignment of alike units, by Incoterm (EXW, FCA, FOB, CIF,
    DAP, DDP): what the supplier's price has in it is not counted again. Floors rest on it from then on.
    """
    app = the_app()
    in_force = {(r.account, r.marketplace, r.sku): r for r in app.limits()}
    rows = read(file, in_force, app.clock.now().date())
    saved = app.set_limits(rows, person(by))
    if as_json:
        output.json({"saved": saved})
        return
    cells = [(r.account, r.marketplace, r.sku, r.unit_cost or r.foreign_cost or "") for r in rows]
    output.table((*PLACE, "landed cost of a unit"), cells, empty="No line in the file.")


def read(file: Path, now: Mapping[tuple[str, str, str], LimitsView], today: date) -> Sequence[LimitsView]:
    """The limits in force with the landed costs of the file. Raises BadInput naming the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                found = ", ".join(reader.fieldnames or ()) or "no header"
                raise BadInput(f"columns {', '.join(COLUMNS)}", found, f"correct the first line of {file}")
            return [_row(line, now, f"{file} line {reader.line_num}", today) for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise BadInput("a readable CSV file in UTF-8", f"{file}: {e}", "correct the path or the file") from e


def _row(
    line: Mapping[str, str | None], now: Mapping[tuple[str, str, str], LimitsView], where: str, today: date
) -> LimitsView:
    account, marketplace, sku = ((line.get(name) or "").strip() for name in PLACE)
    old = now.get((account, marketplace, sku))
    if old is None:
        found = f"{account}/{marketplace}/{sku} in {where}"
        raise BadInput("a listing that is known", found, "correct the line, or pull listings")
    cost = landed_cost(consignments.read(line, where))
    own = cost.currency == old.currency
    return replace(
        old,
        unit_cost=str(cost.major) if own else None,
        foreign_cost=None if own else f"{cost.major} {cost.currency}",
        costs_on=today.isoformat(),
    )
