"""What the store says of one account's orders in numbers: the store's half of the check on an import."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId

_SUMS: Final = ("orders", "lines", "units", "units_returned", "cancellations", "revenue_minor", "cancelled_minor")
_SQL: Final = text("""
WITH line AS (
    SELECT order_id, count(*) AS lines, sum(greatest(quantity, 0)) AS units,
           sum(greatest(-quantity, 0)) AS units_returned, sum(coalesce(total_minor, 0)) AS total_minor
    FROM order_line WHERE account = :account GROUP BY order_id
)
SELECT coalesce(country, '') || '/' || coalesce(currency, ''), count(*), coalesce(sum(lines), 0),
       coalesce(sum(units), 0), coalesce(sum(units_returned), 0), count(*) FILTER (WHERE status = 'cancelled'),
       coalesce(sum(line.total_minor), 0), coalesce(sum(line.total_minor) FILTER (WHERE status = 'cancelled'), 0)
FROM orders LEFT JOIN line USING (order_id) WHERE account = :account GROUP BY 1 ORDER BY 1
""")


def figures_of_store(session: Session, account: AccountId) -> dict[str, Any]:
    """Counts and sums of all orders of `account`, in all and per country and currency ("United Kingdom/GBP").

    The same names, units and meaning as `platforms.files.figures_of_file` gives for a file.
    """
    found = session.connection().execute(_SQL, {"account": account}).all()
    groups = {row[0]: dict(zip(_SUMS, map(int, row[1:]), strict=True)) for row in found}
    whole = {name: sum(group[name] for group in groups.values()) for name in _SUMS if not name.endswith("_minor")}
    return {**whole, "by_country": groups}
