"""Prices one by one and in feeds, and stock: what became of each, and what is never sent."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange, ReservesWrites, SetsPrices
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.stock import StockLevel
from platforms.walmart import feeds

FEED = "/v3/feeds"


def listing(service: Any, sku: str) -> Listing:
    return Listing(
        AccountId("walmart_us"), MarketplaceId("WALMART_US"), Sku(sku), f"wpid-{sku}", None, "", ListingStatus.ACTIVE,
        Money(1000, "USD"), "new", None, None, service.clock.now(),
    )  # fmt: skip


def changes(service: Any, count: int) -> list[PriceChange]:
    return [PriceChange(listing(service, f"S{n}"), Money(1100 + n, "USD"), f"key-{n}") for n in range(count)]


def line(sku: str, status: str = "SUCCESS", *words: str) -> Any:
    errors = [{"type": "DATA_ERROR", "code": "E1", "description": word} for word in words]
    return {"sku": sku, "ingestionStatus": status, "ingestionErrors": {"ingestionError": errors or None}}


def feed(lines: list[Any], status: str = "PROCESSED") -> Any:
    return {
        "feedId": "F",
        "feedStatus": status,
        "itemsReceived": len(lines),
        "itemDetails": {"itemIngestionStatus": lines},
    }


def fed(service: Any, answer: Any, count: int = 12) -> Any:
    service.on("POST", FEED, {"feedId": "F@1"})
    service.on("GET", f"{FEED}/F@1", answer)
    return service.connector.set_prices(changes(service, count))


def test_it_offers_prices_together(service: Any) -> None:
    assert isinstance(service.connector, SetsPrices)
    assert isinstance(service.connector, ReservesWrites)
    assert service.connector.reserve_writes(5000, wait=True) == feeds.MOST


def test_few_prices_leave_one_by_one_and_each_has_its_own_fate(service: Any) -> None:
    def answer(request: httpx.Request) -> Any:
        sku = json.loads(request.content)["sku"]
        said = {"sku": sku, "message": "taken"}
        return {"S0": said, "S1": {"errors": [{"code": "NO"}]}}.get(sku) or httpx.ReadTimeout("slow")

    service.on("PUT", "/v3/price", answer)
    wrong = PriceChange(listing(service, "S9"), Money(0, "USD"), "key-9")
    taken, refused, lost, senseless = service.connector.set_prices([*changes(service, 3), wrong])
    assert taken.external_ref == "S0"
    assert isinstance(refused, Rejected)
    assert isinstance(lost, OutcomeUnknown)
    assert isinstance(senseless, Rejected)
    assert len(service.asked("/v3/price")) == 3


def test_a_feed_s_lines_have_fates_of_their_own(service: Any) -> None:
    lines = [line(f"S{n}") for n in range(12)]
    lines[3] = line("S3", "DATA_ERROR", "below the floor", "and odd")
    lines[4] = line("S4", "SYSTEM_ERROR", "try later")
    lines[5] = line("S5", "TIMEOUT_ERROR")
    lines[6] = line("ANOTHER")
    fates = fed(service, feed(lines))
    kinds = [type(fate).__name__ for fate in fates]
    assert kinds == ["Receipt"] * 3 + ["Rejected"] + ["OutcomeUnknown"] * 3 + ["Receipt"] * 5
    assert fates[3].issues == ("E1: below the floor", "E1: and odd")
    assert fates[0].external_ref == "F@1/S0"
    (sent,) = [json.loads(request.content) for request in service.asked(FEED)]
    assert sent["MPItem"][1] == {"Promo&Discount": {"sku": "S1", "price": 11.01}}


def test_a_feed_is_waited_for_and_read_to_its_last_page(service: Any) -> None:
    looks: list[str] = []

    def answer(request: httpx.Request) -> Any:
        offset = int(request.url.params["offset"])
        looks.append(request.url.params["offset"])
        if len(looks) < 3:
            return feed([], "INPROGRESS")
        told = feed([line(f"S{n}") for n in range(120)])
        told["itemDetails"]["itemIngestionStatus"] = told["itemDetails"]["itemIngestionStatus"][offset : offset + 50]
        return told

    fates = fed(service, answer, 120)
    assert {type(fate).__name__ for fate in fates} == {"Receipt"}
    assert looks == ["0", "0", "0", "50", "100"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (feed([], "INPROGRESS"), Receipt),
        (feed([], "ERROR"), Rejected),
        ({"nonsense": 1}, Receipt),
        (httpx.Response(404, json={}), Receipt),
        (feed([]), OutcomeUnknown),
    ],
    ids=["never through", "refused whole", "unreadable", "gone", "no lines"],
)
def test_feeds_that_end_otherwise(service: Any, answer: Any, kind: type) -> None:
    assert {type(fate) for fate in fed(service, answer)} == {kind}
    assert len(service.asked(FEED)) == 1, "a feed is never sent twice"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.Response(500, json={}), OutcomeUnknown),
        ({"odd": 1}, OutcomeUnknown),
        (httpx.Response(413, json={}), Rejected),
        (httpx.ConnectError("refused"), TransientError),
    ],
)
def test_a_feed_that_was_not_taken_raises_for_all(service: Any, answer: Any, kind: type) -> None:
    service.on("POST", FEED, answer)
    with pytest.raises(kind):
        service.connector.set_prices(changes(service, 12))


def test_of_a_sku_named_twice_only_the_last_price_goes(service: Any) -> None:
    service.on("POST", FEED, {"feedId": "F@1"})
    service.on("GET", f"{FEED}/F@1", feed([line(f"S{n}") for n in range(12)]))
    twice = PriceChange(listing(service, "S0"), Money(900, "USD"), "key-again")
    fates = service.connector.set_prices([*changes(service, 12), twice])
    assert isinstance(fates[0], Rejected)
    assert fates[-1].details == {"price": "9.00", "status": "SUCCESS"}
    sent = json.loads(service.asked(FEED)[0].content)["MPItem"]
    assert [entry["Promo&Discount"]["price"] for entry in sent if entry["Promo&Discount"]["sku"] == "S0"] == [9.0]


def level(service: Any, location: str) -> StockLevel:
    now = service.clock.now()
    return StockLevel(
        AccountId("walmart_us"), MarketplaceId("WALMART_US"), Sku("A/B"), location, None, 5, 1, None, None, now, now
    )


def test_stock_goes_to_the_node_it_was_read_from(service: Any) -> None:
    service.on("PUT", "/v3/inventory", {"sku": "A/B", "quantity": {"unit": "EACH", "amount": 9}})
    assert service.connector.set_stock(level(service, "77"), 9, idempotency_key="k").external_ref == "A/B@77"
    (sent,) = service.asked("/v3/inventory")
    assert dict(sent.url.params) == {"sku": "A/B", "shipNode": "77"}


def test_stock_that_is_walmart_s_or_makes_no_sense_is_never_sent(service: Any) -> None:
    for where, quantity in (("wfs", 9), ("77", -1)):
        with pytest.raises(Rejected):
            service.connector.set_stock(level(service, where), quantity, idempotency_key="k")
    assert service.requests == []


@pytest.mark.parametrize("answer", [{}, {"sku": "OTHER"}, {"sku": "A/B"}, [1]])
def test_an_answer_about_something_else_leaves_the_outcome_unknown(service: Any, answer: Any) -> None:
    service.on("PUT", "/v3/inventory", httpx.Response(200, json=answer))
    with pytest.raises(OutcomeUnknown):
        service.connector.set_stock(level(service, "77"), 9, idempotency_key="k")
