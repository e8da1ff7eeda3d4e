"""A rule for one listing → what the engine runs: clauses, filter and limits in its minor units. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ecom_agent.money import EXPONENTS
from native_pricer import Channel, RivalFilter
from native_pricer.clauses import MAX_CLAUSES, Clause, Condition, Feature, Target, Without
from native_pricer.words import MAX_MINOR
from pricing.rules.model import Bound, Business, Rivals, Rule, RuleClause
from pricing.rules.times import EVERY_DAY, MIDNIGHT, Hours, Window
from pricing.rules.values import Amount

SLEEP: Final = "sleep"


@dataclass(frozen=True, slots=True)
class Limit:
    """One side's bounds in minor units and basis points; None = the rule says nothing."""

    minor: int | None = None
    margin_bp: int | None = None
    roi_bp: int | None = None
    map_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule in the currency of one listing, on one day."""

    rule: str
    clauses: tuple[Clause, ...]
    rivals: RivalFilter
    least: Limit
    most: Limit
    reference_minor: int | None
    pause_s: int
    time_zone: str
    sell_out_by: date | None
    business: Business | None
    strategy: str | None

    def utc_offset_minutes(self, at: datetime) -> int:
        """What makes UTC the rule's local time at this moment."""
        offset = at.astimezone(ZoneInfo(self.time_zone)).utcoffset()
        return 0 if offset is None else int(offset.total_seconds() // 60)

    def for_inactive(self) -> Compiled:
        """Only the clauses that ask for a status: the others were written for listings that are on sale."""
        kept = tuple(c for c in self.clauses if any(t.feature is Feature.STATUS for t in c.when))
        return replace(self, clauses=kept)


def today(rule: Rule, now: datetime) -> date:
    """The local day of this moment."""
    return now.astimezone(ZoneInfo(rule.time_zone)).date()


def compile_rule(rule: Rule, currency: str, condition: str, on: date) -> Compiled | tuple[str, ...]:
    """The rule for a listing of this currency and condition, on this local day; or every reason why it cannot be.

    What a rule says in amounts must be said in the listing's currency, in whole minor units: nothing is converted.
    Clauses of other days and conditions are left out.
    """
    if currency not in EXPONENTS:
        return (f"currency: wanted one that is known; found {currency!r}",)
    reader = _Amounts(currency, [])
    clauses = [*_sleep(rule), *_clauses(rule, reader, condition, on)]
    compiled = Compiled(
        rule=rule.name,
        clauses=tuple(clauses),
        rivals=_filter(rule.rivals),
        least=_limit(reader, rule.least, "limits.min"),
        most=_limit(reader, rule.most, "limits.max"),
        reference_minor=reader.minor(rule.reference, "reference"),
        pause_s=rule.pause_s,
        time_zone=rule.time_zone,
        sell_out_by=rule.sell_out_by,
        business=rule.business,
        strategy=next((one.aim.strategy for one in rule.clauses if one.aim.strategy is not None), None),
    )
    if len(clauses) > MAX_CLAUSES:
        reader.problems.append(f"clauses: wanted at most {MAX_CLAUSES}; found {len(clauses)}")
    return tuple(reader.problems) or compiled


@dataclass(slots=True)
class _Amounts:
    """Amounts in one currency; what cannot be said in it is noted."""

    currency: str
    problems: list[str]

    def minor(self, amount: Amount | None, where: str) -> int | None:
        if amount is None:
            return None
        try:
            minor = amount.minor(self.currency)
        except ValueError as e:
            self.problems.append(f"{where}: {e}")
            return None
        if abs(minor) > MAX_MINOR:
            self.problems.append(f"{where}: {amount} is no price")
            return None
        return minor


def _sleep(rule: Rule) -> Iterator[Clause]:
    for hours in rule.sleep:
        for clock in _clock(hours):
            yield Clause(name=f"{rule.name}/{SLEEP}", when=clock, target=Target.HOLD, offset_bp=0)


def _clauses(rule: Rule, reader: _Amounts, condition: str, on: date) -> Iterator[Clause]:
    for one in rule.clauses:
        filter_ = None if one.rivals is None else _filter(_over(one.rivals, rule.rivals))
        offset_minor = reader.minor(one.offset, f"{one.name}: offset") if isinstance(one.offset, Amount) else None
        min_move = reader.minor(one.min_move, f"{one.name}: min_move") or 0
        if not _applies(one, condition, on):
            continue
        for clock in _clock(one.when.hours):
            yield Clause(
                name=f"{rule.name}/{one.name}",
                when=(*one.when.tests, *clock),
                target=one.aim.target,
                offset_bp=(one.offset if isinstance(one.offset, int) else 0) if offset_minor is None else None,
                offset_minor=offset_minor,
                nth=one.aim.nth,
                seller=one.aim.seller,
                may_raise=one.may_raise,
                may_lower=one.may_lower,
                min_move_minor=min_move,
                without=one.without,
                step_bp=one.raise_bp if one.without is Without.RAISE else 0,
                rivals=filter_,
            )


def _applies(one: RuleClause, condition: str, on: date) -> bool:
    kinds = one.when.listing_condition
    return (one.when.dates is None or one.when.dates.holds(on)) and (
        kinds is None or re.split(r"[^a-z]", condition.lower())[0] in kinds
    )


def _clock(hours: Hours | None) -> list[tuple[Condition, ...]]:
    """The conditions on the local clock: one set, or two where the window goes into the next of only some days."""
    if hours is None:
        return [()]
    window, days = hours
    if window is None:
        return [_weekdays(days)]
    start, end = window
    crosses = end <= start
    if crosses and end > 0 and days != EVERY_DAY:
        following = frozenset((day + 1) % 7 for day in days)
        return [(_minutes(Window(start, 0)), *_weekdays(days)), (_minutes(Window(0, end)), *_weekdays(following))]
    return [(_minutes(window), *_weekdays(days))]


def _minutes(window: Window) -> Condition:
    start, end = window
    if end == 0:
        return Condition(Feature.MINUTE, start, MIDNIGHT - 1)
    if end <= start:
        return Condition(Feature.MINUTE, end, start - 1, negated=True)
    return Condition(Feature.MINUTE, start, end - 1)


def _weekdays(days: frozenset[int]) -> tuple[Condition, ...]:
    """A set of days as conditions that all hold: not within any of the gaps between them."""
    gaps: list[list[int]] = []
    for day in sorted(EVERY_DAY - days):
        if gaps and gaps[-1][1] == day - 1:
            gaps[-1][1] = day
        else:
            gaps.append([day, day])
    return tuple(Condition(Feature.WEEKDAY, first, last, negated=True) for first, last in gaps)


def _over(own: Rivals, above: Rivals) -> Rivals:
    """A clause's rivals over the rule's: what it says replaces, but an excluded seller stays excluded."""
    said = {f.name: getattr(own, f.name) for f in fields(Rivals) if getattr(own, f.name) is not None}
    return replace(above, **{**said, "exclude": own.exclude | above.exclude})


def _filter(rivals: Rivals) -> RivalFilter:
    return RivalFilter(
        channel=rivals.fulfilment or Channel.ANY,
        min_feedback_count=rivals.min_ratings or 0,
        min_feedback_percent=rivals.min_rating or 0,
        max_handling_hours=rivals.max_handling_hours,
        exclude=rivals.exclude,
        only=rivals.only or frozenset(),
        ships_from=rivals.ships_from or frozenset(),
        sub_conditions=rivals.sub_conditions or frozenset(),
        prime_only=bool(rivals.prime),
        featured_only=bool(rivals.featured),
        max_feedback_count=rivals.max_ratings,
    )


def _limit(reader: _Amounts, bound: Bound, where: str) -> Limit:
    return Limit(reader.minor(bound.amount, f"{where}.amount"), bound.margin_bp, bound.roi_bp, bound.map_bp)
