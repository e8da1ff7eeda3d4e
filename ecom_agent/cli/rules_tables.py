"""`ecom rules import` and `export`: many rows at once, shown before they are written."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput
from ecom_agent.records.rule_views import ChangePreview

SHORT = 12


class Table(StrEnum):
    ASSIGNMENTS = "assignments"
    TAGS = "tags"
    LIMITS = "limits"


What = Annotated[Table, typer.Argument(help="Which table.")]
Confirm = Annotated[
    str | None, typer.Option("--confirm", help="Write, if the changes are still those with this digest.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Write without looking first.")]


def export(
    what: What,
    file: Annotated[Path, typer.Argument(help="Where to: a file that ends with .csv or .xlsx.")],
    as_json: Json = False,
) -> None:
    """Write a table to a CSV or XLSX file, ready to be edited and imported."""
    data = the_app().export_table(what.value, form_of(file))
    try:
        file.write_bytes(data)
    except OSError as e:
        raise BadInput("a place that can be written", f"{file} ({e})", "choose another path") from e
    if as_json:
        output.json({"table": what.value, "file": str(file), "bytes": len(data)})
    else:
        typer.echo(output.clean(f"{what.value} are in {file}."))


def import_(
    what: What,
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file, as `ecom rules export` writes it.")],
    confirm: Confirm = None,
    yes: Yes = False,
    note: Annotated[str, typer.Option("--note", help="Why; kept in the history.")] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Read a table from a CSV or XLSX file: all rows, or none. First shows what would change, and every wrong row."""
    app = the_app()
    try:
        data = file.read_bytes()
    except OSError as e:
        raise BadInput("a readable file", f"{file} ({e})", "correct the path") from e
    found = app.preview_import(what.value, data, form_of(file))
    if confirmed(found, confirm, yes, as_json):
        told(app.apply_import(what.value, data, form_of(file), found.digest, person(by), note), as_json)


def confirmed(found: ChangePreview, digest: str | None, yes: bool, as_json: bool) -> bool:
    """Whether to write. Where not, the preview is printed. Raises BadInput for errors and for another digest."""
    if found.errors and (yes or digest):
        raise BadInput("rows without an error", "\n".join(found.errors), "correct them; nothing was written")
    if yes:
        return True
    if digest is not None:
        if len(digest) < SHORT or not found.digest.startswith(digest):
            raise BadInput("the digest of these changes", digest, "look at the preview again")
        return True
    if as_json:
        output.json(asdict(found))
        return False
    rows = [[c.subject, c.field, c.old, c.new] for c in found.changes]
    output.table(["Of", "What", "Now", "Would become"], rows, empty="Nothing would change.")
    for error in found.errors:
        output.say(error)
    if found.errors:
        typer.echo("Nothing was written, and nothing can be until these rows are right.")
    elif rows:
        typer.echo(f"Nothing was written. To write exactly this, add --confirm {found.digest[:SHORT]}")
    return False


def told(changed: int, as_json: bool) -> None:
    if as_json:
        output.json({"changed": changed})
    else:
        typer.echo(f"{changed} changed.")


def form_of(file: Path) -> str:
    return file.suffix.removeprefix(".").lower()
