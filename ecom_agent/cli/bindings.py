"""`ecom bindings`: which listing sells which product of ours. Suggestions are shown; only a person binds."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from ecom_agent.cli import output, rows
from ecom_agent.cli.shell import By, Json, app, person
from ecom_agent.records.bindings import Binding

COLUMNS: Final = ("account", "marketplace", "sku", "our_sku")
commands = typer.Typer(
    no_args_is_help=True,
    help="Which listing sells which product of ours: list, suggest, accept, bind, reject, unbind, export, import.",
)
Account = Annotated[str, typer.Argument(help="The account's name.")]
Marketplace = Annotated[str, typer.Argument(help="The marketplace, as `ecom bindings suggest` shows it.")]
Sku = Annotated[str, typer.Argument(help="The listing's seller SKU.")]
Ours = Annotated[str, typer.Argument(help="Our SKU: the product in our house.")]


@commands.command("list")
def list_(
    rejected: Annotated[bool, typer.Option("--rejected", help="What people said no to, in place of it.")] = False,
    as_json: Json = False,
) -> None:
    """List what is bound, by our SKU."""
    board = app().binding_board()
    found = board.rejected if rejected else board.bound
    if as_json:
        output.json({"bindings": [asdict(one) for one in found]})
        return
    cells = [(b.our_sku, b.account, b.marketplace, b.sku, b.why, b.by, b.at) for b in found]
    heads = ["Our SKU", "Account", "Marketplace", "Seller SKU", "Why", "By", "When (UTC)"]
    output.table(heads, cells, empty="Nothing here yet: `ecom bindings suggest` shows what may belong together.")


@commands.command()
def suggest(
    limit: Annotated[int, typer.Option(min=1, help="At most so many listings, the likeliest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show for listings that are not bound which product of ours they may sell, and why."""
    reviews = [review for review in app().binding_board().reviews if review.suggestions][:limit]
    if as_json:
        output.json({"suggestions": [asdict(one) for review in reviews for one in review.suggestions]})
        return
    cells = [
        (s.account, s.marketplace, s.sku, s.our_sku, f"{s.score:.2f}", "choose" if s.ambiguous else "sure", s.reason)
        for review in reviews
        for s in review.suggestions
    ]
    heads = ["Account", "Marketplace", "Seller SKU", "Our SKU", "Score", "", "Why"]
    output.table(heads, cells, empty="No listing is like another one that it is not bound with already.")


@commands.command()
def accept(by: By = None, as_json: Json = False) -> None:
    """Bind what is suggested by GTIN or seller SKU and where nothing contradicts. The others wait for a choice."""
    _said("bound", app().accept_sure_bindings(person(by)), as_json)


@commands.command()
def bind(
    account: Account, marketplace: Marketplace, sku: Sku, our_sku: Ours, by: By = None, as_json: Json = False
) -> None:
    """Bind one listing to a product of ours; what it was bound to before is taken off."""
    app().bind(account, marketplace, sku, our_sku, person(by))
    _said("bound", 1, as_json)


@commands.command()
def reject(
    account: Account, marketplace: Marketplace, sku: Sku, our_sku: Ours, by: By = None, as_json: Json = False
) -> None:
    """Say that a listing does not sell this product of ours: it is not suggested again."""
    app().reject_binding(account, marketplace, sku, our_sku, person(by))
    _said("rejected", 1, as_json)


@commands.command()
def unbind(account: Account, marketplace: Marketplace, sku: Sku, by: By = None, as_json: Json = False) -> None:
    """Forget everything that was said of one listing."""
    _said("dropped", app().unbind(account, marketplace, sku, person(by)), as_json)


@commands.command()
def export() -> None:
    """Print what is bound as CSV, as `ecom bindings import` reads it."""
    write(app().binding_board().bound)


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Option("--csv", help=f"Columns {', '.join(COLUMNS)}; others are passed over.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Bind listings by a CSV file: all rows, or none if one is wrong."""
    _said("bound", app().import_bindings(rows.read(file, COLUMNS), person(by)), as_json)


def write(bound: Sequence[Binding]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows((b.account, b.marketplace, b.sku, b.our_sku) for b in bound)


def _said(what: str, many: int, as_json: bool) -> None:
    if as_json:
        output.json({what: many})
    else:
        typer.echo(f"{many} {what}.")
