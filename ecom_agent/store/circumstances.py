"""What rules ask about listings beside their pages: what sold, since when we know them, what was usually paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row
from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.offers import ExpectedPrice
from ecom_agent.records.rules import Circumstance
from ecom_agent.store.columns import money
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.line import driver

FORTNIGHT, MONTH, QUARTER = timedelta(days=14), timedelta(days=30), timedelta(days=90)
EXPECTED_IS_NEWS: Final = timedelta(days=1)

_MINE: Final = "o.account = %(account)s AND o.marketplace = %(marketplace)s AND o.status <> 'cancelled'"
_SOLD: Final = f"""
SELECT l.sku, sum(l.quantity) FILTER (WHERE o.purchased_at > %(fortnight)s) AS units_14, sum(l.quantity) AS units_30
FROM orders o JOIN order_line l USING (account, order_id)
WHERE {_MINE} AND o.purchased_at > %(month)s AND o.purchased_at <= %(now)s AND l.sku IS NOT NULL AND l.quantity > 0
GROUP BY l.sku
"""
_KNOWN: Final = "SELECT min(purchased_at) AS first FROM orders WHERE account = %(account)s"
_LISTED: Final = """
SELECT sku, first_seen_at FROM listing WHERE account = %(account)s AND marketplace = %(marketplace)s
"""
_USUAL: Final = f"""
SELECT l.sku, l.currency, percentile_disc(0.5) WITHIN GROUP (ORDER BY l.unit_price_minor) AS paid
FROM orders o JOIN order_line l USING (account, order_id)
WHERE {_MINE} AND o.purchased_at > %(quarter)s AND o.purchased_at <= %(now)s
  AND l.sku IS NOT NULL AND l.quantity > 0 AND l.unit_price_minor > 0
GROUP BY l.sku, l.currency
"""
_CHANGED: Final = """
SELECT target AS sku, max(sent_at) AS at FROM action
WHERE account = %(account)s AND marketplace = %(marketplace)s AND kind = 'price.set' AND mode = %(mode)s
  AND state IN ('applied', 'verified') AND sent_at IS NOT NULL
GROUP BY target
"""


def circumstances(
    session: Session, account: AccountId, marketplace: MarketplaceId, now: datetime, *, mode: str, usual: bool
) -> Mapping[Sku, Circumstance]:
    """One for each listing of a marketplace. `usual`: also what buyers usually paid, which is a longer question."""
    asked = {
        "account": account, "marketplace": marketplace, "now": now, "mode": mode, "fortnight": now - FORTNIGHT,
        "month": now - MONTH, "quarter": now - QUARTER,
    }  # fmt: skip
    cursor = driver(session).cursor(row_factory=dict_row)

    def rows(sql: str) -> list[dict[str, Any]]:
        return cursor.execute(sql.encode(), asked).fetchall()

    first = rows(_KNOWN)[0]["first"]
    sold = {row["sku"]: row for row in rows(_SOLD)}
    paid = {row["sku"]: row for row in rows(_USUAL)} if usual else {}
    changed = {row["sku"]: row["at"] for row in rows(_CHANGED)}
    expected: dict[str, ExpectedPrice] = {
        told.sku: told
        for told in ExpectedPriceStore(session).all(account, marketplace)
        if now - told.seen_at <= EXPECTED_IS_NEWS
    }
    return {
        Sku(row["sku"]): Circumstance(
            units_14=int(sold[row["sku"]]["units_14"] or 0) if row["sku"] in sold else 0,
            units_30=int(sold[row["sku"]]["units_30"]) if row["sku"] in sold else 0,
            sales_known_days=None if first is None else max(0, (now - first).days),
            first_seen_at=row["first_seen_at"],
            expected=expected.get(row["sku"]),
            usual=money(paid[row["sku"]]["paid"], paid[row["sku"]]["currency"]) if row["sku"] in paid else None,
            changed_at=changed.get(row["sku"]),
        )
        for row in rows(_LISTED)
    }
