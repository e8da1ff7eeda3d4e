"""App's verbs around the ledger of sync: where streams stand, their intervals, look-backs and backfills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.errors import AuthFailed, BadInput, EcomError, NotFound, OutOfQuota
from ecom_agent.ids import AccountId
from ecom_agent.ingest.look_back import look_back_name, pages_looking_back
from ecom_agent.ingest.pull import pull_pages
from ecom_agent.ingest.spans import pages_of_span, reached, reads_spans
from ecom_agent.ingest.streams import STREAMS, Pages, look_back_days, look_back_hour, stream_named
from ecom_agent.records.sync import Backfill, Lane, Reading, SyncStatus, SyncStream, SyncWindow, Work
from ecom_agent.records.views import PullReport
from ecom_agent.store.backfills import BackfillStore
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.windows import WindowStore
from ecom_agent.wiring.accounts import Account, intervals
from ecom_agent.wiring.governing import Governing

Progress = Callable[[str], None]
KEPT_FOR: Final = timedelta(days=60)
"""Windows older than this are forgotten, a stream's with its look-back."""


class CatchingUp(Governing):
    """What a pull alone does not bring: late changes, history, and an answer to "is it all here?"."""

    def sync_status(self) -> SyncStatus:
        """Where every stream of every account stands."""
        now, accounts = self.parts.clock.now(), self.parts.accounts.opened
        with self.parts.database.unit() as unit:
            store = WindowStore(unit.session)
            last = {(w.account, w.stream): w for w in store.last_of_each(Reading.PULL)}
            whole = {(w.account, w.stream): w for w in store.last_of_each(Reading.PULL, done=True)}
            counts = store.counts(now)
            alarms: dict[tuple[str, str], str] = {}
            for account, stream, outcome, detail, _at in store.alarms(now):
                alarms.setdefault((account, stream), f"{outcome}: {detail}")
            _version, policy = self.parts.policy(unit, "streams", {})
            backfills = tuple(BackfillStore(unit.session).newest())
        streams = []
        for account, stream, every in intervals(self.parts.accounts, policy):
            key = (account, stream)
            newest, good = last.get(key), whole.get(key)
            due = None if every == 0 else now if newest is None else newest.started_at + timedelta(minutes=every)
            repaired, later = counts.get(key, (0, 0))
            streams.append(
                SyncStream(
                    account=account,
                    platform=accounts[AccountId(account)].spec.title,
                    stream=stream,
                    every_minutes=every,
                    next_due=due,
                    last=newest,
                    fresh_at=None if good is None else good.until or good.finished_at,
                    repaired=repaired,
                    found_later=later,
                    alarm=alarms.get(key),
                )
            )
        return SyncStatus(
            at=now,
            streams=tuple(streams),
            missing=tuple((a.name, tuple(s for s in STREAMS if s not in a.streams)) for a in accounts.values()),
            backfillable=tuple((a.name, _told_over_time(a)) for a in accounts.values()),
            backfills=backfills,
        )

    def sync_windows(self, account: str, stream: str) -> Sequence[SyncWindow]:
        """The last windows of one stream, newest first, of all kinds."""
        with self.parts.database.unit() as unit:
            return WindowStore(unit.session).recent(AccountId(account), stream)

    def intervals(self) -> Sequence[tuple[str, str, int]]:
        """(account, stream, minutes between two pulls) of every stream that is offered; 0 = never by itself."""
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "streams", {})
        return intervals(self.parts.accounts, policy)

    def set_interval(self, account: str, stream: str, minutes: int, by: str) -> int:
        """How often one stream of one account is pulled from now on, 0 = never; gives the policy's version.

        An edit of the policy `streams` as any other: checked, versioned, in the audit, followed without a restart.
        """
        self._offered(account, stream)
        body: dict[str, Any] = dict(self.policy("streams"))
        accounts = {name: dict(lines) for name, lines in (body.get("accounts") or {}).items()}
        accounts[account] = {**accounts.get(account, {}), stream: minutes}
        return self.set_policy("streams", {**body, "accounts": accounts}, by)

    def look_backs(self) -> tuple[int, Sequence[tuple[str, str, int]]]:
        """(hour of the day in UTC, (account, stream, days) of each nightly look-back), as the policy says now."""
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "streams", {})
        found = [
            (account.name, stream, days)
            for account in self.parts.accounts.opened.values()
            for stream in _told_over_time(account)
            if stream in account.streams and (days := look_back_days(policy, stream)) > 0
        ]
        return look_back_hour(policy), found

    def look_back(self, account: str, stream: str) -> PullReport:
        """Read the last days of a stream again, whatever its cursor says; what that brings is counted as found later.

        The newest days first, and a night's part of them; one that was not finished goes on where it was.
        """
        opened = self._offered(account, stream)
        days = {(a, s): n for a, s, n in self.look_backs()[1]}.get((account, stream))
        if days is None:
            raise BadInput("a stream with a look-back", f"{stream} of {account}", "name it in the policy `streams`")
        now = self.parts.clock.now()
        pages = pages_looking_back(stream, opened.connector, now, days)
        with self._calls(opened, Lane.REPORTS, now + timedelta(minutes=14)):
            report = self._land(opened, stream, pages, Reading.LOOK_BACK, look_back_name(stream))
        with self.parts.database.unit() as unit:
            WindowStore(unit.session).forget(opened.name, stream, before=now - KEPT_FOR)
        return report

    def ask_backfill(
        self, stream: str, account: str, start: datetime, end: datetime | None, by: str, again: bool = False
    ) -> Backfill:
        """Want a past span; a worker takes it up within a minute. Asked twice it is the same one.

        `end` None: that of the one under way that begins there, else now.
        Raises BadInput for a span that ends before it begins, or a stream that is not told over time.
        """
        opened = self._offered(account, stream)
        now = self.parts.clock.now().replace(microsecond=0)
        if end is None:
            with self.parts.database.unit() as unit:
                end = BackfillStore(unit.session).end_of(opened.name, stream, start) or now
        if not start < end <= now + timedelta(minutes=1):
            raise BadInput("a first moment before the last, and both past", f"{start:%Y-%m-%d} to {end:%Y-%m-%d}",
                           "correct the span")  # fmt: skip
        if stream not in _told_over_time(opened):
            known = ", ".join(_told_over_time(opened)) or "none"
            raise BadInput(f"a stream told over time; of {account}: {known}", stream, "pull it, or import a file")
        with self.parts.database.unit() as unit:
            return BackfillStore(unit.session).ask(opened.name, stream, start, end, by, at=now, again=again)

    def stop_backfill(self, id: int) -> None:
        """It ends with the page that it is at; asked for again, it goes on from there. Raises NotFound."""
        with self.parts.database.unit() as unit:
            BackfillStore(unit.session).stop(id)

    def backfill(
        self,
        stream: str,
        account: str,
        start: datetime,
        end: datetime | None,
        progress: Progress | None = None,
        again: bool = False,
    ) -> PullReport:
        """Bring in a past span now, in this process, with the same landing as a pull and in the lowest lane."""
        wanted = self.ask_backfill(stream, account, start, end, self.parts.person, again)
        if wanted.state is Work.DONE:
            return PullReport(account, stream, 0, 0, 0, 0, 0, None, 0.0)
        with self.parts.database.unit() as unit:
            mine = BackfillStore(unit.session).claim(at=self.parts.clock.now(), id=wanted.id)
        if mine is None:
            raise NotFound(f"backfill {wanted.id} is being worked on by another process; `ecom sync status` shows it")
        return self._work(mine, None, progress)

    def work_backfill(self, minutes: int = 10) -> dict[str, Any]:
        """Go on with the backfill that waits longest, for some minutes; what is left waits for the next turn."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            mine = BackfillStore(unit.session).claim(at=now)
        if mine is None:
            return {}
        try:
            report = self._work(mine, now + timedelta(minutes=minutes), None)
        except OutOfQuota as error:
            return {"backfill": mine.id, "put_off": str(error)}
        return {"backfill": mine.id, "fetched": report.fetched, "written": report.written}

    def _work(self, mine: Backfill, until: datetime | None, progress: Progress | None) -> PullReport:
        clock, database = self.parts.clock, self.parts.database
        stopped = through = False

        def all_read() -> None:
            nonlocal through
            through = True

        def go_on() -> bool:
            return not stopped and (until is None or clock.now() < until)

        counted = PullReport(mine.account, mine.stream, 0, 0, 0, 0, 0, None, 0.0)

        def tell(report: PullReport) -> None:
            nonlocal stopped, counted
            done_until = min(mine.until, reached(report.cursor, mine.since))
            with database.unit() as unit:
                fetched, written = report.fetched - counted.fetched, report.written - counted.written
                stopped = not BackfillStore(unit.session).worked(
                    mine.id, done_until=done_until, fetched=fetched, written=written, at=clock.now()
                )
            counted = report
            if progress is not None:
                share = (done_until - mine.since) / (mine.until - mine.since)
                progress(f"{_bar(share)} {share:4.0%}  to {done_until:%Y-%m-%d}  {report.fetched:,} read, "
                         f"{report.written:,} new or changed, {report.quarantined:,} set aside")  # fmt: skip

        opened, state, told = self.parts.accounts.get(mine.account), Work.FAILED, ""
        name = f"backfill:{mine.stream}:{mine.since:%Y%m%dT%H%M%S}-{mine.until:%Y%m%dT%H%M%S}"
        try:
            with self._calls(opened, Lane.BACKFILL, until):
                pages = pages_of_span(
                    mine.stream, opened.connector, mine.since, mine.until, bulk=True, go_on=go_on, through=all_read
                )
                report = self._land(opened, mine.stream, pages, Reading.BACKFILL, name, tell)
            if not through and until is None and progress is not None:
                progress("its report is being made: the schedules go on with it, or the same command later")
            state = Work.DONE if through or reached(report.cursor, mine.since) >= mine.until else Work.WAITING
        except OutOfQuota:
            state = Work.WAITING
            raise
        except EcomError as error:
            told = str(error)
            raise
        finally:
            with database.unit() as unit:
                BackfillStore(unit.session).leave(mine.id, state, at=clock.now(), error=told or None)
                if state is Work.DONE:
                    CursorStore(unit.session).drop(opened.name, name)
        return report

    def _land(
        self,
        account: Account,
        stream: str,
        pages: Callable[[str | None], Pages],
        kind: Reading,
        name: str,
        tell: Callable[[PullReport], None] | None = None,
    ) -> PullReport:
        vault = self.parts.vault() if stream_named(stream).sealed else None
        database, clock = self.parts.database, self.parts.clock
        return pull_pages(name, account.name, pages, database, clock, tell, vault, kind=kind, of=stream)

    @contextmanager
    def _calls(self, account: Account, lane: Lane, until: datetime | None) -> Iterator[None]:
        """Calls of an account in a lane; it is paused where its credentials are refused."""
        try:
            with self.parts.quota.lane(lane, until):
                yield
        except AuthFailed as error:
            self.parts.pauses.pause(account.name, str(error))
            raise

    def _offered(self, account: str, stream: str) -> Account:
        opened = self.parts.accounts.get(account)
        if stream not in opened.streams and stream not in _told_over_time(opened):
            raise BadInput(
                f"a stream of {account}: {', '.join(opened.streams)}", repr(stream), f"{opened.spec.title} has no other"
            )
        return opened


def _told_over_time(account: Account) -> tuple[str, ...]:
    return tuple(stream for stream in account.streams if reads_spans(account.connector, stream))


def _bar(share: float, width: int = 20) -> str:
    full = round(share * width)
    return "█" * full + "░" * (width - full)
