"""Pulling orders past the traps of their list: what it hides, how it pages, where it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from ecom_agent.errors import ParseFailed, TerminalError
from platforms.walmart import orders


def order(number: int, at: datetime) -> Any:
    units = {"unitOfMeasurement": "EACH", "amount": "1"}
    return {
        "purchaseOrderId": str(number),
        "orderDate": int(at.timestamp() * 1000),
        "orderLines": {
            "orderLine": [
                {
                    "lineNumber": "1",
                    "item": {"sku": "A"},
                    "charges": {"charge": []},
                    "orderLineQuantity": units,
                    "statusDate": int(at.timestamp() * 1000),
                    "orderLineStatuses": {"orderLineStatus": [{"status": "Created", "statusQuantity": units}]},
                }
            ]
        },
    }


def page(rows: list[Any], total: int, cursor: str | None = None) -> Any:
    meta = {"totalCount": total, **({"nextCursor": cursor} if cursor else {})}
    return {"list": {"meta": meta, "elements": {"order": rows}}}


class Book:
    """Orders by the time of their change, one a minute; a list is as short as Walmart's, at `most`."""

    def __init__(self, service: Any, count: int, most: int) -> None:
        start = service.clock.now() - timedelta(days=20)
        self.orders = [(start + timedelta(minutes=20 * n), n) for n in range(count)]
        self.most, self.windows = most, []

    def __call__(self, request: httpx.Request) -> Any:
        query = request.url.params
        if query["shipNodeType"] != "SellerFulfilled":
            return page([], 0)
        after = datetime.fromisoformat(query["lastModifiedStartDate"])
        before = query.get("lastModifiedEndDate")
        end = datetime.fromisoformat(before) if before else datetime.fromisoformat("9999-01-01T00:00:00Z")
        found = [order(n, at) for at, n in self.orders if after <= at <= end]
        self.windows.append((after, before, len(found)))
        return page(found[: self.most], len(found))


def pulled(service: Any, cursor: str | None = None) -> tuple[list[str], list[Any]]:
    pages = list(service.connector.pull_orders(cursor))
    return [record.order_id for p in pages for record in p.records], pages


def test_it_asks_for_what_the_list_would_hide(service: Any) -> None:
    service.on("GET", "/v3/orders", page([], 0))
    pulled(service)
    asked = [dict(request.url.params) for request in service.asked("/v3/orders")]
    assert [query["shipNodeType"] for query in asked] == ["SellerFulfilled", "WFSFulfilled", "3PLFulfilled"]
    for query in asked:
        assert datetime.fromisoformat(query["createdStartDate"]) < service.clock.now() - timedelta(days=170)
        assert "lastModifiedEndDate" not in query, "without an end, a list can only grow while it is read"
        assert "status" not in query


def test_a_list_longer_than_walmart_gives_out_is_read_in_windows(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST", 100)
    book = Book(service, 1000, 100)
    service.on("GET", "/v3/orders", book)
    found, pages = pulled(service)
    assert set(found) == {str(n) for n in range(1000)}
    assert [p.more for p in pages] == [True] * (len(pages) - 1) + [False]
    cursors = [p.next_cursor for p in pages if p.next_cursor is not None]
    assert cursors == sorted(cursors)
    middle = cursors[len(cursors) // 2]
    again, _ = pulled(service, middle)
    seen_before = {
        r.order_id
        for p in pages[: pages.index(next(p for p in pages if p.next_cursor == middle)) + 1]
        for r in p.records
    }
    assert seen_before | set(again) == set(found), "taken up at a window's end nothing is lost"


def test_more_changes_in_one_moment_than_a_list_holds_is_an_error_and_no_endless_loop(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MOST", 10)
    book = Book(service, 50, 10)
    book.orders = [(book.orders[0][0], n) for n in range(50)]
    service.on("GET", "/v3/orders", book)
    with pytest.raises(TerminalError, match="none can be read"):
        pulled(service)


def test_a_closed_window_that_shrinks_while_it_is_read_is_read_again(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that changes drops out of the window and moves the next ones up by a place: one would be missed."""
    monkeypatch.setattr(orders, "MOST", 5)
    book = Book(service, 8, 5)
    moved: list[str] = []

    def answer(request: httpx.Request) -> Any:
        query = request.url.params
        if "poIndex" in query:
            moved.append("page 2")
            return page([order(n, at) for at, n in book.orders[3:4]], 3)
        told = book(request)
        if "lastModifiedEndDate" in query and not moved and told["list"]["meta"]["totalCount"] == 4:
            return page(told["list"]["elements"]["order"][:2], 4, "?poIndex=2&shipNodeType=SellerFulfilled")
        return told

    service.on("GET", "/v3/orders", answer)
    found, _ = pulled(service)
    assert moved == ["page 2"]
    assert set(found) == {str(n) for n in range(8)}


def test_a_position_that_repeats_is_an_error_and_no_endless_loop(service: Any) -> None:
    service.on("GET", "/v3/orders", page([order(1, service.clock.now())], 3, "?poIndex=1"))
    with pytest.raises(ParseFailed, match="would not end"):
        pulled(service)


def test_returns_are_asked_for_by_change_and_their_positions_as_given(service: Any) -> None:
    first = {"meta": {"totalCount": 2, "limit": 1, "nextCursor": "?sellerId=8&offset=1"}, "returnOrders": []}
    last = {"meta": {"totalCount": 2, "limit": 1, "nextCursor": ""}, "returnOrders": []}
    service.on("GET", "/v3/returns", lambda r: last if "offset" in r.url.params else first)
    pages = list(service.connector.pull_returns(None))
    assert [p.more for p in pages] == [True, False]
    one, two = [dict(request.url.params) for request in service.asked("/v3/returns")]
    assert set(one) == {"returnLastModifiedStartDate", "limit"}
    assert two == {"sellerId": "8", "offset": "1"}


def test_nothing_of_a_buyer_is_kept_but_the_country(service: Any) -> None:
    """Neither in records, nor in raw pages, nor in what is set aside."""
    address = {"name": "Jane Sample", "address1": "1 Hidden Street", "city": "Hiddenton", "country": "USA"}
    bought = order(1, service.clock.now())
    bought |= {"customerEmailId": "hidden@relay.example", "pickupPersons": [{"name": "Jane Sample"}]}
    bought["shippingInfo"] = {"phone": "5550100", "methodCode": "Value", "postalAddress": address}
    broken = {**bought, "purchaseOrderId": "2", "orderLines": None}
    service.on("GET", "/v3/orders", lambda r: page([bought, broken], 2) if "Seller" in str(r.url) else page([], 0))
    returned = {
        "returnOrderId": "7",
        "customerEmailId": "hidden@relay.example",
        "customerName": {"firstName": "Jane", "lastName": "Sample"},
        "returnOrderLines": [{"returnDescription": "my hidden words"}],
    }
    service.on("GET", "/v3/returns", {"meta": {"totalCount": 1, "limit": 1}, "returnOrders": [returned]})
    pages = [*service.connector.pull_orders(None), *service.connector.pull_returns(None)]
    assert [record.country for p in pages for record in p.records] == ["USA"]
    assert len([poison for p in pages for poison in p.poison]) == 2
    kept = repr(pages).lower()
    assert not [word for word in ("jane", "hidden", "5550100") if word in kept]
    assert b"USA" in pages[0].raw
