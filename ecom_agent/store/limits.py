"""What the seller allows for each listing. Every edit is a new version; the former ones stay for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import EXPONENTS, Money
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.views import LimitsView
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money


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

    def set(self, rows: Sequence[LimitsView], *, by: str, at: datetime) -> int:
        """Store the rows that differ from what stands, each as a new version; gives how many. All or none.

        Raises BadInput naming the row: an amount that is no number, negative or finer than its currency, an unknown
        currency, a floor above the ceiling, a row that somebody else changed meanwhile.
        """
        read = [_read(row, by=by, at=at) for row in rows]
        return sum(self._put(row) for row in read)

    def _put(self, wanted: PriceLimits) -> bool:
        stands = self._current(wanted.account, wanted.marketplace, wanted.sku, lock=True)
        if stands is not None:
            if 0 < wanted.version < stands.version:
                raise BadInput(
                    f"limits of {wanted.sku} in {wanted.marketplace} based on version {stands.version}",
                    f"version {wanted.version}: {stands.updated_by} changed it meanwhile",
                    "load the limits again and repeat the edit",
                )
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


def view(limits: PriceLimits) -> LimitsView:
    """A row for the editor: amounts as exact decimal text."""

    def told(amount: Money | None) -> str | None:
        return None if amount is None else str(amount).split(" ")[0]

    return LimitsView(
        limits.account, limits.marketplace, limits.sku, limits.currency, told(limits.hard_min), told(limits.ceiling),
        told(limits.map_price), told(limits.unit_cost), told(limits.min_margin), limits.version,
    )  # fmt: skip


def _read(row: LimitsView, *, by: str, at: datetime) -> PriceLimits:
    where = f"{row.sku} in {row.marketplace} of {row.account}"
    if row.currency not in EXPONENTS:
        raise BadInput(f"a known currency for {where}", repr(row.currency), "use an ISO 4217 code such as USD")

    def amount(name: str, told: str | None) -> Money | None:
        if told is None or not told.strip():
            return None
        try:
            read = Money.of(told.strip(), row.currency)
        except ParseFailed as e:
            raise BadInput(f"{name} of {where} as an amount in {row.currency}", repr(told), e.reason) from e
        if read.minor < 0:
            raise BadInput(f"{name} of {where} of 0 or more", told, "leave it empty where there is none")
        return read

    limits = PriceLimits(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        currency=row.currency,
        hard_min=amount("hard_min", row.hard_min),
        ceiling=amount("ceiling", row.ceiling),
        map_price=amount("map_price", row.map_price),
        unit_cost=amount("unit_cost", row.unit_cost),
        min_margin=amount("min_margin", row.min_margin),
        version=row.version,
        updated_at=at,
        updated_by=by,
    )
    _check_order(limits, where)
    return limits


def _check_order(limits: PriceLimits, where: str) -> None:
    if limits.hard_min is not None and limits.hard_min.minor == 0:
        raise BadInput(f"hard_min of {where} above 0", "0", "leave it empty to switch repricing off for it")
    if limits.ceiling is None:
        return
    cost = limits.unit_cost
    if cost is not None and limits.min_margin is not None:
        cost = cost + limits.min_margin
    floors = {"hard_min": limits.hard_min, "map_price": limits.map_price, "unit_cost + min_margin": cost}
    for name, floor in floors.items():
        if floor is not None and floor > limits.ceiling:
            raise BadInput(
                f"{name} of {where} at or below its ceiling",
                f"{floor} above {limits.ceiling}",
                "lower it or raise the ceiling",
            )


def _amounts(limits: PriceLimits) -> tuple[str | Money | None, ...]:
    return (
        limits.currency, limits.hard_min, limits.ceiling, limits.map_price, limits.unit_cost, limits.min_margin,
    )  # fmt: skip


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
    )
