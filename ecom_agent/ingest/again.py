"""Reading a window again because of what was set aside in it: many a record is malformed in one answer only.

The first record that is new in quarantine makes a note: the cursor that its window was opened from, and how often that
was read again. The note stands beside the stream's cursor, in the transaction of the page that showed the record, so no
crash forgets it; the next run begins there. It goes when a reading shows none of what was set aside since, or when
enough readings did: what is malformed for good stops no stream, and its row in quarantine stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

import orjson
from sqlmodel import Session

from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import Landed
from ecom_agent.records.sync import Reading
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.quarantine import QuarantineStore

MOST: Final = 5
"""So often is a window of a scheduled pull read again, over its next runs."""
MOST_OF_A_SPAN: Final = 3
"""A slice of a look-back or a backfill is read again at once or not at all: its next turn may be a night away."""


class Next(Enum):
    ON = "on"
    AT_ONCE = "the same window once more, in this run"
    LATER = "the same window once more, in the next run"


@dataclass(frozen=True, slots=True)
class Note:
    """The window opened from `cursor` was read again `tries` times, for what was set aside `since` then."""

    cursor: str | None
    tries: int
    since: datetime


class Again:
    """What one run of a stream has to read again. All is called in the transaction that lands the page."""

    def __init__(self, account: AccountId, cursor_name: str, stream: str, kind: Reading) -> None:
        """`stream` is the one that records are set aside under; `cursor_name` differs from it for a span."""
        self._account, self._stream, self._name = account, stream, f"{cursor_name}:again"
        self._scheduled = kind is Reading.PULL
        self._note: Note | None = None
        self._new = self._left = False
        """Of the window under way: something was set aside for the first time; something was that was noted."""
        self._in_this_run = 0

    def begin(self, session: Session, cursor: str | None, *, at: datetime) -> str | None:
        """Where the run begins: at the cursor, or before it at a window that is to be read again."""
        value = CursorStore(session).get(self._account, self._name)
        note = None if value is None else _read(value)
        if note is None:
            return cursor
        if note.tries >= self._most:
            CursorStore(session).drop(self._account, self._name)
            return cursor
        self._save(session, replace(note, tries=note.tries + 1), at)
        return note.cursor

    def page(self, session: Session, done: Landed, opened_at: str | None, *, at: datetime) -> None:
        """Notice what a page of the window that was opened from `opened_at` has set aside."""
        if None in done.since:
            self._new = True
            if self._note is None:
                self._save(session, Note(opened_at, 0, at), at)
        if self._note is not None and any(since is None or since >= self._note.since for since in done.since):
            self._left = True

    def ended(self, session: Session, *, at_once: bool, waits: bool, at: datetime) -> Next:
        """What follows a window of which all pages came. `at_once` False: it is too long to be read twice in a run.

        `waits`: its source was asked once more and is making the answer, which the stream's own cursor finds.
        """
        note, new, left = self._note, self._new, self._left
        self._new = self._left = False
        if note is None:
            return Next.ON
        if left and new and at_once and self._in_this_run < (1 if self._scheduled else MOST_OF_A_SPAN):
            self._in_this_run += 1
            self._save(session, replace(note, tries=note.tries + 1), at)
            return Next.AT_ONCE
        if left and self._scheduled and note.tries < MOST:
            return Next.LATER
        if not left and not waits:
            QuarantineStore(session).resolve_nameless(self._account, self._stream, since=note.since, at=at)
        CursorStore(session).drop(self._account, self._name)
        self._note, self._in_this_run = None, 0
        return Next.ON

    @property
    def _most(self) -> int:
        return MOST if self._scheduled else MOST_OF_A_SPAN

    def _save(self, session: Session, note: Note, at: datetime) -> None:
        told = {"cursor": note.cursor, "tries": note.tries, "since": note.since}
        CursorStore(session).save(self._account, self._name, orjson.dumps(told).decode(), at=at)
        self._note = note


def _read(value: str) -> Note:
    parts = orjson.loads(value)
    return Note(parts["cursor"], int(parts["tries"]), datetime.fromisoformat(parts["since"]))
