"""The fake App's verbs around the ledger of sync, over invented windows and backfills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.records.sync import Backfill, Outcome, Reading, SyncStatus, SyncStream, SyncWindow, Work
from ecom_agent.records.views import PullReport


class FakeSync:
    clock: Clock
    calls: list[tuple[Any, ...]]
    _streams: Sequence[tuple[str, str, int]]

    def _some_sync(self) -> None:
        now = self.clock.now()
        self._backfills = [
            Backfill(1, "amazon_us", "orders", now - timedelta(days=90), now, Work.RUNNING, now - timedelta(days=30),
                     4180, 4102, "operator", now - timedelta(hours=1), now, None, None),
        ]  # fmt: skip

    def _no_sync(self) -> None:
        self._backfills = []

    def sync_status(self) -> SyncStatus:
        now = self.clock.now()
        streams = [self._stream(n, *row, now) for n, row in enumerate(self._streams)]
        missing = (("shop_main", ("fees", "expected_prices", "messages")),) if streams else ()
        offered = (("amazon_us", ("orders",)),) if streams else ()
        return SyncStatus(now, tuple(streams), missing, offered, tuple(self._backfills))

    def sync_windows(self, account: str, stream: str) -> Sequence[SyncWindow]:
        found = [s.last for s in self.sync_status().streams if (s.account, s.stream) == (account, stream)]
        return [window for window in found if window is not None]

    def intervals(self) -> Sequence[tuple[str, str, int]]:
        return [*self._streams, *([("amazon_us", "messages", 0)] if self._streams else [])]

    def set_interval(self, account: str, stream: str, minutes: int, by: str) -> int:
        if (account, stream) not in {(a, s) for a, s, _ in self.intervals()}:
            raise BadInput(f"a stream of {account}", repr(stream), "see `ecom sync status`")
        self.calls.append(("set_interval", account, stream, minutes, by))
        return 2

    def look_backs(self) -> tuple[int, Sequence[tuple[str, str, int]]]:
        return 3, [("amazon_us", "orders", 30)] if self._streams else []

    def look_back(self, account: str, stream: str) -> PullReport:
        self.calls.append(("look_back", account, stream))
        return PullReport(account, stream, 31, 900, 2, 898, 0, None, 9.1)

    def ask_backfill(
        self, stream: str, account: str, start: datetime, end: datetime | None, by: str, again: bool = False
    ) -> Backfill:
        self.calls.append(("ask_backfill", stream, account, start, end, by, again))
        now = self.clock.now()
        made = Backfill(
            len(self._backfills) + 1, account, stream, start, end or now, Work.WAITING, start, 0, 0, by, now, None,
            None, None,
        )  # fmt: skip
        self._backfills.insert(0, made)
        return made

    def stop_backfill(self, id: int) -> None:
        if id not in {one.id for one in self._backfills}:
            raise NotFound(f"no backfill {id} is under way")
        self._backfills = [replace(b, state=Work.STOPPED) if b.id == id else b for b in self._backfills]
        self.calls.append(("stop_backfill", id))

    def work_backfill(self, minutes: int = 10) -> dict[str, Any]:
        self.calls.append(("work_backfill", minutes))
        return {"backfill": 1, "fetched": 1200, "written": 1180}

    def backfill(
        self,
        stream: str,
        account: str,
        start: datetime,
        end: datetime | None,
        progress: Callable[[str], None] | None = None,
        again: bool = False,
    ) -> PullReport:
        self.calls.append(("backfill", stream, account, start, end))
        if progress:
            progress("page 1: 120 orders")
        return PullReport(account, stream, 9, 1200, 1180, 20, 0, None, 3.1)

    def _stream(self, number: int, account: str, stream: str, every: int, now: datetime) -> SyncStream:
        """The first is whole and was repaired, the second came short, the others are new."""
        begin = now - timedelta(minutes=9)
        short = number == 1
        came = 119 if short else 120
        told = "the source told of 120, 119 came" if short else None
        window = SyncWindow(account, stream, Reading.PULL, begin, now - timedelta(minutes=4), 2, 120, came, 18, 0,
                            now - timedelta(minutes=2), now - timedelta(minutes=2),
                            Outcome.SHORT if short else Outcome.COMPLETE, told)  # fmt: skip
        last = window if number < 2 else None
        platform = "Amazon" if account.startswith("amazon") else "Shopify"
        return SyncStream(account, platform, stream, every, now + timedelta(minutes=3), last,
                          window.until if last and not short else None, 0 if number else 1, 0 if number else 4,
                          f"short: {told}" if short else None)  # fmt: skip
