"""A rule → its document in the language's plainest words: what `read` makes of it is the same rule again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from native_pricer.clauses import Condition, Feature, Target, Without
from pricing.rules import words
from pricing.rules.model import Aim, Bound, Business, Rivals, Rule, RuleClause, When
from pricing.rules.times import EVERY_DAY, write_weekdays
from pricing.rules.values import Amount, Measure, Range, write_bounded, write_percent

_TARGETS: Final[Mapping[Target, str]] = {target: said for said, target in words.TARGETS.items()}
_Flag = tuple[Feature, int | None, int | None]
_FLAGS: Final[Mapping[_Flag, tuple[str, str]]] = {
    (feature, low, high): (key, said)
    for key, flags in words.FLAGS.items()
    for said, (feature, low, high) in flags.items()
}
_MEASURES: Final = {feature: (key, measure) for key, (feature, measure) in words.MEASURES.items()}
_RIVAL_MEASURES: Final = {feature: (key, measure) for key, (feature, measure) in words.RIVAL_MEASURES.items()}
_RIVAL_FLAGS: Final[Mapping[_Flag, str]] = {span: said for said, span in words.RIVAL_FULFILMENT.items()}
_WAYS: Final = {(True, True): None, (True, False): "up", (False, True): "down"}


def write(rule: Rule) -> str:
    """YAML that reads as this rule."""
    body = {
        "rule": rule.name,
        "about": rule.about or None,
        "time_zone": None if rule.time_zone == "UTC" else rule.time_zone,
        "pause": words.PAUSE.write(rule.pause_s) if rule.pause_s else None,
        "sell_out_by": None if rule.sell_out_by is None else str(rule.sell_out_by),
        "reference": _amount(rule.reference),
        "limits": _said({"min": _bound(rule.least), "max": _bound(rule.most)}) or None,
        "rivals": _rivals(rule.rivals) or None,
        "sleep": [str(hours) for hours in rule.sleep] or None,
        "business": _business(rule.business),
        "clauses": [_clause(one) for one in rule.clauses],
    }
    return yaml.safe_dump(_said(body), allow_unicode=True, sort_keys=False, width=110)


def _clause(one: RuleClause) -> dict[str, Any]:
    quiet = one.aim.target in (Target.HOLD, Target.STRATEGY)
    return _said(
        {
            "name": one.name,
            "when": _when(one.when) or None,
            "target": _aim(one.aim),
            "offset": None if quiet else _offset(one.offset),
            "direction": _WAYS[one.may_raise, one.may_lower],
            "min_move": _amount(one.min_move),
            "without": None if one.without is Without.HOLD else f"raise {write_percent(one.raise_bp)}",
            "rivals": None if one.rivals is None else _rivals(one.rivals),
        }
    )


def _when(when: When) -> dict[str, Any]:
    said: dict[str, Any] = {}
    rival: dict[str, Any] = {}
    for test in when.tests:
        flag = (test.feature, test.low, test.high)
        if flag in _FLAGS:
            key, word = _FLAGS[flag]
            said[key] = word
        elif test.feature is Feature.RIVAL_FBA:
            rival["fulfilment"] = _RIVAL_FLAGS[flag]
        elif test.feature in _RIVAL_MEASURES:
            rival.update(_measured(test, *_RIVAL_MEASURES[test.feature]))
        else:
            said.update(_measured(test, *_MEASURES[test.feature]))
    if when.hours is not None:
        said["time"] = None if when.hours.window is None else str(when.hours.window)
        said["weekdays"] = None if when.hours.days == EVERY_DAY else write_weekdays(when.hours.days)
    return _said(
        {
            **said,
            "lowest_rival": rival or None,
            "dates": None if when.dates is None else str(when.dates),
            "condition": None if when.listing_condition is None else sorted(when.listing_condition),
        }
    )


def _measured(test: Condition, key: str, measure: Measure) -> dict[str, str]:
    return {key: write_bounded(Range(test.low, test.high), measure)}


def _aim(aim: Aim) -> Any:
    match aim.target:
        case Target.NTH:
            return {"nth": str(aim.nth)}
        case Target.SELLER:
            return {"seller": aim.seller}
        case Target.STRATEGY:
            return {"strategy": aim.strategy}
    return _TARGETS[aim.target]


def _offset(offset: int | Amount) -> str:
    if isinstance(offset, Amount):
        return str(offset)
    return "match" if offset == 0 else write_percent(offset)


def _bound(bound: Bound) -> dict[str, str] | None:
    shares = {"margin": bound.margin_bp, "roi": bound.roi_bp, "map": bound.map_bp}
    told = {name: None if points is None else write_percent(points) for name, points in shares.items()}
    return _said({"amount": _amount(bound.amount), **told}) or None


def _rivals(rivals: Rivals) -> dict[str, Any]:
    numbers = {
        "min_rating": (rivals.min_rating, words.RATING),
        "min_ratings": (rivals.min_ratings, words.RATINGS),
        "max_ratings": (rivals.max_ratings, words.RATINGS),
        "max_handling": (rivals.max_handling_hours, words.HANDLING),
    }
    return _said(
        {
            "fulfilment": None if rivals.fulfilment is None else str(rivals.fulfilment),
            **{key: None if steps is None else measure.write(steps) for key, (steps, measure) in numbers.items()},
            "ships_from": _members(rivals.ships_from),
            "sub_conditions": _members(rivals.sub_conditions),
            "prime": _yes_no(rivals.prime),
            "featured": _yes_no(rivals.featured),
            "exclude": _members(rivals.exclude),
            "only": _members(rivals.only),
        }
    )


def _members(names: frozenset[str] | None) -> list[str] | None:
    return sorted(names) if names else None


def _yes_no(flag: bool | None) -> str | None:
    return None if flag is None else "yes" if flag else "no"


def _business(business: Business | None) -> dict[str, Any] | None:
    if business is None:
        return None
    tiers = {str(units): write_percent(points) for units, points in business.tiers}
    return _said({"discount": write_percent(business.discount_bp), "tiers": tiers or None})


def _amount(amount: Amount | None) -> str | None:
    return None if amount is None else str(amount)


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {key: value for key, value in body.items() if value is not None}
