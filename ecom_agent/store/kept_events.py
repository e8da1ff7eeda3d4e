"""Every event and decision, as the engine's journal hands them out: one row per commit of the event lane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Identity, LargeBinary, String, Uuid, text
from sqlmodel import Field, Session, SQLModel

from ecom_agent.ids import AccountId
from ecom_agent.store.columns import WHEN
from ecom_agent.store.journeys import ask, together
from ecom_agent.store.minds import MindStore
from native_pricer.journal import EVERYWHERE, Call, Chunk, Taken, unpack

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PUT: Final = """
INSERT INTO kept_events (account, run, seq, starts, first_at, last_at, events, decisions, moves, about, body)
VALUES (%(account)s, %(run)s, %(seq)s, %(starts)s, %(first_at)s, %(last_at)s, %(events)s, %(decisions)s, %(moves)s,
        %(about)s, %(body)s)
-- A number that stands was committed and its writer never heard so: what comes now holds it, and more.
ON CONFLICT (run, seq) DO UPDATE SET starts = excluded.starts, first_at = excluded.first_at,
  last_at = excluded.last_at, events = excluded.events, decisions = excluded.decisions, moves = excluded.moves,
  about = excluded.about, body = excluded.body"""


class KeptEventsRow(SQLModel, table=True):
    """The table's shape; rows are written and read in bulk, by the statements below."""

    __tablename__ = "kept_events"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    account: str
    run: UUID = Field(sa_type=Uuid)
    seq: int = Field(sa_type=BigInteger)
    starts: bool
    first_at: datetime = Field(sa_type=WHEN)
    last_at: datetime = Field(sa_type=WHEN)
    events: int
    decisions: int
    moves: int
    about: list[str] = Field(sa_type=ARRAY(String))
    body: bytes = Field(sa_type=LargeBinary)


class Recorded(NamedTuple):
    """What an engine wrote down up to `at` and its strategies know: plain values, that any process may keep.

    `days`: what is older may go.
    """

    chunks: tuple[Chunk, ...]
    memories: Mapping[tuple[str, str], bytes]
    at: datetime
    days: int

    @classmethod
    def of(cls, taken: Taken, days: int) -> Recorded:
        """Once it is committed, tell the engine by `engine.kept(recorded.chunks)`."""
        return cls(taken.chunks(), taken.memories, _moment(taken.at), days)


class EventKeeper:
    """Never commits: what was decided is kept in the transaction that holds what followed from it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, account: AccountId, recorded: Recorded) -> None:
        """Where replay may begin from now on (once a day), what is too old goes."""
        chunks, at = recorded.chunks, recorded.at
        if chunks:
            with together(self._session):
                for chunk in chunks:
                    ask(self._session, _PUT, _row(account, chunk))
            MindStore(self._session).keep(account, recorded.memories, at)
        if any(chunk.starts for chunk in chunks):
            self.drop(account, at - timedelta(days=recorded.days))

    def drop(self, account: AccountId, before: datetime) -> int:
        """Forget what ended before; of each run what is kept still begins where replay can begin. Gives the rows."""
        gone = self._session.execute(
            text(
                "DELETE FROM kept_events old WHERE account = :account AND last_at < :before AND (EXISTS (SELECT 1"
                " FROM kept_events k WHERE k.run = old.run AND k.starts AND k.seq > old.seq AND k.last_at < :before)"
                " OR NOT EXISTS (SELECT 1 FROM kept_events k WHERE k.run = old.run AND k.last_at >= :before))"
            ),
            {"account": account, "before": before},
        )
        return int(getattr(gone, "rowcount", 0))

    def stretches(
        self, account: AccountId, since: datetime, until: datetime, about: Sequence[str] | None = None
    ) -> Iterator[tuple[str, Iterator[Call]]]:
        """(run, calls to make in order on an empty engine), each from the last beginning before `since`.

        Calls before `since` are there for the state. Where calls were lost a stretch ends, and the next one begins at
        the next checkpoint. `about`: only calls that touch one of these (name the listing and its page).
        """
        for run in self._runs(account, since, until):
            stretch: list[int] = []
            expected: int | None = None
            for row in self._rows(run, since, until, about or []):
                if row.starts and row.seq != expected:
                    if stretch:
                        yield run, self._calls(stretch, about)
                    stretch, expected = [], row.seq
                    if about is None or row.touched:
                        stretch.append(row.id)
                elif row.seq == expected and not row.starts and (about is None or row.touched):
                    stretch.append(row.id)
                expected = row.seq + 1 if row.seq == expected else None
            if stretch:
                yield run, self._calls(stretch, about)

    def count(self, account: AccountId) -> tuple[int, int]:
        """(events, decisions) kept of an account."""
        found = self._session.execute(
            text("SELECT coalesce(sum(events), 0), coalesce(sum(decisions), 0) FROM kept_events WHERE account = :a"),
            {"a": account},
        ).one()
        return int(found[0]), int(found[1])

    def _runs(self, account: AccountId, since: datetime, until: datetime) -> list[str]:
        """Engines that decided in these hours, in the order in which they began."""
        found = self._session.execute(
            text(
                "SELECT run FROM kept_events WHERE account = :account AND last_at >= :since AND first_at < :until"
                " GROUP BY run ORDER BY min(id)"
            ),
            {"account": account, "since": since, "until": until},
        )
        return [str(run) for run in found.scalars()]

    def _rows(self, run: str, since: datetime, until: datetime, about: Sequence[str]) -> Sequence[Any]:
        found = self._session.execute(
            text(
                "SELECT id, seq, starts, about && CAST(:about AS varchar[]) AS touched FROM kept_events"
                " WHERE run = :run AND first_at < :until AND seq >= coalesce((SELECT max(seq) FROM kept_events"
                " WHERE run = :run AND starts AND last_at <= :since), 0) ORDER BY seq"
            ),
            {"run": run, "since": since, "until": until, "about": [*about, EVERYWHERE]},
        )
        return found.all()

    def _calls(self, ids: Sequence[int], about: Sequence[str] | None) -> Iterator[Call]:
        wanted = None if about is None else {*about, EVERYWHERE}
        for id in ids:
            for call in unpack(self._body(id)):
                if wanted is None or not wanted.isdisjoint(call.about):
                    yield call

    def _body(self, id: int) -> bytes:
        return bytes(
            self._session.execute(text("SELECT body FROM kept_events WHERE id = :id"), {"id": id}).scalar_one()
        )


def _row(account: AccountId, chunk: Chunk) -> dict[str, Any]:
    told = chunk._asdict()
    del told["first_us"], told["last_us"]
    first, last = _moment(chunk.first_us), _moment(chunk.last_us)
    return {**told, "account": account, "first_at": first, "last_at": last, "about": list(chunk.about)}


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
