"""The repricer: bytes of an ANY_OFFER_CHANGED notification in, guarded decisions out, in microseconds.

`Engine` is compiled (`_engine.pyx`) or, where it was not built, the readable twin (`_twin/engine.py`); both give equal
answers. It holds our listings with their limits, and the newest event of each page. There is no way to a price but
through its guard: floor, ceiling, step, daily change, cooldown, staleness and halts are checked inside.
NATIVE_PRICER=cython or =reference forces a backend.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Final, NamedTuple

from native_pricer._check import check_event, check_facts, check_moment, check_price, check_scope, identifier
from native_pricer._twin import engine as twin
from native_pricer._twin.explain import Missed, Why, explain
from native_pricer.clauses import Clause, Condition, Feature, Target, Without
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts, ListingStatus
from native_pricer.rivals import Channel, RivalFilter
from native_pricer.words import (
    Clamp,
    Code,
    Decision,
    Kind,
    Level,
    ParsedEvent,
    ParsedOffer,
    ParseProblem,
    amount,
)

__all__ = [
    "Channel",
    "Clamp",
    "Clause",
    "Code",
    "Condition",
    "Decision",
    "Engine",
    "Feature",
    "Kind",
    "Level",
    "ListingConfig",
    "ListingFacts",
    "ListingState",
    "ListingStatus",
    "Missed",
    "ParseProblem",
    "ParsedEvent",
    "ParsedOffer",
    "RivalFilter",
    "Target",
    "Why",
    "Without",
    "amount",
    "backends",
    "epoch_us",
    "parse_event",
]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class ListingState(NamedTuple):
    """What the engine believes of a listing: live price, last change, price at a UTC day's start, that start."""

    price_minor: int | None
    last_change_us: int | None
    day_open_minor: int | None
    day_us: int | None


def epoch_us(at: datetime | int) -> int:
    """A moment as epoch µs. Raises ValueError for one without a time zone."""
    if isinstance(at, int):
        return check_moment("moment", at)
    if at.tzinfo is None:
        raise ValueError("moment: wanted one with a time zone, such as UTC")
    return check_moment("moment", (at - EPOCH) // MICROSECOND)


@cache
def backends() -> dict[str, ModuleType]:
    """The backends that can run here, the best first."""
    try:
        from native_pricer import _engine
    except ImportError:
        return {twin.NAME: twin}
    return {_engine.NAME: _engine, twin.NAME: twin}


def _backend(name: str | None) -> ModuleType:
    have, wanted = backends(), name or os.environ.get("NATIVE_PRICER")
    if wanted is None:
        return next(iter(have.values()))
    if wanted not in have:
        raise ValueError(f"NATIVE_PRICER: wanted one of {', '.join(have)}; found {wanted!r}")
    return have[wanted]


def parse_event(raw: bytes, backend: str | None = None) -> ParsedEvent | ParseProblem:
    """Read one notification; a value for either outcome, never an exception for its content."""
    parse: Callable[[bytes], ParsedEvent | ParseProblem] = _backend(backend).parse_event
    return parse(raw)


class Engine:
    """Our listings on one account, and the decisions for them. One thread at a time (RuntimeError where it is seen).

    Moments are epoch µs or datetimes with a zone; amounts are minor units of the listing's currency.
    """

    def __init__(self, backend: str | None = None) -> None:
        self._core = _backend(backend).Core()

    @property
    def backend(self) -> str:
        """ "cython" or "reference": which one runs."""
        return str(self._core.name)

    def configure(self, listing: ListingConfig) -> None:
        """Add or replace a listing. A replaced one keeps its price, cooldown and day's price where these are None, and
        its strategy's memory where strategy and page are the same.

        Raises ValueError naming the field: limits are checked here again, whatever became of the object since.
        """
        if type(listing) is not ListingConfig:
            raise ValueError(f"listing: wanted a ListingConfig; found {type(listing).__name__}")
        listing.__post_init__()
        self._core.configure(listing)

    def remove(self, marketplace: str, sku: str) -> bool:
        """Forget a listing; False when it was not there."""
        gone: bool = self._core.remove(marketplace, sku)
        return gone

    def inform(self, marketplace: str, sku: str, facts: ListingFacts) -> None:
        """All that is known of this listing beside its page; replaces what was told before.

        Raises KeyError for a listing that is not configured, ValueError naming the fact that is none.
        """
        check_facts(facts)
        self._core.inform(marketplace, sku, facts)

    def on_event(self, raw: bytes, now: datetime | int) -> tuple[Decision, ...]:
        """Decide on one notification as received: one Decision for each of our SKUs on its page.

        Nothing of ours on the page: (). An unreadable event: one REJECT without a SKU.
        """
        decisions: tuple[Decision, ...] = self._core.on_event(raw, now if type(now) is int else epoch_us(now))
        return decisions

    def on_events(self, raws: Iterable[bytes], now: datetime | int) -> list[tuple[Decision, ...]]:
        """As on_event for each, in order. Reading and deciding let other threads (with engines of their own) run."""
        decisions: list[tuple[Decision, ...]] = self._core.on_events(raws, epoch_us(now))
        return decisions

    def observe(self, raw: bytes, now: datetime | int) -> tuple[ParsedEvent | ParseProblem, tuple[Decision, ...]]:
        """As on_event, with what was read, for callers that keep it."""
        seen: tuple[ParsedEvent | ParseProblem, tuple[Decision, ...]] = self._core.observe(raw, epoch_us(now))
        return seen

    def on_news(self, event: ParsedEvent, now: datetime | int) -> tuple[Decision, ...]:
        """As on_event, for an event of a platform whose wire format is read elsewhere (`native_pricer.intake`).

        Raises ValueError naming the field.
        """
        check_event(event)
        decisions: tuple[Decision, ...] = self._core.on_offers(event, epoch_us(now), event.changed_at_us, True)
        return decisions

    def on_offers(self, event: ParsedEvent, now: datetime | int, seen_at: datetime | int) -> tuple[Decision, ...]:
        """Decide on offers that were asked for (a sweep): same table, same rule, same guard.

        Freshness counts from `seen_at`; the newest state may be asked about again. Raises ValueError naming the field.
        """
        check_event(event)
        decisions: tuple[Decision, ...] = self._core.on_offers(event, epoch_us(now), epoch_us(seen_at), False)
        return decisions

    def on_own(self, marketplace: str, sku: str, now: datetime | int) -> Decision:
        """Decide for a listing that has no page of offers (a shop of one's own): as on a page without any.

        What is left to follow is its own price, its reference price and the clock. Raises KeyError for a listing that
        is not configured.
        """
        decision: Decision = self._core.on_own(marketplace, sku, epoch_us(now))
        return decision

    def explain(self, marketplace: str, sku: str, event: ParsedEvent | None, now: datetime | int) -> Why:
        """Why this part of the rule decides on that page now, and what the earlier parts lacked; None: no page.

        Worked out anew from the listing's present state; changes nothing. Raises KeyError for a listing that is not
        configured, ValueError naming a field of the event.
        """
        if event is not None:
            check_event(event)
        return explain(self._core.twin(marketplace, sku), event, epoch_us(now))

    def applied(self, marketplace: str, sku: str, price_minor: int, at: datetime | int) -> None:
        """The platform took this price. Raises KeyError for a listing that is not configured, ValueError for a price
        that is none."""
        self._core.applied(marketplace, sku, check_price("price_minor", price_minor), epoch_us(at))

    def recall(self, marketplace: str, sku: str, before_minor: int, at: datetime | int) -> None:
        """A price of ours was changed then (by a former process), from this one; the live price is known already.

        Counts for the cooldown, and on its day for the day's cap; to be told oldest first. Raises as `applied`.
        """
        self._core.recall(marketplace, sku, check_price("before_minor", before_minor), epoch_us(at))

    def halt(self, scope: str) -> None:
        """No moves within "all", "marketplace:<id>" or "sku:<marketplace>/<sku>" until it is resumed."""
        self._core.halt(check_scope(scope))

    def reduce(self, scope: str) -> None:
        """Raises only within that scope until it is resumed; where it is halted, it stays halted."""
        self._core.reduce(check_scope(scope))

    def resume(self, scope: str) -> None:
        """Lift what `halt` or `reduce` said of this scope; other scopes stand."""
        self._core.resume(check_scope(scope))

    def halts(self) -> dict[str, Level]:
        """The scopes that are halted or reducing."""
        levels: dict[str, Level] = self._core.halts()
        return levels

    def state(self, marketplace: str, sku: str) -> ListingState:
        """Raises KeyError for a listing that is not configured."""
        return ListingState(*self._core.state(marketplace, sku))

    def newest(self, marketplace: str, asin: str, condition: str) -> int | None:
        """TimeOfOfferChange (epoch µs) of the newest event known for this page."""
        newest: int | None = self._core.newest(marketplace, asin, condition)
        return newest

    def seen(
        self, marketplace: str, asin: str, condition: str, changed_at: datetime | int, event_id: str | None
    ) -> None:
        """An event up to here was decided before (by a former process): older ones are superseded."""
        for name, value in (("marketplace", marketplace), ("asin", asin), ("condition", condition)):
            identifier(name, value)
        self._core.seen(marketplace, asin, condition, epoch_us(changed_at), event_id)

    def forget(self, marketplace: str, asin: str, condition: str) -> None:
        """Take back that an event was seen: its decision could not be stored, so it will come again.

        Strategies forget it too.
        """
        self._core.forget(marketplace, asin, condition)

    def memory(self, marketplace: str, sku: str) -> bytes | None:
        """What this listing's strategy has learned, to be kept over a restart; None: it has no strategy.

        Raises KeyError for a listing that is not configured.
        """
        memory: bytes | None = self._core.memory(marketplace, sku)
        return memory

    def remember(self, marketplace: str, sku: str, memory: bytes) -> None:
        """Let this listing's strategy go on with what `memory` gave in a former process.

        Raises KeyError for a listing that is not configured, ValueError for bytes of another strategy or version, or
        damaged ones.
        """
        if type(memory) is not bytes:
            raise ValueError(f"memory: wanted bytes; found {type(memory).__name__}")
        self._core.remember(marketplace, sku, memory)
