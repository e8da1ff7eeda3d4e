"""One stock behind five channels for days: what is shared out is never sold twice; what is not shared out is.

Every channel sells whatever it shows, as real ones do, and the warehouse keeps its own count. The same market lives on
twice from the same seed: once with our whole system, once with each channel showing everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from seller_kit import PERSON, market

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.bindings import Binding
from ecom_agent.runtime.market import MarketControl
from ecom_agent.store.bindings import BindingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.wiring import App, build, demo_values, prepare_database
from inventory.allocation import AUTOMATION
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated import credentials as demo
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(1200)]
EVERY, LONG = timedelta(minutes=90), timedelta(hours=30)
PRODUCTS, FEW = 6, 9
PLATFORMS = {
    demo.AMAZON_ACCOUNT: "amazon", demo.SHOP_ACCOUNT: "shopify", ebay.ACCOUNT: "ebay", walmart.ACCOUNT: "walmart",
    tiktok.ACCOUNT: "tiktok_shop",
}  # fmt: skip
OPEN = ("pending", "unshipped", "paid", "part_shipped")


class Company:
    """The App with five accounts on one world, and its warehouse, which counts what lies there once a day."""

    def __init__(self, control: MarketControl, skus: list[str], database_url: str, folder: Path) -> None:
        self.control = control
        self.clock = FrozenClock(control.now(), on_move=control.advance)
        prepare_database(database_url, self.clock.now())
        values = demo_values(control.url, database_url, folder)
        for one in (ebay, walmart, tiktok):
            values |= one.environment(control.url)
        values["ECOM_ACCOUNTS"] = ",".join(f"{name}:{platform}" for name, platform in PLATFORMS.items())
        self.app: App = build(values, self.clock)
        for account in PLATFORMS:
            self.app.pull(account, "listings")
            self.app.set_autonomy(AUTOMATION.name, account, "auto", by=PERSON)
        self.read()
        self.skus = skus
        self._bind(skus)
        self.count()

    def read(self) -> None:
        """What channels show, and then their orders."""
        for stream in ("stock", "orders"):
            for account in PLATFORMS:
                self.app.pull(account, stream)

    def _bind(self, skus: list[str]) -> None:
        """Somebody says that these listings of equal SKU are one product each."""
        said = {"bound": True, "why": "equal SKU", "by": PERSON, "at": self.clock.now()}
        with self.app.parts.database.unit() as unit:
            BindingStore(unit.session).put(
                [
                    Binding(one.account, MarketplaceId(one.marketplace), one.sku, Sku(one.sku), **said)
                    for account in PLATFORMS
                    for one in ListingStore(unit.session).all(AccountId(account))
                    if one.sku in skus
                ]
            )

    def count(self) -> None:
        """Somebody counts the shelf: what is free, and what is promised and not sent yet."""
        truth = self.truth()
        units = {sku: truth["stock"][sku]["own"] for sku in self.skus}
        for orders in truth["orders"].values():
            for order in orders.values():
                if order["status"] in OPEN:
                    for line in order["lines"]:
                        if line["sku"] in units:
                            gone = line.get("shipped", 0) + line.get("cancelled", 0) + line.get("short", 0)
                            units[line["sku"]] += line["quantity"] - gone
        assert self.app.count_stock(units, PERSON, "every night") == len(self.skus)

    def cycle(self) -> dict[str, int]:
        """Read back, read anew, share out, send."""
        self.app.verify()
        self.read()
        self.app.reallocate(self.clock.now())
        return self.app.execute(1000)

    def truth(self) -> Any:
        return self.control.truth()


def on_all_channels(truth: Any) -> list[str]:
    """Products that all five channels sell from our own shelf."""
    rows = [row["sku"] for row in truth["listings"] if row["fulfilment"] != "fba"]
    return sorted(sku for sku in set(rows) if rows.count(sku) == len(PLATFORMS))[:PRODUCTS]


def scarce(control: MarketControl, skus: list[str]) -> None:
    """A few units of each are left, while the shop is still the warehouse's book."""
    prefix = f"ECOM_{demo.SHOP_ACCOUNT.upper()}__"
    fields = {k.removeprefix(prefix): v for k, v in demo.demo_environment(control.url).items() if k.startswith(prefix)}
    clock = FrozenClock(control.now())
    shop = registry.open("shopify", AccountId(demo.SHOP_ACCOUNT), fields, clock, Quota(clock))
    levels = {level.sku: level for page in shop.pull_stock(None) for level in page.records}
    for sku in skus:
        shop.set_stock(levels[Sku(sku)], FEW, idempotency_key=sku)
    shop.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[MarketControl]:
    """One such world."""
    with market(tmp_path / "market") as control:
        prepared(control)
        yield control


def prepared(control: MarketControl) -> None:
    """Five channels are open, a few units of each product are left, and the warehouse is apart."""
    httpx.post(f"{control.url}/_sim/channels", json={"open": ["ebay", "walmart", "tiktok"]}).raise_for_status()
    scarce(control, on_all_channels(control.truth()))
    httpx.post(f"{control.url}/_sim/warehouse", json={}).raise_for_status()


@pytest.fixture
def two_markets(tmp_path: Path) -> Iterator[list[MarketControl]]:
    """The same world twice."""
    with market(tmp_path / "ours") as ours, market(tmp_path / "others") as others:
        for control in (ours, others):
            prepared(control)
        yield [ours, others]


def oversold(control: MarketControl, skus: list[str]) -> int:
    short = control.truth()["units_short"]
    return sum(sum(short.get(sku, {}).values()) for sku in skus)


def sold(control: MarketControl, skus: list[str]) -> int:
    """Units ordered."""
    return sum(
        line["quantity"]
        for orders in control.truth()["orders"].values()
        for order in orders.values()
        for line in order["lines"]
        if line["sku"] in skus
    )


def shown(truth: Any, sku: str) -> int:
    return sum(row["units"] for row in truth["listings"] if row["sku"] == sku)


def states(app: App, account: str) -> list[str]:
    """Of this account's changes of stock, the newest first."""
    return [view.state for view in app.actions() if view.account == account]


def test_a_change_of_stock_goes_the_whole_way_on_all_five_and_what_fails_is_wished_again(
    alone: MarketControl, postgres_url: str, tmp_path: Path
) -> None:
    (sku, *_) = on_all_channels(alone.truth())
    company = Company(alone, [sku], postgres_url, tmp_path)
    app = company.app

    def settle() -> None:
        for _ in range(5):
            company.clock.move_to(company.clock.now() + timedelta(minutes=4))
            company.cycle()

    settle()
    assert all(set(states(app, account)) - {"denied"} == {"verified"} for account in PLATFORMS)

    # No answer comes back from any write: each is read back, none is sent twice.
    app.count_stock({sku: 40}, PERSON)
    httpx.post(f"{alone.url}/_sim/faults", json={"chances": {"timeout_after_write": 1.0}}).raise_for_status()
    app.reallocate(company.clock.now())
    assert app.execute() == {"unknown": len(PLATFORMS)}
    httpx.post(f"{alone.url}/_sim/faults", json={"chances": {}}).raise_for_status()
    assert app.execute() == {}
    settle()
    newest = {account: states(app, account)[0] for account in PLATFORMS}
    assert newest == dict.fromkeys(PLATFORMS, "verified")

    # The shop's units change between deciding and sending: the shop refuses, the next run knows better.
    company.read()
    app.count_stock({sku: 80}, PERSON)
    app.reallocate(company.clock.now())
    shop = app.parts.accounts.get(demo.SHOP_ACCOUNT).connector
    level = next(x for page in shop.pull_stock(None) for x in page.records if x.sku == sku)
    shop.set_stock(level, level.fulfillable + 1, idempotency_key="somebody else")
    assert app.execute() == {"applied": len(PLATFORMS) - 1, "failed": 1}
    (refused,) = app.actions(state="failed")
    _view, events = app.explain(refused.key)
    assert refused.account == demo.SHOP_ACCOUNT
    assert "CHANGE_FROM_QUANTITY_STALE" in str(events[-1].detail)
    settle()
    assert states(app, demo.SHOP_ACCOUNT)[0] == "verified"
    (pool,) = app.pools(sku)
    assert {x.account: x.why for x in pool.outlets if x.share is None or abs(x.shown - x.share) > 2} == {}
    assert pool.shown <= (pool.sellable or 0)
    assert app.audit_verify().ok
    company.app.close()


def test_nothing_is_sold_twice_where_the_pool_is_shared_out(
    two_markets: list[MarketControl], postgres_url: str, tmp_path: Path
) -> None:
    ours, others = two_markets
    company = Company(ours, on_all_channels(ours.truth()), postgres_url, tmp_path)
    end: datetime = company.clock.now() + LONG
    written = 0
    while company.clock.now() < end:
        day = company.clock.now().date()
        written += company.cycle().get("applied", 0)
        if written > 4 * PRODUCTS:  # the first writes are those that end everybody showing everything
            truth = company.truth()
            assert {s: shown(truth, s) for s in company.skus if shown(truth, s) > truth["stock"][s]["own"]} == {}
        company.clock.move_to(company.clock.now() + EVERY)
        if company.clock.now().date() > day:
            company.count()
    company.cycle()
    others.advance(company.clock.now())
    assert oversold(ours, company.skus) == 0
    assert oversold(others, company.skus) > 0
    assert sold(ours, company.skus) > sold(others, company.skus) / 2
    assert written > 20
    assert company.app.watch()["pool_held"] == 0
    assert {view.state for view in company.app.actions(state="failed")} == set()
    company.app.close()
