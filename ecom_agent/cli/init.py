"""`ecom init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import WRONG_INPUT, Json, wiring


def init(
    file: Annotated[Path, typer.Option("--file", help="The settings file.")] = Path(".env"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 2 where a setting is not right.")] = False,
    as_json: Json = False,
) -> None:
    """Write a commented settings file, check it, and say what is missing.

    An existing file is kept. Values of secrets are never printed.
    """
    found = wiring().init_env(file, check)
    right = all(status == "ok" for _, status, _ in found)
    if as_json:
        settings = [{"setting": s, "status": status, "to_do": to_do} for s, status, to_do in found]
        output.json({"path": str(file), "ok": right, "settings": settings})
    else:
        output.table(["Setting", "Status", "To do"], found, empty=f"{file}: nothing to check")
        next_step = "All set: `ecom up` starts." if right else f"Complete {file}, then run `ecom init --check`."
        typer.echo(next_step)
    if check and not right:
        raise typer.Exit(WRONG_INPUT)
