"""What an import would do: every page is landed by the code that lands it in earnest, and rolled back.

So what is refused, new, changed or unchanged is no guess. Locks are held for a page at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.records.imports import FilePreview
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database
from ecom_agent.store.known import id_of, known

SHOWN: Final = 10
_MOST_CHARACTERS: Final = 200


@dataclass
class Counted:
    """A preview in the making."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    sample: list[dict[str, str | None]] = field(default_factory=list)
    refused: list[tuple[str | None, str]] = field(default_factory=list)

    @property
    def fetched(self) -> int:
        return self.new + self.changed + self.unchanged + self.quarantined

    def show(self, records: Iterable[Any]) -> None:
        self.sample += [as_shown(one) for one in list(records)[: SHOWN - len(self.sample)]]

    def refuse(self, poison: Iterable[Poison]) -> None:
        found = [(one.external_id, one.reason) for one in poison]
        self.quarantined += len(found)
        self.refused += found[: SHOWN - len(self.refused)]

    def done(self, kind: str, account: AccountId, *, already: bool) -> FilePreview:
        return FilePreview(
            kind, account, self.fetched, self.new, self.changed, self.unchanged, self.quarantined,
            tuple(self.sample), tuple(self.refused), already,
        )  # fmt: skip


def preview_pages(
    pages: Iterable[Page[Any]],
    kind: str,
    account: AccountId,
    database: Database,
    clock: Clock,
    *,
    cursor: str | None,
    vault: Vault | None = None,
    progress: Callable[[Counted], None] | None = None,
) -> FilePreview:
    """No two pages hold the same record; `cursor` is where the last import stopped.

    Raises what reading the pages raises, and ConfigError as landing does.
    """
    counted, last = Counted(), None
    for page in pages:
        last = page.next_cursor
        _count(page, counted, account, database, clock.now(), vault)
        if progress is not None:
            progress(counted)
    return counted.done(kind, account, already=last is not None and last == cursor)


def _count(
    page: Page[Any], counted: Counted, account: AccountId, database: Database, at: datetime, vault: Vault | None
) -> None:
    with database.unit() as unit:
        stand = known(unit.session, account, page.records)
        aside: list[Poison] = []
        done = land_page(unit.session, account, "preview", page, at=at, vault=vault, told=aside.extend)
        unit.session.rollback()
    refused = {one.external_id for one in aside}
    new = sum(id not in stand and id not in refused for id in map(id_of, page.records))
    counted.new += new
    counted.changed += done.written - new
    counted.unchanged += done.unchanged
    counted.show(one for one in page.records if id_of(one) not in refused)
    counted.refuse(aside)


def as_shown(record: Any) -> dict[str, str | None]:
    """A record's fields as text. Fields that may identify a person (`repr=False`) show their length only."""
    shown: dict[str, str | None] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if value is None:
            shown[one.name] = None
        elif not one.repr:
            shown[one.name] = f"sealed, {len(str(value))} characters"
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            shown[one.name] = str(len(value))
        else:
            told = value.isoformat() if isinstance(value, datetime) else str(value)
            shown[one.name] = told if len(told) <= _MOST_CHARACTERS else f"{told[:_MOST_CHARACTERS]}…"
    return shown
