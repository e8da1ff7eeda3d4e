"""The simulated eBay, asked as eBay's documentation says: tokens, quotas, pages, partial answers, challenges."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from simulated_kit import START
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.channels.ids import print_id
from platforms.simulated.servers import ebay
from platforms.simulated.servers.base import DroppedConnection, Servers
from platforms.simulated.servers.courier import ChannelCourier
from platforms.simulated.servers.ebay import bulk
from platforms.simulated.servers.ebay import credentials as demo
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY
from platforms.simulated.wire import ebay_news

SKU = "MUG-STONE-12"
ENDPOINT = "https://shop.example/webhooks/ebay"
BULK = "/sell/inventory/v1/bulk_update_price_quantity"
ORDERS = "/sell/fulfillment/v1/order"
NOTIFICATION = "/commerce/notification/v1"


class Seller:
    """A seller's program without a socket; `heard` are the notifications that reached its endpoint."""

    def __init__(self, sim: Simulation) -> None:
        self.sim, self.heard, self.knows_the_token = sim, list[httpx.Request](), True
        self.servers = Servers(sim, lambda: "http://simulated")
        routes = ebay.routes(self.servers, challenges=httpx.MockTransport(self._endpoint))
        self.http = TestClient(Starlette(routes=[Mount("/ebay", routes=routes)]))

    def token(self, **form: str) -> Any:
        basic = base64.b64encode(f"{demo.CLIENT_ID}:{demo.CLIENT_SECRET}".encode()).decode()
        form = form or {"grant_type": "refresh_token", "refresh_token": demo.REFRESH_TOKEN}
        headers = {"Authorization": f"Basic {basic}"}
        return self.http.post("/ebay/identity/v1/oauth2/token", data=form, headers=headers)

    def __call__(self, method: str, path: str, *, token: str | None = None, **given: Any) -> Any:
        word = "IAF" if path.startswith("/post-order") else "Bearer"
        token = token or f"{word} {self.token().json()['access_token']}"
        return self.http.request(method, f"/ebay{path}", headers={"Authorization": token}, **given)

    def deliver(self) -> None:
        async def round() -> None:
            async with httpx.AsyncClient(transport=httpx.MockTransport(self._endpoint)) as client:
                await ChannelCourier(self.servers, client).round()

        asyncio.run(round())

    def _endpoint(self, request: httpx.Request) -> httpx.Response:
        code = request.url.params.get("challenge_code")
        if code is None:
            self.heard.append(request)
            return httpx.Response(200)
        said = code + (demo.VERIFICATION_TOKEN if self.knows_the_token else "guess") + ENDPOINT
        return httpx.Response(200, json={"challengeResponse": hashlib.sha256(said.encode()).hexdigest()})


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Simulation]:
    sim = Simulation(tmp_path, seed=7, start=START)
    yield sim
    sim.close()


@pytest.fixture
def seller(sim: Simulation) -> Seller:
    return Seller(sim)


def numbers(answer: Any) -> list[int]:
    return [error["errorId"] for error in answer.json()["errors"]]


def entry(offer: str, value: str, currency: str = "USD") -> dict[str, Any]:
    return {"offers": [{"offerId": offer, "price": {"value": value, "currency": currency}}]}


def offer_id(seller: Seller, sku: str = SKU) -> str:
    return str(seller("GET", "/sell/inventory/v1/offer", params={"sku": sku}).json()["offers"][0]["offerId"])


# --- the door ---


def test_tokens(seller: Seller) -> None:
    assert seller.token().json()["expires_in"] == 7200
    application = seller.token(grant_type="client_credentials", scope="https://api.ebay.com/oauth/api_scope").json()
    assert application["token_type"] == "Application Access Token"
    for form, word in (
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "x"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ):
        assert (seller.token(**form).status_code, seller.token(**form).json()["error"]) == (400, word)
    for wrong in ("", "Basic !", "Basic " + base64.b64encode(b"a:b").decode()):
        answer = seller.http.post("/ebay/identity/v1/oauth2/token", headers={"Authorization": wrong})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_is_asked_for_and_ends(seller: Seller) -> None:
    token = f"Bearer {seller.token().json()['access_token']}"
    assert seller("GET", ORDERS, token=token).status_code == 200
    for wrong in ("Bearer made-up", token.replace("Bearer", "IAF"), token + "x"):
        assert numbers(seller("GET", ORDERS, token=wrong)) == [1001]
    form = {"grant_type": "client_credentials", "scope": "https://api.ebay.com/oauth/api_scope"}
    anyone = f"Bearer {seller.token(**form).json()['access_token']}"
    assert numbers(seller("GET", ORDERS, token=anyone)) == [1100]
    key = f"{NOTIFICATION}/public_key/{ebay_news.KEY_ID}"
    assert seller("GET", key, token=anyone).json() == ebay_news.public_key()
    seller.sim.advance(seller.sim.now() + timedelta(hours=2))
    assert seller("GET", ORDERS, token=token).status_code == 401


def test_faults_and_the_daily_quota(seller: Seller) -> None:
    for fault, status in (("throttled", 429), ("server_error", 500), ("expiring_tokens", 401)):
        seller.sim.do("faults", chances={fault: 1.0})
        assert seller("GET", ORDERS).status_code == status
    seller.sim.do("faults", chances={"timeout_after_write": 1.0})
    seller.sim.do("channel_open", channel=EBAY)
    number = print_id(EBAY, "offer", seller.sim.world.channels[EBAY].by_sku[SKU].number)
    with pytest.raises(DroppedConnection):
        seller("POST", BULK, json={"requests": [entry(number, "30.00")]})
    assert seller.sim.world.channels[EBAY].by_sku[SKU].price_minor == 3000
    seller.sim.do("faults", chances={"server_error_on_write": 1.0})
    assert seller("POST", BULK, json={"requests": [entry(number, "31.00")]}).status_code == 500
    assert seller.sim.world.channels[EBAY].by_sku[SKU].price_minor == 3000
    seller.sim.do("faults", chances={})
    seller.servers.bucket("ebay sell.fulfillment", 1.0, 1.0).tokens = 0.0
    assert numbers(seller("GET", ORDERS)) == [2001]


def test_what_is_not_simulated_says_so(seller: Seller) -> None:
    assert seller("GET", "/sell/marketing/v1/promotion", params={"marketplace_id": "EBAY_US"}).status_code == 501


# --- reading ---


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"limit": "201"}, 31100),
        ({"limit": "no"}, 31100),
        ({"offset": "-1"}, 31000),
        ({"filter": "moonphase:{FULL}"}, 30800),
        ({"filter": "lastmodifieddate:[yesterday..]"}, 30810),
        ({"filter": "lastmodifieddate:[2026-11-02T00:00:00Z..2026-11-01T00:00:00Z]"}, 30840),
        ({"filter": "creationdate:[2026-11-02T00:00:00Z..2027-11-01T00:00:00Z]"}, 30850),
        ({"orderIds": ",".join(["1"] * 51)}, 30900),
        ({"orderIds": "1"}, 32100),
    ],
)
def test_wrong_searches_are_refused_in_ebays_words(seller: Seller, query: dict[str, str], number: int) -> None:
    assert numbers(seller("GET", ORDERS, params=query)) == [number]


def test_pages_are_whole_and_follow_their_links(seller: Seller) -> None:
    seller("GET", ORDERS)
    seller.sim.advance(seller.sim.now() + timedelta(hours=12))
    every = {sale.number for sale in seller.sim.world.channels[EBAY].sales.values()}
    found, path, query = list[str](), ORDERS, {"limit": "5"}
    while True:
        body = seller("GET", path, params=query).json()
        assert body["total"] == len(every)
        assert len(body["orders"]) <= 5
        found += [order["orderId"] for order in body["orders"]]
        if "next" not in body:
            break
        url = httpx.URL(body["next"])
        path, query = url.path.removeprefix("/ebay"), dict(url.params)
    assert sorted(found) == sorted(print_id(EBAY, "sale", number) for number in every)
    one = seller("GET", f"{ORDERS}/{found[0]}").json()
    assert one["orderId"] == found[0]
    some = seller("GET", ORDERS, params={"orderIds": ",".join(found[:2])}).json()
    assert {order["orderId"] for order in some["orders"]} == set(found[:2])
    paid = seller("GET", ORDERS, params={"filter": "orderfulfillmentstatus:{FULFILLED}"}).json()
    assert all(order["orderFulfillmentStatus"] == "FULFILLED" for order in paid["orders"])


def test_items_page_by_page_numbers(seller: Seller) -> None:
    path = "/sell/inventory/v1/inventory_item"
    first = seller("GET", path, params={"limit": "10"}).json()
    last = seller("GET", path, params={"limit": "10", "offset": str(first["total"] // 10)}).json()
    assert first["size"] == 10
    assert "next" in first
    assert "next" not in last
    assert "prev" in last
    assert numbers(seller("GET", path, params={"limit": "500"})) == [25709]
    assert numbers(seller("GET", f"{path}/NO-SUCH")) == [25702]
    assert numbers(seller("GET", "/sell/inventory/v1/offer")) == [25707]
    assert numbers(seller("GET", "/sell/inventory/v1/offer/1")) == [25713]
    assert seller("GET", f"/sell/inventory/v1/offer/{offer_id(seller)}").json()["sku"] == SKU


def test_an_item_of_ones_own_is_kept_without_being_sold(seller: Seller) -> None:
    path = "/sell/inventory/v1/inventory_item/OWN-1"
    body = {"condition": "NEW", "availability": {"shipToLocationAvailability": {"quantity": 3}}}
    assert seller("PUT", path, json=body).status_code == 201
    assert seller("GET", path).json() == {"sku": "OWN-1", **body}
    assert seller("GET", "/sell/inventory/v1/offer", params={"sku": "OWN-1"}).status_code == 404
    known = f"/sell/inventory/v1/inventory_item/{SKU}"
    assert seller("PUT", known, json=body).status_code == 204
    assert seller("GET", known).json()["availability"]["shipToLocationAvailability"]["quantity"] == 3


# --- writing ---


def test_a_bulk_call_does_what_it_can_and_says_the_rest(seller: Seller) -> None:
    good, gone = offer_id(seller), "8100000050"
    answer = seller(
        "POST",
        BULK,
        json={
            "requests": [
                entry(good, "33.33"),
                entry(gone, "1.00"),
                {"sku": SKU, "shipToLocationAvailability": {"quantity": 4}},
                {"sku": "NO-SUCH", "shipToLocationAvailability": {"quantity": 4}},
                {"sku": SKU, "shipToLocationAvailability": {"quantity": -4}},
            ]
        },
    )
    assert answer.status_code == 207
    assert [one["statusCode"] for one in answer.json()["responses"]] == [200, 404, 200, 404, 400]
    offer = seller("GET", f"/sell/inventory/v1/offer/{good}").json()
    assert offer["pricingSummary"]["price"] == {"value": "33.33", "currency": "USD"}
    assert offer["availableQuantity"] == 4


@pytest.mark.parametrize("price", [("0.50", "USD"), ("9.999", "USD"), ("9.90", "EUR"), ("NaN", "USD"), ("x", "USD")])
def test_prices_that_ebay_refuses(seller: Seller, price: tuple[str, str]) -> None:
    answer = seller("POST", BULK, json={"requests": [entry(offer_id(seller), *price)]})
    assert answer.status_code == 207
    assert answer.json()["responses"][0]["statusCode"] == 400
    assert seller.sim.world.ledger.writes == []


def test_calls_that_are_refused_as_a_whole(seller: Seller) -> None:
    good = offer_id(seller)
    for requests in ([], [entry(good, "9.00")] * 2, [entry(str(n), "9.00") for n in range(bulk.MOST + 1)], None):
        assert numbers(seller("POST", BULK, json={"requests": requests})) == [25709]
    assert seller("POST", BULK, content=b"{").status_code == 400


def test_a_listing_is_revised_250_times_a_day_at_most(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "REVISIONS", 3)
    good = offer_id(seller)
    said = [
        seller("POST", BULK, json={"requests": [entry(good, f"{30 + n}.00")]}).json()["responses"][0]["statusCode"]
        for n in range(4)
    ]
    assert said == [200, 200, 200, 400]
    seller.sim.advance(seller.sim.now() + timedelta(days=1))
    assert seller("POST", BULK, json={"requests": [entry(good, "30.00")]}).status_code == 200


def test_an_offer_that_ended_is_not_published_and_not_priced(seller: Seller) -> None:
    good = offer_id(seller)
    seller.sim.do("channel_status", channel=EBAY, sku=SKU, status="ended")
    offer = seller("GET", f"/sell/inventory/v1/offer/{good}").json()
    assert (offer["status"], "listing" in offer) == ("UNPUBLISHED", False)
    assert seller("POST", BULK, json={"requests": [entry(good, "30.00")]}).json()["responses"][0]["statusCode"] == 400


# --- messages, money, notifications ---


def test_conversations_are_read_and_answered(seller: Seller) -> None:
    path = "/commerce/message/v1"
    members = {"conversation_type": "FROM_MEMBERS"}
    seller("GET", ORDERS)
    seller.sim.advance(seller.sim.now() + timedelta(days=1))
    found = seller("GET", f"{path}/conversation", params=members).json()["conversations"]
    thread = found[0]["conversationId"]
    assert seller("GET", f"{path}/conversation", params={"conversation_type": "FROM_EBAY"}).json()["total"] == 0
    made = seller("POST", f"{path}/send_message", json={"conversationId": thread, "messageText": "It will."})
    assert made.status_code == 201
    said = seller("GET", f"{path}/conversation/{thread}", params=members).json()
    assert said["messages"][0]["messageBody"] == "It will."
    assert said["messages"][0]["senderUsername"] == demo.SELLER
    assert (
        seller("POST", f"{path}/update_conversation", json={"conversationId": thread, "read": True}).status_code == 204
    )
    unread = {**members, "conversation_status": "UNREAD"}
    left = seller("GET", f"{path}/conversation", params=unread).json()["conversations"]
    assert thread not in [one["conversationId"] for one in left]
    for body, number in (
        ({"conversationId": "1", "messageText": "x"}, 355007),
        ({"otherPartyUsername": "nobody", "messageText": "x"}, 355006),
        ({"conversationId": thread, "messageText": "x" * 2001}, 355013),
    ):
        assert numbers(seller("POST", f"{path}/send_message", json=body)) == [number]
    late = {**members, "start_time": "2026-11-09T00:00:00Z", "end_time": "2026-11-08T00:00:00Z"}
    assert numbers(seller("GET", f"{path}/conversation", params=late)) == [355004]
    assert numbers(seller("GET", f"{path}/conversation")) == [355002]
    out_of_step = {**members, "limit": "20", "offset": "30"}
    assert numbers(seller("GET", f"{path}/conversation", params=out_of_step)) == [355008]


def test_no_transactions_are_204_and_the_sum_is_that_of_the_world(seller: Seller) -> None:
    path = "/sell/finances/v1/transaction"
    assert seller("GET", path).status_code == 204
    seller.sim.advance(seller.sim.now() + timedelta(days=3))
    body = seller("GET", path, params={"limit": "1000"}).json()
    sign = {"CREDIT": 1, "DEBIT": -1}
    total = sum(sign[t["bookingEntry"]] * round(float(t["amount"]["value"]) * 100) for t in body["transactions"])
    charges = seller.sim.world.channels[EBAY].charges
    assert total == sum(charge.amount_minor for charge in charges if charge.kind != "payout")
    assert {t["transactionType"] for t in body["transactions"]} >= {"SALE"}
    one = next(t for t in body["transactions"] if t["transactionType"] == "SALE")
    only = seller("GET", path, params={"filter": f"orderId:{{{one['orderId']}}}"}).json()["transactions"]
    assert {t["orderId"] for t in only} == {one["orderId"]}
    assert numbers(seller("GET", path, params={"filter": "transactionDate:[x..]"})) == [135008]


def test_a_destination_proves_itself_and_hears_signed_notifications(seller: Seller) -> None:
    wish = {
        "name": "shop",
        "status": "ENABLED",
        "deliveryConfig": {"endpoint": ENDPOINT, "verificationToken": demo.VERIFICATION_TOKEN},
    }
    path = f"{NOTIFICATION}/destination"
    seller.knows_the_token = False
    assert numbers(seller("POST", path, json=wish)) == [195020]
    seller.knows_the_token = True
    made = seller("POST", path, json=wish)
    assert made.status_code == 201
    assert numbers(seller("POST", path, json=wish)) == [195021]
    for config, number in (
        ({"endpoint": "ftp://x"}, 195017),
        ({"endpoint": "https://x", "verificationToken": "short"}, 195019),
    ):
        assert numbers(seller("POST", path, json={"deliveryConfig": config})) == [number]
    topic = {"topicId": "ITEM_PRICE_REVISION", "destinationId": made.headers["location"].rsplit("/", 1)[1]}
    subscribed = seller("POST", f"{NOTIFICATION}/subscription", json=topic)
    assert subscribed.status_code == 201
    assert numbers(seller("POST", f"{NOTIFICATION}/subscription", json=topic)) == [195012]
    assert numbers(seller("POST", f"{NOTIFICATION}/subscription", json={"topicId": "MOON"})) == [195027]
    assert numbers(seller("POST", f"{NOTIFICATION}/subscription", json={**topic, "destinationId": "?"})) == [195007]
    assert seller("GET", f"{NOTIFICATION}/subscription").json()["total"] == 1
    seller("POST", BULK, json={"requests": [entry(offer_id(seller), "33.33")]})
    seller.sim.advance(seller.sim.now() + timedelta(minutes=5))
    seller.deliver()
    (heard,) = seller.heard
    clock = FrozenClock(seller.sim.now())
    transport = httpx.MockTransport(lambda request: _relay(seller, request))
    connector = registry.open(
        "ebay", AccountId("e"), demo.account_settings("http://simulated"), clock, Quota(clock), transport=transport
    )
    event = connector.verify_webhook(heard.headers, heard.content)
    assert event.topic == "ITEM_PRICE_REVISION"
    assert b'"33.33"' in heard.content
    assert (
        seller("DELETE", f"{NOTIFICATION}/subscription/{subscribed.headers['location'].rsplit('/', 1)[1]}").status_code
        == 204
    )
    assert numbers(seller("DELETE", f"{NOTIFICATION}/subscription/1")) == [195013]
    assert numbers(seller("GET", f"{NOTIFICATION}/public_key/other")) == [195001]


def _relay(seller: Seller, request: httpx.Request) -> httpx.Response:
    given = seller.http.request(
        request.method, str(request.url), headers=dict(request.headers), content=request.content
    )
    return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)
