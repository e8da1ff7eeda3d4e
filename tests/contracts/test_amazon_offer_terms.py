"""The real Amazon connector on the simulated one: a new price leaves the rest of the offer as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from simulated_kit import START, Market
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import Rejected
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import Listing
from platforms._shared.throttle import Quota
from platforms.amazon.connector import Amazon
from platforms.amazon.settings import AmazonSettings
from platforms.simulated.credentials import AMAZON_ACCOUNT, demo_environment
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE

SKU = Sku("MUG-STONE-12")
HERE = MarketplaceId(MARKETPLACE)
BAND = {"minimum_seller_allowed_price": 20.0, "maximum_seller_allowed_price": 45.0, "map_price": 25.0}
FOR_COMPANIES = BusinessPrices(Money(2_900, "USD"), ((5, Money(2_800, "USD")), (10, Money(2_650, "USD"))))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def through(client: TestClient) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        given = client.request(request.method, str(request.url), headers=dict(request.headers), content=request.content)
        return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)

    return httpx.MockTransport(answer)


class Seller:
    """Our connector, and the seller's own hand at the same listing; the clock moves the market."""

    def __init__(self, sim: Simulation) -> None:
        self.clock = FrozenClock(START, on_move=sim.advance)
        self.market = Market(sim)
        prefix = f"ECOM_{AMAZON_ACCOUNT.upper()}__"
        told = demo_environment("http://simulated").items()
        given: dict[str, Any] = {name.removeprefix(prefix).lower(): x for name, x in told if name.startswith(prefix)}
        transport = through(self.market.http)
        account = AccountId(AMAZON_ACCOUNT)
        self.amazon = Amazon(account, AmazonSettings(**given), self.clock, Quota(self.clock), transport=transport)

    def pass_time(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())

    def by_hand(self, op: str, *offers: dict[str, Any]) -> dict[str, Any]:
        """A patch of the offer that is not ours; gives the answer."""
        value = [{"marketplace_id": MARKETPLACE, "currency": "USD", **offer} for offer in offers]
        patches = [{"op": op, "path": "/attributes/purchasable_offer", "value": value}]
        body = {"productType": "PRODUCT", "patches": patches}
        answer = self.market.sp("PATCH", self.market.listing(SKU), params={"marketplaceIds": MARKETPLACE}, json=body)
        self.pass_time(minutes=2)
        found: dict[str, Any] = answer.json()
        return found

    def offers(self) -> dict[str, dict[str, Any]]:
        """The attribute as it stands, by audience."""
        query = {"marketplaceIds": MARKETPLACE, "includedData": "attributes"}
        item = self.market.sp("GET", self.market.listing(SKU), params=query).json()
        return {one["audience"]: one for one in item["attributes"]["purchasable_offer"]}

    def listing(self) -> Listing:
        return next(x for page in self.amazon.pull_listings(None) for x in page.records if x.sku == SKU)

    def set_price(self, minor: int, business: BusinessPrices | None = None) -> None:
        if business is None:
            self.amazon.set_price(self.listing(), usd(minor), idempotency_key="k")
        else:
            self.amazon.set_prices_for_all(self.listing(), usd(minor), business, idempotency_key="k")
        self.pass_time(minutes=3)


def scheduled(value: float, **when: str) -> list[dict[str, Any]]:
    return [{"schedule": [{"value_with_tax": value, **when}]}]


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    sim = Simulation(tmp_path, seed=7, start=START)
    yield Seller(sim)
    sim.close()


def test_sales_limits_and_other_audiences_survive_a_new_price(seller: Seller) -> None:
    limits = {name: scheduled(value) for name, value in BAND.items()}
    dates = {"start_at": {"value": "2026-01-01"}, "end_at": {"value": "2028-01-01"}}
    later = scheduled(27.0, start_at="2026-12-24", end_at="2026-12-26")
    plan = [{"schedule": [{"discount_type": "percent", "levels": [{"lower_bound": 5, "value": 3}]}]}]
    seller.by_hand("replace", {"our_price": scheduled(31.0), "discounted_price": later, **limits, **dates})
    seller.by_hand("merge", {"audience": "B2B", "our_price": scheduled(30.0), "quantity_discount_plan": plan})
    before = seller.offers()
    assert set(before) == {"ALL", "B2B"}
    seller.set_price(3_199)
    assert seller.amazon.live_price(SKU, HERE) == usd(3_199)
    after = seller.offers()
    assert after["ALL"] == {**before["ALL"], "our_price": scheduled(31.99)}
    assert after["B2B"] == before["B2B"]


def test_a_replaced_offer_is_replaced_whole(seller: Seller) -> None:
    """What a price change did before it merged."""
    seller.by_hand("replace", {"our_price": scheduled(31.0), "map_price": scheduled(25.0)})
    seller.by_hand("merge", {"audience": "B2B", "our_price": scheduled(30.0)})
    seller.by_hand("replace", {"our_price": scheduled(32.0)})
    assert "map_price" not in seller.offers()["ALL"]
    assert "B2B" in seller.offers(), "another instance"


def test_while_a_sale_runs_the_regular_price_is_read_back_and_the_sale_is_known(seller: Seller) -> None:
    now = scheduled(24.0, start_at="2026-11-01", end_at="2026-11-20")
    seller.by_hand("merge", {"our_price": scheduled(31.0), "discounted_price": now})
    listing = seller.listing()
    assert (listing.price, listing.sale and listing.sale.price) == (usd(3_100), usd(2_400))
    assert seller.market.live_price(SKU) == "24.00"
    seller.set_price(2_999)
    assert seller.amazon.live_price(SKU, HERE) == usd(2_999)
    assert seller.market.live_price(SKU) == "24.00", "the sale stands"


def test_prices_for_companies_are_set_changed_and_taken_away_with_the_price(seller: Seller) -> None:
    assert seller.listing().business == NOT_OFFERED
    seller.set_price(3_000, FOR_COMPANIES)
    assert seller.amazon.live_business(SKU, HERE) == seller.listing().business == FOR_COMPANIES
    bare = BusinessPrices(usd(2_850))
    seller.set_price(2_900, bare)
    assert seller.amazon.live_business(SKU, HERE) == bare, "former tiers are gone"
    seller.set_price(2_800)
    assert seller.amazon.live_business(SKU, HERE) == bare, "left alone where nothing is said of it"
    seller.set_price(2_900, NOT_OFFERED)
    assert seller.amazon.live_business(SKU, HERE) == NOT_OFFERED
    assert set(seller.offers()) == {"ALL"}


def test_taken_is_not_applied_for_companies_either(seller: Seller) -> None:
    seller.amazon.set_prices_for_all(seller.listing(), usd(3_000), FOR_COMPANIES, idempotency_key="k")
    assert seller.amazon.live_business(SKU, HERE) == NOT_OFFERED
    seller.amazon.preview_prices_for_all(seller.listing(), usd(2_000), BusinessPrices(usd(1_900)))
    seller.pass_time(minutes=3)
    assert seller.amazon.live_business(SKU, HERE) == FOR_COMPANIES, "a preview changes nothing"


def test_a_refused_tier_refuses_the_price_with_it(seller: Seller) -> None:
    before = seller.amazon.live_price(SKU, HERE)
    with pytest.raises(Rejected, match="positive price"):
        seller.set_price(3_000, BusinessPrices(usd(10_000_000)))
    seller.pass_time(minutes=3)
    assert seller.amazon.live_price(SKU, HERE) == before
    assert set(seller.offers()) == {"ALL"}
