"""Questions over many price stories at once: whose prices fall, and what a listing sold each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.stories import Stories

Place = tuple[AccountId, MarketplaceId, Sku]
_FALLING: Final = text("""
SELECT account, marketplace, sku FROM price_point WHERE at > :since GROUP BY account, marketplace, sku
HAVING min(our_price_minor) < max(our_price_minor) AND min(lowest_rival_minor) < max(lowest_rival_minor)
   AND least(min(our_price_minor), min(lowest_rival_minor)) <= (1 - CAST(:fall AS float8)) * max(lowest_rival_minor)
ORDER BY account, marketplace, sku
""")
_TOLD: Final = text(r"""
SELECT asked.n, string_agg(
  int8send(CAST(extract(epoch FROM p.at) * 1000000 AS bigint)) || int8send(coalesce(p.our_price_minor, -1))
  || int8send(coalesce(p.lowest_rival_minor, -1)) || int2send(coalesce(CAST(p.we_hold_buy_box AS int), -1)\:\:int2)
  || bpcharsend(p.currency), '' ORDER BY p.at) AS told
FROM unnest(CAST(:accounts AS varchar[]), CAST(:marketplaces AS varchar[]), CAST(:skus AS varchar[]))
  WITH ORDINALITY AS asked (account, marketplace, sku, n)
JOIN price_point p USING (account, marketplace, sku) WHERE p.at > :since GROUP BY asked.n ORDER BY asked.n""")
_ROW: Final = np.dtype([("at", ">i8"), ("ours", ">i8"), ("rival", ">i8"), ("held", ">i2"), ("currency", "S3")])
_SOLD: Final = text("""
SELECT CAST(o.purchased_at AT TIME ZONE 'UTC' AS date) AS day, sum(l.quantity) AS units
FROM orders o JOIN order_line l USING (account, order_id)
WHERE o.account = :account AND o.marketplace = :marketplace AND l.sku = :sku AND o.status <> 'cancelled'
  AND o.purchased_at > :since AND l.quantity > 0
GROUP BY day
""")


def falling(session: Session, since: datetime, fall: float) -> list[Place]:
    """Listings on which both sides moved and the lowest price is at least `fall` (a share) below a rival's highest."""
    rows = session.connection().execute(_FALLING, {"since": since, "fall": fall})
    return [(AccountId(account), MarketplaceId(marketplace), Sku(sku)) for account, marketplace, sku in rows]


def stories(session: Session, places: Sequence[Place], since: datetime) -> Stories:
    """What is known of these listings after `since`; `place` is each one's number in `places`, from 0.

    Half a million moments take about a second of the database and little of ours: they come as they lie in memory.
    """
    asked = {name: [place[n] for place in places] for n, name in enumerate(("accounts", "marketplaces", "skus"))}
    found = session.connection().execute(_TOLD, {**asked, "since": since}).all()
    told = np.frombuffer(b"".join(row.told for row in found), _ROW)
    place = np.repeat([row.n - 1 for row in found], [len(row.told) // _ROW.itemsize for row in found])
    at, ours, rival, held = (told[name].astype(np.int64) for name in ("at", "ours", "rival", "held"))
    return Stories(place.astype(np.int64), at, ours, rival, held, told["currency"])


def sold_by_day(
    session: Session, account: AccountId, marketplace: MarketplaceId, sku: Sku, since: datetime
) -> Mapping[date, int]:
    """Units ordered and not cancelled, by day of purchase (UTC); days without any are left out."""
    asked = {"account": account, "marketplace": marketplace, "sku": sku, "since": since}
    return {row.day: int(row.units) for row in session.connection().execute(_SOLD, asked)}
