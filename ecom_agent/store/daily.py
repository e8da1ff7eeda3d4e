"""Sales of each marketplace by its own days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.economics.home import at_home
from ecom_agent.money import Money
from ecom_agent.records.daily import DaySales
from ecom_agent.store.fx_rates import dated_sheets

_AGE: Final = timedelta(days=40)
"""So far back a rate may be from and still count, at the most that any policy allows in practice."""
_SALES: Final = text("""
SELECT day, account, marketplace, zone, currency, count(*) AS orders,
  CASE WHEN bool_and(taken IS NOT NULL) THEN sum(taken)::bigint END AS taken
FROM (
  SELECT o.account, o.marketplace, coalesce(o.currency, '') AS currency, z.zone,
    (o.purchased_at AT TIME ZONE z.zone)::date AS day,
    coalesce(o.total_minor, (SELECT sum(total_minor) FROM order_line l
      WHERE l.account = o.account AND l.order_id = o.order_id)) AS taken
  FROM orders o
  CROSS JOIN LATERAL (SELECT coalesce(CAST(:zones AS jsonb)->>o.marketplace, 'UTC') AS zone) AS z
  WHERE o.purchased_at >= :since AND o.purchased_at <= :now AND o.status <> 'cancelled') AS sold
WHERE day >= :first
GROUP BY day, account, marketplace, zone, currency ORDER BY day DESC, account, marketplace, currency
""")


def sales_by_day(
    session: Session, now: datetime, days: int, zones: Mapping[str, str], home: str | None
) -> Sequence[DaySales]:
    """The last `days` days, today's until now among them, the latest first."""
    first = (now - timedelta(days=days - 1)).date()
    asked = {
        "zones": orjson.dumps(dict(zones)).decode(),
        "since": now - timedelta(days=days + 1),
        "now": now,
        "first": first,
    }
    sheets = dated_sheets(session, first - _AGE)
    found: list[DaySales] = []
    for row in session.connection().execute(_SALES, asked):
        sales = None if row.taken is None or not row.currency else Money(row.taken, row.currency)
        value = at_home(sales, home, row.day, sheets)
        found.append(
            DaySales(
                row.day, row.account, row.marketplace, row.zone, row.orders, sales, value.money, value.by, value.why
            )
        )
    return found
