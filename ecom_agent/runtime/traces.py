"""What messages about offers leave behind: that they were here, their newest pages, the charts, the engine's journal.

Knows no engine: plain values in, counts out, so that another process may do it (`beside.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ecom_agent.actions.ledger import Book
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.connector import Poison
from ecom_agent.ids import AccountId
from ecom_agent.ingest.story import Ours, PageKey, tell_story
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.batch import Batch
from ecom_agent.runtime.other_news import Source, set_aside
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.events import EventStore
from ecom_agent.store.heard import HeardStore
from ecom_agent.store.kept_events import EventKeeper, Recorded
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.offers import OfferStore
from pricing.repricing.inputs import NAME as REPRICING
from pricing.repricing.pages import SOURCE as PAGE_EVENT


@dataclass(frozen=True, slots=True)
class Traces:
    """Events that were decided, `ours`: our listings on their pages, and what the engine wrote down meanwhile."""

    batch: Batch
    ours: Mapping[PageKey, Sequence[Ours]]
    recorded: Recorded


class Keeper(Protocol):
    def keep(self, traces: Traces) -> Counter[str]:
        """Keep all of it in one commit, or nothing if it raises; gives what was found, by name."""
        ...

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        """Tell the queue that these are done with. Raises what the platform raises; then they come again."""
        ...


@dataclass(frozen=True, slots=True)
class TraceKeeper:
    """The keeper of one account, over the database. `keep` may be called from any thread."""

    account: AccountId
    source: Source
    mode: Mode
    database: Database
    ledger: PgLedger
    pipeline: Pipeline

    def keep(self, traces: Traces) -> Counter[str]:
        """Raises StoreError, and whatever one of the events is at fault for."""
        at = traces.recorded.at
        with self.database.unit() as unit, self.ledger.within(unit) as book:
            new = EventStore(unit.session).take(traces.batch.ids, account=self.account, type=PAGE_EVENT, at=at)
            return self.leave(unit, book, traces, new)

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        self.source.acknowledge(events)

    def leave(self, unit: Unit, book: Book, traces: Traces, new: set[str]) -> Counter[str]:
        """Inside the caller's unit of work: of the events in `new` the newest of each page, its moment in the charts,
        and the journal.

        What waits is taken back where the newest page says that nothing is to change; what cannot be read is set aside.
        """
        fresh = traces.batch.only(new)
        found = fresh.outcomes()
        found["duplicate"] = len(traces.batch) - len(fresh)
        for heard, result in fresh:
            if result.problem is not None:
                poison = Poison(heard.id, result.problem, None)
                set_aside(unit, self.account, heard.event.body, PAGE_EVENT, poison, heard.at)
                found["unreadable"] += 1
        settled = fresh.settled(self.account, self.mode)
        found["withdrawn"] = self.pipeline.withdraw_in(book, settled, REPRICING, "newer offers want no change")
        pages = [page for result in fresh.newest() if (page := result.page) is not None]
        OfferStore(unit.session).upsert(pages)
        tell_story(unit.session, self.account, self.source.seller_id, pages, traces.ours)
        HeardStore(unit.session).told(pages, self.source.seller_id)
        EventKeeper(unit.session).keep(self.account, traces.recorded)
        return found
