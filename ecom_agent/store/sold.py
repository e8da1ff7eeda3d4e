"""What each listing sold over some days, and how it stood meanwhile: orders beside the price story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId
from ecom_agent.records.attributions import SalesOf

# A page that was not heard of for a week says nothing any more of how it stands.
_SALES: Final = text("""
WITH told AS (
    SELECT marketplace, sku, currency, at, our_price_minor, we_hold_buy_box,
        lead(at) OVER (PARTITION BY marketplace, sku ORDER BY at) AS next
    FROM price_point WHERE account = :account AND at < :until
        AND at >= CAST(:since AS timestamptz) - interval '7 days'),
spans AS (
    SELECT marketplace, sku, currency, our_price_minor, we_hold_buy_box, extract(epoch FROM
        least(next, at + interval '7 days', :until) - greatest(at, :since))::float8 AS seconds FROM told),
stood AS (
    SELECT marketplace, sku, max(currency) AS currency,
        coalesce(sum(seconds) FILTER (WHERE we_hold_buy_box), 0) / 86400 AS featured_days,
        sum(our_price_minor * seconds) / nullif(sum(seconds) FILTER (WHERE our_price_minor IS NOT NULL), 0) AS price
    FROM spans WHERE seconds > 0 GROUP BY marketplace, sku),
sold AS (
    SELECT o.marketplace, l.sku, max(l.currency) AS currency, sum(l.quantity) AS units,
        sum(coalesce(l.total_minor, l.unit_price_minor * l.quantity)) AS paid
    FROM orders o JOIN order_line l USING (account, order_id)
    WHERE o.account = :account AND o.purchased_at >= :since AND o.purchased_at < :until AND o.status <> 'cancelled'
        AND l.sku IS NOT NULL AND l.quantity > 0
    GROUP BY o.marketplace, l.sku)
SELECT marketplace, sku, coalesce(stood.currency, sold.currency) AS currency, coalesce(units, 0) AS units,
    coalesce(featured_days, 0) AS featured_days, coalesce(paid::float8 / nullif(units, 0), price) AS price
FROM stood FULL JOIN sold USING (marketplace, sku)
WHERE coalesce(stood.currency, sold.currency) IS NOT NULL ORDER BY marketplace, sku
""")


def sales(session: Session, account: AccountId, since: datetime, until: datetime) -> Sequence[SalesOf]:
    """Listings that sold or were seen, by marketplace and SKU. The price is the one paid, else the one shown."""
    found = session.execute(_SALES, {"account": account, "since": since, "until": until})
    return [
        SalesOf(
            row.marketplace, row.sku, row.currency, int(row.units), float(row.featured_days),
            None if row.price is None else float(row.price),
        )
        for row in found
    ]  # fmt: skip
