"""Orders by GraphQL, by webhook and by bulk file are one record; a pull that is killed loses none."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import NOON, Vendor, facts_of, sample

from ecom_agent.errors import NotFound, ParseFailed, TerminalError, TransientError
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import OrderStatus
from platforms import registry
from platforms.shopify.bulk import joined

SPEC = registry.spec("shopify")


def node(order_id: str, at: datetime) -> dict[str, Any]:
    template = sample("shopify", "orders")["exchanges"][1]["body"]["data"]["orders"]["nodes"][0]
    return {**json.loads(json.dumps(template)), "id": order_id, "updatedAt": at.isoformat()}


class Shop:
    """orders() over orders that are updated now and then, oldest update first, two a page."""

    def __init__(self) -> None:
        self.updates: dict[str, datetime] = {}
        self.vendor = Vendor(SPEC, change=self.answer)

    def answer(self, request: httpx.Request, facts: dict[str, Any]) -> httpx.Response:
        found = re.fullmatch(r"updated_at:>='(.+)'", facts["query"])
        assert found
        after = datetime.fromisoformat(found.group(1))
        inside = sorted((at, o) for o, at in self.updates.items() if at >= after)
        start = int(facts["after"] or 0)
        more = start + 2 < len(inside)
        orders = {
            "pageInfo": {"hasNextPage": more, "endCursor": str(start + 2)},
            "nodes": [node(o, at) for at, o in inside[start : start + 2]],
        }
        return httpx.Response(200, json={"data": {"orders": orders}})


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
    for page in connector.pull_orders(cursor):
        seen |= {order.order_id: order.updated_at for order in page.records}
    assert seen == shop.updates


def test_lines_that_did_not_fit_into_the_page_are_fetched() -> None:
    [first, _] = Vendor(SPEC, "orders").open().pull_orders(None)
    assert [len(order.lines) for order in first.records] == [1, 2]
    assert [str(line.total) for line in first.records[1].lines] == ["6.50 EUR", "5.00 EUR"]


def test_the_status_is_ours_and_the_words_are_kept() -> None:
    pages = Vendor(SPEC, "orders").open().pull_orders(None)
    assert [(o.status, o.status_raw, o.country) for page in pages for o in page.records] == [
        (OrderStatus.SHIPPED, "FULFILLED/PAID", "DE"),
        (OrderStatus.PENDING, "UNFULFILLED/PENDING", "DE"),
        (OrderStatus.UNMAPPED, "ON_THE_MOON/PAID", None),
        (OrderStatus.CANCELLED, "UNFULFILLED/REFUNDED/CANCELLED", "DE"),
    ]


def test_a_webhook_gives_the_same_record_as_graphql() -> None:
    connector = Vendor(SPEC, "orders").open()
    pulled = [order for page in connector.pull_orders(None) for order in page.records]
    told = connector.read_webhook("orders/cancelled", orjson.dumps(sample("shopify", "webhook_order")))
    assert told == pulled[3]


def test_a_webhook_about_something_else_gives_no_order() -> None:
    assert Vendor(SPEC).open().read_webhook("products/update", b"{}") is None


@pytest.mark.parametrize("field", ["currency", "updated_at", "line_items"])
@pytest.mark.parametrize("instead", [None, 7, "ZZZ"])
def test_a_damaged_webhook_names_the_field(field: str, instead: Any) -> None:
    raw = orjson.dumps({**sample("shopify", "webhook_order"), field: instead})
    with pytest.raises(ParseFailed, match=field):
        Vendor(SPEC).open().read_webhook("orders/updated", raw)


def test_an_order_that_is_not_there_is_not_found() -> None:
    vendor = Vendor(SPEC, change=lambda *_: httpx.Response(200, json={"data": {"order": None}}))
    with pytest.raises(NotFound, match="gid://shopify/Order/9"):
        vendor.open().get_order(OrderId("gid://shopify/Order/9"))


# --- bulk ---


def bulk_lines(count: int) -> list[str]:
    lines = []
    for n in range(count):
        order = node(f"gid://shopify/Order/{n}", NOON)
        children = order.pop("lineItems")["nodes"]
        lines.append(json.dumps(order))
        lines += [json.dumps({**child, "__parentId": order["id"]}) for child in children]
    return lines


def bulk_shop(states: list[dict[str, Any]], text: str, *, start_errors: Any = ()) -> Vendor:
    left = list(states)

    def answer(request: httpx.Request, facts: dict[str, Any]) -> httpx.Response:
        if request.url.host == "files.test":
            assert "x-shopify-access-token" not in request.headers
            return httpx.Response(200, text=text)
        if facts["operationName"] == "bulkOperationRunQuery":
            assert "created_at:>='2026-10-01T00:00:00Z' AND created_at:<'2026-11-01T00:00:00Z'" in facts["query"]
            started = None if start_errors else {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}
            payload = {"bulkOperation": started, "userErrors": list(start_errors)}
            return httpx.Response(200, json={"data": {"bulkOperationRunQuery": payload}})
        return httpx.Response(200, json={"data": {"bulkOperation": left.pop(0)}})

    return Vendor(SPEC, change=answer)


def pull_bulk(vendor: Vendor) -> list[Any]:
    start = datetime.fromisoformat("2026-10-01T00:00:00Z")
    return list(vendor.open().bulk_orders(start, start + timedelta(days=31)))


DONE = {"status": "COMPLETED", "url": "https://files.test/x.jsonl?sig=1"}


def test_a_bulk_file_is_waited_for_and_read_in_pages() -> None:
    vendor = bulk_shop([{"status": "RUNNING"}, {"status": "RUNNING"}, DONE], "\n".join(bulk_lines(600)))
    pages = pull_bulk(vendor)
    assert [len(page.records) for page in pages] == [250, 250, 100]
    assert [page.more for page in pages] == [True, True, False]
    assert all(page.next_cursor is None for page in pages)
    assert all(len(order.lines) == 1 for page in pages for order in page.records)
    assert vendor.clock.now() == NOON + timedelta(seconds=5)


def test_no_orders_is_no_page() -> None:
    assert pull_bulk(bulk_shop([{"status": "COMPLETED", "url": None}], "")) == []


def test_a_bulk_operation_that_fails_says_why() -> None:
    with pytest.raises(TerminalError, match="ACCESS_DENIED"):
        pull_bulk(bulk_shop([{"status": "FAILED", "errorCode": "ACCESS_DENIED"}], ""))


def test_another_running_bulk_operation_is_only_a_matter_of_time() -> None:
    busy = [{"code": "OPERATION_IN_PROGRESS", "message": "already running", "field": None}]
    with pytest.raises(TransientError, match="another bulk operation"):
        pull_bulk(bulk_shop([], "", start_errors=busy))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=8))
def test_children_join_their_parent_and_nothing_is_lost(children: list[int]) -> None:
    lines = []
    for number, count in enumerate(children):
        lines.append(json.dumps({"id": f"o{number}"}))
        lines += [json.dumps({"id": f"o{number}-{n}", "__parentId": f"o{number}"}) for n in range(count)]
    found = list(joined(lines))
    assert [len(order["lineItems"]["nodes"]) for order, _ in found] == children
    assert "\n".join(text for _, text in found) == "\n".join(lines)


@pytest.mark.parametrize(
    "lines", [['{"id": "l", "__parentId": "o"}'], ['{"id": "a"}', '{"id": "l", "__parentId": "b"}'], ['{"id": "a']]
)
def test_a_file_that_is_torn_is_refused(lines: list[str]) -> None:
    with pytest.raises(ParseFailed, match="bulk file, line"):
        list(joined(lines))


def test_the_kit_reads_graphql_facts() -> None:
    request = httpx.Request("POST", "https://x.test", json={"operationName": "orders", "variables": {"after": None}})
    assert facts_of(request) == {"operationName": "orders", "after": None}
