"""`ecom up`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import wiring


def up(
    env: Annotated[Path | None, typer.Option("--env", help="The settings file; empty = .env in this folder.")] = None,
) -> None:
    """Run against your own accounts, as the settings file says, until Ctrl-C.

    One supervisor starts the schedules, the event lane, the API and the console, and restarts what dies.
    """
    raise typer.Exit(wiring().run_up(env, output.say))
