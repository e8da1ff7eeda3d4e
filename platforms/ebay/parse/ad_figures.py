"""A keyword report's lines → figures of one keyword and day. Columns are those that were asked for.

Which columns there are is eBay's guide "Promoted Listings reporting"; that money comes as "USD 1.20" is third-party
knowledge, and a plain number is set aside: in which currency it would be is not told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdFigures, AdPerformance
from platforms._shared.payload import Shape, collect, maybe_text, not_negative, text, unknown_fields
from platforms._shared.read import Read

DIMENSIONS: Final = ("day", "campaign_id", "ad_group_id", "seller_keyword_id", "keyword_match_type")
IMPRESSIONS: Final = "cpc_impressions"
CLICKS: Final = "cpc_clicks"
SOLD: Final = "cpc_attributed_sales"
SALES: Final = "cpc_sale_amount_listingsite_currency"
COST: Final = "cpc_ad_fees_listingsite_currency"
METRICS: Final = (IMPRESSIONS, CLICKS, SOLD, SALES, COST)
ATTRIBUTION_DAYS: Final = 30
_SHAPE: Final[Shape] = dict.fromkeys((*DIMENSIONS, *METRICS))


def report_rows(content: bytes) -> Sequence[dict[str, str]]:
    """Lines under the names of the first one. Raises ParseFailed where that is no such report."""
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter="\t")
        if not set(DIMENSIONS) & set(table.fieldnames or ()):
            raise ParseFailed("report", "its first line names none of the columns that were asked for")
        return [{name: cell for name, cell in row.items() if isinstance(name, str)} for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ParseFailed("report", f"no lines between tabs ({type(error).__name__})") from None


def keyword_figures(
    rows: Sequence[Any], *, account: AccountId, marketplace: MarketplaceId, told_at: datetime
) -> Read[AdPerformance]:
    """A second line for the same keyword and day is set aside: it would hide the first."""
    seen: set[tuple[str, str]] = set()

    def read(raw: Any) -> tuple[AdPerformance, ...]:
        key = text(raw, "day"), text(raw, "seller_keyword_id")
        if key in seen:
            raise ParseFailed("row", "a second row for the same day and keyword")
        seen.add(key)
        return (
            AdPerformance(
                account=account,
                marketplace=marketplace,
                day=_day(raw),
                campaign_id=text(raw, "campaign_id"),
                ad_group_id=maybe_text(raw, "ad_group_id"),
                target_id=key[1],
                sku=None,
                figures=AdFigures(
                    impressions=_count(raw, IMPRESSIONS),
                    clicks=_count(raw, CLICKS),
                    cost=_money(raw, COST),
                    sales=_money(raw, SALES),
                    orders=None,
                    units=_count(raw, SOLD),
                    attribution_days=ATTRIBUTION_DAYS,
                ),
                told_at=told_at,
            ),
        )

    records, poison = collect(rows, read, lambda raw: f"{raw['day']} {raw['seller_keyword_id']}")
    return Read(records, poison, tuple(sorted(unknown_fields(list(rows), _SHAPE, "rows"))))


def _day(raw: Any) -> date:
    told = text(raw, "day")
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        raise ParseFailed("day", f"wanted a day as 2026-11-03, found {told[:20]!r}") from None


def _count(raw: Any, name: str) -> int | None:
    told = maybe_text(raw, name)
    if told is None:
        return None
    plain = told.replace(",", "")
    if not (plain.isascii() and plain.isdigit()):
        raise ParseFailed(name, f"wanted a whole number, found {told[:20]!r}")
    return int(plain)


def _money(raw: Any, name: str) -> Money | None:
    """ "USD 1,234.50"."""
    told = maybe_text(raw, name)
    if told is None:
        return None
    currency, space, value = told.strip().partition(" ")
    if not space:
        raise ParseFailed(name, f"wanted a currency and an amount, found {told[:20]!r}")
    return not_negative(Money.of(value.replace(",", ""), currency), name)
