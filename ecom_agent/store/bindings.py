"""Bindings: what people said of which listing sells which product of ours. The newest word on a pair stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.bindings import Binding, Place
from ecom_agent.records.catalog import Listing
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.columns import WHEN


class BindingRow(SQLModel, table=True):
    __tablename__ = "binding"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    our_sku: str = Field(primary_key=True)
    bound: bool
    why: str
    by: str
    at: datetime = Field(sa_type=WHEN)


class BindingStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, *, bound: bool | None = None) -> Sequence[Binding]:
        """By our SKU, then by place; `bound` None = also what was rejected."""
        asked = select(BindingRow).order_by(
            BindingRow.our_sku, BindingRow.account, BindingRow.marketplace, BindingRow.sku
        )
        if bound is not None:
            asked = asked.where(BindingRow.bound == bound)
        return [_record(row) for row in self._session.exec(asked)]

    def listings_of(self, our_sku: Sku) -> Sequence[Listing]:
        """The listings bound to one product of ours that are there, by place."""
        found = self._session.exec(
            select(BindingRow)
            .where(BindingRow.our_sku == our_sku, col(BindingRow.bound))
            .order_by(BindingRow.account, BindingRow.marketplace, BindingRow.sku)
        )
        listings = ListingStore(self._session)
        seen = (listings.get(AccountId(r.account), MarketplaceId(r.marketplace), Sku(r.sku)) for r in found)
        return [listing for listing in seen if listing is not None]

    def put(self, bindings: Collection[Binding]) -> None:
        """What is said now stands: a listing that is bound anew is no longer bound to what it was bound to."""
        for one in bindings:
            if one.bound:
                self._session.execute(
                    update(BindingRow)
                    .where(
                        col(BindingRow.account) == one.account,
                        col(BindingRow.marketplace) == one.marketplace,
                        col(BindingRow.sku) == one.sku,
                        col(BindingRow.our_sku) != one.our_sku,
                        col(BindingRow.bound),
                    )
                    .values(bound=False, why=f"bound to {one.our_sku} instead", by=one.by, at=one.at)
                )
            said = {"bound": one.bound, "why": one.why, "by": one.by, "at": one.at}
            put = insert(BindingRow).values(
                account=one.account, marketplace=one.marketplace, sku=one.sku, our_sku=one.our_sku, **said
            )
            self._session.execute(
                put.on_conflict_do_update(index_elements=["account", "marketplace", "sku", "our_sku"], set_=said)
            )

    def forget(self, place: Place) -> int:
        """Nothing was said of this listing any more; gives how many words of people are gone."""
        account, marketplace, sku = place
        gone = self._session.execute(
            delete(BindingRow)
            .where(
                col(BindingRow.account) == account,
                col(BindingRow.marketplace) == marketplace,
                col(BindingRow.sku) == sku,
            )
            .returning(col(BindingRow.our_sku))
        )
        return len(gone.all())


def _record(row: BindingRow) -> Binding:
    return Binding(
        AccountId(row.account), MarketplaceId(row.marketplace), Sku(row.sku), Sku(row.our_sku), row.bound, row.why,
        row.by, row.at,
    )  # fmt: skip
