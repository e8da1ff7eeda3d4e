"""The ledger over PostgreSQL: one unit of work, one commit; audit events are sealed at its very end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlmodel import Session

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.ids import AccountId
from ecom_agent.security.vault import Vault
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.audit import AuditStore
from ecom_agent.store.breakers import BreakerStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.guard_facts import GuardFactStore
from ecom_agent.store.guard_question import MOVED, counted
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.journeys import ask, tell, together
from ecom_agent.store.moving import Moving


@dataclass(slots=True)
class _Pending:
    """Events of one unit of work, in order, until it ends."""

    events: list[AuditEvent] = field(default_factory=list)

    def append(self, event: AuditEvent) -> None:
        self.events.append(event)


class PgBook:
    """One unit of work's stores."""

    def __init__(
        self,
        session: Session,
        quoting: Collection[AccountId] | None,
        platforms: Mapping[AccountId, str],
        moving: Moving,
        vault: Callable[[], Vault] | None,
    ) -> None:
        self.actions = ActionStore(session, partial(moving.approved, session))
        self.halts = HaltStore(session)
        self.facts = GuardFactStore(session, quoting, platforms, moving, vault)
        self.breakers = BreakerStore(session)
        self.audit = _Pending()


class PgLedger:
    """`quoting`: accounts whose platform quotes fees, None = all; `platforms`: whose accounts they are.

    `vault` is opened where something sealed is asked for; None = nothing sealed is known, and so no reply is sent.
    """

    def __init__(
        self,
        database: Database,
        quoting: Collection[AccountId] | None = None,
        platforms: Mapping[AccountId, str] | None = None,
        vault: Callable[[], Vault] | None = None,
    ) -> None:
        self._database, self._quoting, self._platforms = database, quoting, platforms or {}
        self._moving, self._vault = Moving(), vault

    @contextmanager
    def unit(self, *, lasting: bool = True) -> Iterator[PgBook]:
        """All of the block is kept, or nothing if it raises; not `lasting`: its commit does not wait for the disk."""
        with self._database.unit() as unit:
            yield from self._book(unit, ends=True, lasting=lasting)

    @contextmanager
    def within(self, unit: Unit) -> Iterator[PgBook]:
        """The same inside a unit of work the caller holds.

        The events are sealed when the block ends: the head of the chain is held as briefly as can be, and always
        as the last lock, so that two units of work never wait for one another in a circle.
        """
        yield from self._book(unit)

    def count_ahead(self, now: datetime) -> None:
        """Count anew what moves, where the last count is soon too old: it takes tens of milliseconds, for which no
        change should have to wait. From any thread. Raises StoreError."""
        for place in self._moving.ageing():
            since = self._moving.unseen_since()
            with self._database.unit() as unit:
                found = ask(unit.session, MOVED, counted(place, now, self._moving.catalogue(place))).all()[0]
            self._moving.renew(place, since, **found)

    def _book(self, unit: Unit, *, ends: bool = False, lasting: bool = True) -> Iterator[PgBook]:
        """`ends`: the unit of work is over with it."""
        session = unit.session
        book = PgBook(session, self._quoting, self._platforms, self._moving, self._vault)
        yield book
        with together(session):
            book.actions.flush()
            AuditStore(session).append_all(book.audit.events)
            if not lasting:
                tell(session, "SET LOCAL synchronous_commit = off")
            if ends and book.audit.events:
                session.flush()  # no statement of the session's own comes after this
                tell(session, "COMMIT")  # it leaves with what it commits; the session's own finds nothing left to do
