"""App's verbs that bring facts in: pulls, backfills, events."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from ecom_agent.errors import AuthFailed, BadInput, EcomError, OutOfQuota
from ecom_agent.ids import AccountId
from ecom_agent.ingest.beside import Line, Pulled, is_due, pull_beside
from ecom_agent.ingest.pull import pull
from ecom_agent.ingest.story import by_page, tell_story
from ecom_agent.ingest.streams import SWEEPS, lane_of, silent_after, stream_named
from ecom_agent.records.views import PullReport, SilentPage
from ecom_agent.runtime.flow import Flow
from ecom_agent.runtime.lane import EventLane
from ecom_agent.store.facts import FactStore
from ecom_agent.store.heard import HeardStore
from ecom_agent.store.pulls import RunStore
from ecom_agent.telemetry import log
from ecom_agent.wiring.accounts import Account, scheduled
from ecom_agent.wiring.parts import Parts

_log = log(__name__)
_CYCLE: Final = timedelta(minutes=14)
"""A pull that cannot be through by then is put off to its next turn: its run is ended after a quarter of an hour."""

_A_MINUTE: Final = timedelta(minutes=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


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

    def pull_due(self, after: Callable[[PullReport], object] = lambda _report: None) -> dict[str, int]:
        """Bring all streams up to date that are due by the policy: accounts, and each one's lanes, beside one another.

        `after` is told each report in its line. Gives counts: pulled, put_off (no tokens in time), failed.
        What failed is due again within minutes. Raises only where nothing else than failures was.
        """
        counts: Counter[str] = Counter()
        failed: list[Exception] = []
        begun: dict[tuple[str, str], datetime] = {}

        def take(account: AccountId, stream: str) -> PullReport:
            begun[account, stream] = self.parts.clock.now()
            report = self.pull(account, stream)
            after(report)
            return report

        def told(one: Pulled) -> None:
            if one.error is None:
                counts["pulled"] += 1
                return
            counts["put_off" if isinstance(one.error, OutOfQuota) else "failed"] += 1
            if not isinstance(one.error, OutOfQuota):
                failed.append(one.error)
            why = str(one.error) if isinstance(one.error, EcomError) else type(one.error).__name__
            _log.warning("a stream is left to its next turn", account=one.account, stream=one.stream, error=why)

        pull_beside(lambda: self._due(begun), take, told)
        if failed and not (counts["pulled"] or counts["put_off"]):
            raise failed[0]
        return dict(counts)

    def _due(self, begun: Mapping[tuple[str, str], datetime]) -> Mapping[Line, Sequence[str]]:
        """Streams to pull now by account and lane. One that was `begun` is not, within its minute."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "streams", {})
            last = {(run.account, run.stream): run for run in RunStore(unit.session).last_of_each()}
        found: dict[Line, list[str]] = defaultdict(list)
        for name, stream, minutes in scheduled(self.parts.accounts, policy):
            account = AccountId(name)
            lately = now - begun.get((name, stream), _NEVER) < _A_MINUTE
            if not lately and is_due(timedelta(minutes=minutes), last.get((account, stream)), now):
                found[account, lane_of(stream)].append(stream)
        return found

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
