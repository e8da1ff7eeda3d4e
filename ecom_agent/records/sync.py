"""The ledger of sync: windows, backfills, and where each stream stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Lane(IntEnum):
    """Whose calls go first where tokens are scarce. A call that says nothing is of the first: so the executor's are."""

    PRICES = 0
    ORDERS = 1
    STOCK = 2
    REPORTS = 3
    BACKFILL = 4


class Reading(StrEnum):
    """Why a window was read. Each kind has a cursor of its own."""

    PULL = "pull"
    REPAIR = "repair"  # once more, because it came short or records were set aside in it
    LOOK_BACK = "look_back"  # nightly, whatever the cursor says
    BACKFILL = "backfill"


class Outcome(StrEnum):
    COMPLETE = "complete"
    REPAIRED = "repaired"  # not whole at first; the second reading brought what was missing
    SHORT = "short"  # fewer records came than the source told of, twice
    OVER = "over"  # more came than it told of
    SILENT = "silent"  # nothing came from a source that should have had some
    CUT = "cut"  # given up for shorter ones, or the process ended
    FAILED = "failed"
    PUT_OFF = "put_off"  # no token in time: it goes on with the next cycle


ALARMS = frozenset({Outcome.SHORT, Outcome.OVER, Outcome.SILENT})


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """One closed-open stretch of a stream as it was read; `since` None = a look at the present state.

    `expected`: how many records the source told of, None where it does not tell. `fetched`: how many came, each
    counted once where the source tells a number, else as often as they came.
    """

    account: str
    stream: str
    kind: Reading
    since: datetime | None
    until: datetime | None
    pages: int
    expected: int | None
    fetched: int
    written: int
    quarantined: int
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class SyncStream:
    """Where one stream stands.

    `fresh_at`: up to when the source was read. `every_minutes` 0 = never by itself, and then `next_due` is None.
    Of the last seven days: `repaired` windows came short and were read again; `found_later` records were brought
    by look-backs and repairs. `alarm`: what is open, in words.
    """

    account: str
    platform: str
    stream: str
    every_minutes: int
    next_due: datetime | None
    last: SyncWindow | None
    fresh_at: datetime | None
    repaired: int
    found_later: int
    alarm: str | None


class Work(StrEnum):
    """How far a backfill is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # by a person


@dataclass(frozen=True, slots=True)
class Backfill:
    """History of one stream in [since, until); all before `done_until` is in."""

    id: int
    account: str
    stream: str
    since: datetime
    until: datetime
    state: Work
    done_until: datetime
    fetched: int
    written: int
    by: str
    asked_at: datetime
    worked_at: datetime | None
    finished_at: datetime | None
    error: str | None

    @property
    def share(self) -> float:
        """How much of the span is in, 0 to 1."""
        return (self.done_until - self.since) / (self.until - self.since)


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`missing`: (account, what its platform does not offer). `backfillable`: (account, streams told over time)."""

    at: datetime
    streams: tuple[SyncStream, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    backfillable: tuple[tuple[str, tuple[str, ...]], ...]
    backfills: tuple[Backfill, ...]
