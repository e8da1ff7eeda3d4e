"""`ecom audit`: the record nobody can change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import FAILED, Json, app
from ecom_agent.records.views import AuditEventView

commands = typer.Typer(no_args_is_help=True, help="The audit: verify the chain, explain one Action, list events.")


@commands.command()
def verify(as_json: Json = False) -> None:
    """Check every link of the hash chain. Exit 1 if one is broken."""
    report = app().audit_verify()
    if as_json:
        output.json(asdict(report))
    elif report.ok:
        typer.echo(f"The chain is whole: {report.events} events, head {report.head or 'none'}")
    else:
        typer.echo(output.clean(f"The chain is BROKEN at event {report.broken_at}: {report.reason}"))
    if not report.ok:
        raise typer.Exit(FAILED)


@commands.command()
def explain(
    key: Annotated[str, typer.Argument(help="The Action's key, or its first characters.")], as_json: Json = False
) -> None:
    """Tell one Action from the first fact to the last step."""
    action, told = app().explain(key)
    if as_json:
        output.json({"action": asdict(action), "events": [asdict(e) for e in told]})
        return
    typer.echo(output.clean(f"{action.kind} {action.target} on {action.account}/{action.marketplace}"))
    typer.echo(output.clean(f"{action.before or 'unknown'} → {action.after}, {action.state}: {action.reason}"))
    output.table(["Guard", "Answer", "Reason"], action.verdicts, empty="no guard was asked yet")
    table(told)


@commands.command()
def events(
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    before: Annotated[int | None, typer.Option(help="Only events older than this number.")] = None,
    as_json: Json = False,
) -> None:
    """List events, newest first."""
    found = app().audit_events(limit=limit, before=before)
    if as_json:
        output.json({"events": [asdict(e) for e in found]})
    else:
        table(found)


def table(found: Sequence[AuditEventView]) -> None:
    rows = [
        (e.seq, e.at, e.step, e.actor, (e.action_key or "")[:10], orjson.dumps(dict(e.detail), default=str).decode())
        for e in found
    ]
    output.table(["#", "When (UTC)", "Step", "Who", "Action", "Detail"], rows, empty="Nothing recorded.")
