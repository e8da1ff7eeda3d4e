"""`ecom actions`: what the machine changed or wants to change, and a person's answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.actions.model import State
from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, app, person
from ecom_agent.records.views import ActionView

commands = typer.Typer(no_args_is_help=True, help="Automated changes: list, show, approve, deny, undo.")
Key = Annotated[str, typer.Argument(help="The Action's key, or its first characters.")]


@commands.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only those of this SKU.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List Actions, newest first."""
    found = app().actions(state=None if state is None else state.value, sku=sku, limit=limit)
    if as_json:
        output.json({"actions": [asdict(a) for a in found]})
    else:
        show_all(found)


@commands.command()
def show(key: Key, as_json: Json = False) -> None:
    """Show one Action with every guard's verdict."""
    action, _ = app().explain(key)
    tell(action, as_json)


@commands.command()
def approve(
    key: Key,
    note: Annotated[str, typer.Option(help="What made it right; kept in the audit.")] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Let a held Action go. The guards are asked again before it is sent."""
    tell(app().approve(key, person(by), note), as_json)


@commands.command()
def deny(
    key: Key,
    reason: Annotated[str, typer.Option(help="Why not; kept in the audit.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Refuse a held Action."""
    tell(app().deny(key, person(by), reason), as_json)


@commands.command()
def undo(key: Key, by: By = None, as_json: Json = False) -> None:
    """Propose the inverse of a change; it passes the same guards."""
    tell(app().undo(key, person(by)), as_json)


def tell(action: ActionView, as_json: bool) -> None:
    if as_json:
        output.json(asdict(action))
        return
    output.pairs({name: value for name, value in asdict(action).items() if name != "verdicts"})
    output.table(["Guard", "Answer", "Reason"], action.verdicts, empty="no guard was asked yet")


def show_all(found: Sequence[ActionView]) -> None:
    rows = [
        (a.key[:10], a.updated_at, a.state, a.target, a.account, a.before, a.after, a.reason, a.held_by) for a in found
    ]
    columns = ["Action", "When (UTC)", "State", "SKU", "Account", "Before", "After", "Why", "Held by"]
    output.table(columns, rows, empty="No Action fits.")
