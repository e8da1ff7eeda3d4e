"""`ecom autonomy`: how far each automation may go without a person."""

from __future__ import annotations

from typing import Annotated

import typer

from ecom_agent.actions.autonomy import Level
from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app

commands = typer.Typer(no_args_is_help=True, help="How far each automation may go alone: list, set.")


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """List the level of each automation on each account."""
    show(as_json)


@commands.command("set")
def set_(
    automation: Annotated[str, typer.Argument(help="Its name, e.g. pricing.repricing.")],
    account: Annotated[str, typer.Argument(help="The account it is for.")],
    level: Annotated[
        Level,
        typer.Argument(
            help="off: nothing; suggest: all waits; supervised: small changes go alone; auto: all go alone."
        ),
    ],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Set how far one automation may go alone on one account. Guards and limits hold at every level."""
    the_app().set_autonomy(automation, account, level.value, person(by))
    show(as_json)


def show(as_json: bool) -> None:
    levels = [(*name.split("@", 1), level) for name, level in the_app().autonomy().items()]
    if as_json:
        output.json({"autonomy": [{"automation": a, "account": b, "level": level} for a, b, level in levels]})
    else:
        output.table(["Automation", "Account", "Level"], levels, empty="No automation runs on any account.")
