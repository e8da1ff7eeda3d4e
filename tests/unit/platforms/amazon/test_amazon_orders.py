"""The window of the orders pull: killed anywhere, taken up again, it loses no order's newest version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import NOON, Vendor, sample

from ecom_agent.errors import ParseFailed
from ecom_agent.records.orders import OrderStatus
from platforms import registry
from platforms.amazon import parse
from platforms.amazon.orders import FIRST_LOOK_BACK, LAG, OVERLAP

SPEC = registry.spec("amazon")


class Shop:
    """searchOrders over orders that are updated now and then; its tokens name an offset and die after a day."""

    def __init__(self, size: int = 2) -> None:
        self.updates: dict[str, datetime] = {}
        self.size, self.asked = size, list[httpx.QueryParams]()
        self.vendor = Vendor(SPEC, change=self.answer)
        self.dead_tokens = False

    def answer(self, request: httpx.Request, _facts: Any) -> httpx.Response | None:
        if "/orders/" not in request.url.path:
            return None
        params = request.url.params
        self.asked.append(params)
        after, before = (datetime.fromisoformat(params[n]) for n in ("lastUpdatedAfter", "lastUpdatedBefore"))
        assert before <= self.vendor.clock.now() - LAG
        if "paginationToken" in params and self.dead_tokens:
            return httpx.Response(400, json={"errors": [{"code": "InvalidInput", "message": "token expired"}]})
        # A token names the last order shown, not a number to skip: an order that leaves the window shifts nothing.
        shown = params.get("paginationToken", "")
        left = sorted(o for o, at in self.updates.items() if after <= at <= before and o > shown)
        body: dict[str, Any] = {"orders": [self.order(o) for o in left[: self.size]]}
        if self.size < len(left):
            body["pagination"] = {"nextToken": left[self.size - 1]}
        return httpx.Response(200, json=body)

    def order(self, order_id: str) -> dict[str, Any]:
        at = self.updates[order_id].isoformat()
        return {
            "orderId": order_id,
            "createdTime": at,
            "lastUpdatedTime": at,
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
            "fulfillment": {"fulfillmentStatus": "SHIPPED"},
            "orderItems": [],
        }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 400), st.integers(1, 4)), max_size=12))
def test_no_order_is_lost_however_often_the_pull_is_killed(steps: list[tuple[int, int, int]]) -> None:
    """Each step: an order is updated, time passes, and a pull is killed after some pages."""
    shop = Shop()
    connector, clock, seen, cursor = shop.vendor.open(), shop.vendor.clock, dict[str, datetime](), None
    for number, pause_s, pages in steps:
        shop.updates[f"order-{number}"] = clock.now().replace(microsecond=0)
        clock.sleep(pause_s)
        for page, _ in zip(connector.pull_orders(cursor), range(pages), strict=False):
            seen |= {order.order_id: order.updated_at for order in page.records}
            cursor = page.next_cursor
    clock.sleep(600)
    for page in connector.pull_orders(cursor):
        seen |= {order.order_id: order.updated_at for order in page.records}
        cursor = page.next_cursor
    for page in connector.pull_orders(cursor):
        seen |= {order.order_id: order.updated_at for order in page.records}
    assert seen == shop.updates


def test_the_first_pull_looks_back_and_ends_before_what_amazon_refuses() -> None:
    shop = Shop()
    [page] = shop.vendor.open().pull_orders(None)
    [asked] = shop.asked
    assert datetime.fromisoformat(asked["lastUpdatedAfter"]) == NOON - FIRST_LOOK_BACK
    assert datetime.fromisoformat(asked["lastUpdatedBefore"]) == NOON - LAG
    assert "createdAfter" not in asked
    assert page.next_cursor == f'{{"after":"{(NOON - LAG - OVERLAP).isoformat().replace("+00:00", "Z")}"}}'


def five_orders() -> tuple[Shop, Any, str]:
    shop = Shop()
    shop.updates = {f"order-{n}": NOON - timedelta(days=1, minutes=n) for n in range(5)}
    connector = shop.vendor.open()
    first = next(iter(connector.pull_orders(None)))
    assert first.next_cursor is not None
    return shop, connector, first.next_cursor


def test_a_pull_goes_on_from_the_page_where_it_broke_off() -> None:
    _, connector, cursor = five_orders()
    pages = list(connector.pull_orders(cursor))
    assert [len(page.records) for page in pages] == [2, 1]


@pytest.mark.parametrize("how", ["a day later", "refused"])
def test_a_token_that_died_costs_a_second_look_not_an_order(how: str) -> None:
    shop, connector, cursor = five_orders()
    if how == "refused":
        shop.dead_tokens = True
        shop.size = 50
    else:
        shop.vendor.clock.sleep(25 * 3600)
    pages = list(connector.pull_orders(cursor))
    assert sum(len(page.records) for page in pages) == 5


def test_a_token_that_comes_twice_ends_the_pull() -> None:
    shop = Shop()
    body = {"orders": [], "pagination": {"nextToken": "again"}}
    shop.vendor.change = lambda request, _: httpx.Response(200, json=body) if "/orders/" in request.url.path else None
    with pytest.raises(ParseFailed, match="same token twice"):
        list(shop.vendor.open().pull_orders(None))


def test_amazon_s_own_word_on_what_it_covered_counts() -> None:
    shop = Shop()
    covered = (NOON - timedelta(hours=2)).isoformat()
    body = {"orders": [], "lastUpdatedBefore": covered}
    shop.vendor.change = lambda request, _: httpx.Response(200, json=body) if "/orders/" in request.url.path else None
    [page] = shop.vendor.open().pull_orders(None)
    assert (NOON - timedelta(hours=2) - OVERLAP).strftime("%H:%M") in str(page.next_cursor)


def test_buyers_data_is_never_asked_for() -> None:
    shop = Shop()
    list(shop.vendor.open().pull_orders(None))
    assert set(shop.asked[0]["includedData"].split(",")).isdisjoint({"BUYER", "RECIPIENT", "PAYMENT", "TAX"})


def test_an_order_s_words_and_sums() -> None:
    [first, second] = parse.search_orders(_page(), account=Vendor(SPEC).account["token"]).records[:2]
    assert (first.status, first.fulfilment, str(first.total)) == (OrderStatus.SHIPPED, "fba", "26.60 USD")
    assert [str(line.total) for line in first.lines] == ["24.60 USD"]
    assert [str(line.total) for line in second.lines] == ["12.30 USD", "14.97 USD"]
    assert first.updated_at.tzinfo is UTC
    assert first.country is None


def _page() -> Any:
    return sample("amazon", "orders")["exchanges"][1]["body"]
