"""One clause of a rule, and the rivals it looks at, out of the document's tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import yaml

from native_pricer import Channel
from native_pricer.clauses import MAX_CONDITIONS, Condition, Feature, Target, Without
from native_pricer.config import MAX_ID, is_identifier
from native_pricer.strategies import SPECIES
from pricing.rules import times, values, words
from pricing.rules.model import MATCH, Aim, Rivals, RuleClause, When
from pricing.rules.nodes import Reader, shown
from pricing.rules.problems import Unreadable
from pricing.rules.values import Amount, Measure

KEYS: Final = ("name", "when", "target", "offset", "direction", "min_move", "without", "rivals")
RIVALS: Final = (
    "fulfilment", "min_rating", "min_ratings", "max_ratings", "max_handling", "ships_from", "sub_conditions", "prime",
    "featured", "exclude", "only",
)  # fmt: skip
_LISTS: Final = ("exclude", "only", "ships_from", "sub_conditions")
_YES_NO: Final = {"yes": True, "no": False}
CLOCK: Final = ("time", "weekdays", "dates")
WHEN: Final = (*words.FLAGS, *words.MEASURES, "lowest_rival", "condition", *CLOCK)
LOWEST_RIVAL: Final = ("fulfilment", *words.RIVAL_MEASURES)
_WAYS: Final = {"both": (True, True), "up": (True, False), "down": (False, True)}
_LEAST_OFFSET, _MOST_OFFSET = -9_999, 10_000
_MOST_CLOCK: Final = 4  # a window and the gaps between weekdays


def clause(reader: Reader, node: yaml.Node, number: int, *, sells_out: bool) -> RuleClause:
    """The `number`th clause; what cannot be read is told and stands in by its default."""
    found = reader.section(node, "a clause", KEYS)
    if isinstance(node, yaml.MappingNode) and "target" not in found:
        reader.at(node, "a target in every clause", "none", "add a line 'target: lowest'")
    aim = _aim(reader, found.get("target"))
    when = _when(reader, found.get("when"))
    if not sells_out and any(test.feature is Feature.PACE_BP for test in when.tests):
        reader.at(found["when"], "'sell_out_by' in a rule that looks at pace", "none", "add 'sell_out_by: 2026-12-24'")
    if aim.target in (Target.HOLD, Target.STRATEGY):
        for key in ("offset", "min_move", "direction", "without"):
            if key in found:
                reader.at(found[key], f"no {key} beside target {aim.target}", "one", "remove that line")
    way = reader.scalar(found.get("direction"), lambda text: values.word(text, _WAYS)) or "both"
    without, raise_bp = reader.scalar(found.get("without"), _without) or (Without.HOLD, 0)
    offset = reader.scalar(found.get("offset"), _offset)
    return RuleClause(
        name=reader.scalar(found.get("name"), _name) or f"clause {number}",
        when=when,
        aim=aim,
        offset=MATCH if offset is None else offset,
        may_raise=_WAYS[way][0],
        may_lower=_WAYS[way][1],
        min_move=reader.scalar(found.get("min_move"), _least_move),
        without=without,
        raise_bp=raise_bp,
        rivals=None if "rivals" not in found else rivals(reader, found["rivals"]),
    )


def rivals(reader: Reader, node: yaml.Node | None) -> Rivals:
    """Which offers count."""
    found = reader.section(node, "rivals", RIVALS)
    lists = {
        key: frozenset(
            member
            for item in reader.items(found[key], f"a list under {key}")
            if (member := reader.scalar(item, _MEMBERS[key])) is not None
        )
        for key in _LISTS
        if key in found
    }
    for key in lists:
        if not lists[key] and not reader.problems:
            reader.at(found[key], f"at least one under {key}", "an empty list", "remove the line to mean any")
    kind = reader.scalar(found.get("fulfilment"), lambda text: values.word(text, tuple(Channel)))
    return Rivals(
        fulfilment=None if kind is None else Channel(kind),
        min_rating=reader.scalar(found.get("min_rating"), lambda text: values.measured(text, words.RATING)),
        min_ratings=reader.scalar(found.get("min_ratings"), lambda text: values.measured(text, words.RATINGS)),
        max_handling_hours=reader.scalar(found.get("max_handling"), lambda text: values.measured(text, words.HANDLING)),
        exclude=lists.get("exclude", frozenset()),
        only=lists.get("only"),
        max_ratings=reader.scalar(found.get("max_ratings"), lambda text: values.measured(text, words.RATINGS)),
        ships_from=lists.get("ships_from"),
        sub_conditions=lists.get("sub_conditions"),
        prime=reader.scalar(found.get("prime"), _yes_no),
        featured=reader.scalar(found.get("featured"), _yes_no),
    )


def seller_id(text: str) -> str:
    if not is_identifier(text):
        raise Unreadable(f"a seller id of at most {MAX_ID} characters", "copy it from the seller's page")
    return text


def _yes_no(text: str) -> bool:
    return _YES_NO[values.word(text, _YES_NO)]


def _country(text: str) -> str:
    if len(text) != 2 or not text.isalpha() or not text.isascii() or not text.isupper():
        raise Unreadable("a country such as 'US'", "use its two capital letters, ISO 3166")
    return text


def _sub_condition(text: str) -> str:
    return values.word(text, words.SUB_CONDITIONS)


_MEMBERS: Final[Mapping[str, Callable[[str], str]]] = {
    "exclude": seller_id,
    "only": seller_id,
    "ships_from": _country,
    "sub_conditions": _sub_condition,
}


def _when(reader: Reader, node: yaml.Node | None) -> When:
    found = reader.section(node, "when", WHEN)
    tests = [
        Condition(*flag)
        for key, flags in words.FLAGS.items()
        if (said := reader.scalar(found.get(key), lambda text, flags=flags: values.word(text, flags))) is not None  # type: ignore[misc]
        for flag in [flags[said]]
    ]
    tests += _measured(reader, found, words.MEASURES)
    rival = reader.section(found.get("lowest_rival"), "lowest_rival", LOWEST_RIVAL)
    kind = reader.scalar(rival.get("fulfilment"), lambda text: values.word(text, words.RIVAL_FULFILMENT))
    if kind is not None:
        tests.append(Condition(*words.RIVAL_FULFILMENT[kind]))
    tests += _measured(reader, rival, words.RIVAL_MEASURES)
    if len(tests) > MAX_CONDITIONS - _MOST_CLOCK and node is not None:
        most = MAX_CONDITIONS - _MOST_CLOCK
        reader.at(node, f"at most {most} conditions beside the clock's", f"{len(tests)}", "use two clauses")
        tests = tests[:most]
    window = reader.scalar(found.get("time"), times.window)
    days = reader.scalar(found.get("weekdays"), times.weekdays)
    conditions = frozenset(
        said
        for item in reader.items(found.get("condition"), "a list of conditions")
        if (said := reader.scalar(item, lambda text: values.word(text, words.CONDITIONS))) is not None
    )
    hours = times.Hours(window, times.EVERY_DAY if days is None else days)
    return When(
        tests=tuple(tests),
        hours=None if hours == times.Hours(None, times.EVERY_DAY) else hours,
        dates=reader.scalar(found.get("dates"), times.dates),
        listing_condition=conditions if "condition" in found else None,
    )


def _measured(
    reader: Reader, found: dict[str, yaml.Node], measures: Mapping[str, tuple[Feature, Measure]]
) -> list[Condition]:
    read = []
    for key, (feature, measure) in measures.items():
        span = reader.scalar(found.get(key), lambda text, measure=measure: values.bounded(text, measure))  # type: ignore[misc]
        if span is not None:
            read.append(Condition(feature, span.low, span.high))
    return read


def _aim(reader: Reader, node: yaml.Node | None) -> Aim:
    if not isinstance(node, yaml.MappingNode):
        said = reader.scalar(node, _target)
        return Aim(words.TARGETS[said] if said else Target.LOWEST)
    found = reader.section(node, "target", words.TARGETS_WITH)
    if len(found) != 1:
        reader.at(node, "one target", f"{len(found)}", "keep one of its lines")
        return Aim(Target.LOWEST)
    if "nth" in found:
        return Aim(Target.NTH, nth=reader.scalar(found["nth"], lambda text: values.measured(text, words.NTH)) or 1)
    if "seller" in found:
        return Aim(Target.SELLER, seller=reader.scalar(found["seller"], seller_id) or "unknown")
    return Aim(Target.STRATEGY, strategy=reader.scalar(found["strategy"], _strategy))


def _strategy(text: str) -> str:
    """One that may be used, or the lab's; those with a legal reason against them are left out."""
    name = values.word(text, (*SPECIES, words.LAB))
    if name == words.LAB:
        return name
    reason = SPECIES[name].legal_reason
    if reason is not None:
        raise Unreadable("a strategy that is switched on", reason)
    return name


def _target(text: str) -> str:
    if text in words.TARGETS_WITH:
        raise Unreadable(f"which one under {text}", f"write 'target: {{{text}: …}}'")
    return values.word(text, (*words.TARGETS, *words.TARGETS_WITH))


def _offset(text: str) -> int | Amount:
    if text == "match":
        return MATCH
    if not text.endswith("%"):
        try:
            return values.amount(text)
        except Unreadable:
            raise Unreadable("'match', a share such as '-0.5 %' or an amount such as '-0.01'", "choose one") from None
    points = values.percent(text)
    if not _LEAST_OFFSET <= points <= _MOST_OFFSET:
        raise Unreadable("an offset from -99.99 to 100 %", "correct the number")
    return points


def _least_move(text: str) -> Amount:
    found = values.amount(text)
    if any(value < 0 for _, value in found.by_currency):
        raise Unreadable("an amount of 0 or more", "write it without a sign")
    return found


def _without(text: str) -> tuple[Without, int]:
    if text == "hold":
        return Without.HOLD, 0
    if not text.startswith("raise "):
        raise Unreadable("'hold', or 'raise 1 %'", "a price never falls because no rival matches")
    points = values.percent(text.removeprefix("raise ").strip())
    if not 0 < points <= 10_000:
        raise Unreadable("a raise above 0 and up to 100 %", "correct the number")
    return Without.RAISE, points


def _name(text: str) -> str:
    if not 1 <= len(text) <= 60 or not is_identifier(text):
        raise Unreadable("a name of 1 to 60 characters", f"shorten {shown(text)}")
    return text
