"""Exchange rates by day, as they were entered; a day's rate that is entered again is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy import Numeric
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.records.costs import CostSheets, FxRate
from ecom_agent.store.columns import CURRENCY, WHEN
from ecom_agent.store.sheets import cost_sheets


class FxRateRow(SQLModel, table=True):
    __tablename__ = "fx_rate"
    base: str = Field(primary_key=True, sa_type=CURRENCY)
    quote: str = Field(primary_key=True, sa_type=CURRENCY)
    day: date = Field(primary_key=True)
    rate: Decimal = Field(sa_type=Numeric)
    source: str
    by: str
    entered_at: datetime = Field(sa_type=WHEN)


class FxRateStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, rates: Sequence[FxRate], *, by: str, at: datetime) -> int:
        """Gives how many were entered."""
        for one in rates:
            told = {"rate": one.rate, "source": one.source, "by": by, "entered_at": at}
            key = {"base": one.base, "quote": one.quote, "day": one.at.date()}
            put = insert(FxRateRow).values(**key, **told)
            self._session.execute(put.on_conflict_do_update(index_elements=list(key), set_=told))
        return len(rates)

    def since(self, day: date) -> Sequence[FxRate]:
        """The latest day first."""
        found = self._session.exec(
            select(FxRateRow)
            .where(FxRateRow.day >= day)
            .order_by(col(FxRateRow.day).desc(), FxRateRow.base, FxRateRow.quote)
        )
        return [FxRate(r.base, r.quote, r.rate, datetime.combine(r.day, time.min, UTC), r.source) for r in found]


def dated_sheets(session: Session, since: date) -> CostSheets:
    """The sheets with the rates of days from `since` on, those of the policy `fx` among them."""
    known = cost_sheets(session)
    return replace(known, rates=(*known.rates, *FxRateStore(session).since(since)))
