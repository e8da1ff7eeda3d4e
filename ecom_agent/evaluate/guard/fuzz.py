"""One life after another of an engine that is told everything a hostile world can tell it, with an oracle beside it.

What is told: events (some broken), configurations (some corrupt), facts, own prices at any time (also ones that nobody
decided), halts and reductions, clocks that jump, pages forgotten, and crashes: the engine is then built anew from what
was stored, which may be older than what it knew.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from ecom_agent.evaluate.guard.odds import configuration, facts, places
from ecom_agent.evaluate.guard.oracle import Oracle, Place
from ecom_agent.evaluate.guard.stream import BROKEN, CONDITION, PAGES, Event, Stream, price
from native_pricer import Code, Decision, Engine, Kind, Level, ListingConfig, ListingFacts, parse_event
from native_pricer.words import ParsedEvent

BATCH: Final = 40
START_US: Final = 1_790_000_000_000_000
_NOT_LOOKED_AT: Final = frozenset({Code.FUTURE, Code.DUPLICATE, Code.SUPERSEDED, Code.CURRENCY, Code.MALFORMED})
_PLACES: Final = places()
_PAGE_OF: Final = {(page.marketplace, sku): page for page, sku in _PLACES}


@dataclass
class World:
    """An engine, what was stored of it, and the oracle."""

    seed: str
    make: Callable[[], Engine] = Engine
    counts: Counter[str] = field(default_factory=Counter)
    oracle: Oracle = field(default_factory=Oracle)

    def __post_init__(self) -> None:
        self.dice, self.stream, self.engine = random.Random(self.seed), Stream(self.seed), self.make()
        self.now = START_US
        self.memories: list[bytes] = []
        self.facts: dict[Place, ListingFacts] = {}
        self.stored: dict[Place, dict[str, Any]] = {}
        for page, sku in _PLACES:
            self._configure(page.marketplace, sku)

    def run(self, events: int) -> None:
        """Live through this many events."""
        while self.counts["events"] < events:
            batch = self.stream.take(min(BATCH, events - self.counts["events"]), self.now)
            self.counts["events"] += len(batch)
            for event, decisions in zip(batch, self._decide(batch), strict=True):
                self._judge(event, decisions)
            self._misadventure()

    def _decide(self, batch: list[Event]) -> list[tuple[Decision, ...]]:
        """Mostly in the batch form; every public way to a decision has its turn."""
        way = self.dice.random()
        if way < 0.85:
            return self.engine.on_events([event.raw for event in batch], self.now)
        if way < 0.95:
            return [self.engine.on_event(event.raw, self.now) for event in batch]
        if way < 0.97:
            return [self.engine.observe(event.raw, self.now)[1] for event in batch]
        answers = []
        for event in batch:
            read = parse_event(event.raw)
            if not isinstance(read, ParsedEvent):
                answers.append(self.engine.on_event(event.raw, self.now))
            elif way < 0.985:
                answers.append(self.engine.on_offers(read, self.now, max(0, self.now - self.dice.randrange(10**10))))
            else:
                answers.append(self.engine.on_news(read, self.now))
        return answers

    def _judge(self, event: Event, decisions: tuple[Decision, ...]) -> None:
        for d in decisions:
            if d.sku is None or d.code in _NOT_LOOKED_AT:
                continue
            place = (d.marketplace or "", d.sku)
            self.oracle.looked(place, self.now)
            if d.kind is Kind.MOVE:
                currency = currency_of(event.raw) if event.currency == BROKEN else event.currency
                self._moved(place, d, currency)

    def _moved(self, place: Place, d: Decision, event_currency: str | None) -> None:
        self.counts["approved"] += 1
        self.oracle.judge(place, d.to_minor, self.now, event_currency, d.currency)

    def _misadventure(self) -> None:
        """What happens between two batches."""
        dice = self.dice
        self.now += dice.randrange(1, 30_000_000)
        for page, sku in dice.sample(_PLACES, 4):
            self._own_price((page.marketplace, sku))
        for page, sku in dice.sample(_PLACES, 3):
            self._configure(page.marketplace, sku)
        if dice.random() < 0.5:
            page, sku = dice.choice(_PLACES)
            self.facts[page.marketplace, sku] = facts(dice)
            self.engine.inform(page.marketplace, sku, self.facts[page.marketplace, sku])
        if dice.random() < 0.3:
            page, sku = dice.choice(_PLACES)
            self._own_shop((page.marketplace, sku))
        if dice.random() < 0.15:
            self._brake()
        if dice.random() < 0.02:
            self._jump()
        if dice.random() < 0.05:
            page = dice.choice(PAGES)
            self.engine.forget(page.marketplace, page.asin, CONDITION)
        if dice.random() < 0.1:
            self._bystander()
        if dice.random() < 0.03:
            self._crash()

    def _bystander(self) -> None:
        """Calls that should change no limit: questions, an event that a former process saw, a listing taken off."""
        page, sku = self.dice.choice(_PLACES)
        place = page.marketplace, sku
        self.engine.explain(*place, None, self.now)
        at = max(0, self.now - self.dice.randrange(10**9))
        self.engine.seen(page.marketplace, page.asin, CONDITION, at, None)
        self.engine.newest(page.marketplace, page.asin, CONDITION)
        self._learned(place)
        if self.engine.remove(*place):  # with all it knew; what was stored of it is told again
            del self.oracle.known[place]
            self.engine.configure(ListingConfig(**self.stored[place]))
            self.oracle.configured(place, self.stored[place])

    def _learned(self, place: Place) -> None:
        """A strategy is given back what it, or another one, once learned; at times damaged."""
        kept = self.engine.memory(*place)
        if kept is not None:
            self.memories.append(kept)
        if not self.memories:
            return
        memory = bytearray(self.dice.choice(self.memories[-50:]))
        for _ in range(self.dice.choice((0, 0, 1, 8))):
            memory[self.dice.randrange(len(memory))] = self.dice.randrange(256)
        with suppress(ValueError):
            self.engine.remember(*place, bytes(memory))

    def _own_price(self, place: Place) -> None:
        """A price of ours went live, or had done so once: any price, at any time, decided or not."""
        dice, given = self.dice, self.stored[place]
        at = max(0, self.now + dice.choice((0, 0, 0, 0, 0, 0, -(10**6), -(10**11), 10**9)))
        minor = min(price(dice), 10**13)
        if dice.random() < 0.7 and given["floor_minor"] is not None:  # mostly one that might be right
            minor = min(given["floor_minor"] * dice.randrange(95, 200) // 100, 10**13) or minor
        if dice.random() < 0.9:
            self.engine.applied(*place, minor, at)
            self.oracle.applied(place, minor, at)
        else:
            self.engine.recall(*place, minor, at)
            self.oracle.recalled(place, minor, at)

    def _own_shop(self, place: Place) -> None:
        """A listing that has no page of offers decides on what it knows itself."""
        decision = self.engine.on_own(*place, self.now)
        self.oracle.looked(place, self.now)
        if decision.kind is Kind.MOVE:
            self._moved(place, decision, None)

    def _configure(self, marketplace: str, sku: str) -> None:
        """Told until it is taken once: a listing that nobody configured decides nothing."""
        place = marketplace, sku
        while True:
            self.counts["configurations"] += 1
            given = configuration(_PAGE_OF[place], sku, self.dice, self.now)
            try:
                self.engine.configure(ListingConfig(**given))
            except (ValueError, TypeError):
                self.counts["refused_configs"] += 1
            else:
                self.stored[marketplace, given["sku"]] = given
                self.oracle.configured((marketplace, given["sku"]), given)
            if place in self.stored:
                return

    def _brake(self) -> None:
        page, sku = self.dice.choice(_PLACES)
        wide, narrow = f"marketplace:{page.marketplace}", f"sku:{page.marketplace}/{sku}"
        scope = self.dice.choice(("all", wide, narrow, narrow, narrow, narrow))
        match self.dice.choice(("halt", "reduce", "resume", "resume all", "resume all")):
            case "halt":
                self.engine.halt(scope)
                self.oracle.halted.add(scope)
            case "reduce":
                self.engine.reduce(scope)
                self.oracle.reducing.add(scope)
            case "resume":
                self._resume(scope)
            case _:
                for standing in sorted(self.oracle.halted | self.oracle.reducing):
                    self._resume(standing)

    def _resume(self, scope: str) -> None:
        self.engine.resume(scope)
        self.oracle.halted.discard(scope)
        self.oracle.reducing.discard(scope)

    def _jump(self) -> None:
        """Forth and back, by minutes, days or years; pages are forgotten with it, or old events would all be late."""
        self.now = max(0, self.now + self.dice.choice((-1, 1)) * self.dice.choice((600, 90_000, 10**6, 10**8)) * 10**6)
        for page in PAGES:
            self.engine.forget(page.marketplace, page.asin, CONDITION)

    def _crash(self) -> None:
        """All that the process knew is gone; what was stored is told to a new one, prices with it or without."""
        self.counts["crashes"] += 1
        states = {place: self.engine.state(*place) for place in self.stored}
        levels = self.engine.halts()
        self.engine, before = self.make(), self.oracle
        self.oracle = Oracle()
        self.oracle.found, self.oracle.halted, self.oracle.reducing = before.found, before.halted, before.reducing
        for place, given in self.stored.items():
            state = states[place]
            kept = self.dice.random() < 0.9
            now_known = {
                "price_minor": state.price_minor if kept else given["price_minor"],
                "last_change_us": state.last_change_us if kept else None,
                "day_open_minor": state.day_open_minor if kept else None,
                "day_open_us": state.day_us if kept and state.day_open_minor is not None else None,
            }
            self.engine.configure(ListingConfig(**{**given, **now_known}))
            self.oracle.configured(place, {**given, **now_known})
        for place, told in self.facts.items():
            self.engine.inform(*place, told)
        for scope, level in levels.items():
            (self.engine.halt if level is Level.HALTED else self.engine.reduce)(scope)


def currency_of(raw: bytes) -> str | None:
    """What currency a broken but readable event's offers are in: "mixed" where there are several."""
    try:
        body = orjson.loads(raw)["Payload"]["AnyOfferChangedNotification"]
        told = {money["CurrencyCode"] for offer in body["Offers"] for money in (offer["ListingPrice"],)}
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "unreadable"
    return None if not told else told.pop() if len(told) == 1 else "mixed"
