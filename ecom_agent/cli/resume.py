"""`ecom resume`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput, NotFound


def resume(
    scope: Annotated[str, typer.Argument(help="The halted scope, as `ecom halt --list` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the cause is understood and gone.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Lift a halt. Only a person does this, after a confirmation."""
    app = the_app()
    halted = {h.scope: h for h in app.halts()}
    if scope not in halted:
        raise NotFound(f"nothing is halted under {scope!r}; halted: {', '.join(halted) or 'nothing'}")
    if not yes:
        if not sys.stdin.isatty():
            raise BadInput("a person's confirmation", "no terminal to ask on", "add --yes")
        typer.echo(output.clean(f"{scope} was halted by {halted[scope].by}: {halted[scope].reason}"), err=True)
        typer.confirm("Is the cause understood and gone?", abort=True, err=True)
    app.resume(scope, person(by))
    if as_json:
        output.json({"resumed": scope, "halts": [asdict(h) for h in app.halts()]})
    else:
        typer.echo(f"{scope} goes on.")
