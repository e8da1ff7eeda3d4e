"""What an invariant is, and what of a database it needs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session


class Unit(Protocol):
    @property
    def session(self) -> Session: ...


class Database(Protocol):
    """Asked in SQL of our own: a watchman must not share the code, and so the bugs, of what it watches."""

    def unit(self) -> AbstractContextManager[Unit]: ...


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must always hold. `sql` gives one row (subject, detail) for each place where it does not, at `:now`."""

    name: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where an invariant does not hold."""

    invariant: str
    subject: str
    detail: str
    at: datetime
