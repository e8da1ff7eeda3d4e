"""TikTok's payloads become records, or are set aside with the reason; money adds up or is not taken."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import Vendor, sample

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus
from platforms import registry
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.parse.stock import ItemRef

SPEC = registry.spec("tiktok_shop")
ACCOUNT, SHOP = AccountId("a"), MarketplaceId("7490000000000000001")
SEEN = datetime(2026, 11, 3, 12, tzinfo=UTC)
DAY = parse.Statement("7238", datetime(2026, 11, 2, tzinfo=UTC))
BUYER = parse.Conversation("c1", "b1", SEEN)


def charges(**transaction: Any) -> Any:
    body = {"data": {"currency": "USD", "transactions": [{"id": "1", "type": "ORDER", **transaction}]}}
    return parse.charges(body, account=ACCOUNT, marketplace=SHOP, statement=DAY)


def messages(*rows: Any) -> Any:
    return parse.messages({"data": {"messages": list(rows)}}, account=ACCOUNT, marketplace=SHOP, of=BUYER)


def message(role: str = "BUYER", content: Any = None, **more: Any) -> dict[str, Any]:
    text = json.dumps({"content": "hello"} if content is None else content)
    return {"id": "m", "type": "TEXT", "content": text, "create_time": 1762171200, "sender": {"role": role}, **more}


def products(product: dict[str, Any], *, global_seller: bool = False) -> Any:
    body = {"data": {"products": [product]}}
    return parse.products(body, account=ACCOUNT, marketplace=SHOP, global_seller=global_seller, seen_at=SEEN)


def product(**more: Any) -> dict[str, Any]:
    sku = {
        "id": "2",
        "seller_sku": "MUG",
        "price": {"currency": "USD", "tax_exclusive_price": "10", "sale_price": "12"},
    }
    return {"id": "1", "status": "ACTIVATE", "title": "Mug", "skus": [{**sku, **more.pop("sku", {})}], **more}


# --- charges ---


@settings(max_examples=60)
@given(st.integers(-99_999, 99_999), st.integers(-9_999, 9_999), st.integers(-9_999, 9_999), st.sampled_from([1, -1]))
def test_whatever_the_sign_convention_the_parts_add_up_to_the_settlement(
    revenue: int, shipping: int, fees: int, sign: int
) -> None:
    settled = revenue + sign * (shipping + fees)
    amounts = {"revenue": revenue, "shipping_cost": shipping, "fee_tax": fees, "settlement": settled}
    read = charges(**{f"{name}_amount": f"{cents / 100:.2f}" for name, cents in amounts.items()})
    assert not read.poison
    assert sum(charge.amount.minor for charge in read.records) == settled
    assert all(charge.amount.minor for charge in read.records)


def test_breakdowns_are_told_apart_only_where_they_add_up() -> None:
    revenue = {"subtotal_before_discount_amount": "30", "refund_subtotal_before_discount_amount": "-10"}
    fees = {"fee": {"referral_fee_amount": "-1.50", "gmv_max_ad_fee_amount": "-0.30"}, "tax": {"vat_amount": "-0.20"}}
    whole = {"revenue_amount": "20", "fee_tax_amount": "-2", "settlement_amount": "18"}
    read = charges(**whole, revenue_breakdown=revenue, fee_tax_breakdown=fees)
    assert {charge.kind: charge.amount.minor for charge in read.records} == {
        ChargeKind.SALE: 3000, ChargeKind.REFUND: -1000, ChargeKind.FEE: -150, ChargeKind.ADVERTISING: -30,
        ChargeKind.TAX: -20,
    }  # fmt: skip
    odd = charges(**whole, revenue_breakdown={**revenue, "mystery_amount": "5"}, fee_tax_breakdown={"fee": {"x": "1"}})
    assert {charge.kind_raw: charge.amount.minor for charge in odd.records} == {
        "ORDER/revenue_amount": 2000,
        "ORDER/fee_tax_amount": -200,
    }


def test_money_that_does_not_add_up_is_set_aside() -> None:
    (poison,) = charges(revenue_amount="20", fee_tax_amount="-2", settlement_amount="17").poison
    assert "not the sum" in poison.reason
    assert "settlement_amount" in charges(revenue_amount="20").poison[0].reason


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("GMV_PAYMENT_FOR_ADS", ChargeKind.ADVERTISING),
        ("PLATFORM_PENALTY", ChargeKind.FEE),
        ("CHARGE_BACK", ChargeKind.ADJUSTMENT),
        ("NEW", ChargeKind.UNMAPPED),
    ],
)
def test_adjustments_keep_their_word(word: str, kind: ChargeKind) -> None:
    read = charges(type=word, adjustment_amount="-5", settlement_amount="-5", adjustment_order_id="9")
    (charge,) = read.records
    assert (charge.kind, charge.kind_raw, charge.amount.minor) == (kind, f"{word}/adjustment_amount", -500)
    assert (charge.order_id, charge.settlement_id, charge.booked_at) == ("9", "7238", DAY.at)
    (reserve,) = charges(type="RESERVE", reserve_amount="-3", settlement_amount="0").records
    assert (reserve.kind, reserve.amount.minor) == (ChargeKind.ADJUSTMENT, -300)


def test_the_sample_statements_come_whole_and_in_order() -> None:
    pages = list(Vendor(SPEC, "charges").open().pull_charges(None))
    records = [charge for page in pages for charge in page.records]
    assert [page.next_cursor is None for page in pages] == [True, False, False]
    assert sum(charge.amount.minor for charge in records) == 2 * 2087 - 500 - 300
    assert len({charge.charge_id for charge in records}) == len(records)
    assert [charge.booked_at for charge in records] == sorted(charge.booked_at for charge in records)


# --- messages ---


def test_who_wrote_what_about_which_order() -> None:
    read = messages(
        message(), message("CUSTOMER_SERVICE"), message("ROBOT"), message("SYSTEM"), message(is_visible=False),
        message(type="ORDER_CARD", content={"order_id": "5"}),
        message(type="PRODUCT_CARD", content={"product_id": "6"}),
        message(plaintext="shown"), message("ALIEN"), message(content=["no object"]),
    )  # fmt: skip
    said = [(one.from_buyer, one.text, one.order_id, one.listing_id) for one in read.records]
    assert said == [
        (True, "hello", None, None),
        (False, "hello", None, None),
        (False, "hello", None, None),
        (True, "[ORDER_CARD]", "5", None),
        (True, "[PRODUCT_CARD]", None, "6"),
        (True, "shown", None, None),
    ]
    assert ["sender.role" in one.reason or "content" in one.reason for one in read.poison] == [True, True]
    assert all(one.buyer == "b1" for one in read.records)


def test_words_show_neither_in_reprs_nor_in_what_is_set_aside() -> None:
    read = messages(message("ALIEN", {"content": "my secret"}), {**message(), "content": "my secret"})
    assert len(read.poison) == 2
    assert "my secret" not in repr(read)
    assert "hello" not in repr(messages(message()).records)


def test_messages_of_a_conversation_come_oldest_first_and_once() -> None:
    pages = list(Vendor(SPEC, "messages").open().pull_messages(None))
    records = [one for page in pages for one in page.records]
    assert [one.message_id[-1] for one in records] == ["2", "3", "4"]
    assert records[1].order_id == "576000000000000001"
    assert "sample text" not in b"".join(page.raw for page in pages).decode()


# --- orders, returns, listings, stock ---


@pytest.mark.parametrize(
    ("status", "ours"),
    [("UNPAID", OrderStatus.PENDING), ("ON_HOLD", OrderStatus.PENDING), ("COMPLETED", OrderStatus.SHIPPED)],
)
def test_order_statuses(status: str, ours: OrderStatus) -> None:
    raw = {**sample("tiktok_shop", "orders")["exchanges"][2]["body"]["data"]["orders"][0], "status": status}
    order = parse.order(raw, account=ACCOUNT, marketplace=SHOP)
    assert (order.status, order.status_raw, order.country, order.fulfilment) == (ours, status, "US", "fbm")
    assert [line.quantity for line in order.lines] == [1, 1, 1]
    assert sum(line.total.minor for line in order.lines if line.total) == 3360


def test_returns_say_what_was_paid_back_only_once_it_was() -> None:
    pages = Vendor(SPEC, "returns").open().pull_returns(None)
    found = {one.status: one for page in pages for one in page.records}
    assert set(found) == {ReturnStatus.REQUESTED, ReturnStatus.REFUNDED, ReturnStatus.UNMAPPED}
    assert found[ReturnStatus.REQUESTED].refunded is None
    assert found[ReturnStatus.REFUNDED].refunded is not None
    assert found[ReturnStatus.REFUNDED].refunded.minor == 900
    assert found[ReturnStatus.UNMAPPED].status_raw == "SENT_TO_MARS"
    (line,) = found[ReturnStatus.REQUESTED].lines
    assert (line.sku, line.quantity, line.order_line_id) == ("MUG-01", 1, "577000000000000001")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, ListingStatus.ACTIVE),
        ({"sku": {"status_info": {"status": "DEACTIVATED"}}}, ListingStatus.INACTIVE),
        ({"is_not_for_sale": True}, ListingStatus.INACTIVE),
        ({"status": "FREEZE"}, ListingStatus.SUPPRESSED),
        ({"status": "DELETED", "is_not_for_sale": True}, ListingStatus.DELETED),
    ],
)
def test_listing_statuses(more: dict[str, Any], status: ListingStatus) -> None:
    (listing,) = products(product(**more)).records
    assert (listing.status, listing.external_id, listing.parent_id) == (status, "2", "1")


def test_the_price_is_the_one_that_the_page_shows() -> None:
    assert products(product()).records[0].price.minor == 1000
    assert products(product(), global_seller=True).records[0].price.minor == 1200


@pytest.mark.parametrize("odd", [{"status": 7}, {"skus": "none"}, {"sku": {"seller_sku": ""}}, {"id": 5}])
def test_what_cannot_be_read_is_set_aside_with_its_reason(odd: dict[str, Any]) -> None:
    read = products({**product(**odd)})
    assert read.records == ()
    assert all(poison.reason for poison in read.poison)
    assert len(read.poison) == 1


def test_stock_knows_which_skus_lie_in_several_warehouses() -> None:
    levels = [x for page in Vendor(SPEC, "stock").open().pull_stock(None) for x in page.records]
    refs = {(x.sku, x.location[-1]): ItemRef.of(x.item_ref or "") for x in levels}
    assert refs["MUG-01", "1"] == ItemRef("1730000000000000001", "1730000000000000101", alone=True)
    assert not refs["MUG-02", "1"].alone
    assert not refs["MUG-02", "2"].alone
    live = Vendor(SPEC, "stock").open().live_stock(Sku("MUG-01"), SHOP, "elsewhere")
    assert live is None


@pytest.mark.parametrize("at", [0, -5, 1_762_171_200_000, True, "1762171200", None])
def test_times_that_are_none_are_refused(at: Any) -> None:
    raw = {**sample("tiktok_shop", "orders")["exchanges"][2]["body"]["data"]["orders"][0], "update_time": at}
    with pytest.raises(ParseFailed, match="update_time"):
        parse.order(raw, account=ACCOUNT, marketplace=SHOP)
