"""Messages about offers that are handled together, and what the engine made of each. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ecom_agent.actions.ledger import Subject
from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import RawEvent
from native_pricer import Code, Decision
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages in the order in which they were decided."""

    decided: Sequence[tuple[Heard, LaneResult]] = field(repr=False)

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

    def wishes(self) -> list[Action]:
        """Of each listing what the newest event wishes for that wants another price."""
        found: dict[tuple[str | None, str | None], tuple[int, LaneResult, Decision]] = {}
        for _, result in self.decided:
            if (read := result.read) is None:
                continue
            for d in result.decisions:
                if d.kind is Outcome.MOVE:
                    place, former = (d.marketplace, d.sku), found.get((d.marketplace, d.sku))
                    if former is None or read.changed_at_us >= former[0]:
                        found.pop(place, None)
                        found[place] = read.changed_at_us, result, d
        return [action for _, result, d in found.values() if (action := result.action(d)) is not None]

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
                    at = (mode.value, Kind.PRICE_SET.value, account, d.marketplace or "", d.sku)
                    found[at] = max(moment(d.changed_at_us), found.get(at, _LONG_AGO))
        return found


def joined(batches: Iterable[Batch]) -> Batch:
    return Batch([pair for batch in batches for pair in batch])
