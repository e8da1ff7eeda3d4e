"""What each day of advertising brought. Of two reports of a day the one that was made later wins, up or down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.advertising import AdFigures, AdPerformance, SearchTerm
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money


class _Figures(SQLModel):
    """An id that is not told is '' here: it is part of the key."""

    account: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    campaign_id: str = Field(primary_key=True)
    ad_group_id: str = Field(primary_key=True)
    target_id: str = Field(primary_key=True)
    marketplace: str
    impressions: int | None = Field(sa_type=MINOR)
    clicks: int | None = Field(sa_type=MINOR)
    cost_minor: int | None = Field(sa_type=MINOR)
    sales_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)
    orders: int | None = Field(sa_type=MINOR)
    units: int | None = Field(sa_type=MINOR)
    attribution_days: int | None
    told_at: datetime = Field(sa_type=WHEN, description="when the platform made the report")


class AdFigureRow(_Figures, table=True):
    __tablename__ = "ad_figure"
    sku: str = Field(primary_key=True)


class SearchTermRow(_Figures, table=True):
    __tablename__ = "search_term"
    term: str = Field(primary_key=True)


_CONTENT: Final = (
    "marketplace", "impressions", "clicks", "cost_minor", "sales_minor", "currency", "orders", "units",
    "attribution_days",
)  # fmt: skip
_KEY: Final = ("account", "day", "campaign_id", "ad_group_id", "target_id")
_FIGURES: Final = Target("ad_figure", key=(*_KEY, "sku"), version="told_at", content=_CONTENT)
_TERMS: Final = Target("search_term", key=(*_KEY, "term"), version="told_at", content=_CONTENT)


class AdFigureStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, figures: Sequence[AdPerformance]) -> Written:
        """Write the figures that a later report told. Raises ValueError for one with two currencies."""
        return self._write(_FIGURES, figures)

    def upsert_terms(self, terms: Sequence[SearchTerm]) -> Written:
        return self._write(_TERMS, terms)

    def _write(self, target: Target, told: Sequence[AdPerformance | SearchTerm]) -> Written:
        unique = newest(told, lambda x: tuple(_key(x)), lambda x: x.told_at)
        done = upsert(self._session, target, as_text([_row(x) for x in unique]))
        return Written(done.written, len(told) - done.written)

    def between(self, account: AccountId, first: date, last: date) -> Sequence[AdPerformance]:
        """Figures of the days from `first` to `last`, both included."""
        found = self._session.exec(
            select(AdFigureRow)
            .where(AdFigureRow.account == account, col(AdFigureRow.day) >= first, col(AdFigureRow.day) <= last)
            .order_by(col(AdFigureRow.day), AdFigureRow.campaign_id, AdFigureRow.target_id, AdFigureRow.sku)
        )
        return [
            AdPerformance(
                account=AccountId(row.account),
                marketplace=MarketplaceId(row.marketplace),
                day=row.day,
                campaign_id=row.campaign_id,
                ad_group_id=row.ad_group_id or None,
                target_id=row.target_id or None,
                sku=Sku(row.sku) if row.sku else None,
                figures=_figures(row),
                told_at=row.told_at,
            )
            for row in found
        ]

    def terms_between(self, account: AccountId, first: date, last: date) -> Sequence[SearchTerm]:
        """What people typed on the days from `first` to `last`, both included."""
        found = self._session.exec(
            select(SearchTermRow)
            .where(SearchTermRow.account == account, col(SearchTermRow.day) >= first, col(SearchTermRow.day) <= last)
            .order_by(col(SearchTermRow.day), SearchTermRow.campaign_id, SearchTermRow.target_id, SearchTermRow.term)
        )
        return [
            SearchTerm(
                account=AccountId(row.account),
                marketplace=MarketplaceId(row.marketplace),
                day=row.day,
                campaign_id=row.campaign_id,
                ad_group_id=row.ad_group_id or None,
                target_id=row.target_id or None,
                term=row.term,
                figures=_figures(row),
                told_at=row.told_at,
            )
            for row in found
        ]


def _key(one: AdPerformance | SearchTerm) -> Row:
    last = one.term if isinstance(one, SearchTerm) else one.sku or ""
    return (one.account, str(one.day), one.campaign_id, one.ad_group_id or "", one.target_id or "", last)


def _row(one: AdPerformance | SearchTerm) -> Row:
    told = one.figures
    return (
        *_key(one), one.told_at, one.marketplace, told.impressions, told.clicks, minor(told.cost), minor(told.sales),
        _currency(told), told.orders, told.units, told.attribution_days,
    )  # fmt: skip


def _currency(told: AdFigures) -> str | None:
    """Raises ValueError for two at once: one column holds it."""
    found = {amount.currency for amount in (told.cost, told.sales) if amount is not None}
    if len(found) > 1:
        raise ValueError(f"cost and sales in one currency; found {' and '.join(sorted(found))}")
    return found.pop() if found else None


def _figures(row: _Figures) -> AdFigures:
    return AdFigures(
        impressions=row.impressions,
        clicks=row.clicks,
        cost=money(row.cost_minor, row.currency),
        sales=money(row.sales_minor, row.currency),
        orders=row.orders,
        units=row.units,
        attribution_days=row.attribution_days,
    )
