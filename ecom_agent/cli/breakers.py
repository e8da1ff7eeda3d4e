"""`ecom breakers`."""

from __future__ import annotations

from dataclasses import asdict

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json
from ecom_agent.cli.shell import app as the_app


def breakers(as_json: Json = False) -> None:
    """How far each account may go (active, reducing, halted), and how close it is to being stopped by itself."""
    seen = the_app().breakers()
    if as_json:
        output.json({"breakers": [asdict(view) for view in seen]})
        return
    for view in seen:
        why = f" since {view.since:%Y-%m-%d %H:%M} UTC, by {view.by}: {view.reason}" if view.since else ""
        typer.echo(output.clean(f"{view.account}: {view.state}{why}"))
        if view.gap is not None:
            typer.echo(output.clean(f"  nothing is written: no usable limit in the policy breakers: {view.gap}"))
            continue
        rows = [(x.breaker, "TRIPS" if x.over else "", x.says, x.then) for x in view.lines]
        output.table(["Breaker", "", "Now", "Then"], rows, empty="No breaker is set.")
    if not seen:
        typer.echo("No account is set up.")
