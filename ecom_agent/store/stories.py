"""Questions over many price stories at once: whose prices fall, and what a listing sold each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku

_FALLING: Final = text("""
SELECT account, marketplace, sku FROM price_point
WHERE at > :since AND our_price_minor IS NOT NULL AND lowest_rival_minor IS NOT NULL
GROUP BY account, marketplace, sku
HAVING count(DISTINCT our_price_minor) > 1 AND count(DISTINCT lowest_rival_minor) > 1
   AND min(least(our_price_minor, lowest_rival_minor)) <= (1 - CAST(:fall AS numeric)) * max(lowest_rival_minor)
ORDER BY account, marketplace, sku
""")
_SOLD: Final = text("""
SELECT CAST(o.purchased_at AT TIME ZONE 'UTC' AS date) AS day, sum(l.quantity) AS units
FROM orders o JOIN order_line l USING (account, order_id)
WHERE o.account = :account AND o.marketplace = :marketplace AND l.sku = :sku AND o.status <> 'cancelled'
  AND o.purchased_at > :since AND l.quantity > 0
GROUP BY day
""")


def falling(session: Session, since: datetime, fall: float) -> Sequence[tuple[AccountId, MarketplaceId, Sku]]:
    """Listings on which both sides moved and the lowest price is at least `fall` (a share) below a rival's highest."""
    rows = session.connection().execute(_FALLING, {"since": since, "fall": fall})
    return [(AccountId(r.account), MarketplaceId(r.marketplace), Sku(r.sku)) for r in rows]


def sold_by_day(
    session: Session, account: AccountId, marketplace: MarketplaceId, sku: Sku, since: datetime
) -> Mapping[date, int]:
    """Units ordered and not cancelled, by day of purchase (UTC); days without any are left out."""
    asked = {"account": account, "marketplace": marketplace, "sku": sku, "since": since}
    return {row.day: int(row.units) for row in session.connection().execute(_SOLD, asked)}
