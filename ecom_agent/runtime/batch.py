"""Messages about offers that are handled together, and what the engine made of each. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from ecom_agent.actions.ledger import Subject
from ecom_agent.actions.model import Kind, Mode
from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import RawEvent
from native_pricer import Code, Decision, ParseProblem, parse_event
from native_pricer import Kind as Outcome
from pricing.repricing.lane import LaneResult
from pricing.repricing.pages import moment

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# Holds that are about the moment or the event, not about the price that the newest page asks for.
_SAYS_NOTHING: Final = frozenset(
    {Code.MALFORMED, Code.FUTURE, Code.DUPLICATE, Code.SUPERSEDED, Code.STALE, Code.COOLDOWN, Code.HALTED, Code.GUARD}
)


class Heard(NamedTuple):
    """One message about offers on a page, as received, and when."""

    event: RawEvent
    id: str
    at: datetime


class Wished(NamedTuple):
    """A decision that wants another price, and what it came of. The Action is made when it goes to the gate: most
    wishes of a backlog never get there."""

    result: LaneResult
    decision: Decision


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages in the order in which they were decided."""

    decided: Sequence[tuple[Heard, LaneResult]] = field(repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """On its way to another process as plain values: what was read is cheaper read again than carried."""
        rows = [
            (heard.event.body, heard.id, heard.at, result.account, [tuple(d) for d in result.decisions], result.problem)
            for heard, result in self
        ]
        return _arrived, (rows,)

    def __len__(self) -> int:
        return len(self.decided)

    def __iter__(self) -> Iterator[tuple[Heard, LaneResult]]:
        return iter(self.decided)

    @property
    def ids(self) -> list[str]:
        return [heard.id for heard, _ in self.decided]

    @property
    def events(self) -> list[RawEvent]:
        return [heard.event for heard, _ in self.decided]

    @property
    def moves(self) -> int:
        """Decisions that want another price."""
        return sum(d.kind is Outcome.MOVE for _, result in self.decided for d in result.decisions)

    def wishes(self, account: AccountId, mode: Mode) -> dict[Subject, Wished]:
        """Of each listing what the newest event wishes for that wants another price."""
        found: dict[Subject, Wished] = {}
        newest: dict[Subject, int] = {}
        for _, result in self.decided:
            if (read := result.read) is None:
                continue
            for d in result.decisions:
                if d.kind is Outcome.MOVE:
                    place = _subject(account, mode, d)
                    if read.changed_at_us >= newest.get(place, read.changed_at_us):
                        found.pop(place, None)
                        found[place], newest[place] = Wished(result, d), read.changed_at_us
        return found

    def outcomes(self) -> Counter[str]:
        return Counter(d.kind.value for _, result in self.decided for d in result.decisions)

    def only(self, ids: Iterable[str]) -> Batch:
        """The first message of each of these ids."""
        left, found = set(ids), []
        for heard, result in self.decided:
            if heard.id in left:
                left.discard(heard.id)
                found.append((heard, result))
        return Batch(found)

    def newest(self) -> list[LaneResult]:
        """Of each page the result of the newest event, those that could not be read left out."""
        found: dict[tuple[str, str, str], LaneResult] = {}
        for _, result in self.decided:
            if (read := result.read) is None:
                continue
            place = read.marketplace, read.asin, read.condition
            former = found.get(place)
            if former is None or former.read is None or read.changed_at_us >= former.read.changed_at_us:
                found[place] = result
        return list(found.values())

    def settled(self, account: AccountId, mode: Mode) -> Mapping[Subject, datetime]:
        """Listings whose newest page asks for no other price, each since when."""
        found: dict[Subject, datetime] = {}
        for _, result in self.decided:
            for d in result.decisions:
                if d.kind is Outcome.HOLD and d.code not in _SAYS_NOTHING and d.sku and d.changed_at_us is not None:
                    at = _subject(account, mode, d)
                    found[at] = max(moment(d.changed_at_us), found.get(at, _LONG_AGO))
        return found


def _subject(account: AccountId, mode: Mode, d: Decision) -> Subject:
    return mode.value, Kind.PRICE_SET.value, account, d.marketplace or "", d.sku or ""


def joined(batches: Iterable[Batch]) -> Batch:
    return Batch([pair for batch in batches for pair in batch])


class Carried(NamedTuple):
    """A message on its way to another process: as much of it as is needed there."""

    body: bytes = b""
    receipt: str = ""
    tries: int = 0


def _arrived(rows: Sequence[tuple[bytes, str, datetime, AccountId, Sequence[Sequence[Any]], str | None]]) -> Batch:
    found = []
    for body, id, at, account, decisions, problem in rows:
        read = None if problem is not None else parse_event(body)
        assert not isinstance(read, ParseProblem)
        result = LaneResult(account, at, tuple(map(Decision._make, decisions)), read, problem)
        found.append((Heard(Carried(body), id, at), result))
    return Batch(found)
