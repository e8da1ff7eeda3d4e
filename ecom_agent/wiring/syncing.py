"""App's verbs that bring facts in: pulls, backfills, events."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from ecom_agent.errors import AuthFailed, BadInput, EcomError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.pull import pull
from ecom_agent.ingest.story import by_page, tell_story
from ecom_agent.ingest.streams import SWEEPS, lane_of, silent_after, stream_named
from ecom_agent.records.views import PullReport, SilentPage
from ecom_agent.runtime.flow import Flow
from ecom_agent.runtime.lane import EventLane
from ecom_agent.store.facts import FactStore
from ecom_agent.store.heard import HeardStore
from ecom_agent.telemetry import log
from ecom_agent.wiring.accounts import Account, scheduled
from ecom_agent.wiring.parts import Parts

_log = log(__name__)
_CYCLE: Final = timedelta(minutes=14)
"""A pull that cannot be through by then is put off to its next turn: its run is ended after a quarter of an hour."""


class Syncing:
    parts: Parts
    lanes: Mapping[AccountId, EventLane]

    def accounts(self) -> Sequence[tuple[str, str, tuple[str, ...]]]:
        """(account, platform, marketplaces) of every account that is set up right."""
        opened = self.parts.accounts.opened.values()
        return [(a.name, a.spec.name, tuple(a.marketplaces)) for a in opened]

    def streams(self) -> Sequence[tuple[str, str, int]]:
        """(account, stream, minutes between two pulls) as the policy says now; never pulled ones are left out."""
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "streams", {})
        return scheduled(self.parts.accounts, policy)

    def pull(self, account: str, stream: str) -> PullReport:
        """Bring one stream up to date. An account whose credentials are refused is paused, the others go on."""
        opened = self.parts.accounts.get(account)
        if stream not in opened.streams:
            raise BadInput(
                f"a stream of {account}: {', '.join(opened.streams)}", repr(stream), f"{opened.spec.title} has no other"
            )
        try:
            vault = self.parts.vault() if stream_named(stream).sealed else None
            with self.parts.quota.lane(lane_of(stream), self.parts.clock.now() + _CYCLE):
                report = pull(stream, opened.name, opened.connector, self.parts.database, self.parts.clock, vault)
        except AuthFailed as error:
            self.parts.pauses.pause(opened.name, str(error))
            raise
        self.parts.pauses.resume(opened.name)
        if stream in SWEEPS:
            self._tell_story(opened)
        return report

    def _tell_story(self, account: Account) -> None:
        """What a sweep saw belongs into the charts as much as what an event told."""
        with self.parts.database.unit() as unit:
            facts = FactStore(unit.session)
            for marketplace in account.marketplaces:
                pages = facts.newest_offers(account.name, marketplace)
                listings = facts.listings(account.name, marketplace)
                HeardStore(unit.session).swept(pages, account.connector.seller_id, self.parts.clock.now())
                tell_story(unit.session, account.name, account.connector.seller_id, pages, by_page(listings))

    def consume(self, *, wait_s: int = 10, most: int = 10) -> dict[str, int]:
        """One round of the event lane over all accounts: receive, decide, propose, acknowledge.

        An account that fails stops no other; one whose credentials are refused is paused. Raises only where all fail.
        """
        counts: Counter[str] = Counter()
        failed: list[EcomError] = []
        for account, lane in self.lanes.items():
            try:
                counts.update(lane.round(wait_s=wait_s, most=most))
            except EcomError as error:
                if isinstance(error, AuthFailed):
                    self.parts.pauses.pause(account, str(error))
                _log.warning("an account's events cannot be had", account=account, error=str(error))
                failed.append(error)
        if failed and len(failed) == len(self.lanes):
            raise failed[0]
        return dict(counts)

    def flows(self, stop: threading.Event) -> Sequence[Flow]:
        """The lanes as they run live, one for each account with events, until `stop`."""
        parts = self.parts
        return [
            Flow(
                lane,
                parts.pipeline,
                parts.executor,
                parts.clock,
                parts.executor.claimed_by,
                report=partial(parts.pauses.pause, account),
                stop=stop,
            )
            for account, lane in self.lanes.items()
        ]

    def silent(self) -> Sequence[SilentPage]:
        """Pages that sweeps saw change though no event told of it for hours; they are swept more often."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "streams", {})
            return HeardStore(unit.session).silent(None, now, silent_after(policy))
