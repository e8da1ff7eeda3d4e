"""Stops: what a scope covers, how far one goes, and who may open or lift one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecom_agent.actions.actors import is_person
from ecom_agent.actions.business import lowered, says_any
from ecom_agent.actions.model import Action, Value
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.money import Money

_FORMS = "all, account:<account>, marketplace:<account>/<id>, automation:<name> or sku:<account>/<marketplace>/<sku>"


class HaltLevel(StrEnum):
    """How far a halt goes; the later one is the tighter one."""

    REDUCING = "reducing"  # no price goes down; raises and all else within the other guards' limits
    HALTED = "halted"  # nothing leaves

    def tighter_than(self, other: HaltLevel) -> bool:
        return self is HaltLevel.HALTED and other is HaltLevel.REDUCING


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop in force over `scope`, since when, by whom, and how far it goes."""

    scope: str
    reason: str
    by: str
    since: datetime
    level: HaltLevel = HaltLevel.HALTED


def checked(scope: str) -> str:
    """`scope` if it has one of the known forms. Raises BadInput."""
    kind, _, rest = scope.partition(":")
    pieces = rest.split("/", 2)
    known = {
        "all": scope == "all",
        "account": len(pieces) == 1,
        "marketplace": len(pieces) == 2,
        "automation": bool(rest),
        "sku": len(pieces) == 3,
    }
    if not known.get(kind, False) or (kind != "all" and not all(pieces)):
        raise BadInput(f"a scope: {_FORMS}", repr(scope), "name exactly what shall stop")
    return scope


def level_named(name: str) -> HaltLevel:
    """The level of this name. Raises BadInput."""
    try:
        return HaltLevel(name)
    except ValueError:
        raise BadInput(f"one of {', '.join(HaltLevel)}", repr(name), "say how far the halt goes") from None


def account_scope(account: AccountId) -> str:
    """The scope that stops one seller account at one platform."""
    return f"account:{account}"


def sku_scope(action: Action) -> str:
    """The scope that stops just this Action's listing."""
    return f"sku:{action.account}/{action.marketplace}/{action.target}"


def scopes_of(action: Action) -> tuple[str, ...]:
    """Every scope whose halt stops this Action, the widest first."""
    return (
        "all",
        account_scope(action.account),
        f"marketplace:{action.account}/{action.marketplace}",
        f"automation:{action.proposed_by}",
        sku_scope(action),
    )


def lowers(action: Action, present: Value | None) -> bool:
    """Whether a price, also one for companies, would go down from what the wish was decided on or from what is known.

    A price that cannot be compared (unknown, of another currency) counts as one that goes down. Stock never does.
    """
    if not isinstance(action.after, Money):
        return False
    for before in (action.before, present):
        if not isinstance(before, Money) or before.currency != action.after.currency or action.after < before:
            return True
    return says_any(action) and lowered(action, action.after)


def may_lift(by: str) -> None:
    """Software may pull the brake, only a person lets it go. Raises BadInput."""
    if not is_person(by):
        raise BadInput("the name of a person to lift a halt", repr(by), "software may halt, never resume")
