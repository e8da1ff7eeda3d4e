"""A document's text → the rule it says, or everything that is wrong with it. Pure and total."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import yaml

from ecom_agent.records.business import MOST_TIERS
from native_pricer.clauses import MAX_CLAUSES
from pricing.rules import times, values, words
from pricing.rules.model import Bound, Business, Rule, RuleClause
from pricing.rules.nodes import Reader, shown_node
from pricing.rules.problems import Problem, RuleRefused, Unreadable
from pricing.rules.read_clause import clause, rivals

KEYS: Final = (
    "rule", "about", "time_zone", "pause", "sell_out_by", "reference", "limits", "rivals", "sleep", "business",
    "clauses",
)  # fmt: skip
_BOUNDS: Final = ("amount", "margin", "roi", "map")
_NAME: Final = r"[a-z0-9][a-z0-9-]{0,47}"
_MOST_BP: Final = 1_000_000


def read(text: str) -> Rule:
    """Raises RuleRefused with all problems of the document."""
    rule, problems = attempt(text)
    if rule is None:
        raise RuleRefused(problems)
    return rule


def problems_of(text: str) -> tuple[Problem, ...]:
    """What is wrong with a document, in the order of its lines; nothing for a rule."""
    return attempt(text)[1]


def attempt(text: str) -> tuple[Rule | None, tuple[Problem, ...]]:
    """The rule, or None and at least one problem."""
    reader = Reader()
    node = reader.root(text)
    if node is None:
        if not reader.problems:
            reader.problems.append(Problem(1, 1, "a rule", "an empty text", "begin with 'rule:' and its name"))
        return None, tuple(sorted(reader.problems))
    rule = _rule(reader, node)
    return (rule if not reader.problems else None), tuple(sorted(reader.problems))


def name(text: str) -> str:
    """A rule's name: a-z, digits and hyphens. Raises Unreadable."""
    if re.fullmatch(_NAME, text) is None:
        raise Unreadable("a name of a-z, 0-9 and hyphens, at most 48", "write it like 'follow-lowest'")
    return text


def _rule(reader: Reader, node: yaml.Node) -> Rule:
    found = reader.section(node, "a rule", KEYS)
    if isinstance(node, yaml.MappingNode):
        for key in ("rule", "clauses"):
            if key not in found:
                reader.at(node, f"{key!r} in every rule", "none", f"add a line '{key}: …'")
    limits = reader.section(found.get("limits"), "limits", ("min", "max"))
    rule = Rule(
        name=reader.scalar(found.get("rule"), name) or "",
        about=reader.scalar(found.get("about"), str) or "",
        time_zone=reader.scalar(found.get("time_zone"), times.zone) or "UTC",
        pause_s=reader.scalar(found.get("pause"), lambda text: values.measured(text, words.PAUSE)) or 0,
        sell_out_by=reader.scalar(found.get("sell_out_by"), times.day),
        reference=reader.scalar(found.get("reference"), positive),
        least=_bound(reader, limits.get("min"), "limits.min"),
        most=_bound(reader, limits.get("max"), "limits.max"),
        rivals=rivals(reader, found.get("rivals")),
        sleep=tuple(
            hours
            for item in reader.items(found.get("sleep"), "a list of hours")
            if (hours := reader.scalar(item, times.hours)) is not None
        ),
        business=_business(reader, found.get("business")),
        clauses=_clauses(reader, found),
    )
    _check_size(reader, found, rule)
    return rule


def positive(text: str) -> values.Amount:
    """An amount above zero in each of its currencies."""
    found = values.amount(text)
    if any(value <= 0 for _, value in found.by_currency):
        raise Unreadable("an amount above zero", "leave the line out where there is none")
    return found


def _bound(reader: Reader, node: yaml.Node | None, where: str) -> Bound:
    found = reader.section(node, where, _BOUNDS)
    return Bound(
        amount=reader.scalar(found.get("amount"), positive),
        margin_bp=reader.scalar(found.get("margin"), lambda text: _share(text, -9_999, 9_999)),
        roi_bp=reader.scalar(found.get("roi"), lambda text: _share(text, -9_999, _MOST_BP)),
        map_bp=reader.scalar(found.get("map"), lambda text: _share(text, 1, _MOST_BP)),
    )


def _share(text: str, least: int, most: int) -> int:
    points = values.percent(text)
    if not least <= points <= most:
        raise Unreadable(f"a share from {least / 100:g} to {most / 100:g} %", "correct the number")
    return points


def _business(reader: Reader, node: yaml.Node | None) -> Business | None:
    if node is None:
        return None
    found = reader.section(node, "business", ("discount", "tiers"))
    discount = reader.scalar(found.get("discount"), lambda text: _share(text, 0, 9_000)) or 0
    tiers: list[tuple[int, int]] = []
    given = found.get("tiers")
    if given is not None and not isinstance(given, yaml.MappingNode):
        reader.at(given, "tiers as '5: 3 %', units and their discount", shown_node(given), "begin each line with units")
    for key, value in given.value if isinstance(given, yaml.MappingNode) else ():
        units = reader.scalar(key, lambda text: values.measured(text, words.UNITS))
        share = reader.scalar(value, lambda text: _share(text, 1, 9_000))
        if units is None or share is None:
            continue
        if len(tiers) == MOST_TIERS:
            reader.at(key, f"at most {MOST_TIERS} tiers", "one more", "leave it out")
            break
        if tiers and (units <= tiers[-1][0] or share <= tiers[-1][1]):
            reader.at(key, "tiers that rise in units and in discount", "one that does not", "put them in order")
        elif share <= discount:
            reader.at(value, "more than the discount for business buyers", "no more", "raise it, or lower the discount")
        else:
            tiers.append((units, share))
    return Business(discount, tuple(tiers))


def _clauses(reader: Reader, found: Mapping[str, yaml.Node]) -> tuple[RuleClause, ...]:
    node = found.get("clauses")
    if node is not None and not isinstance(node, yaml.SequenceNode):
        reader.at(node, "a list of clauses", shown_node(node), "begin each clause with a hyphen")
        return ()
    read_ones: list[RuleClause] = []
    names: set[str] = set()
    for number, item in enumerate(node.value if node is not None else (), 1):
        one = clause(reader, item, number, sells_out="sell_out_by" in found)
        if one.name in names:
            reader.at(item, "clauses with names of their own", f"{one.name!r} twice", "rename one of them")
        names.add(one.name)
        read_ones.append(one)
    if node is not None and not read_ones:
        reader.at(node, "at least one clause", "an empty list", "add a line '- target: lowest'")
    return tuple(read_ones)


def _check_size(reader: Reader, found: Mapping[str, yaml.Node], rule: Rule) -> None:
    """Sleep and hours that cross midnight on some days become several lines of the engine's rule."""
    strategies = {one.aim.strategy for one in rule.clauses if one.aim.strategy is not None}
    if len(strategies) > 1:
        reader.at(found["clauses"], "one strategy in a rule", ", ".join(sorted(strategies)), "split the rule in two")
    lines = sum(_lines(hours) for hours in rule.sleep) + sum(_lines(c.when.hours) for c in rule.clauses)
    if lines > MAX_CLAUSES and "clauses" in found:
        reader.at(found["clauses"], f"at most {MAX_CLAUSES} clauses, sleep hours included", f"{lines}", "merge some")


def _lines(hours: times.Hours | None) -> int:
    crosses = hours is not None and hours.window is not None and 0 < hours.window.end <= hours.window.start
    return 2 if crosses and hours is not None and hours.days != times.EVERY_DAY else 1
