"""Pulling: page → raw + records + cursor + the window's counts, all or none, one transaction a page.

A run that is cut off at any point loses nothing and doubles nothing: a cursor moves only with its records, and what
comes twice is recognised by its version. A window of which fewer records came than its source told of is read once
more, from where it began, before the cursor moves on; one in which records were set aside, some times (`again`).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from ecom_agent.clock import Clock
from ecom_agent.connector import Page
from ecom_agent.errors import EcomError, NotFound, OutOfQuota, StoreError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.again import Again
from ecom_agent.ingest.land import land_page
from ecom_agent.ingest.streams import Pages, silent_after, stream_named
from ecom_agent.ingest.windows import WindowBook
from ecom_agent.records.catalog import Listing
from ecom_agent.records.sync import Outcome, Reading
from ecom_agent.records.views import PullReport
from ecom_agent.security.vault import Vault
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.heard import HeardStore
from ecom_agent.store.policies import PolicyStore
from ecom_agent.store.pulls import CursorStore, RunStore
from ecom_agent.store.windows import WindowStore
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
    *,
    kind: Reading = Reading.PULL,
    of: str | None = None,
    rereads: bool = True,
) -> PullReport:
    """Land pages from anywhere (a connector, a bulk operation, a file) under a cursor of their own.

    `stream` names the cursor: "orders" for the scheduled pull, "backfill:…" for one that must not disturb it; then
    `of` is the stream whose windows are read. `open_pages` is given the saved cursor, None at first. `progress` is
    told after every page. `rereads` False: what is set aside is so for good (a file).
    """
    started = clock.now()
    read = of or stream
    again = Again(account, stream, read, kind) if rereads else None
    with database.unit() as unit:
        cursor = CursorStore(unit.session).get(account, stream)
        if again is not None:
            cursor = again.begin(unit.session, cursor, at=started)
        run = RunStore(unit.session).begin(account, stream, cursor=cursor, at=started)
        WindowStore(unit.session).cut_off(account, read, kind, at=started)
    report = PullReport(account, stream, 0, 0, 0, 0, 0, cursor, 0.0)
    book = WindowBook(account, read, kind, run, again)
    landing = _Landing(stream, read, account, database, clock, run, started, vault, book)
    begin: tuple[str | None] | None = (cursor,)
    try:
        while begin is not None:
            (start,), begin = begin, None
            report = replace(report, cursor=start)
            for page in open_pages(start):
                report = landing.land(page, report)
                if progress is not None:
                    progress(report)
                begin, book.again_from = book.again_from, None
                if begin is not None or book.stops:
                    break
        with database.unit() as unit:
            book.broken(unit.session, Outcome.CUT, "left off in the middle; it goes on from there", at=clock.now())
            RunStore(unit.session).finish(run, at=clock.now())
    except Exception as e:
        told = str(e) if isinstance(e, EcomError) else f"{type(e).__name__}, see the log"
        log.warning("a pull failed", extra={"account": account, "stream": stream, "run": run, "error": told})
        with contextlib.suppress(StoreError), database.unit() as unit:
            book.broken(
                unit.session, Outcome.PUT_OFF if isinstance(e, OutOfQuota) else Outcome.FAILED, told, at=clock.now()
            )
            RunStore(unit.session).finish(run, at=clock.now(), error=told)
        raise
    return replace(report, seconds=(clock.now() - started).total_seconds())


@dataclass(frozen=True, slots=True)
class _Landing:
    stream: str
    read: str
    account: AccountId
    database: Database
    clock: Clock
    run: int
    started: datetime
    vault: Vault | None
    book: WindowBook

    def land(self, page: Page[object], so_far: PullReport) -> PullReport:
        """One page, one transaction: payload, records, quarantine, cursor, the window's and the run's counts."""
        now = self.clock.now()
        with self.database.unit() as unit:
            done = land_page(unit.session, self.account, self.read, page, at=now, vault=self.vault)
            whole = self.book.page(unit.session, page, done, so_far.cursor, at=now)
            cursor = page.next_cursor if whole else None
            if cursor is not None:
                CursorStore(unit.session).save(self.account, self.stream, cursor, at=now)
            if page.whole_since is not None and so_far.quarantined + done.quarantined == 0:
                _drop_gone(unit.session, self.account, page.whole_since)
            RunStore(unit.session).add_page(
                self.run,
                fetched=done.fetched,
                written=done.written,
                unchanged=done.unchanged,
                quarantined=done.quarantined,
                unknown_fields=page.unknown_fields,
                cursor=cursor,
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
            cursor or so_far.cursor,
            (now - self.started).total_seconds(),
        )


def _drop_gone(session: Session, account: AccountId, since: datetime) -> None:
    """Listings that a whole sweep did not see are gone. One in which records could not be read does not say so."""
    gone, stay = ListingStore(session).mark_gone(account, since)
    if gone:
        log.info("listings are gone", extra={"account": account, "gone": gone})
    elif stay:
        log.warning("a sweep missed most listings: none is taken for gone", extra={"account": account, "missed": stay})
