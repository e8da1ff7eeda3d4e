"""Business policy: named, versioned bodies; the shipped ones are in `ecom_agent/policies/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson
import yaml
from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.errors import BadInput, NotFound
from ecom_agent.store.columns import JSON, WHEN

SHIPPED: Final = "shipped"
"""`by` of the versions that came with the program."""


class PolicyRow(SQLModel, table=True):
    __tablename__ = "policy"
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSON)
    by: str
    at: datetime = Field(sa_type=WHEN)


class PolicyStore:
    """Every edit is a new version. Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self, name: str) -> tuple[int, Mapping[str, Any]]:
        """(version, body). Raises NotFound for a policy that was never seeded."""
        row = self._newest(name)
        if row is None:
            raise NotFound(f"no policy named {name!r}; known: {', '.join(self.names()) or 'none, seed them first'}")
        return row.version, row.body

    def names(self) -> list[str]:
        return list(self._session.exec(select(PolicyRow.name).distinct().order_by(PolicyRow.name)))

    def set(self, name: str, body: Mapping[str, Any], by: str, *, at: datetime) -> int:
        """Make `body` the current one and give its version; the same body again makes no new version.

        Raises BadInput for a body that is no JSON object.
        """
        data = plain(name, body)
        self.lock(name)
        row = self._newest(name)
        if row is not None and row.body == data:
            return row.version
        version = 1 if row is None else row.version + 1
        self._session.add(PolicyRow(name=name, version=version, body=data, by=by, at=at))
        self._session.flush()
        return version

    def lock(self, name: str) -> None:
        """No other process changes it until this unit of work ends."""
        self._session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"policy {name}"})

    def last_shipped(self, name: str) -> Mapping[str, Any]:
        """The last body of it that came with the program; empty where none did."""
        row = self._session.exec(
            select(PolicyRow)
            .where(PolicyRow.name == name, PolicyRow.by == SHIPPED)
            .order_by(col(PolicyRow.version).desc())
            .limit(1)
        ).first()
        return {} if row is None else row.body

    def by(self, name: str) -> str | None:
        """Who wrote the current version."""
        row = self._newest(name)
        return None if row is None else row.by

    def _newest(self, name: str) -> PolicyRow | None:
        return self._session.exec(
            select(PolicyRow).where(PolicyRow.name == name).order_by(col(PolicyRow.version).desc()).limit(1)
        ).first()


def plain(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as JSON keeps it. Raises BadInput for what JSON cannot hold."""
    try:
        data: dict[str, Any] = orjson.loads(orjson.dumps(dict(body)))
    except (orjson.JSONEncodeError, TypeError, ValueError) as e:
        raise BadInput(f"policy {name} as plain data", str(e), "use texts, numbers, lists and maps only") from e
    return data


def shipped_policies() -> dict[str, dict[str, Any]]:
    """The bodies that came with the program, by the name of their file."""
    return deepcopy(_read_once())


@cache
def _read_once() -> dict[str, dict[str, Any]]:
    found = {}
    for file in resources.files("ecom_agent").joinpath("policies").iterdir():
        if file.name.endswith(".yaml"):
            found[file.name.removesuffix(".yaml")] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return dict(sorted(found.items()))


def seed_policies(session: Session, *, at: datetime, follow: bool = False) -> int:
    """Bring in the shipped policies that are new. One that stands is never changed: a person takes over what is newer.

    `follow`: also bring the newer of those that nobody edited, where no money is guarded by them (the demo).
    Gives how many versions were added.
    """
    store, added = PolicyStore(session), 0
    for name, body in shipped_policies().items():
        before = store._newest(name)
        if before is None or (follow and before.by == SHIPPED):
            added += store.set(name, body, SHIPPED, at=at) != (0 if before is None else before.version)
    return added
