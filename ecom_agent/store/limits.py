"""What the seller allows for each listing. Every edit is a new version; the former ones stay for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.views import LimitsView
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money
from ecom_agent.store.limits_text import read


class PriceLimitsRow(SQLModel, table=True):
    __tablename__ = "price_limits"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    currency: str = Field(sa_type=CURRENCY)
    hard_min_minor: int | None = Field(sa_type=MINOR)
    ceiling_minor: int | None = Field(sa_type=MINOR)
    map_minor: int | None = Field(sa_type=MINOR)
    unit_cost_minor: int | None = Field(sa_type=MINOR)
    min_margin_minor: int | None = Field(sa_type=MINOR)
    updated_at: datetime = Field(sa_type=WHEN)
    updated_by: str
    is_current: bool
    foreign_cost_minor: int | None = Field(default=None, sa_type=MINOR)
    foreign_currency: str | None = Field(default=None, sa_type=CURRENCY)
    ad_cost_minor: int | None = Field(default=None, sa_type=MINOR)
    return_bp: int | None = None
    return_cost_minor: int | None = Field(default=None, sa_type=MINOR)
    margin_bp: int | None = None
    roi_bp: int | None = None
    fee_class: str | None = None
    costs_on: date | None = None


class LimitsStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> PriceLimits | None:
        row = self._current(account, marketplace, sku)
        return None if row is None else _record(row)

    def all(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[PriceLimits]:
        found = self._session.exec(
            select(PriceLimitsRow)
            .where(
                PriceLimitsRow.account == account,
                PriceLimitsRow.marketplace == marketplace,
                col(PriceLimitsRow.is_current),
            )
            .order_by(PriceLimitsRow.sku)
        )
        return [_record(row) for row in found]

    def as_of(self, at: datetime) -> Sequence[PriceLimits]:
        """What was in force at a moment, of all accounts."""
        found = self._session.exec(
            select(PriceLimitsRow)
            .where(PriceLimitsRow.updated_at <= at)
            .distinct(col(PriceLimitsRow.account), col(PriceLimitsRow.marketplace), col(PriceLimitsRow.sku))
            .order_by(
                PriceLimitsRow.account,
                PriceLimitsRow.marketplace,
                PriceLimitsRow.sku,
                col(PriceLimitsRow.version).desc(),
            )
        )
        return [_record(row) for row in found]

    def set(self, rows: Sequence[LimitsView], *, by: str, at: datetime) -> int:
        """Store the rows that differ from what stands, each as a new version; gives how many. All or none.

        Raises BadInput naming the row: an amount that is no number, negative or finer than its currency, an unknown
        currency, a floor above the ceiling, a landed cost told twice, a row that somebody else changed meanwhile.
        New cost figures without a day of their own are those of today.
        """
        told = [read(row, by=by, at=at) for row in rows]
        return sum(self._put(row) for row in told)

    def _put(self, wanted: PriceLimits) -> bool:
        stands = self._current(wanted.account, wanted.marketplace, wanted.sku, lock=True)
        if stands is not None:
            if 0 < wanted.version < stands.version:
                raise BadInput(
                    f"limits of {wanted.sku} in {wanted.marketplace} based on version {stands.version}",
                    f"version {wanted.version}: {stands.updated_by} changed it meanwhile",
                    "load the limits again and repeat the edit",
                )
            wanted = _dated(wanted, _record(stands))
            if _amounts(_record(stands)) == _amounts(wanted):
                return False
            self._session.execute(
                update(PriceLimitsRow)
                .where(
                    col(PriceLimitsRow.account) == wanted.account,
                    col(PriceLimitsRow.marketplace) == wanted.marketplace,
                    col(PriceLimitsRow.sku) == wanted.sku,
                    col(PriceLimitsRow.is_current),
                )
                .values(is_current=False)
            )
        else:
            wanted = _dated(wanted, None)
        self._session.add(_row(wanted, version=1 if stands is None else stands.version + 1))
        self._session.flush()
        return True

    def _current(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, *, lock: bool = False
    ) -> PriceLimitsRow | None:
        asked = select(PriceLimitsRow).where(
            PriceLimitsRow.account == account,
            PriceLimitsRow.marketplace == marketplace,
            PriceLimitsRow.sku == sku,
            col(PriceLimitsRow.is_current),
        )
        return self._session.exec(asked.with_for_update() if lock else asked).first()


def _dated(wanted: PriceLimits, stands: PriceLimits | None) -> PriceLimits:
    """Costs are as of their own day: an edit of anything else does not make them younger, new ones are of today."""
    if all(cost is None for cost in _costs(wanted)):
        return wanted
    if stands is None:
        return wanted if wanted.costs_on is not None else replace(wanted, costs_on=wanted.updated_at.date())
    if wanted.costs_on not in (None, stands.costs_on):
        return wanted
    same = _costs(wanted) == _costs(stands)
    return replace(wanted, costs_on=stands.costs_at.date() if same else wanted.updated_at.date())


def view(limits: PriceLimits) -> LimitsView:
    """A row for the editor: amounts as exact decimal text."""

    def told(amount: Money | None) -> str | None:
        return None if amount is None else str(amount).split(" ")[0]

    def percent(share_bp: int | None) -> str | None:
        return None if share_bp is None else f"{share_bp / 100:g}"

    return LimitsView(
        limits.account, limits.marketplace, limits.sku, limits.currency, told(limits.hard_min), told(limits.ceiling),
        told(limits.map_price), told(limits.unit_cost), told(limits.min_margin), limits.version,
        foreign_cost=None if limits.foreign_cost is None else str(limits.foreign_cost),
        ad_cost=told(limits.ad_cost),
        return_percent=percent(limits.return_bp),
        return_cost=told(limits.return_cost),
        margin_percent=percent(limits.margin_bp),
        roi_percent=percent(limits.roi_bp),
        fee_class=limits.fee_class,
        costs_on=None if limits.costs_on is None else limits.costs_on.isoformat(),
    )  # fmt: skip


def _amounts(limits: PriceLimits) -> tuple[str | int | date | Money | None, ...]:
    return (
        limits.currency, limits.hard_min, limits.ceiling, limits.map_price, limits.min_margin, limits.margin_bp,
        limits.roi_bp, limits.fee_class, limits.costs_on, *_costs(limits),
    )  # fmt: skip


def _costs(limits: PriceLimits) -> tuple[int | Money | None, ...]:
    """The figures that `costs_on` dates."""
    return limits.unit_cost, limits.foreign_cost, limits.ad_cost, limits.return_bp, limits.return_cost


def _row(limits: PriceLimits, *, version: int) -> PriceLimitsRow:
    return PriceLimitsRow(
        account=limits.account,
        marketplace=limits.marketplace,
        sku=limits.sku,
        version=version,
        currency=limits.currency,
        hard_min_minor=minor(limits.hard_min),
        ceiling_minor=minor(limits.ceiling),
        map_minor=minor(limits.map_price),
        unit_cost_minor=minor(limits.unit_cost),
        min_margin_minor=minor(limits.min_margin),
        updated_at=limits.updated_at,
        updated_by=limits.updated_by,
        is_current=True,
        foreign_cost_minor=minor(limits.foreign_cost),
        foreign_currency=None if limits.foreign_cost is None else limits.foreign_cost.currency,
        ad_cost_minor=minor(limits.ad_cost),
        return_bp=limits.return_bp,
        return_cost_minor=minor(limits.return_cost),
        margin_bp=limits.margin_bp,
        roi_bp=limits.roi_bp,
        fee_class=limits.fee_class,
        costs_on=limits.costs_on,
    )


def _record(row: PriceLimitsRow) -> PriceLimits:
    return PriceLimits(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        currency=row.currency,
        hard_min=money(row.hard_min_minor, row.currency),
        ceiling=money(row.ceiling_minor, row.currency),
        map_price=money(row.map_minor, row.currency),
        unit_cost=money(row.unit_cost_minor, row.currency),
        min_margin=money(row.min_margin_minor, row.currency),
        version=row.version,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        foreign_cost=money(row.foreign_cost_minor, row.foreign_currency),
        ad_cost=money(row.ad_cost_minor, row.currency),
        return_bp=row.return_bp,
        return_cost=money(row.return_cost_minor, row.currency),
        margin_bp=row.margin_bp,
        roi_bp=row.roi_bp,
        fee_class=row.fee_class,
        costs_on=row.costs_on,
    )
