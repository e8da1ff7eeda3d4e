"""Pages whose platform fell silent: no event for hours, though the sweep saw them change.

For each page: when an event last told of it, what rivals asked then or at the last sweep (as a digest, our own offer
left out), and how often a sweep found that changed without an event before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from psycopg.rows import namedtuple_row
from sqlmodel import Field, Session, SQLModel

from ecom_agent.ids import AccountId
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.views import SilentPage
from ecom_agent.store.bulk import newest
from ecom_agent.store.columns import WHEN
from ecom_agent.store.journeys import ask
from ecom_agent.store.line import driver

_ROWS: Final = """FROM json_to_recordset(%(rows)s::json) AS seen (
  account varchar, marketplace varchar, external_id varchar, condition varchar, digest varchar, at timestamptz)"""
_PAGE: Final = "account, marketplace, external_id, condition"
_TOLD: Final = f"""
INSERT INTO page_heard AS old ({_PAGE}, digest, event_at) SELECT {_PAGE}, digest, at {_ROWS}
ON CONFLICT ({_PAGE}) DO UPDATE SET event_at = excluded.event_at, digest = excluded.digest, changes = 0,
  changed_at = NULL WHERE old.event_at IS NULL OR excluded.event_at > old.event_at"""
_SWEPT: Final = f"""
INSERT INTO page_heard AS old ({_PAGE}, digest, swept_at) SELECT {_PAGE}, digest, at {_ROWS}
ON CONFLICT ({_PAGE}) DO UPDATE SET swept_at = excluded.swept_at, digest = excluded.digest,
  changes = old.changes + (old.digest <> excluded.digest)::int,
  changed_at = CASE WHEN old.digest <> excluded.digest THEN excluded.swept_at ELSE old.changed_at END
WHERE old.swept_at IS NULL OR excluded.swept_at > old.swept_at"""
_SILENT: Final = f"""
SELECT {_PAGE}, event_at, swept_at, changed_at, changes FROM page_heard
WHERE (%(account)s::varchar IS NULL OR account = %(account)s) AND changes > 0
  AND (event_at IS NULL OR event_at <= %(before)s)
ORDER BY changes DESC, {_PAGE}"""


class PageHeardRow(SQLModel, table=True):
    __tablename__ = "page_heard"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    condition: str = Field(primary_key=True)
    digest: str
    event_at: datetime | None = Field(sa_type=WHEN)
    swept_at: datetime | None = Field(sa_type=WHEN)
    changed_at: datetime | None = Field(sa_type=WHEN)
    changes: int


class HeardStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def told(self, pages: Sequence[OfferSnapshot], seller_id: str) -> None:
        """Events told of these pages: whatever a sweep found before is known now."""
        self._write(_TOLD, _latest(pages), seller_id)

    def swept(self, pages: Sequence[OfferSnapshot], seller_id: str, at: datetime) -> None:
        """A sweep at `at` left these as the newest: one that differs from what was known changed without an event."""
        self._write(_SWEPT, _latest(pages), seller_id, at)

    def silent(self, account: AccountId | None, now: datetime, after: timedelta) -> Sequence[SilentPage]:
        """Pages without an event for `after` that a sweep saw change since; those that changed most often first."""
        asked = {"account": account, "before": now - after}
        found = driver(self._session).cursor(row_factory=namedtuple_row).execute(_SILENT.encode(), asked)
        return [SilentPage(*row) for row in found]

    def _write(self, sql: str, pages: Sequence[OfferSnapshot], seller_id: str, at: datetime | None = None) -> None:
        if pages:
            rows = [_row(page, seller_id, at or page.changed_at) for page in pages]
            ask(self._session, sql, {"rows": orjson.dumps(rows).decode()})


def _latest(pages: Sequence[OfferSnapshot]) -> list[OfferSnapshot]:
    return newest(pages, lambda p: (p.account, p.marketplace, p.external_id, p.condition), lambda p: p.changed_at)


def _row(page: OfferSnapshot, seller_id: str, at: datetime) -> dict[str, Any]:
    asked = sorted(
        (
            o.seller_id,
            o.listing_price.minor,
            -1 if o.shipping is None else o.shipping.minor,
            o.listing_price.currency,
        )
        for o in page.offers
        if o.seller_id != seller_id
    )
    return {
        "account": page.account,
        "marketplace": page.marketplace,
        "external_id": page.external_id,
        "condition": page.condition,
        "digest": hashlib.blake2b(repr(asked).encode(), digest_size=12).hexdigest(),
        "at": at,
    }
