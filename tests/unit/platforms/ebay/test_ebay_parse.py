"""eBay's words and sums: what each becomes."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import ACCOUNT, NOON, Vendor, sample

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import Charge, ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus
from platforms.ebay import SPEC, parse

HERE: Any = {"account": ACCOUNT, "marketplace": MarketplaceId("EBAY_US")}


def order(**changed: Any) -> Any:
    return parse.order({**sample("ebay", "orders")["exchanges"][2]["body"], **changed}, **HERE)


@pytest.mark.parametrize(
    ("fulfilment", "payment", "cancel", "status", "word"),
    [
        ("NOT_STARTED", "PAID", "NONE_REQUESTED", OrderStatus.UNSHIPPED, "NOT_STARTED/PAID"),
        ("NOT_STARTED", "PENDING", "NONE_REQUESTED", OrderStatus.PENDING, "NOT_STARTED/PENDING"),
        ("NOT_STARTED", "FAILED", "NONE_REQUESTED", OrderStatus.PENDING, "NOT_STARTED/FAILED"),
        ("IN_PROGRESS", "PAID", "IN_PROGRESS", OrderStatus.PARTIALLY_SHIPPED, "IN_PROGRESS/PAID"),
        ("FULFILLED", "PARTIALLY_REFUNDED", "NONE_REQUESTED", OrderStatus.SHIPPED, "FULFILLED/PARTIALLY_REFUNDED"),
        ("FULFILLED", "PENDING", "NONE_REQUESTED", OrderStatus.SHIPPED, "FULFILLED/PENDING"),
        ("NOT_STARTED", "FULLY_REFUNDED", "CANCELED", OrderStatus.CANCELLED, "NOT_STARTED/FULLY_REFUNDED/CANCELED"),
    ],
)
def test_statuses(fulfilment: str, payment: str, cancel: str, status: OrderStatus, word: str) -> None:
    found = order(orderFulfillmentStatus=fulfilment, orderPaymentStatus=payment, cancelStatus={"cancelState": cancel})
    assert (found.status, found.status_raw) == (status, word)


def test_an_order_keeps_sums_and_the_place_it_goes_to() -> None:
    found = order()
    assert found.total == Money(2700, "USD")
    assert [(line.quantity, line.unit_price, line.total) for line in found.lines] == [
        (2, Money(650, "USD"), Money(1300, "USD")),
        (3, None, Money(1000, "USD")),  # three for ten: no whole cent
    ]
    assert (found.country, found.fulfilment, found.marketplace) == ("US", "fbm", "EBAY_US")
    through_a_hub = order(
        fulfillmentStartInstructions=[
            {
                "fulfillmentInstructionsType": "FULFILLED_BY_EBAY",
                "finalDestinationAddress": {"countryCode": "CA"},
                "shippingStep": {"shipTo": {"contactAddress": {"countryCode": "US"}}},
            }
        ]
    )
    assert (through_a_hub.country, through_a_hub.fulfilment) == ("CA", "3pl")
    assert order(fulfillmentStartInstructions=[]).country is None


def test_an_order_is_booked_where_it_was_sold() -> None:
    pages = list(Vendor(SPEC, "orders").open().pull_orders(None))
    sold = {o.order_id: (o.marketplace, o.status, o.lines[0].sku) for page in pages for o in page.records}
    assert sold["14-00001-00004"] == ("EBAY_DE", OrderStatus.CANCELLED, None)
    assert order(lineItems=[]).marketplace == "EBAY_US"


def test_returns() -> None:
    (page,) = Vendor(SPEC, "returns").open().pull_returns(None)
    found = {one.return_id: one for one in page.records}
    assert {name: (one.status, one.status_raw) for name, one in found.items()} == {
        "5001": (ReturnStatus.REQUESTED, "RETURN_REQUESTED"),
        "5002": (ReturnStatus.REFUNDED, "CLOSED"),
        "5003": (ReturnStatus.IN_TRANSIT, "ITEM_SHIPPED"),
        "5004": (ReturnStatus.UNMAPPED, "BEAMED_UP/CLOSED"),
    }
    assert found["5001"].refunded is None
    assert found["5001"].lines[0].refund == Money(650, "USD")
    assert found["5001"].lines[0].order_line_id == "10001"
    assert found["5002"].refunded == Money(650, "USD")
    assert found["5002"].opened_at == datetime(2026, 10, 20, 10, tzinfo=UTC)
    assert found["5002"].updated_at == NOON
    assert found["5004"].lines[0].refund is None


def test_a_statement_has_each_fee_apart() -> None:
    pages = list(Vendor(SPEC, "charges").open().pull_charges(None))
    found = {one.charge_id: one for page in pages for one in page.records}
    told = {name: (one.kind, str(one.amount), one.settlement_id) for name, one in found.items()}
    assert told == {
        "70-1/SALE": (ChargeKind.SALE, "27.00 USD", "6000001"),
        "70-1/SALE/10001/FINAL_VALUE_FEE": (ChargeKind.FEE, "-2.25 USD", "6000001"),
        "70-1/SALE/10001/AD_FEE": (ChargeKind.ADVERTISING, "-0.34 USD", "6000001"),
        "70-1/SALE/10001/FINAL_VALUE_FEE_FIXED_PER_ORDER": (ChargeKind.FEE, "-0.30 USD", "6000001"),
        "70-1/SALE/10002/FINAL_VALUE_FEE": (ChargeKind.FEE, "-1.00 USD", "6000001"),
        "70-1/REFUND": (ChargeKind.REFUND, "-6.50 USD", None),
        "70-3/SHIPPING_LABEL": (ChargeKind.SHIPPING, "-4.10 USD", None),
        "70-4/NON_SALE_CHARGE": (ChargeKind.ADVERTISING, "-0.55 USD", None),
        "70-5/NON_SALE_CHARGE": (ChargeKind.FEE, "-0.35 USD", None),
        "70-6/MOON_TAX": (ChargeKind.UNMAPPED, "-1.00 USD", None),
    }
    assert [one.booked_at for one in pages[0].records] == sorted(one.booked_at for one in pages[0].records)


amounts = st.integers(0, 10**7).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")
fees = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["FINAL_VALUE_FEE", "AD_FEE"]), amounts), max_size=6)


@settings(max_examples=40)
@given(net=amounts, taken=fees, entry=st.sampled_from(["CREDIT", "DEBIT"]))
def test_the_parts_of_a_sale_sum_to_what_was_booked(net: str, taken: list[tuple[str, str, str]], entry: str) -> None:
    lines = [
        {"lineItemId": line, "marketplaceFees": [{"feeType": kind, "amount": {"value": value, "currency": "USD"}}]}
        for line, kind, value in taken
    ]
    raw = {
        "transactionId": "1",
        "transactionType": "SALE",
        "bookingEntry": entry,
        "amount": {"value": net, "currency": "USD"},
        "transactionDate": "2026-11-01T08:00:00.000Z",
        "orderLineItems": lines,
    }
    read = parse.charges({"transactions": [raw]}, **HERE)
    assert read.poison == ()
    booked = Money.of(net, "USD") * (1 if entry == "CREDIT" else -1)
    assert sum(one.amount.minor for one in read.records) == booked.minor
    assert len({one.charge_id for one in read.records}) == len(read.records) == 1 + len(taken)
    assert all(isinstance(one, Charge) and one.amount.minor <= 0 for one in read.records[1:])


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
READERS: dict[str, Any] = {
    "orders": lambda body: parse.orders(body, **HERE),
    "returns": lambda body: parse.returns(body, seen_at=NOON, **HERE),
    "charges": lambda body: parse.charges(body, **HERE),
    "messages": lambda body: parse.messages(body, {"conversationId": "c"}, since=NOON, seller="s", **HERE),
    "stock": lambda body: parse.levels(body, seen_at=NOON, **HERE),
    "listings": lambda body: parse.listings(body, {}, account=ACCOUNT, seen_at=NOON),
}
BODY = {"messages": 1, "listings": 2}


@pytest.mark.parametrize("stream", READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_comes_is_read_or_set_aside(stream: str, data: st.DataObject) -> None:
    """Junk somewhere in a real answer: no exception but ParseFailed, and that only where the page itself is junk."""
    body = copy.deepcopy(sample("ebay", stream)["exchanges"][BODY.get(stream, 0)]["body"])
    place: Any = body
    for _ in range(data.draw(st.integers(0, 4))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key]:
            break
        place = place[key]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(junk)
    try:
        read = READERS[stream](body)
    except ParseFailed:
        return
    assert all(poison.reason for poison in read.poison)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bookingEntry": "SIDEWAYS"}, "bookingEntry"),
        ({"amount": {"value": "-1.00", "currency": "USD"}}, "amount"),
        ({"amount": {"value": "1.001", "currency": "USD"}}, "amount"),
        ({"transactionDate": "yesterday"}, "transactionDate"),
    ],
)
def test_a_transaction_that_makes_no_sense_is_set_aside(changed: Any, said: str) -> None:
    (raw,) = (one for one in sample("ebay", "charges")["exchanges"][0]["body"]["transactions"][:1])
    read = parse.charges({"transactions": [{**raw, **changed}]}, **HERE)
    assert read.records == ()
    assert said in read.poison[0].reason


@pytest.mark.parametrize(
    ("word", "condition"),
    [("NEW_OTHER", "new"), ("USED_GOOD", "used"), ("CERTIFIED_REFURBISHED", "refurbished"), (None, "new")],
)
def test_conditions(word: str | None, condition: str) -> None:
    body = sample("ebay", "listings")["exchanges"][2]["body"]
    read = parse.listings(body, {"condition": word}, account=ACCOUNT, seen_at=NOON)
    assert [listing.condition for listing in read.records] == [condition]


@pytest.mark.parametrize(
    ("word", "status"), [("EBAY_ENDED", ListingStatus.SUPPRESSED), ("ENDED", ListingStatus.INACTIVE)]
)
def test_listing_statuses(word: str, status: ListingStatus) -> None:
    (offer,) = sample("ebay", "listings")["exchanges"][2]["body"]["offers"]
    ended = {**offer, "listing": {"listingId": "1", "listingStatus": word}}
    read = parse.listings({"offers": [ended]}, {}, account=ACCOUNT, seen_at=NOON)
    assert [listing.status for listing in read.records] == [status]
    odd = {**offer, "listing": {"listingId": "1", "listingStatus": "DREAMING"}}
    (kept,) = parse.listings({"offers": [odd]}, {}, account=ACCOUNT, seen_at=NOON).records
    assert (kept.status, kept.status_raw) == (ListingStatus.UNMAPPED, "DREAMING")


def test_a_message_whose_read_mark_is_odd_is_set_aside() -> None:
    message = {"messageId": "m", "createdDate": "2026-11-02T08:00:00Z", "senderUsername": "x", "readStatus": "yes"}
    read = parse.messages({"messages": [message]}, {"conversationId": "c"}, since=NOON, seller="s", **HERE)
    assert "readStatus" in read.poison[0].reason


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"metadata":{"topic":"X"}}', b'{"metadata":{"topic":1}}'])
def test_what_is_no_notification_is_said(raw: bytes) -> None:
    with pytest.raises(ParseFailed):
        parse.heading(raw)


def test_a_notification_whose_time_cannot_be_read_is_one_all_the_same() -> None:
    for at in ("soon", "2026-11-02T08:00:00"):
        raw = f'{{"metadata":{{"topic":"X"}},"notification":{{"notificationId":"n","eventDate":"{at}"}}}}'
        assert parse.heading(raw.encode()) == ("X", "n", None)
