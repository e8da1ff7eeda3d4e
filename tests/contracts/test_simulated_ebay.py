"""The real eBay connector against the simulated eBay: what it reads is the truth, what it writes is done, through
faults too; and every answer is one that eBay's own contract files allow, wherever those are at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from channel_kit import Wired, read
from simulated_kit import START

from ecom_agent.errors import AuthFailed, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.advertising import Campaign, PaysFor, ProductAd, Target
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus
from platforms.ebay import charges, messages, orders
from platforms.simulated.channels import constants as k
from platforms.simulated.channels import reads, truth
from platforms.simulated.channels.ids import print_id
from platforms.simulated.contracts import Problem
from platforms.simulated.servers.ebay.credentials import ACCOUNT, MARKETPLACE, account_settings
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY

SKU = Sku("MUG-STONE-12")
STATUS = {
    "pending": OrderStatus.PENDING,
    "paid": OrderStatus.UNSHIPPED,
    "part_shipped": OrderStatus.PARTIALLY_SHIPPED,
    "shipped": OrderStatus.SHIPPED,
    "delivered": OrderStatus.SHIPPED,
    "cancelled": OrderStatus.CANCELLED,
}
RETURNS = {
    "requested": ReturnStatus.REQUESTED,
    "approved": ReturnStatus.APPROVED,
    "declined": ReturnStatus.CLOSED,
    "received": ReturnStatus.RECEIVED,
    "refunded": ReturnStatus.REFUNDED,
}
_UNDECLARED = ("/identity/", "/post-order/")
"""Paths whose answers no contract file describes."""


class Ebay(Wired):
    """The connector before its server. `wrong` is what the contracts say of the answers, `asked` counts the paths."""

    def __init__(self, sim: Simulation) -> None:
        self.wrong = list[tuple[str, Problem]]()
        self.asked: Counter[str] = Counter()
        super().__init__(sim, "ebay", EBAY, ACCOUNT, account_settings("http://simulated"))

    def all(self, stream: str) -> list[Any]:
        return read(getattr(self.connector, f"pull_{stream}")(None))

    def heard(self, request: httpx.Request, answer: httpx.Response) -> None:
        self.asked[request.url.path] += 1
        path = request.url.path.removeprefix("/ebay")
        is_file = "octet-stream" in answer.headers.get("content-type", "")
        if self.contracts is None or is_file or path.startswith(_UNDECLARED) or answer.status_code >= 300:
            return
        body = answer.json() if answer.content else None
        query = dict(request.url.params)
        found = self.contracts.check_answer("ebay", request.method, path, query, answer.status_code, body)
        self.wrong += [(path, problem) for problem in found]


def lived(folder: Path, days: int) -> Simulation:
    """An eBay account of `days`, whose buyers return goods soon and often."""
    sim = Simulation(folder, seed=7, start=START)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(k, "RETURN_SHARE", 0.5)
        patch.setattr(k, "RETURN_ASKED_AFTER_S", (60, 3600))
        patch.setattr(k, "SHIP_AFTER_S", (600, 3600))
        patch.setattr(k, "DELIVERED_AFTER_S", (600, 7200))
        patch.setattr(k, "RETURN_ANSWERED_S", 7200)
        patch.setattr(k, "RETURN_TRAVELS_S", (3600, 7200))
        patch.setattr(k, "REFUND_FORCED_S", 3600)
        sim.do("channel_open", channel=EBAY)
        sim.advance(START + timedelta(days=days))
    return sim


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ebay]:
    """Two days that were lived already; tests of this world only read."""
    sim = lived(tmp_path_factory.mktemp("ebay"), days=2)
    ebay = Ebay(sim)
    ebay.clock.sleep((sim.now() - START).total_seconds() + 600)
    yield ebay
    sim.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Ebay]:
    sim = Simulation(tmp_path, seed=7, start=START)
    yield Ebay(sim)
    sim.close()


def test_orders_are_those_of_the_world_page_by_page(lively: Ebay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "_A_PAGE", "7")
    found = {order.order_id: order for order in lively.all("orders")}
    until = lively.clock.now() - timedelta(minutes=3)
    true = {
        number: one for number, one in truth.orders(lively.channel).items() if one["updated_at"] < until.isoformat()
    }
    assert len(true) > 50
    assert set(true) <= set(found)
    for number, one in true.items():
        order = found[number]
        assert order.total == Money(one["total_minor"], "USD")
        assert order.status is STATUS[one["status"]]
        assert [(line.sku, line.quantity, line.total.minor) for line in order.lines if line.total] == [
            (line["sku"], line["quantity"], line["quantity"] * line["price_minor"]) for line in one["lines"]
        ]
    some = next(iter(true))
    assert lively.connector.get_order(some) == found[some]


def test_returns_refunds_and_their_money_are_those_of_the_world(lively: Ebay) -> None:
    told, known = {one.return_id: one for one in lively.all("returns")}, truth.account(lively.sim.world, lively.channel)
    assert set(told) <= set(known["returns"])
    assert len(told) > 10
    for number, one in known["returns"].items():
        if number in told:
            found = told[number]
            assert found.status is RETURNS[one["status"]]
            assert (found.order_id, found.lines[0].quantity) == (one["order"], one["quantity"])
            assert (found.refunded is None) == (one["status"] != "refunded")
    assert {one.status for one in told.values()} >= {ReturnStatus.REFUNDED}


def test_the_statement_sums_to_the_worlds(lively: Ebay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charges, "_A_PAGE", "20")
    found = lively.all("charges")
    assert len({one.charge_id for one in found}) == len(found)
    until = lively.clock.now() - timedelta(minutes=2)
    true = [one for one in lively.channel.charges if one.kind != "payout" and one.at <= until.replace(microsecond=0)]
    assert sum(one.amount.minor for one in found) == sum(one.amount_minor for one in true)
    refunds = [one.amount.minor for one in found if one.kind is ChargeKind.REFUND]
    assert sum(refunds) == sum(one.amount_minor for one in true if one.kind == "refund") < 0
    fees = [one.amount.minor for one in found if one.kind is ChargeKind.FEE]
    assert sum(fees) == sum(one.amount_minor for one in true if one.kind == "fee") < 0
    assert {one.kind for one in found} == {
        ChargeKind.SALE,
        ChargeKind.FEE,
        ChargeKind.REFUND,
        ChargeKind.ADJUSTMENT,
    }
    assert any(one.settlement_id for one in found)


def test_messages_are_those_of_the_world(lively: Ebay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_A_PAGE", "5")
    found = {one.message_id: one for one in lively.all("messages")}
    known = truth.account(lively.sim.world, lively.channel)["messages"]
    until = (lively.clock.now() - timedelta(minutes=3)).isoformat()
    true = {number: one for number, one in known.items() if one["at"] < until}
    assert len(true) > 10
    for number, one in true.items():
        assert (found[number].text, found[number].from_buyer) == (one["text"], one["inbound"])


def test_listings_and_stock_are_those_of_the_world(lively: Ebay) -> None:
    listings = {one.sku: one for one in lively.all("listings")}
    levels = {one.sku: one for one in lively.all("stock")}
    known = truth.account(lively.sim.world, lively.channel)["items"]
    assert set(listings) == set(levels) == set(known)
    for sku, one in known.items():
        assert (listings[Sku(sku)].price.minor, listings[Sku(sku)].external_id) == (one["price_minor"], one["item"])
        assert levels[Sku(sku)].fulfillable == one["available"]


def test_rivals_are_those_of_the_world(lively: Ebay) -> None:
    listings = lively.all("listings")
    assert all(one.gtin for one in listings)
    pages = list(lively.connector.offers([one for one in listings if one.status is ListingStatus.ACTIVE]))
    assert [poison.reason for page in pages for poison in page.poison] == []
    assert [name for page in pages for name in page.unknown_fields] == []
    seen = {snapshot.external_id: snapshot for page in pages for snapshot in page.records}
    assert len(seen) > 10
    for item in lively.channel.items.values():
        number = print_id(EBAY, "item", item.number)
        if number in seen:
            true = {(o.seller, o.landed_minor) for o in reads.offers(lively.sim.world, lively.channel, item)}
            assert {(o.seller_id, o.landed.minor) for o in seen[number].offers if o.landed} == true
    assert any(o.seller_id == lively.connector.seller_id for one in seen.values() for o in one.offers)
    assert any(len(one.offers) > 1 for one in seen.values())


def test_campaigns_are_those_of_the_world_and_bids_are_set(fresh: Ebay) -> None:
    found = fresh.all("campaigns")
    ads = fresh.channel.ads
    heads = [one for one in found if isinstance(one, Campaign)]
    assert {one.pays_for for one in heads} == {PaysFor.CLICK, PaysFor.SALE}
    assert len(heads) == len(ads.campaigns) + 1 > 5
    keywords = {one.target_id: one for one in found if isinstance(one, Target) and not one.negative}
    true = {print_id(EBAY, "keyword", one.number): one.bid_minor for one in ads.targets.values()}
    assert {number: one.bid and one.bid.minor for number, one in keywords.items()} == true
    assert sum(isinstance(one, Target) and one.negative for one in found) == len(ads.negatives)
    shown = {one.external_id for one in found if isinstance(one, ProductAd) and one.rate == Decimal("0.05")}
    assert shown == {one.external_id for one in fresh.all("listings") if one.status is ListingStatus.ACTIVE}
    target = next(iter(keywords.values()))
    fresh.connector.set_bid(target, Money(77, "USD"), idempotency_key="k")
    assert fresh.connector.live_bid(target) == Money(77, "USD")
    with pytest.raises(Rejected, match="above max value"):
        fresh.connector.set_bid(target, Money(999_999, "USD"), idempotency_key="k")
    fresh.sim.do("faults", chances={"timeout_after_write": 1.0})
    with pytest.raises(OutcomeUnknown):
        fresh.connector.set_bid(target, Money(66, "USD"), idempotency_key="k")
    fresh.sim.do("faults", chances={})
    assert fresh.connector.live_bid(target) == Money(66, "USD")
    assert fresh.wrong == []


def test_clicks_cost_what_the_law_says_and_bring_orders_of_the_world(fresh: Ebay) -> None:
    fresh.all("campaigns")
    fresh.clock.sleep(2 * 86_400)
    ads = fresh.channel.ads
    clicks = sum(one.clicks for figures in ads.tally.values() for one in figures.values())
    assert clicks > 20
    assert ads.credited
    assert set(ads.credited) <= set(truth.orders(fresh.channel))
    for number, (_day, spent) in ads.spent.items():
        assert 0 < spent <= ads.campaigns[number].budget_minor


def test_keyword_figures_are_those_of_the_world(fresh: Ebay) -> None:
    fresh.all("campaigns")
    fresh.clock.sleep(36 * 3600)
    cursor, found, pages = None, dict[Any, Any](), list[Any]()
    for _ in range(40):
        for page in fresh.connector.pull_ad_figures(cursor):
            cursor = page.next_cursor or cursor
            assert page.poison == page.unknown_fields == ()
            found |= {(one.day.isoformat(), one.target_id): one.figures for one in page.records}
            pages.append(page)
        fresh.clock.sleep(90)
        if pages[-1].operation == "getReport":
            break
    true: dict[Any, Any] = {}
    for day, figures in fresh.channel.ads.tally.items():
        for (target, _term), one in figures.items():
            clicks, cost = true.get((day, print_id(EBAY, "keyword", target)), (0, 0))
            true[day, print_id(EBAY, "keyword", target)] = clicks + one.clicks, cost + one.cost_minor
    told = {key: (one.clicks, one.cost.minor) for key, one in found.items()}
    over = max(day for day, _ in true)
    assert {key: one for key, one in told.items() if key[0] < over} == {k: v for k, v in true.items() if k[0] < over}
    assert sum(clicks for clicks, _ in told.values()) > 20
    assert fresh.wrong == []


@pytest.mark.shared
def test_every_answer_is_one_that_the_contract_allows(lively: Ebay, shared_dir: Path) -> None:
    for stream in ("orders", "charges", "messages", "stock", "listings"):
        lively.all(stream)
    list(lively.connector.offers(lively.all("listings")))
    lively.all("campaigns")
    assert lively.contracts is not None
    assert lively.wrong == []
    assert sum(lively.asked.values()) > 50


def test_prices_and_stock_are_set_and_read_back(fresh: Ebay) -> None:
    listings = {one.sku: one for one in fresh.all("listings")}
    here = MarketplaceId(MARKETPLACE)
    fresh.connector.set_price(listings[SKU], Money(3199, "USD"), idempotency_key="k")
    assert fresh.connector.live_price(SKU, here) == Money(3199, "USD")
    several = [PriceChange(one, Money(2000 + n, "USD"), str(n)) for n, one in enumerate(listings.values())]
    answers = fresh.connector.set_prices(several)
    assert [answer.details["price"] for answer in answers] == [f"{change.price.major}" for change in several]
    assert {one.sku: one.price for one in fresh.all("listings")} == {c.listing.sku: c.price for c in several}
    level = next(one for one in fresh.all("stock") if one.sku == SKU)
    fresh.connector.set_stock(level, 3, idempotency_key="k")
    assert fresh.connector.live_stock(SKU, here, level.location) == 3
    assert fresh.wrong == []


def test_wrong_credentials_are_auth_failed_and_so_are_revoked_ones(fresh: Ebay) -> None:
    for wrong in ({"REFRESH_TOKEN": "v^1.1#wrong"}, {"CLIENT_SECRET": "SBX-wrong-secret"}):
        with pytest.raises(AuthFailed):
            list(fresh.open(**wrong).pull_orders(None))
    fresh.sim.do("faults", chances={"revoked_tokens": 1.0})
    with pytest.raises(AuthFailed):
        fresh.all("orders")


def test_through_faults_nothing_is_lost_doubled_or_older_than_it_was(fresh: Ebay) -> None:
    """Polled every half hour with everything that can break a read; the last pulls have a calm hour."""
    fresh.sim.do("channel_open", channel=EBAY)
    everything = (
        "throttled",
        "server_error",
        "expiring_tokens",
        "extra_fields",
        "poison_record",
        "unknown_status",
        "late_updates",
    )
    fresh.sim.do("faults", chances=dict.fromkeys((*everything, "clock_skew"), 0.15))
    seen: dict[str, Any] = {}
    cursor, failed = None, 0
    for turn in range(24):
        if turn == 20:
            fresh.sim.do("faults", chances={})
        fresh.clock.sleep(1800)
        try:
            for page in fresh.connector.pull_orders(cursor):
                for order in page.records:
                    known = seen.get(order.order_id)
                    assert known is None or known.updated_at <= order.updated_at
                    seen[order.order_id] = order
                cursor = page.next_cursor or cursor
        except (TransientError, AuthFailed):  # a token refused twice in a row
            failed += 1
    for page in fresh.connector.pull_orders(None):  # the sweep by which a record that was set aside comes back
        seen |= {order.order_id: order for order in page.records}
    until = (fresh.clock.now() - timedelta(minutes=5)).isoformat()
    true = {n: one for n, one in truth.orders(fresh.channel).items() if one["updated_at"] < until}
    assert true
    assert failed < 20
    assert set(true) <= set(seen) <= set(truth.orders(fresh.channel))
    assert {n: seen[n].status for n in true} == {n: STATUS[one["status"]] for n, one in true.items()}


def test_a_world_that_moves_on_between_two_pages_loses_no_order(fresh: Ebay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders leave the window while it is read: their neighbours would be skipped by offsets alone."""
    monkeypatch.setattr(orders, "_A_PAGE", "5")
    fresh.sim.do("channel_open", channel=EBAY)
    fresh.sim.world.pages.clear()
    fresh.sim.world.shop.clear()
    fresh.clock.sleep(18 * 3600)
    shrank = 0
    for _ in range(4):
        end, seen = fresh.clock.now() - timedelta(minutes=2), dict[str, Any]()
        before = {sale.number for sale in fresh.channel.sales.values() if sale.updated_at <= end}
        for number, page in enumerate(fresh.connector.pull_orders(None)):
            seen |= {order.order_id: order for order in page.records}
            if number == 1:
                fresh.sim.advance(fresh.sim.now() + timedelta(hours=1))  # the seller's clock stands still
        still = {number for number in before if fresh.channel.sales[number].updated_at <= end}
        shrank += still != before
        assert {print_id(EBAY, "sale", number) for number in still} <= set(seen)
        fresh.clock.sleep((fresh.sim.now() - fresh.clock.now()).total_seconds())
    assert shrank


def test_a_write_whose_answer_is_lost_was_done_and_is_seen_when_read_back(fresh: Ebay) -> None:
    listing = next(one for one in fresh.all("listings") if one.sku == SKU)
    fresh.sim.do("faults", chances={"timeout_after_write": 1.0})
    with pytest.raises(OutcomeUnknown):
        fresh.connector.set_price(listing, Money(3111, "USD"), idempotency_key="k")
    fresh.sim.do("faults", chances={})
    assert fresh.connector.live_price(SKU, MarketplaceId(MARKETPLACE)) == Money(3111, "USD")
    assert len([write for write in fresh.sim.world.ledger.writes if write.channel == EBAY]) == 1
