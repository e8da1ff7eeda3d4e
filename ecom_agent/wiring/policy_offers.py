"""What an older policy lacks of the shipped one, and both put together for a person to take over. Pure.

What the seller set is never touched: of a policy that a person edited only missing lines are filled in, and of these
not those that were shipped when he edited it, for then he took them out himself. A policy that nobody edited holds
nothing of the seller's own: it may become what is shipped now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecom_agent.records.policies import Lack, PolicyLine, PolicyOffer

WHOLE: Final = frozenset({"guards", "breakers", "sending"})
"""Policies of which a missing line refuses writes; in all others a reader has a default for it."""
OPTIONAL: Final = frozenset({"sending.bulk_from"})
"""Lines of these that only switch something on: without one that is off, and nothing is refused."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy in force. `edited`: by a person; `shipped_then`: the last body of it that came with the program."""

    version: int
    by: str
    body: Mapping[str, Any]
    edited: bool
    shipped_then: Mapping[str, Any]


def filled(own: Mapping[str, Any], shipped: Mapping[str, Any], shipped_then: Mapping[str, Any]) -> dict[str, Any]:
    """`own` with the lines of `shipped` that it never had."""
    whole = dict(own)
    for name, value in shipped.items():
        then = shipped_then.get(name)
        if name not in own:
            if name not in shipped_then:
                whole[name] = value
        elif isinstance(own[name], Mapping) and isinstance(value, Mapping):
            whole[name] = filled(own[name], value, then if isinstance(then, Mapping) else {})
    return whole


def taken_over(stands: Standing, shipped: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body that a person who takes the offer puts in force."""
    return filled(stands.body, shipped, stands.shipped_then) if stands.edited else shipped


def offer(name: str, stands: Standing, shipped: Mapping[str, Any]) -> PolicyOffer | None:
    """None where nothing is lacking."""
    lines = tuple(differences(stands.body, taken_over(stands, shipped), name))
    if not lines:
        return None
    refuses = name in WHOLE and any(line.lack is Lack.MISSING and line.place not in OPTIONAL for line in lines)
    return PolicyOffer(name, stands.version, stands.by, refuses, lines)


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any], where: str) -> Iterator[PolicyLine]:
    """Line by line, in the order of `found`, new ones last."""
    for name in {**found, **wanted}:
        place = f"{where}.{name}"
        if name not in wanted:
            yield PolicyLine(place, Lack.GONE, found[name], None)
            continue
        value = wanted[name]
        if name not in found:
            yield from _missing(value, place)
        elif isinstance(value, Mapping) and isinstance(found[name], Mapping):
            yield from differences(found[name], value, place)
        elif value != found[name]:
            yield PolicyLine(place, Lack.CHANGED, found[name], value)


def _missing(value: Any, place: str) -> Iterator[PolicyLine]:
    """A section that is missing is told line by line: each is a limit to look at."""
    if isinstance(value, Mapping) and value:
        for name, line in value.items():
            yield from _missing(line, f"{place}.{name}")
    else:
        yield PolicyLine(place, Lack.MISSING, None, value)
