"""Stock levels: units by SKU, location and state, as the platform last showed them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.stock import StockLevel
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert
from ecom_agent.store.columns import WHEN


class StockLevelRow(SQLModel, table=True):
    __tablename__ = "stock_level"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    location: str = Field(primary_key=True)
    item_ref: str | None
    fulfillable: int = Field(description="below 0 where more was sold than was there")
    reserved: int | None
    inbound: int | None
    unfulfillable: int | None
    updated_at: datetime = Field(sa_type=WHEN)
    seen_at: datetime = Field(sa_type=WHEN)


_LEVELS: Final = Target(
    "stock_level",
    key=("account", "marketplace", "sku", "location"),
    version="updated_at",
    content=("item_ref", "fulfillable", "reserved", "inbound", "unfulfillable"),
    seen="seen_at",
)


class StockStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, levels: Sequence[StockLevel]) -> Written:
        """Write the levels that are newer than what stands, or tell something else at the same version."""
        unique = newest(levels, lambda x: (x.account, x.marketplace, x.sku, x.location), lambda x: x.updated_at)
        done = upsert(self._session, _LEVELS, as_text([_row(x) for x in unique]))
        return Written(done.written, len(levels) - done.written)

    def get(self, account: AccountId, marketplace: MarketplaceId, sku: Sku, location: str) -> StockLevel | None:
        row = self._session.get(StockLevelRow, (account, marketplace, sku, location))
        return None if row is None else _record(row)

    def all(self, account: AccountId) -> Sequence[StockLevel]:
        found = self._session.exec(
            select(StockLevelRow)
            .where(StockLevelRow.account == account)
            .order_by(StockLevelRow.marketplace, StockLevelRow.sku, StockLevelRow.location)
        )
        return [_record(row) for row in found]

    def saw_quantity(self, level: StockLevel, fulfillable: int, *, seen_at: datetime) -> None:
        """Units read back at the platform; does nothing where something later was seen already."""
        self._session.execute(
            update(StockLevelRow)
            .where(
                col(StockLevelRow.account) == level.account,
                col(StockLevelRow.marketplace) == level.marketplace,
                col(StockLevelRow.sku) == level.sku,
                col(StockLevelRow.location) == level.location,
                col(StockLevelRow.seen_at) <= seen_at,
            )
            .values(fulfillable=fulfillable, seen_at=seen_at)
        )


def _row(x: StockLevel) -> Row:
    return (
        x.account, x.marketplace, x.sku, x.location, x.updated_at, x.item_ref, x.fulfillable, x.reserved, x.inbound,
        x.unfulfillable, x.seen_at,
    )  # fmt: skip


def _record(row: StockLevelRow) -> StockLevel:
    return StockLevel(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        location=row.location,
        item_ref=row.item_ref,
        fulfillable=row.fulfillable,
        reserved=row.reserved,
        inbound=row.inbound,
        unfulfillable=row.unfulfillable,
        updated_at=row.updated_at,
        seen_at=row.seen_at,
    )
