"""`ecom halt`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput


def halt(
    scope: Annotated[
        str | None,
        typer.Argument(
            help="all, account:ACCOUNT, marketplace:ACCOUNT/ID, automation:NAME or sku:ACCOUNT/MARKETPLACE/SKU; "
            "left out = list."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="What was seen; whoever resumes will read it.")] = None,
    level: Annotated[
        str, typer.Option(help="halted = nothing leaves; reducing = prices may only be raised.")
    ] = "halted",
    list_only: Annotated[bool, typer.Option("--list", help="Only list what is halted.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Stop every write in a scope, at once; or list what is halted."""
    app = the_app()
    if scope is not None and not list_only:
        if not (reason or "").strip():
            raise BadInput("a reason for the halt", "none", 'add --reason "what you saw"')
        app.halt(scope, person(by), str(reason).strip(), level)
    halts = app.halts()
    if as_json:
        output.json({"halts": [asdict(h) for h in halts]})
    else:
        rows = [(h.scope, h.level, h.reason, h.by, h.since) for h in halts]
        output.table(["Scope", "Level", "Reason", "By", "Since (UTC)"], rows, empty="Nothing is halted.")
