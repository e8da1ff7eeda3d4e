"""An engine that writes down every call that can change an answer, in order, with the answers; and the way back.

Whoever makes the same calls again on an empty engine gets the same decisions: that is replay. Calls that change
nothing (a configuration that says what is known already) are not written. Nothing here does I/O: `take` hands out
what happened since `kept` was last told, so that a caller can store it in the commit that stores the consequences;
packing it is work that needs no engine.
"""

from __future__ import annotations

import struct
import types
import typing
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson

from native_pricer import Engine, epoch_us
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts
from native_pricer.words import DAY_US, Decision, Level, ParsedEvent, ParseProblem

FORMAT: Final = 1
EVERYWHERE: Final = "*"
MOST_WAITING: Final = 50_000
"""Calls that could not be stored for so long are dropped; replay then goes on from a checkpoint."""
_LEVEL: Final = 1
_HEAD: Final = struct.Struct("<I")


class Call(NamedTuple):
    """One call as made. `raw` and `decisions` are those of an event; `about` names the listings and pages touched."""

    name: str
    given: tuple[Any, ...]
    about: tuple[str, ...]
    raw: bytes = b""
    decisions: tuple[Decision, ...] = ()


class Chunk(NamedTuple):
    """Calls that are stored together, number `seq` of a run (one engine's life). Moments in epoch µs.

    `starts`: replay may begin here with an empty engine. A hole in the numbers is a chunk that was lost.
    """

    run: str
    seq: int
    starts: bool
    first_us: int
    last_us: int
    events: int
    decisions: int
    moves: int
    about: tuple[str, ...]
    body: bytes


class Part(NamedTuple):
    """Calls that become one chunk."""

    seq: int
    starts: bool
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be stored, and what strategies know now of the listings that it is about; `at` in epoch µs."""

    run: str
    at: int
    parts: tuple[Part, ...]
    memories: Mapping[tuple[str, str], bytes]

    def chunks(self) -> tuple[Chunk, ...]:
        return tuple(pack(p.calls, run=self.run, seq=p.seq, starts=p.starts, at=self.at) for p in self.parts)


def about_listing(marketplace: str, sku: str) -> str:
    return f"s:{marketplace}/{sku}"


def about_page(marketplace: str, asin: str, condition: str) -> str:
    return f"p:{marketplace}/{asin}/{condition.lower()}"


class Recorder(Engine):
    """An Engine whose calls are kept until `kept` is told. One thread at a time, as every Engine."""

    def __init__(self, backend: str | None = None) -> None:
        super().__init__(backend)
        self._configs: dict[tuple[str, str], ListingConfig] = {}
        self._facts: dict[tuple[str, str], ListingFacts] = {}
        self._pages: dict[tuple[str, str, str], tuple[int, str | None]] = {}
        self._waiting: list[Call] = []
        self._taken = 0
        self._run, self._seq = uuid4().hex, 0
        self._whole = True  # the calls that wait begin with an empty engine
        self._checked_day: int | None = None

    def configure(self, listing: ListingConfig) -> None:
        key = listing.marketplace, listing.sku
        known = self._configs.get(key)
        if known is None or known != listing or listing.day_open_us is not None:
            super().configure(listing)
        else:
            before = self.state(*key), self.memory(*key)
            super().configure(listing)
            if (self.state(*key), self.memory(*key)) == before:
                return
        if known is not None and known.currency != listing.currency:
            self._facts.pop(key, None)  # as the engine: they were amounts of another currency
        if known is not None and (known.asin, known.condition) != (listing.asin, listing.condition):
            del self._configs[key]  # it comes last on its new page
        self._configs[key] = listing
        about = about_page(listing.marketplace, listing.asin, listing.condition)
        self._note("configure", listing, about=(about_listing(*key), about))

    def inform(self, marketplace: str, sku: str, facts: ListingFacts) -> None:
        super().inform(marketplace, sku, facts)
        if self._facts.get((marketplace, sku)) != facts:
            self._facts[marketplace, sku] = facts
            self._note("inform", marketplace, sku, facts, about=(about_listing(marketplace, sku),))

    def remove(self, marketplace: str, sku: str) -> bool:
        gone = super().remove(marketplace, sku)
        if gone:
            self._configs.pop((marketplace, sku), None)
            self._facts.pop((marketplace, sku), None)
            self._note("remove", marketplace, sku, about=(about_listing(marketplace, sku),))
        return gone

    def applied(self, marketplace: str, sku: str, price_minor: int, at: datetime | int) -> None:
        super().applied(marketplace, sku, price_minor, at)
        self._note("applied", marketplace, sku, price_minor, epoch_us(at), about=(about_listing(marketplace, sku),))

    def recall(self, marketplace: str, sku: str, before_minor: int, at: datetime | int) -> None:
        super().recall(marketplace, sku, before_minor, at)
        self._note("recall", marketplace, sku, before_minor, epoch_us(at), about=(about_listing(marketplace, sku),))

    def remember(self, marketplace: str, sku: str, memory: bytes) -> None:
        super().remember(marketplace, sku, memory)
        self._note("remember", marketplace, sku, memory, about=(about_listing(marketplace, sku),))

    def halt(self, scope: str) -> None:
        super().halt(scope)
        self._note("halt", scope, about=(EVERYWHERE,))

    def reduce(self, scope: str) -> None:
        super().reduce(scope)
        self._note("reduce", scope, about=(EVERYWHERE,))

    def resume(self, scope: str) -> None:
        super().resume(scope)
        self._note("resume", scope, about=(EVERYWHERE,))

    def seen(
        self, marketplace: str, asin: str, condition: str, changed_at: datetime | int, event_id: str | None
    ) -> None:
        before = self.newest(marketplace, asin, condition)
        super().seen(marketplace, asin, condition, changed_at, event_id)
        if self.newest(marketplace, asin, condition) != before:
            at = epoch_us(changed_at)
            self._pages[marketplace, asin, condition.lower()] = at, event_id
            about = (about_page(marketplace, asin, condition),)
            self._note("seen", marketplace, asin, condition, at, event_id, about=about)

    def forget(self, marketplace: str, asin: str, condition: str) -> None:
        known = self.newest(marketplace, asin, condition) is not None
        super().forget(marketplace, asin, condition)
        if known:
            self._pages.pop((marketplace, asin, condition.lower()), None)
            self._note("forget", marketplace, asin, condition, about=(about_page(marketplace, asin, condition),))

    def on_event(self, raw: bytes, now: datetime | int) -> tuple[Decision, ...]:
        return self.observe(raw, now)[1]

    def observe(self, raw: bytes, now: datetime | int) -> tuple[ParsedEvent | ParseProblem, tuple[Decision, ...]]:
        at = epoch_us(now)
        read, decisions = super().observe(raw, at)
        self._note("observe", at, about=self._answered(read, decisions), raw=raw, decisions=decisions)
        return read, decisions

    def on_events(self, raws: Iterable[bytes], now: datetime | int) -> list[tuple[Decision, ...]]:
        return [self.on_event(raw, now) for raw in raws]

    def on_news(self, event: ParsedEvent, now: datetime | int) -> tuple[Decision, ...]:
        at = epoch_us(now)
        decisions = super().on_news(event, at)
        self._note("on_news", event, at, about=self._answered(event, decisions), decisions=decisions)
        return decisions

    def on_offers(self, event: ParsedEvent, now: datetime | int, seen_at: datetime | int) -> tuple[Decision, ...]:
        at, seen = epoch_us(now), epoch_us(seen_at)
        decisions = super().on_offers(event, at, seen)
        about = self._answered(event, decisions, strictly_newer=False)
        self._note("on_offers", event, at, seen, about=about, decisions=decisions)
        return decisions

    def on_own(self, marketplace: str, sku: str, now: datetime | int) -> Decision:
        at = epoch_us(now)
        decision = super().on_own(marketplace, sku, at)
        about = (about_listing(marketplace, sku),)
        self._note("on_own", marketplace, sku, at, about=about, decisions=(decision,))
        return decision

    def take(self, now: datetime | int) -> Taken:
        """What is to be stored: the calls since the last `kept`, and on a new UTC day a checkpoint after them."""
        at, parts = epoch_us(now), list[Part]()
        if self._waiting:
            parts.append(Part(self._seq, self._whole, tuple(self._waiting)))
        self._taken = len(self._waiting)
        if self._checked_day != at // DAY_US and not (self._whole and self._waiting):
            parts.append(Part(self._seq + len(parts), True, tuple(self._checkpoint())))
        return Taken(self._run, at, tuple(parts), self.memories())

    def memories(self) -> dict[tuple[str, str], bytes]:
        """What strategies know now of the listings that they were asked about since the last `kept`."""
        asked = {(d.marketplace or "", d.sku or "") for call in self._waiting for d in call.decisions}
        known = {key: self.memory(*key) for key in asked if key in self._configs and self._configs[key].strategy}
        return {key: memory for key, memory in known.items() if memory is not None}

    def kept(self, chunks: Sequence[Chunk]) -> None:
        """What `take` gave was stored."""
        del self._waiting[: self._taken]
        self._taken = 0
        if chunks:
            self._whole, self._seq, self._checked_day = False, chunks[-1].seq + 1, chunks[-1].last_us // DAY_US

    def _note(self, name: str, *given: Any, about: tuple[str, ...], **event: Any) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._taken, self._whole, self._checked_day, self._seq = 0, False, None, self._seq + 1
        self._waiting.append(Call(name, given, about, **event))

    def _answered(
        self, read: ParsedEvent | ParseProblem, decisions: Sequence[Decision], *, strictly_newer: bool = True
    ) -> tuple[str, ...]:
        """Remember the newest event of a page that the engine knows; gives what the event was about."""
        if isinstance(read, ParseProblem):
            return ()
        page, at = (read.marketplace, read.asin, read.condition), read.changed_at_us
        newest, former = self.newest(*page), self._pages.get(page)
        if newest is None and not decisions:
            return ()
        if newest == at and (former is None or at > former[0] or not strictly_newer):
            self._pages[page] = at, read.event_id
        return (about_page(*page), *(about_listing(d.marketplace or "", d.sku or "") for d in decisions))

    def _checkpoint(self) -> list[Call]:
        """Calls that bring an empty engine to where this one is."""
        calls = []
        for key, cfg in self._configs.items():
            state = self.state(*key)
            day = None if state.day_open_minor is None else state.day_us
            now = replace(
                cfg,
                price_minor=state.price_minor,
                last_change_us=state.last_change_us,
                day_open_minor=None if day is None else state.day_open_minor,
                day_open_us=day,
            )
            about = about_page(cfg.marketplace, cfg.asin, cfg.condition)
            calls.append(Call("configure", (now,), (about_listing(*key), about)))
            memory = self.memory(*key)
            if memory is not None:
                calls.append(Call("remember", (*key, memory), (about_listing(*key),)))
        for key, facts in self._facts.items():
            calls.append(Call("inform", (*key, facts), (about_listing(*key),)))
        for page, newest in self._pages.items():
            calls.append(Call("seen", (*page, *newest), (about_page(*page),)))
        for scope, level in sorted(self.halts().items()):
            verb = "halt" if level is Level.HALTED else "reduce"
            calls.append(Call(verb, (scope,), (EVERYWHERE,)))
        return calls


def pack(calls: Sequence[Call], *, run: str, seq: int, starts: bool, at: int) -> Chunk:
    """Calls as bytes, taken at the moment `at`."""
    rows = [(c.name, c.given, c.about, len(c.raw), [tuple(d) for d in c.decisions]) for c in calls]
    head = orjson.dumps({"format": FORMAT, "fields": Decision._fields, "calls": rows}, default=_plain)
    body = zlib.compress(b"".join((_HEAD.pack(len(head)), head, *(c.raw for c in calls))), _LEVEL)
    first = min((m for m in map(moment, calls) if m is not None), default=at)
    decided = [d for c in calls for d in c.decisions]
    about = tuple(sorted({name for c in calls for name in c.about}))
    return Chunk(
        run, seq, starts, min(first, at), at, sum(c.name in EVENTS for c in calls), len(decided),
        sum(d.to_minor is not None for d in decided), about, body,
    )  # fmt: skip


EVENTS: Final[dict[str, int]] = {"observe": 0, "on_news": 1, "on_offers": 1, "on_own": 2}
"""Calls that ask for decisions, and where among the arguments the moment stands."""
_KINDS: Final[dict[str, dict[int, Any]]] = {
    "configure": {0: ListingConfig}, "inform": {2: ListingFacts}, "remember": {2: bytes},
    "on_news": {0: ParsedEvent}, "on_offers": {0: ParsedEvent},
}  # fmt: skip


def moment(call: Call) -> int | None:
    """When an event was decided, epoch µs; None for other calls."""
    at: int | None = call.given[EVENTS[call.name]] if call.name in EVENTS else None
    return at


def unpack(body: bytes) -> Iterator[Call]:
    """The calls of a chunk, in order; decisions get the fields that this version knows (None for new ones).

    Raises ValueError for a body of another format.
    """
    whole = zlib.decompress(body)
    (length,) = _HEAD.unpack_from(whole)
    at = _HEAD.size + length
    told = orjson.loads(whole[_HEAD.size : at])
    if told["format"] != FORMAT:
        raise ValueError(f"kept events: wanted format {FORMAT}; found {told['format']!r}")
    for name, given, about, size, decisions in told["calls"]:
        kinds = _KINDS.get(name, {})
        values = tuple(revive(kinds[i], v) if i in kinds else v for i, v in enumerate(given))
        answers = tuple(revive(Decision, dict(zip(told["fields"], d, strict=True))) for d in decisions)
        yield Call(name, values, tuple(about), whole[at : at + size], answers)
        at += size


def again(call: Call, engine: Engine) -> tuple[Decision, ...]:
    """Make the call on another engine; gives its decisions."""
    if call.name == "observe":
        return engine.on_event(call.raw, *call.given)
    answer = getattr(engine, call.name)(*call.given)
    if call.name not in EVENTS:
        return ()
    return (answer,) if isinstance(answer, Decision) else tuple(answer)


@dataclass(frozen=True, slots=True)
class _Fields:
    hints: dict[str, Any]
    by_position: bool


_known: dict[type, _Fields] = {}


def revive(kind: Any, data: Any) -> Any:
    """A value of a type out of its JSON: dataclass, named tuple, enum, tuple, frozenset, optional or plain."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [k for k in typing.get_args(kind) if k is not type(None)]
        return None if data is None else revive(inner[0], data)
    if origin is tuple:
        return tuple(revive(typing.get_args(kind)[0], item) for item in data)
    if origin is frozenset:
        return frozenset(data)
    if kind is bytes:
        return bytes.fromhex(data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        fields = _known.setdefault(kind, _Fields(typing.get_type_hints(kind), hasattr(kind, "_fields")))
        if fields.by_position and isinstance(data, list):
            data = dict(zip(fields.hints, data, strict=False))
        values = {name: revive(fields.hints[name], value) for name, value in data.items() if name in fields.hints}
        if fields.by_position:
            values = {name: None for name in fields.hints if name not in kind._field_defaults} | values
        return kind(**values)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in a journal")
