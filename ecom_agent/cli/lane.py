"""`ecom lane`: started by the supervisor, not by people."""

from __future__ import annotations

import typer

from ecom_agent.cli.shell import wiring


def lane() -> None:
    """Take platform events from the queues and act on them, until stopped."""
    raise typer.Exit(wiring("INFO").run_lane())
