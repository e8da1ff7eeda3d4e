"""Breakers: counts of how writes fared lately × policy → what has tripped. Pure.

They are the second line behind the limits of each single change: for what no single change shows, such as a rule that
takes the whole catalogue down in small lawful steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from ecom_agent.actions.counts import Counts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.guards._limits import count, decimal, ratio, span
from ecom_agent.actions.halts import HaltLevel, account_scope
from ecom_agent.ids import AccountId

ACTOR: Final = "system:breaker"
_FEED: Final = "_min"


@dataclass(frozen=True, slots=True)
class Reading:
    """One breaker's count against its limit. `over` = it trips; `says` is for people."""

    breaker: str
    value: int
    limit: Decimal
    over: bool
    level: HaltLevel
    says: str
    listing: tuple[str, str] | None = None
    """(marketplace, SKU) where one listing trips alone; None = the whole account."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A breaker that has tripped: how far it goes, over what, and why."""

    breaker: str
    level: HaltLevel
    reason: str
    listing: tuple[str, str] | None = None

    def scope(self, account: AccountId) -> str:
        """What is halted: the account, or one listing of it."""
        if self.listing is None:
            return account_scope(account)
        return f"sku:{account}/{self.listing[0]}/{self.listing[1]}"


@dataclass(frozen=True, slots=True)
class Windows:
    """Over what the counts are taken: how far back, and what counts as a gap, a runaway or a blank minimum."""

    recount: timedelta
    in_a_row: int
    mismatches: timedelta
    at_floor: timedelta
    gaps: timedelta
    settle: timedelta
    gap_share: Decimal
    parity: timedelta
    parity_share: Decimal
    runaway: timedelta
    factor: Decimal
    streams: tuple[str, ...]
    least_floor: Decimal

    @classmethod
    def read(cls, policy: Mapping[str, Any]) -> Windows:
        """Raises PolicyGap where one is missing or cannot be read.

        The policy that was read last is known by identity: each guard asks for each change of a batch.
        """
        known = _last_read.get("windows")
        if known is not None and known[0] is policy:
            return known[1]
        _last_read["windows"] = policy, cls._read(policy)
        return _last_read["windows"][1]

    @classmethod
    def _read(cls, policy: Mapping[str, Any]) -> Windows:
        gaps, parity, runaway = (part(policy, name) for name in ("gaps", "parity", "runaway"))
        factor = decimal(runaway, "factor")
        if factor <= 1:
            raise PolicyGap(f"factor is {factor}, wanted more than 1")
        streams = tuple(name.removesuffix(_FEED) for name in part(policy, "feeds") if name.endswith(_FEED))
        if not streams:
            raise PolicyGap("feeds: no stream is named")
        return cls(
            recount=span(policy, "recount_s"),
            in_a_row=max(1, count(part(policy, "errors"), "in_a_row")),
            mismatches=span(part(policy, "mismatches"), "window_min"),
            at_floor=span(part(policy, "at_floor"), "window_h"),
            gaps=span(gaps, "window_h"),
            settle=span(gaps, "settle_min"),
            gap_share=ratio(gaps, "apart_share"),
            parity=span(parity, "window_h"),
            parity_share=ratio(parity, "apart_share"),
            runaway=span(runaway, "window_days"),
            factor=factor,
            streams=streams,
            least_floor=ratio(part(policy, "minimum"), "least_share"),
        )

    @property
    def longest(self) -> timedelta:
        """As far back as any look at a listing's price goes."""
        return max(self.at_floor, self.gaps, self.parity, self.runaway)


_last_read: Final[dict[str, tuple[Mapping[str, Any], Windows]]] = {}


def readings(counts: Counts, policy: Mapping[str, Any], moved_minute: int | None = None) -> tuple[Reading, ...]:
    """Every breaker's count against its limit. Raises PolicyGap where a limit is missing or cannot be read.

    `moved_minute`: how many listings move by now, where that is newer than the counts.
    """
    moved = counts.moved_minute if moved_minute is None else moved_minute
    says = "of {of} live listings moved within a minute"
    before, after = _but_moves(counts, policy)
    return (*before, _share(policy, "moved", moved, counts.listings, says), *after)


def all_trips(counts: Counts, policy: Mapping[str, Any], moved_minute: int | None = None) -> tuple[Trip, ...]:
    """All that have tripped, those that stop an account first, and of these the tightest. Raises PolicyGap.

    `moved_minute`: how many listings move by now, where that is newer than the counts.
    """
    over = [r for r in readings(counts, policy, moved_minute) if r.over]
    over.sort(key=lambda r: (r.listing is not None, r.level is not HaltLevel.HALTED))
    return tuple(Trip(r.breaker, r.level, f"{r.breaker}: {r.says}", r.listing) for r in over)


def trips(counts: Counts, policy: Mapping[str, Any]) -> Trip | None:
    """The tightest of those that stop the account, else one that stops a listing, if any. Raises PolicyGap."""
    return next(iter(all_trips(counts, policy)), None)


def _but_moves(counts: Counts, policy: Mapping[str, Any]) -> _Readings:
    """All readings but how many listings move, which alone differs from one change of a batch to the next.

    The last ones are known by identity, as with `Windows.read`.
    """
    known = _last_taken.get("readings")
    if known is None or known[0] is not counts or known[1] is not policy:
        known = counts, policy, (tuple(_of_writes(counts, policy)), tuple(_of_listings(counts, policy)))
        _last_taken["readings"] = known
    return known[2]


_Readings = tuple[tuple[Reading, ...], tuple[Reading, ...]]
_last_taken: Final[dict[str, tuple[Counts, Mapping[str, Any], _Readings]]] = {}


def _of_writes(counts: Counts, policy: Mapping[str, Any]) -> Iterator[Reading]:
    windows = Windows.read(policy)
    row, in_row = windows.in_a_row, counts.errors_in_row
    says = f"{in_row} writes refused or unanswered in a row; {row} trip"
    yield Reading("errors", in_row, Decimal(row), in_row >= row, _then(part(policy, "errors")), says)
    yield _mismatches(counts, part(policy, "mismatches"))
    says = "of {of} live listings were brought to their floor"
    yield _share(policy, "at_floor", counts.at_floor, counts.listings, says)


def _of_listings(counts: Counts, policy: Mapping[str, Any]) -> Iterator[Reading]:
    windows, live = Windows.read(policy), counts.listings
    yield from _feeds(counts, part(policy, "feeds"))
    yield _share(policy, "gaps", counts.gaps, live, "of {of} live listings show another price than we set")
    yield _share(policy, "parity", counts.apart, counts.paired, "of {of} SKUs sold twice are priced apart")
    level = _then(part(policy, "runaway"))
    for found in counts.runaways:
        says = f"{found.sku} went from {found.from_minor} to {found.to_minor} (minor units) by our own changes"
        listing, limit = (found.marketplace, found.sku), windows.factor * found.from_minor
        yield Reading("runaway", found.to_minor, limit, True, level, says, listing)


def _mismatches(counts: Counts, limits: Mapping[str, Any]) -> Reading:
    enough, most = count(limits, "at_least"), ratio(limits, "most_share")
    over = counts.mismatched > 0 and counts.read_back >= enough and counts.mismatched > most * counts.read_back
    says = f"{counts.mismatched} of {counts.read_back} changes were not there when read back; more than {most:.0%} trip"
    return Reading("mismatches", counts.mismatched, most * counts.read_back, over, _then(limits), says)


def _share(policy: Mapping[str, Any], breaker: str, value: int, of: int, says: str) -> Reading:
    limits = part(policy, breaker)
    most = max(Decimal(count(limits, "free")), ratio(limits, "most_share") * of)
    text = f"{value} {says.format(of=of)}; more than {most:.0f} trip"
    return Reading(breaker, value, most, value > most, _then(limits), text)


def _feeds(counts: Counts, limits: Mapping[str, Any]) -> Iterator[Reading]:
    tries, level = count(limits, "tries"), _then(limits)
    most = {name.removesuffix(_FEED): span(limits, name) for name in limits if name.endswith(_FEED)}
    for feed in counts.feeds:
        if feed.stream not in most:
            continue
        limit = most[feed.stream].total_seconds() / 60
        over = feed.age_min > limit and feed.failed >= tries
        says = f"{feed.stream} last came {feed.age_min} min ago, {feed.failed} tries failed since; {limit:.0f} min trip"
        yield Reading("feeds", feed.age_min, Decimal(int(limit)), over, level, says)


def part(policy: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One breaker's limits. Raises PolicyGap."""
    found = policy.get(name)
    if not isinstance(found, Mapping):
        raise PolicyGap(f"breakers.{name}")
    return found


def _then(limits: Mapping[str, Any]) -> HaltLevel:
    try:
        return HaltLevel(limits["then"])
    except (KeyError, ValueError, TypeError):
        raise PolicyGap(f"then is {limits.get('then')!r}, wanted {' or '.join(HaltLevel)}") from None
