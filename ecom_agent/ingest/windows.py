"""Counting windows while they are read: what the source told of against what came; and streams that fell silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlmodel import Session

from ecom_agent.connector import Page, Window
from ecom_agent.ids import AccountId
from ecom_agent.ingest.again import Again, Next
from ecom_agent.ingest.land import Landed, name_of
from ecom_agent.records.sync import ALARMS, Outcome, Reading, SyncWindow
from ecom_agent.store.windows import WindowStore
from ecom_agent.telemetry import WINDOWS, log

HISTORY: Final = timedelta(days=14)
MOST_PAGES: Final = 20
"""A look at the present state that is longer is not read twice in a run: it comes round by itself."""
LEAST_ROWS: Final = 10
"""So many records would have come in a usual stretch of this length: fewer are too few to call it silence."""
_log = log("ingest.windows")


def judged(expected: int | None, came: int) -> Outcome:
    if expected is None or came == expected:
        return Outcome.COMPLETE
    return Outcome.SHORT if came < expected else Outcome.OVER


def too_quiet(filled: Sequence[tuple[datetime, int]], now: datetime) -> bool:
    """Should there have been something by now? `filled`: the looks that brought some, (when, how many), oldest first.

    Yes where the silence is more than twice the longest one before it (so nights are no alarm), and some ten records
    would have come in it at the usual pace. With less than a day of history nobody knows. Pure.
    """
    if len(filled) < 3:
        return False
    times = [at for at, _ in filled]
    lived = times[-1] - times[0]
    if lived < timedelta(days=1):
        return False
    silence = now - times[-1]
    usual = max(later - earlier for earlier, later in pairwise(times))
    rows = sum(many for _, many in filled) * (silence / lived)
    return silence > 2 * usual and rows >= LEAST_ROWS


class WindowBook:
    """The windows of one run. `page` is called in the transaction of each landed page."""

    def __init__(self, account: AccountId, stream: str, kind: Reading, run: int, again: Again | None) -> None:
        """`again` None: what is set aside is so for good, the source is read only once (a file)."""
        self._account, self._stream, self._kind, self._run, self._again = account, stream, kind, run, again
        self._id: int | None = None
        self._window: SyncWindow | None = None
        self._came: set[str] = set()
        self._nameless = 0
        self._second_of: tuple[int, SyncWindow] | None = None
        """The window that was not whole, while it is read once more."""
        self.again_from: tuple[str | None] | None = None
        """Set where a window was not whole: the cursor from which it is to be read again, in a tuple of its own."""
        self.stops = False
        """The run ends here: the next one reads this window again."""
        self._opened_at: str | None = None

    def page(self, session: Session, page: Page[Any], done: Landed, cursor: str | None, *, at: datetime) -> bool:
        """Count one page; `cursor` is the one before it. False: its window is to be read again, keep the cursor."""
        store, told = WindowStore(session), page.window
        now = self._window
        if now is None or (told is not None and (told.since, told.until) != (now.since, now.until)):
            if now is not None and self._id is not None:
                store.close(self._id, Outcome.CUT, "given up for a shorter one", at=at)
            now = self._begin(told, cursor, at)
        self._notice(page)
        if self._again is not None:
            self._again.page(session, done, self._opened_at, at=at)
        expected = now.expected
        if told is not None and told.expected is not None:
            expected = max(expected or 0, told.expected)
        fetched = now.fetched + done.fetched
        now = replace(
            now, pages=now.pages + 1, expected=expected, written=now.written + done.written,
            quarantined=now.quarantined + done.quarantined,
            fetched=fetched if expected is None else len(self._came) + self._nameless,
        )  # fmt: skip
        ends = not page.more or (told is not None and told.ends)
        if not ends:
            self._window, self._id = now, store.save(self._id, self._run, now)
            return True
        now = self._ended(store, now, at)
        self._id = store.save(self._id, self._run, now)
        whole = self._settle(session, now, self._id, page.waits, at)
        self._window, self._id = None, None
        return whole

    def broken(self, session: Session, outcome: Outcome, told: str, *, at: datetime) -> None:
        """The run ended in the middle of a window."""
        if self._id is not None:
            WindowStore(session).close(self._id, outcome, told, at=at)
            self._window, self._id = None, None

    def _begin(self, told: Window | None, cursor: str | None, at: datetime) -> SyncWindow:
        self._came, self._nameless, self._id, self._opened_at = set(), 0, None, cursor
        since, until = (None, None) if told is None else (told.since, max(told.since, told.until))
        kind = self._kind if self._second_of is None else Reading.REPAIR
        return SyncWindow(
            self._account, self._stream, kind, since, until, 0, None, 0, 0, 0, at, None, None, None
        )  # fmt: skip

    def _notice(self, page: Page[Any]) -> None:
        if page.window is None:
            return
        names = [*(name_of(record) for record in page.records), *(one.external_id for one in page.poison)]
        self._came.update(name for name in names if name is not None)
        self._nameless += names.count(None)

    def _ended(self, store: WindowStore, now: SyncWindow, at: datetime) -> SyncWindow:
        outcome, detail = judged(now.expected, now.fetched), None
        if outcome is not Outcome.COMPLETE:
            detail = f"the source told of {now.expected}, {now.fetched} came"
        elif not now.fetched and now.kind is Reading.PULL:
            filled = store.filled(self._account, self._stream, since=at - HISTORY)
            if too_quiet(filled, at):
                outcome, detail = Outcome.SILENT, f"nothing came since {filled[-1][0]:%Y-%m-%d %H:%M} UTC"
        return replace(now, finished_at=at, outcome=outcome, detail=detail)

    def _settle(self, session: Session, now: SyncWindow, id: int, waits: bool, at: datetime) -> bool:
        outcome, former = now.outcome or Outcome.COMPLETE, self._second_of
        WINDOWS.labels(self._account, self._stream, outcome.value).inc()
        if former is not None and _better(former[1], now):
            told = f"a second reading brought {now.written} more"
            WindowStore(session).close(former[0], Outcome.REPAIRED, told, at=at)
            WINDOWS.labels(self._account, self._stream, Outcome.REPAIRED.value).inc()
        self._second_of = None
        then = Next.ON
        if self._again is not None:
            at_once = now.since is not None or now.pages <= MOST_PAGES
            then = self._again.ended(session, at_once=at_once, waits=waits, at=at)
        gap = former is None and outcome is Outcome.SHORT and now.since is not None
        if gap or then is Next.AT_ONCE:
            self._second_of = (id, now)
            self.again_from = (self._opened_at,)
            return False
        if outcome in ALARMS:
            _log.warning("a window is not whole", account=self._account, stream=self._stream, told=now.detail)
        self.stops = then is Next.LATER
        return not self.stops


def _better(former: SyncWindow, now: SyncWindow) -> bool:
    """Did a second reading bring what the first one lacked?"""
    filled = former.outcome is Outcome.SHORT and now.outcome is not Outcome.SHORT
    return filled or now.quarantined < former.quarantined
