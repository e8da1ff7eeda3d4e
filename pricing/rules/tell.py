"""Conditions and what was seen, in the language's own words: for "why this rule". Pure."""

from __future__ import annotations

from typing import Final

from native_pricer.clauses import Condition, Feature
from pricing.rules import words
from pricing.rules.times import DAYS, MIDNIGHT, Window
from pricing.rules.values import Measure, Range, write_bounded

NOT_KNOWN: Final = "not known"
_MEASURES: Final[dict[Feature, tuple[str, Measure]]] = {
    **{feature: (key, measure) for key, (feature, measure) in words.MEASURES.items()},
    **{feature: (f"lowest_rival.{key}", measure) for key, (feature, measure) in words.RIVAL_MEASURES.items()},
}
_FLAGS: Final[dict[Feature, tuple[str, dict[int, str]]]] = {
    Feature.BOX_HELD: ("buy_box", {1: "held", 0: "lost"}),
    Feature.BOX_SUPPRESSED: ("buy_box suppressed", {1: "yes", 0: "no"}),
    Feature.BOX_FBA: ("buy_box_holder", {1: "fba", 0: "fbm"}),
    Feature.RIVAL_FBA: ("lowest_rival.fulfilment", {1: "fba", 0: "fbm"}),
    Feature.OUR_FBA: ("our_fulfilment", {1: "fba", 0: "fbm"}),
    Feature.STATUS: ("status", {0: "active", 1: "suppressed", 2: "deactivated"}),
}


def feature(what: Feature, value: int | None) -> tuple[str, str]:
    """(name, value) as a rule would say them."""
    if what in _FLAGS:
        name, said = _FLAGS[what]
        return name, NOT_KNOWN if value is None else said.get(value, str(value))
    if what is Feature.MINUTE:
        return "time", NOT_KNOWN if value is None else f"{value // 60:02d}:{value % 60:02d}"
    if what is Feature.WEEKDAY:
        return "weekday", NOT_KNOWN if value is None else DAYS[value]
    name, measure = _MEASURES[what]
    return name, NOT_KNOWN if value is None else measure.write(value)


def lacked(condition: Condition, value: int | None) -> str:
    """A condition that did not hold, with what was seen: "stock at most 9 units, seen 12 units"."""
    name, seen = feature(condition.feature, value)
    return f"{name} {_wanted(condition)}, seen {seen}"


def _wanted(c: Condition) -> str:
    if c.feature in _MEASURES:
        return write_bounded(Range(c.low, c.high), _MEASURES[c.feature][1])
    if c.feature is Feature.MINUTE and c.low is not None and c.high is not None:
        outside = Window((c.high + 1) % MIDNIGHT, c.low)
        return str(outside) if c.negated else str(Window(c.low, (c.high + 1) % MIDNIGHT))
    span = range(c.low or 0, (c.high if c.high is not None else c.low or 0) + 1)
    return ("not " if c.negated else "") + " or ".join(feature(c.feature, value)[1] for value in span)
