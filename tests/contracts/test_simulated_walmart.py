"""The Walmart connector against its simulated server: what it reads is the truth, what it writes is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from channel_kit import Wired, fields, read
from simulated_kit import START

from ecom_agent.errors import AuthFailed, EcomError, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus
from native_pricer.intake import Place
from platforms.simulated.channels import constants
from platforms.simulated.channels.ids import print_id
from platforms.simulated.contracts import Contracts
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.courier import ChannelCourier, forged
from platforms.simulated.servers.walmart import credentials, hooks
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import WALMART
from platforms.walmart import parse, reports

HERE = MarketplaceId("WALMART_US")
URL = "https://ours.example/webhooks/walmart/walmart_us?from=walmart"


class Seller(Wired):
    """The connector before its server; `answered` keeps all that was said."""

    def __init__(self, sim: Simulation) -> None:
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        values = fields(credentials.environment("http://simulated"), credentials.ACCOUNT)
        super().__init__(sim, "walmart", WALMART, credentials.ACCOUNT, values)

    def heard(self, request: httpx.Request, answer: httpx.Response) -> None:
        self.answered.append((request, answer))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seller]:
    """Eight days: orders in every state, returns, and two settlements (in real life one in fourteen days)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(constants.PAYOUT_EVERY_S, WALMART, 3 * 86400)
        seller = Seller(Simulation(tmp_path_factory.mktemp("walmart"), seed=7, start=START))
        read(seller.connector.pull_listings(None))
        seller.pass_time(days=8)
        yield seller
        seller.sim.close()


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    seller = Seller(Simulation(tmp_path, seed=7, start=START))
    read(seller.connector.pull_listings(None))
    yield seller
    seller.sim.close()


def test_every_order_and_return_is_the_true_one(lived: Seller) -> None:
    orders = {order.order_id: order for order in read(lived.connector.pull_orders(None))}
    true = {print_id(WALMART, "sale", s.number): s for s in lived.channel.sales.values() if s.status != "pending"}
    assert set(orders) == set(true)
    assert len(orders) > 200, "more than one page"
    oldest = min(order.purchased_at for order in orders.values())
    assert oldest < lived.clock.now() - timedelta(days=7), "older than what Walmart shows unasked"
    assert {order.status for order in orders.values()} == {
        OrderStatus.UNSHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLED,
    }  # fmt: skip
    for order_id, order in orders.items():
        sale = true[order_id]
        assert order.total == Money(sale.total_minor, "USD")
        assert [(line.sku, line.quantity, line.total) for line in order.lines] == [
            (line.sku, line.quantity, Money(line.total_minor, "USD")) for line in sale.lines
        ]
        assert abs(order.updated_at - sale.updated_at) < timedelta(milliseconds=1)
    assert lived.connector.get_order(OrderId(order_id)) == order
    returns = {one.return_id: one for one in read(lived.connector.pull_returns(None))}
    assert set(returns) == {print_id(WALMART, "return", number) for number in lived.channel.returns}
    assert returns
    for number, true_return in lived.channel.returns.items():
        found = returns[print_id(WALMART, "return", number)]
        assert found.status is not ReturnStatus.UNMAPPED
        assert found.order_id == print_id(WALMART, "sale", true_return.sale)
        assert [(line.sku, line.quantity) for line in found.lines] == [(true_return.sku, true_return.quantity)]
        refunded = Money(true_return.amount_minor, "USD") if true_return.status == "refunded" else None
        assert found.refunded == refunded


def test_pulling_again_and_again_sees_every_order(seller: Seller) -> None:
    seen: dict[str, Any] = {}
    cursor = None
    for _ in range(12):
        for page in seller.connector.pull_orders(cursor):
            seen |= {order.order_id: order for order in page.records}
            cursor = page.next_cursor or cursor
        seller.pass_time(hours=2)
    seen |= {order.order_id: order for order in read(seller.connector.pull_orders(cursor))}
    whole = {order.order_id: order for order in read(seller.connector.pull_orders(None))}
    assert seen == whole
    assert whole


def test_the_settlement_adds_up_to_what_was_booked(lived: Seller) -> None:
    charges = read(lived.connector.pull_charges(None))
    true = [one for one in lived.channel.charges if one.payout is not None]
    assert len(charges) == len({charge.charge_id for charge in charges}) == len(true) > 100
    assert sum(charge.amount.minor for charge in charges) == sum(one.amount_minor for one in true) == 0
    kinds = {kind: sum(c.amount.minor for c in charges if c.kind is kind) for kind in ChargeKind}
    assert kinds[ChargeKind.SALE] == sum(one.amount_minor for one in true if one.kind == "sale")
    assert kinds[ChargeKind.FEE] == sum(one.amount_minor for one in true if one.kind in ("fee", "fee_refund"))
    assert kinds[ChargeKind.PAYOUT] == sum(one.amount_minor for one in true if one.kind == "payout") < 0
    assert kinds[ChargeKind.UNMAPPED] == 0
    cursor = list(lived.connector.pull_charges(None))[-1].next_cursor
    assert read(lived.connector.pull_charges(cursor)) == []


def test_listings_stock_and_the_buy_box_are_those_of_the_world(lived: Seller) -> None:
    listings = read(lived.connector.pull_listings(None))
    items = lived.channel.by_sku
    assert {x.sku: x.price for x in listings} == {sku: Money(one.price_minor, "USD") for sku, one in items.items()}
    levels = {level.sku: level for level in read(lived.connector.pull_stock(None))}
    assert set(levels) == set(items)
    level = levels[listings[0].sku]
    assert lived.connector.live_stock(level.sku, HERE, level.location) == level.fulfillable
    assert lived.connector.live_price(listings[0].sku, HERE) == listings[0].price
    pages = {one.external_id: one for one in read(lived.connector.offers(listings))}
    assert len(pages) == len(listings)
    ours = 0
    for listing in listings:
        featured = [o for o in pages[listing.external_id].offers if o.is_featured]
        holder = items[listing.sku].featured
        assert [o.seller_id == credentials.PARTNER_ID for o in featured] == (
            [] if holder is None else [holder == credentials.PARTNER_ID]
        )
        ours += holder == credentials.PARTNER_ID
    assert 0 < ours < len(listings)


def test_a_report_that_is_asked_for_again_is_the_same_one(seller: Seller) -> None:
    listings = read(seller.connector.pull_listings(None))
    for _ in range(3):
        assert read(seller.connector.offers(listings))
        seller.pass_time(minutes=5)
    assert len([key for key in seller.channel.kept if key.startswith("report/")]) == 1
    seller.pass_time(minutes=30)
    assert read(seller.connector.offers(listings))
    assert len([key for key in seller.channel.kept if key.startswith("report/")]) == 2


def test_a_report_that_never_ends_is_left_for_later_and_at_last_asked_for_anew(seller: Seller) -> None:
    listings = read(seller.connector.pull_listings(None))
    seller.fault(stuck_report=1.0)
    for _ in range(2):
        assert read(seller.connector.offers(listings)) == []
    seller.fault()
    seller.pass_time(hours=1)
    with pytest.raises(TransientError, match="over an hour"):
        read(seller.connector.offers(listings))
    assert len([key for key in seller.channel.kept if key.startswith("report/")]) == 1
    seller.pass_time(seconds=reports.GIVEN_UP.total_seconds())
    assert read(seller.connector.offers(listings))


def test_a_torn_report_gives_nothing_rather_than_half(seller: Seller) -> None:
    listings = read(seller.connector.pull_listings(None))
    seller.fault(truncated_gzip=1.0)
    with pytest.raises(TransientError, match="torn"):
        read(seller.connector.offers(listings))
    seller.fault()
    assert len(read(seller.connector.offers(listings))) == len(listings)


def test_a_price_is_set_and_read_back(seller: Seller) -> None:
    listing = read(seller.connector.pull_listings(None))[0]
    assert listing.price is not None
    wanted = listing.price + Money(7, "USD")
    assert seller.connector.set_price(listing, wanted, idempotency_key="k").external_ref == listing.sku
    assert seller.connector.live_price(listing.sku, HERE) == listing.price, "taken is not applied"
    seller.pass_time(minutes=5)
    assert seller.connector.live_price(listing.sku, HERE) == wanted


def test_lines_of_a_feed_fail_one_by_one(seller: Seller) -> None:
    listings = [x for x in read(seller.connector.pull_listings(None)) if x.price is not None][:12]
    changes = [PriceChange(x, x.price + Money(5, "USD"), f"key-{n}") for n, x in enumerate(listings) if x.price]
    seller.fault(failed_feed_lines=0.5)
    fates = seller.connector.set_prices(changes)
    seller.fault()
    failed = [fate for fate in fates if isinstance(fate, Rejected)]
    assert 0 < len(failed) < len(fates)
    assert all(fate.issues for fate in failed)
    seller.pass_time(minutes=5)
    for change, fate in zip(changes, fates, strict=True):
        live = seller.connector.live_price(change.listing.sku, HERE)
        assert live == (change.listing.price if isinstance(fate, Rejected) else change.price)


def test_stock_is_set_and_seen_by_the_other_channels(seller: Seller) -> None:
    level = next(x for x in read(seller.connector.pull_stock(None)) if x.fulfillable > 3)
    assert seller.connector.set_stock(level, 2, idempotency_key="k").details == {"quantity": "2"}
    assert seller.connector.live_stock(level.sku, HERE, level.location) == 2


@pytest.mark.shared
def test_answers_agree_with_the_official_contract(lived: Seller, shared_dir: Path) -> None:
    """Names, types and statuses, of everything that the connector can ask for; a field too many counts too."""
    contracts, ours = Contracts.load(shared_dir / "specs"), lived.open()
    del lived.answered[:]
    listings, levels = read(ours.pull_listings(None)), read(ours.pull_stock(None))
    priced = [x for x in listings if x.price is not None]
    ours.get_order(read(ours.pull_orders(None))[0].order_id)
    for pages in (ours.pull_returns(None), ours.pull_charges(None), ours.offers(listings)):
        assert read(pages)
    ours.live_price(priced[0].sku, HERE)
    ours.live_stock(levels[0].sku, HERE, levels[0].location)
    ours.set_stock(levels[0], levels[0].fulfillable, idempotency_key="k")
    ours.set_prices([PriceChange(x, x.price, f"key-{n}") for n, x in enumerate(priced)])
    ours.set_price(priced[0], priced[0].price, idempotency_key="k")
    subscribed(lived, "INVENTORY_OOS")
    asked = set()
    for request, answer in lived.answered:
        path, query = request.url.path.removeprefix("/walmart"), dict(request.url.params)
        if not path.startswith("/v3/"):
            continue
        body = answer.json()
        asked.add(contracts.operation("walmart", request.method, path, query).template)
        problems = contracts.check_answer("walmart", request.method, path, query, answer.status_code, body)
        # the contract declares the cells of a settlement's lines as objects, and shows them as texts
        assert [p for p in problems if not p.where.startswith("body.reportData[")] == [], path
    # asked for where the token before is too old, or the report is not there already
    sometimes = {"/v3/token", "/v3/reports/reportRequests/{requestId}"}
    assert len(asked - sometimes) == 17


def test_wrong_credentials_are_auth_failed(seller: Seller) -> None:
    with pytest.raises(AuthFailed):
        read(seller.open(CLIENT_SECRET="another-secret").pull_orders(None))
    seller.fault(revoked_tokens=1.0)
    with pytest.raises(AuthFailed):
        read(seller.open().pull_orders(None))


def test_a_write_whose_answer_is_lost_is_unknown_and_can_be_read_back(seller: Seller) -> None:
    listing = read(seller.connector.pull_listings(None))[0]
    assert listing.price is not None
    seller.fault(timeout_after_write=1.0)
    with pytest.raises(OutcomeUnknown):
        seller.connector.set_price(listing, listing.price + Money(9, "USD"), idempotency_key="k")
    seller.fault()
    seller.pass_time(minutes=5)
    assert seller.connector.live_price(listing.sku, HERE) == listing.price + Money(9, "USD")


def test_under_every_fault_reading_ends_in_records_or_a_typed_error(seller: Seller) -> None:
    seller.pass_time(hours=6)
    seller.sim.do("faults", chances=dict.fromkeys(_FAULTS, 0.15))
    outcomes = set()
    for _ in range(4):
        for pull in ("orders", "returns", "charges", "stock", "listings"):
            try:
                outcomes.add("records" if list(getattr(seller.connector, f"pull_{pull}")(None)) else "nothing")
            except EcomError as error:
                outcomes.add(type(error).__name__)
    assert "records" in outcomes
    assert "OutcomeUnknown" not in outcomes


_FAULTS = ("throttled", "server_error", "expiring_tokens", "extra_fields", "poison_record", "unknown_status")


def subscribed(seller: Seller, topic: str, **auth: str) -> None:
    about = {"authDetails": auth} if auth else {}
    resource = hooks.KINDS[topic][0]
    event = {"eventType": topic, "eventVersion": "V1", "resourceName": resource, "eventUrl": URL, "status": "ACTIVE"}
    body = {"events": [{**event, **about}]}
    answer = seller.connector.client.answer("POST", "/v3/webhooks/subscriptions", operation="test", body=body)
    assert [one["status"] for one in answer.parsed["event"]] == ["ACTIVE"]


def delivered(seller: Seller) -> list[httpx.Request]:
    """What the courier sent, all of it."""
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    servers = Servers(seller.sim, lambda: "http://simulated")
    servers.printers[WALMART] = hooks.print_webhook

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
            await ChannelCourier(servers, client).round()

    asyncio.run(run())
    return sent


@pytest.mark.parametrize("way", ["performance", "subscribed"])
def test_webhooks_are_signed_and_become_the_same_order_as_the_pull(seller: Seller, way: str) -> None:
    secret = {"authMethod": "HMAC", "authHeaderName": "WM_HMAC", "clientSecret": credentials.HOOK_SECRET}
    subscribed(seller, "PO_CREATED", **(secret if way == "subscribed" else {}))
    seller.pass_time(hours=2)
    sent = delivered(seller)
    assert sent
    ours = seller.open(WEBHOOK_URL=URL)
    for request in sent:
        event = ours.verify_webhook(request.headers, request.content)
        order = ours.read_webhook(event.topic, request.content)
        pulled = ours.get_order(order.order_id)
        assert (order.order_id, order.total, order.lines) == (pulled.order_id, pulled.total, pulled.lines)
        assert order.updated_at <= pulled.updated_at
        with pytest.raises(AuthFailed):
            ours.verify_webhook(request.headers, forged(request.content))
    assert len({ours.verify_webhook(r.headers, r.content).dedupe_id for r in sent}) == len(sent)
    stranger = seller.open(WEBHOOK_URL=URL, WEBHOOK_SECRET="another-secret")
    with pytest.raises(AuthFailed):
        stranger.verify_webhook(sent[0].headers, sent[0].content)


def test_a_changed_buy_box_becomes_an_event_of_the_engine(seller: Seller) -> None:
    subscribed(seller, "BUY_BOX_CHANGED")
    seller.pass_time(hours=12)
    sent = delivered(seller)
    assert sent
    ours = seller.open(WEBHOOK_URL=URL)
    listings = {listing.sku: listing for listing in read(ours.pull_listings(None))}
    held = set()
    for request in sent:
        event = ours.verify_webhook(request.headers, request.content)
        assert ours.read_webhook(event.topic, request.content) is None
        change = parse.buy_box_change(parse.event(request.content))
        place = Place(HERE, listings[change.sku].external_id, "new", "USD")
        told = change.parsed(place, credentials.PARTNER_ID)
        assert told.asin == listings[change.sku].external_id
        assert told.event_id == event.dedupe_id
        held |= {offer.seller_id == credentials.PARTNER_ID for offer in told.offers if offer.is_winner}
    assert held
