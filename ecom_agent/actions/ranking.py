"""Which of the waiting writes leaves first: the one that is expected to earn most for each quota token. Pure.

worth = gain per hour × hours it lasts ÷ tokens, in minor units of the seller's own money.

The evidence may say what a change earns: `gain_minor_per_hour` (from a strategy that estimated it) and `lasts_min`
(until the market moves again). Where it does not, the stake is taken: the size of the change × the units sold a day,
up or down alike, since a cut that comes late loses sales as a raise that comes late loses margin. Units come from the
evidence (`units_per_day`, whole units), else from the policy. Stock has no price here: units × 1 minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ecom_agent.actions.model import Action
from ecom_agent.money import Money
from ecom_agent.records.messages import Said

MOST: Final = 10**15
"""No write is worth more: sums of silly evidence stay within the database's numbers."""
_LASTS_MIN: Final = 60
_ONE: Final = Decimal(1)


def worth(action: Action, policy: Mapping[str, Any], platform: str | None = None) -> int:
    """Expected minor units per token, from 0 to MOST. `policy` is the senders'; what it leaves out counts as 1.

    A change that is expected to lose is worth 0: it is sent last, not never (a guard may have forced it).
    """
    part = policy.get("ranking")
    part = part if isinstance(part, Mapping) else {}
    value = per_token(_per_hour(action, part), _lasts_h(action, part), _named(part, "tokens", platform))
    return max(0, min(MOST, int(value * _money(action, part))))


def per_token(gain_per_hour: Decimal, lasts_h: Decimal, tokens: Decimal) -> Decimal:
    """The rule itself. Raises ValueError where a write would cost nothing: its worth would have no end."""
    if tokens <= 0:
        raise ValueError(f"tokens: wanted more than 0; found {tokens}")
    return gain_per_hour * lasts_h / tokens


def _per_hour(action: Action, part: Mapping[str, Any]) -> Decimal:
    told = action.evidence.get("gain_minor_per_hour")
    if type(told) is int:
        return Decimal(told)
    units = action.evidence.get("units_per_day")
    a_day = Decimal(units) if type(units) is int and units >= 0 else _decimal(part.get("units_per_day"))
    return _change(action) * a_day / 24


def _change(action: Action) -> Decimal:
    """How far it moves, in minor units or units; all of it where nobody knows where it comes from.

    A message was signed by a person and a buyer waits for it: nothing goes before it.
    """
    before, after = action.before, action.after
    if isinstance(after, Money):
        same = isinstance(before, Money) and before.currency == after.currency
        return Decimal(abs(after.minor - before.minor) if same and isinstance(before, Money) else after.minor)
    if isinstance(after, Said):
        return Decimal(MOST)
    return Decimal(abs(after - before) if isinstance(before, int) else after)


def _lasts_h(action: Action, part: Mapping[str, Any]) -> Decimal:
    told = action.evidence.get("lasts_min")
    minutes = Decimal(told) if type(told) is int and told >= 0 else _decimal(part.get("lasts_min"), Decimal(_LASTS_MIN))
    return minutes / 60


def _money(action: Action, part: Mapping[str, Any]) -> Decimal:
    return _named(part, "money", action.after.currency) if isinstance(action.after, Money) else _ONE


def _named(part: Mapping[str, Any], section: str, name: str | None) -> Decimal:
    found = part.get(section)
    return _decimal(found.get(name)) if isinstance(found, Mapping) and name in found else _ONE


def _decimal(value: Any, otherwise: Decimal = _ONE) -> Decimal:
    """A number above zero and not beyond reason, else `otherwise`."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return otherwise
    return number if number.is_finite() and 0 < number < MOST else otherwise
