"""The stock book, and what sharing it out needs of orders, levels and our own writes: two questions to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.economics.allocation_policy import NAME
from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.pools import PLATFORM_HELD, EntryKind, Outlet, PoolBook, PoolEntry, Shelf
from ecom_agent.store.columns import ID, WHEN
from ecom_agent.store.line import driver
from ecom_agent.store.policies import PolicyStore

FORGOTTEN: Final = timedelta(days=7)
"""A level that was not read for so long is of an account that is not ours any more."""
_PARTS: Final = """
part AS (SELECT * FROM unnest(%(bundles)s::text[], %(parts)s::text[], %(units)s::int[]) AS p (bundle, own, units)),
wanted AS (SELECT unnest(%(skus)s::text[]) AS sku)"""
# Orders older than 90 days at the count are taken to be off the shelf. A line's SKU is looked up in the account, not in
# the marketplace: should a platform name the place of an order otherwise than that of a listing, nothing is missed.
_SHELVES: Final = f"""
WITH {_PARTS},
sells AS (SELECT DISTINCT account, sku, our_sku FROM binding WHERE bound),
counted AS (
  SELECT DISTINCT ON (e.sku) e.sku, e.units, e.at, e.id FROM pool_entry e JOIN wanted USING (sku)
  WHERE e.kind = 'count' ORDER BY e.sku, e.at DESC, e.id DESC),
moved AS (
  SELECT e.sku, sum(e.units) AS units FROM pool_entry e JOIN counted c USING (sku)
  WHERE e.kind = 'move' AND (e.at, e.id) > (c.at, c.id) GROUP BY e.sku),
taken AS (
  SELECT c.sku, sum(l.quantity * coalesce(p.units, 1)) FILTER (WHERE o.status <> 'shipped') AS reserved,
         sum(l.quantity * coalesce(p.units, 1)) FILTER (WHERE o.status = 'shipped' AND o.updated_at >= c.at) AS gone
  FROM orders o JOIN order_line l USING (account, order_id)
  JOIN sells b ON b.account = o.account AND b.sku = l.sku
  LEFT JOIN part p ON p.bundle = b.our_sku
  JOIN counted c ON c.sku = coalesce(p.own, b.our_sku)
  WHERE o.purchased_at > (SELECT min(at) FROM counted) - interval '90 days'
    AND o.purchased_at > c.at - interval '90 days' AND o.status <> 'cancelled' AND l.quantity > 0
    AND (o.fulfilment IS NULL OR o.fulfilment <> ALL(%(held)s))
  GROUP BY c.sku)
SELECT c.sku, c.at, (c.units + coalesce(m.units, 0) - coalesce(t.gone, 0))::int AS on_hand,
       coalesce(t.reserved, 0)::int AS reserved
FROM counted c LEFT JOIN moved m USING (sku) LEFT JOIN taken t USING (sku)
"""
_OUTLETS: Final = """
WITH sold AS (
  SELECT o.account, o.marketplace, l.sku, sum(l.quantity) AS units
  FROM orders o JOIN order_line l USING (account, order_id)
  WHERE o.purchased_at > %(now)s - interval '14 days' AND o.purchased_at <= %(now)s AND o.status <> 'cancelled'
    AND l.quantity > 0 GROUP BY 1, 2, 3),
read AS (
  SELECT account, max(started_at) AS at FROM pull_run
  WHERE stream = 'orders' AND error IS NULL AND finished_at IS NOT NULL GROUP BY account)
SELECT s.account, s.marketplace, s.sku, b.our_sku, s.location, s.fulfillable, s.seen_at, l.status, read.at AS orders_at,
       coalesce(sold.units, 0)::int AS sold, w.after, w.state,
       coalesce((
         SELECT sum(ol.quantity) FROM orders o JOIN order_line ol USING (account, order_id)
         WHERE w.sent_at IS NOT NULL AND o.purchased_at > w.sent_at AND o.account = s.account
           AND o.marketplace = s.marketplace AND ol.sku = s.sku AND ol.quantity > 0), 0)::int AS since
FROM binding b
JOIN stock_level s ON s.account = b.account AND s.marketplace = b.marketplace AND s.sku = b.sku
JOIN listing l ON l.account = s.account AND l.marketplace = s.marketplace AND l.sku = s.sku
LEFT JOIN read ON read.account = s.account
LEFT JOIN sold ON sold.account = s.account AND sold.marketplace = s.marketplace AND sold.sku = s.sku
LEFT JOIN LATERAL (
  SELECT (a.after #>> '{}')::int AS after, a.state, a.sent_at FROM action a
  WHERE a.kind = 'stock.set' AND a.account = s.account AND a.marketplace = s.marketplace AND a.target = s.sku
    AND a.evidence->>'location' = s.location AND a.mode <> 'dry-run'
    AND (a.state IN ('approved', 'executing', 'unknown', 'applied')
         OR (a.state = 'verified' AND a.sent_at > %(now)s - interval '1 day'))
  ORDER BY a.sent_at DESC NULLS FIRST LIMIT 1) AS w ON true
WHERE b.bound AND b.our_sku = ANY(%(skus)s) AND s.seen_at > %(oldest)s
ORDER BY s.account, s.marketplace, s.sku, s.location
"""


class PoolEntryRow(SQLModel, table=True):
    __tablename__ = "pool_entry"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    sku: str
    kind: str
    units: int
    at: datetime = Field(sa_type=WHEN)
    by: str
    note: str


class PoolStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, entries: Sequence[PoolEntry]) -> None:
        self._session.add_all(
            PoolEntryRow(sku=e.sku, kind=e.kind.value, units=e.units, at=e.at, by=e.by, note=e.note) for e in entries
        )
        self._session.flush()

    def counted(self) -> bool:
        """Whether anything was ever counted."""
        return self._session.exec(select(PoolEntryRow.id).limit(1)).first() is not None

    def entries(self, sku: Sku, limit: int = 50) -> Sequence[PoolEntry]:
        """What was entered for this SKU, the newest first."""
        found = self._session.exec(
            select(PoolEntryRow)
            .where(PoolEntryRow.sku == sku)
            .order_by(col(PoolEntryRow.at).desc(), col(PoolEntryRow.id).desc())
            .limit(limit)
        )
        return [PoolEntry(Sku(r.sku), EntryKind(r.kind), r.units, r.at, r.by, r.note) for r in found]

    def book(self, now: datetime, *, account: AccountId | None = None) -> PoolBook:
        """The book of all products that `account` sells, bundles' parts included; None = of all that anybody sells."""
        sql = "SELECT our_sku AS sku FROM binding WHERE bound AND (%(account)s::text IS NULL OR account = %(account)s)"
        return self._book(now, self._skus(sql, {"account": account}))

    def book_of(self, place: tuple[AccountId, MarketplaceId], listed: Sequence[Sku], now: datetime) -> PoolBook:
        """The book behind these listings of one account and marketplace; empty where nobody said what they sell."""
        asked = {"account": place[0], "marketplace": place[1], "listed": list(listed)}
        sql = """SELECT our_sku AS sku FROM binding
          WHERE bound AND account = %(account)s AND marketplace = %(marketplace)s AND sku = ANY(%(listed)s)"""
        return self._book(now, self._skus(sql, asked))

    def skus(self) -> set[Sku]:
        """Every product that some listing sells, that was counted, or that a bundle is made of."""
        bundles = _bundles(self._policy()[1])
        found = self._skus("SELECT our_sku AS sku FROM binding WHERE bound UNION SELECT sku FROM pool_entry", {})
        return found | {part for parts in bundles.values() for part in parts}

    def _book(self, now: datetime, sold: set[Sku]) -> PoolBook:
        version, policy = self._policy()
        bundles = _bundles(policy)
        parts, sold = _closure(sold, bundles)
        rows = [(bundle, part, units) for bundle, made in bundles.items() for part, units in made.items()]
        asked = {
            "bundles": [row[0] for row in rows],
            "parts": [row[1] for row in rows],
            "units": [row[2] for row in rows],
            "held": list(PLATFORM_HELD),
            "now": now,
            "oldest": now - FORGOTTEN,
        }
        shelves = {
            Sku(row["sku"]): Shelf(Sku(row["sku"]), row["on_hand"], row["reserved"], row["at"])
            for row in self._all(_SHELVES, {**asked, "skus": sorted(parts)})
        }
        outlets = tuple(_outlet(row) for row in self._all(_OUTLETS, {**asked, "skus": sorted(sold)}))
        return PoolBook(shelves, outlets, policy, version)

    def _skus(self, sql: str, asked: Mapping[str, Any]) -> set[Sku]:
        return {Sku(row["sku"]) for row in self._all(sql, asked)}

    def _policy(self) -> tuple[int, Mapping[str, Any]]:
        try:
            return PolicyStore(self._session).current(NAME)
        except NotFound:
            return 0, {}

    def _all(self, sql: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        return driver(self._session).cursor(row_factory=dict_row).execute(sql.encode(), asked).fetchall()


def _bundles(policy: Mapping[str, Any]) -> Mapping[Sku, Mapping[Sku, int]]:
    """Of a policy that was checked when it was stored."""
    return policy.get("bundles") or {}


def _closure(sold: set[Sku], bundles: Mapping[Sku, Mapping[Sku, int]]) -> tuple[set[Sku], set[Sku]]:
    """What of our shelves these take from, and all that takes from the same, over as many bundles as it needs."""
    parts = {part for sku in sold for part in bundles.get(sku, (sku,))}
    while True:
        drawing = {bundle for bundle, made in bundles.items() if parts.intersection(made)}
        more = {part for bundle in drawing for part in bundles[bundle]} - parts
        if not more:
            return parts, (parts - set(bundles)) | drawing
        parts |= more


def _outlet(row: Mapping[str, Any]) -> Outlet:
    written = row["state"] is not None
    return Outlet(
        account=AccountId(row["account"]),
        marketplace=MarketplaceId(row["marketplace"]),
        sku=Sku(row["sku"]),
        own=Sku(row["our_sku"]),
        location=row["location"],
        status=ListingStatus(row["status"]),
        shown=row["fulfillable"],
        seen_at=row["seen_at"],
        sent=max(0, row["after"] - row["since"]) if written else None,
        under_way=written and row["state"] != "verified",
        orders_at=row["orders_at"],
        sold=row["sold"],
    )
