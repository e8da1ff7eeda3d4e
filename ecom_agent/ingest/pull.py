"""Pulling: page → raw + records + cursor, all or none, one transaction a page.

A run that is cut off at any point loses nothing and doubles nothing: a cursor moves only with its records, and what
comes twice is recognised by its version.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecom_agent.clock import Clock
from ecom_agent.connector import Page
from ecom_agent.errors import EcomError, NotFound, StoreError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.ingest.streams import Pages, silent_after, stream_named
from ecom_agent.records.catalog import Listing
from ecom_agent.records.views import PullReport
from ecom_agent.security.vault import Vault
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.heard import HeardStore
from ecom_agent.store.policies import PolicyStore
from ecom_agent.store.pulls import CursorStore, RunStore
from ecom_agent.telemetry import QUARANTINED, RECORDS_IN

log = logging.getLogger(__name__)

Progress = Callable[[PullReport], None]


def pull(
    stream: str,
    account: AccountId,
    connector: object,
    database: Database,
    clock: Clock,
    vault: Vault | None = None,
) -> PullReport:
    """Pull what changed in `stream` since its cursor. A stream that is `sealed` needs the vault.

    Raises NotFound for a stream that is not there or that the connector has not, and whatever the connector raised
    in the middle; pages that landed before it stand, and the run's row keeps the error.
    """
    source = stream_named(stream)
    if not isinstance(connector, source.needs):
        raise NotFound(f"{account} has no stream {stream}: its platform does not offer {source.capability}")

    def open_pages(cursor: str | None) -> Pages:
        if source.from_cursor is not None:
            return source.from_cursor(connector, cursor)
        if source.for_listings is None:
            raise TypeError(f"stream {stream} names no way to open it")
        with database.unit() as unit:
            listings = ListingStore(unit.session).all(account)
            if source.silent:
                listings = _silent(unit, account, listings, clock.now())
        return source.for_listings(connector, [x for x in listings if source.wanted(x)])

    return pull_pages(stream, account, open_pages, database, clock, vault=vault)


def _silent(unit: Unit, account: AccountId, listings: Sequence[Listing], now: datetime) -> list[Listing]:
    try:
        _version, policy = PolicyStore(unit.session).current("streams")
    except NotFound:
        policy = {}
    pages = {
        (page.marketplace, page.external_id, page.condition)
        for page in HeardStore(unit.session).silent(account, now, silent_after(policy))
    }
    return [x for x in listings if (x.marketplace, x.external_id, x.condition.lower()) in pages]


def pull_pages(
    stream: str,
    account: AccountId,
    open_pages: Callable[[str | None], Pages],
    database: Database,
    clock: Clock,
    progress: Progress | None = None,
    vault: Vault | None = None,
) -> PullReport:
    """Land pages from anywhere (a connector, a bulk operation, a file) under a cursor of their own.

    `stream` names the cursor: "orders" for the scheduled pull, "backfill:…" for one that must not disturb it.
    `open_pages` is given the saved cursor, None at first. `progress` is told after every page.
    """
    started = clock.now()
    with database.unit() as unit:
        cursor = CursorStore(unit.session).get(account, stream)
        run = RunStore(unit.session).begin(account, stream, cursor=cursor, at=started)
    report = PullReport(account, stream, 0, 0, 0, 0, 0, cursor, 0.0)
    landing = _Landing(stream, account, database, clock, run, started, vault)
    try:
        for page in open_pages(cursor):
            report = landing.land(page, report)
            if progress is not None:
                progress(report)
        with database.unit() as unit:
            RunStore(unit.session).finish(run, at=clock.now())
    except Exception as e:
        told = str(e) if isinstance(e, EcomError) else f"{type(e).__name__}, see the log"
        log.warning("a pull failed", extra={"account": account, "stream": stream, "run": run, "error": told})
        with contextlib.suppress(StoreError), database.unit() as unit:
            RunStore(unit.session).finish(run, at=clock.now(), error=told)
        raise
    return replace(report, seconds=(clock.now() - started).total_seconds())


@dataclass(frozen=True, slots=True)
class _Landing:
    stream: str
    account: AccountId
    database: Database
    clock: Clock
    run: int
    started: datetime
    vault: Vault | None

    def land(self, page: Page[object], so_far: PullReport) -> PullReport:
        """One page, one transaction: payload, records, quarantine, cursor and the run's counts."""
        now = self.clock.now()
        with self.database.unit() as unit:
            done = land_page(unit.session, self.account, self.stream, page, at=now, vault=self.vault)
            if page.next_cursor is not None:
                CursorStore(unit.session).save(self.account, self.stream, page.next_cursor, at=now)
            RunStore(unit.session).add_page(
                self.run,
                fetched=done.fetched,
                written=done.written,
                unchanged=done.unchanged,
                quarantined=done.quarantined,
                unknown_fields=page.unknown_fields,
                cursor=page.next_cursor,
            )
        RECORDS_IN.labels(self.account, self.stream).inc(done.written)
        QUARANTINED.labels(self.account, self.stream).inc(done.quarantined)
        return PullReport(
            self.account,
            self.stream,
            so_far.pages + 1,
            so_far.fetched + done.fetched,
            so_far.written + done.written,
            so_far.unchanged + done.unchanged,
            so_far.quarantined + done.quarantined,
            page.next_cursor or so_far.cursor,
            (now - self.started).total_seconds(),
        )
