"""Listings: what we sell where, as the platform last showed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices, read_business
from ecom_agent.records.catalog import Listing, ListingStatus, SalePrice
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money


class ListingRow(SQLModel, table=True):
    __tablename__ = "listing"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    external_id: str
    parent_id: str | None
    title: str
    status: str
    price_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)
    condition: str
    fulfilment: str | None
    updated_at: datetime | None = Field(sa_type=WHEN, description="the platform's; None = it does not tell")
    version_at: datetime = Field(sa_type=WHEN, description="updated_at, else seen_at: which of two rows is newer")
    seen_at: datetime = Field(sa_type=WHEN)
    gtin: str | None = Field(description="14 digits, checked")
    brand: str | None
    status_raw: str | None
    sale_minor: int | None = Field(sa_type=MINOR, description="in `sale_currency`; NULL = no sale")
    sale_currency: str | None = Field(sa_type=CURRENCY)
    sale_since: datetime | None = Field(sa_type=WHEN)
    sale_until: datetime | None = Field(sa_type=WHEN)
    business: str | None = Field(description="as BusinessPrices.told; NULL = none can be set there")
    first_seen_at: datetime | None = Field(sa_type=WHEN, description="set by the database when the row comes in")


_LISTINGS: Final = Target(
    "listing",
    key=("account", "marketplace", "sku"),
    version="version_at",
    content=(
        "external_id",
        "parent_id",
        "title",
        "status",
        "price_minor",
        "currency",
        "condition",
        "fulfilment",
        "updated_at",
        "gtin",
        "brand",
        "status_raw",
        "sale_minor",
        "sale_currency",
        "sale_since",
        "sale_until",
        "business",
    ),
    seen="seen_at",
)


class ListingStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, listings: Sequence[Listing]) -> Written:
        """Write the listings that are newer than what stands, or show something else at the same version."""
        unique = newest(listings, lambda x: (x.account, x.marketplace, x.sku), _version)
        done = upsert(self._session, _LISTINGS, as_text([_row(x) for x in unique]))
        return Written(done.written, len(listings) - done.written)

    def get(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> Listing | None:
        row = self._session.get(ListingRow, (account, marketplace, sku))
        return None if row is None else _record(row)

    def all(self, account: AccountId, marketplace: MarketplaceId | None = None) -> Sequence[Listing]:
        """Listings of an account, deleted ones included, by SKU."""
        asked = select(ListingRow).where(ListingRow.account == account).order_by(ListingRow.marketplace, ListingRow.sku)
        if marketplace is not None:
            asked = asked.where(ListingRow.marketplace == marketplace)
        return [_record(row) for row in self._session.exec(asked)]

    def on_page(self, account: AccountId, marketplace: MarketplaceId, external_id: str) -> Sequence[Listing]:
        """Our listings on one product page (ASIN): more than one where several SKUs share it."""
        found = self._session.exec(
            select(ListingRow).where(
                ListingRow.account == account,
                ListingRow.marketplace == marketplace,
                ListingRow.external_id == external_id,
            )
        )
        return [_record(row) for row in found]

    def mark_gone(self, account: AccountId, since: datetime) -> tuple[int, int]:
        """Mark listings deleted that nothing showed since then; gives (marked, left as they are).

        Where that would be more than half of them, the sweep is taken for faulty and none is marked.
        """
        mine = (col(ListingRow.account) == account, col(ListingRow.status) != ListingStatus.DELETED.value)
        missed = (*mine, col(ListingRow.seen_at) < since)
        gone = self._session.exec(select(func.count()).select_from(ListingRow).where(*missed)).one()
        if not gone:
            return 0, 0
        all_ = self._session.exec(select(func.count()).select_from(ListingRow).where(*mine)).one()
        if 2 * gone > all_:
            return 0, gone
        self._session.execute(update(ListingRow).where(*missed).values(status=ListingStatus.DELETED.value))
        return gone, 0

    def saw_price(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, price: Money, *, seen_at: datetime
    ) -> None:
        """A price read back at the platform; does nothing where something later was seen already."""
        shown = {"price_minor": price.minor, "currency": price.currency}
        self._saw(account, marketplace, sku, shown, seen_at)

    def saw_business(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, business: BusinessPrices, *, seen_at: datetime
    ) -> None:
        """The same of what companies pay."""
        self._saw(account, marketplace, sku, {"business": business.told()}, seen_at)

    def _saw(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, shown: Mapping[str, Any], seen_at: datetime
    ) -> None:
        self._session.execute(
            update(ListingRow)
            .where(
                col(ListingRow.account) == account,
                col(ListingRow.marketplace) == marketplace,
                col(ListingRow.sku) == sku,
                col(ListingRow.seen_at) <= seen_at,
            )
            .values(**shown, seen_at=seen_at)
        )


def _version(listing: Listing) -> datetime:
    return listing.updated_at or listing.seen_at


def _row(x: Listing) -> Row:
    sale = x.sale
    on_sale = (None,) * 4 if sale is None else (sale.price.minor, sale.price.currency, sale.since, sale.until)
    return (
        x.account, x.marketplace, x.sku, _version(x), x.external_id, x.parent_id, x.title, x.status.value,
        minor(x.price), None if x.price is None else x.price.currency, x.condition, x.fulfilment, x.updated_at,
        x.gtin, x.brand, x.status_raw, *on_sale, None if x.business is None else x.business.told(), x.seen_at,
    )  # fmt: skip


def _record(row: ListingRow) -> Listing:
    sale = money(row.sale_minor, row.sale_currency)
    return Listing(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        external_id=row.external_id,
        parent_id=row.parent_id,
        title=row.title,
        status=ListingStatus(row.status),
        price=money(row.price_minor, row.currency),
        condition=row.condition,
        fulfilment=row.fulfilment,
        updated_at=row.updated_at,
        seen_at=row.seen_at,
        gtin=row.gtin,
        brand=row.brand,
        status_raw=row.status_raw,
        sale=None if sale is None else SalePrice(sale, row.sale_since, row.sale_until),
        business=None if row.business is None else read_business(row.business),
    )
