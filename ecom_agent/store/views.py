"""Read models for screens, commands and reports, all within one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from ecom_agent.actions.model import Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.views import (
    HaltView,
    Health,
    ListingStory,
    ListingView,
    Overview,
    QuarantineView,
    QuotaHealth,
    StreamHealth,
)
from ecom_agent.records.zones import ZONES
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.overview import OverviewView
from ecom_agent.store.pricing_view import PricingViews
from ecom_agent.store.processes import PausedAccountStore, ProcessStore
from ecom_agent.store.pulls import RunStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.windows import WindowStore


class ViewStore:
    """Only reads.

    `streams` are those that are pulled on a schedule, as (account, stream, minutes); what the store cannot know by
    itself is handed in: the `quotas` as of now and the `database`'s address without its password.
    """

    def __init__(
        self,
        session: Session,
        *,
        now: datetime,
        mode: Mode,
        streams: Sequence[tuple[str, str, int]],
        quotas: Sequence[QuotaHealth] = (),
        database: str = "",
        zones: Mapping[str, str] = ZONES,
    ) -> None:
        self._session, self._now, self._mode = session, now, mode
        self._scheduled, self._quotas, self._database = streams, quotas, database
        self._zones = zones

    def overview(self) -> Overview:
        return OverviewView(self._session, self._now, self._mode, self._streams(), self._zones).overview()

    def listings(self) -> Sequence[ListingView]:
        return PricingViews(self._session, self._now).listings()

    def story(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> ListingStory:
        """Raises NotFound."""
        return PricingViews(self._session, self._now).story(account, marketplace, sku)

    def health(self) -> Health:
        halts = HaltStore(self._session).active()
        return Health(
            at=self._now,
            mode=self._mode.value,
            streams=tuple(self._streams()),
            quotas=tuple(self._quotas),
            processes=tuple(ProcessStore(self._session).all()),
            halts=tuple(HaltView(h.scope, h.reason, h.by, h.since, h.level.value) for h in halts),
            paused_accounts=tuple((p.account, p.why) for p in PausedAccountStore(self._session).all()),
            database=self._database,
        )

    def quarantine(self) -> Sequence[QuarantineView]:
        return QuarantineStore(self._session).open()

    def _streams(self) -> Sequence[StreamHealth]:
        """Each scheduled stream with its newest run and its newest good one; all None before the first."""
        runs = RunStore(self._session)
        last = {(r.account, r.stream): r for r in runs.last_of_each()}
        good = {(r.account, r.stream): r for r in runs.last_of_each(only_ok=True)}
        open_ = WindowStore(self._session).alarms(self._now)
        alarms = {(account, stream): f"{outcome}: {told}" for account, stream, outcome, told, _ in open_}
        shown = []
        for account, stream, minutes in self._scheduled:
            key = (AccountId(account), stream)
            run, ok = last.get(key), good.get(key)
            shown.append(
                StreamHealth(
                    account=account,
                    stream=stream,
                    cursor=None if run is None else run.cursor,
                    last_run_at=None if run is None else run.started_at,
                    last_ok_at=None if ok is None else ok.finished_at,
                    last_error=None if run is None else run.error,
                    fetched=0 if run is None else run.fetched,
                    written=0 if run is None else run.written,
                    quarantined=0 if run is None else run.quarantined,
                    every_minutes=minutes,
                    alarm=alarms.get((account, stream)),
                )
            )
        return shown
