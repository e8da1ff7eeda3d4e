"""Bindings: one product at most for a listing, the last word stands, and their listings share one pool."""

from __future__ import annotations

from store_kit import ATV, T0, US, a_listing, at

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.bindings import Binding
from ecom_agent.store.bindings import BindingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore

SHOP = AccountId("shop")


def bound(our: str, *, account: AccountId = US, sku: str = "MUG-01", said: bool = True, minutes: float = 0) -> Binding:
    return Binding(account, ATV, Sku(sku), Sku(our), said, "equal GTIN", "anna", at(minutes))


def test_a_listing_is_bound_to_one_product_and_the_last_word_stands(database: Database) -> None:
    with database.unit() as unit:
        store = BindingStore(unit.session)
        store.put([bound("MUG"), bound("CUP", minutes=1)])
        assert [(b.our_sku, b.bound) for b in store.all()] == [("CUP", True), ("MUG", False)]
        assert [b.why for b in store.all(bound=False)] == ["bound to CUP instead"]
        store.put([bound("CUP", said=False, minutes=2)])
        assert store.all(bound=True) == []
        assert store.forget((US, ATV, Sku("MUG-01"))) == 2
        assert store.all() == []


def test_listings_of_one_product_are_told_over_all_accounts(database: Database) -> None:
    with database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing(), a_listing("MUG-X", account=SHOP), a_listing("POT")])
        BindingStore(unit.session).put([
            bound("MUG"), bound("MUG", account=SHOP, sku="MUG-X"), bound("MUG", account=SHOP, sku="GONE"),
            Binding(US, MarketplaceId("OTHER"), Sku("POT"), Sku("POT"), True, "by hand", "anna", T0),
        ])  # fmt: skip
    with database.unit() as unit:
        facts = FactStore(unit.session)
        assert [(x.account, x.sku) for x in facts.bound_listings(Sku("MUG"))] == [(US, "MUG-01"), (SHOP, "MUG-X")]
        assert len(facts.bindings()) == 4
