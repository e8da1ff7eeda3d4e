"""Stops: what a scope covers, and who may open or lift one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecom_agent.actions.actors import is_person
from ecom_agent.actions.model import Action
from ecom_agent.errors import BadInput

_FORMS = "all, marketplace:<account>/<id>, automation:<name> or sku:<account>/<marketplace>/<sku>"


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop in force over `scope`, since when and by whom."""

    scope: str
    reason: str
    by: str
    since: datetime


def checked(scope: str) -> str:
    """`scope` if it has one of the known forms. Raises BadInput."""
    kind, _, rest = scope.partition(":")
    pieces = rest.split("/", 2)
    known = {
        "all": scope == "all",
        "marketplace": len(pieces) == 2,
        "automation": bool(rest),
        "sku": len(pieces) == 3,
    }
    if not known.get(kind, False) or (kind != "all" and not all(pieces)):
        raise BadInput(f"a scope: {_FORMS}", repr(scope), "name exactly what shall stop")
    return scope


def sku_scope(action: Action) -> str:
    """The scope that stops just this Action's listing."""
    return f"sku:{action.account}/{action.marketplace}/{action.target}"


def scopes_of(action: Action) -> tuple[str, ...]:
    """Every scope whose halt stops this Action, the widest first."""
    return (
        "all",
        f"marketplace:{action.account}/{action.marketplace}",
        f"automation:{action.proposed_by}",
        sku_scope(action),
    )


def may_lift(by: str) -> None:
    """Software may pull the brake, only a person lets it go. Raises BadInput."""
    if not is_person(by):
        raise BadInput("the name of a person to lift a halt", repr(by), "software may halt, never resume")
