"""Walmart's door: tokens, headers, error bodies, and what its answers tell of the quota."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ecom_agent.errors import AuthFailed, NotFound, ParseFailed, TerminalError, TransientError
from ecom_agent.ids import OrderId
from platforms.walmart.client import issues, path_of, query_of

ITEMS = {"ItemResponse": [], "totalItems": 0}


def test_every_call_carries_walmart_s_headers_and_an_id_of_its_own(service: Any) -> None:
    service.on("GET", "/v3/items", ITEMS)
    for _ in range(2):
        list(service.connector.pull_listings(None))
    login, *calls = service.requests
    assert login.headers["authorization"] == "Basic " + base64.b64encode(b"client:a-client-secret").decode()
    assert login.content == b"grant_type=client_credentials"
    assert [call.headers["wm_sec.access_token"] for call in calls] == ["eyJ-access-token"] * 2
    ids = {request.headers["wm_qos.correlation_id"] for request in service.requests}
    assert len(ids) == 3
    assert all(request.headers["wm_svc.name"] for request in service.requests)


def test_a_token_is_renewed_before_its_fifteen_minutes_are_over(service: Any) -> None:
    service.on("GET", "/v3/items", ITEMS)
    for _ in range(3):
        list(service.connector.pull_listings(None))
        service.clock.sleep(timedelta(minutes=7).total_seconds())
    assert len(service.asked("/v3/token")) == 2


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_login_is_auth_failed(service: Any, status: int) -> None:
    body = {"error": [{"code": "UNAUTHORIZED.GMP_GATEWAY_API", "description": "no a-client-secret here"}]}
    service.on("POST", "/v3/token", httpx.Response(status, json=body))
    with pytest.raises(AuthFailed) as caught:
        list(service.connector.pull_listings(None))
    assert caught.value.issues == ("UNAUTHORIZED.GMP_GATEWAY_API: no *** here",)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": [{"code": "A", "description": "b", "info": "b"}, {"code": "C"}]}, ("A: b", "C")),
        ({"errors": {"error": [{"code": "A", "field": "sku", "description": "b"}]}}, ("A: sku: b",)),
        ({"error": [{"code": "A", "description": "b"}]}, ("A: b",)),
        ({"error": "invalid_client", "error_description": "who?"}, ("invalid_client: who?",)),
        ({"title": "Bad Request", "detail": "limit", "status": 400}, ("Bad Request: limit",)),
        ({"errors": []}, ()),
        ({"errors": None}, ()),
        ({"errors": ["odd"]}, ("odd",)),
        ({"errors": [{}]}, ("an error without words",)),
        ([1], ()),
        (None, ()),
    ],
)
def test_all_shapes_of_errors_are_read(body: Any, words: tuple[str, ...]) -> None:
    assert issues(body) == words


def test_what_is_left_of_a_quota_is_obeyed(service: Any) -> None:
    comes = service.clock.now() + timedelta(seconds=90)
    told = {"X-Current-Token-Count": "0", "X-Next-Replenishment-Time": str(int(comes.timestamp() * 1000))}
    service.on("GET", "/v3/items", httpx.Response(200, json=ITEMS, headers=told))
    list(service.connector.pull_listings(None))
    asked_at = service.clock.now()
    list(service.connector.pull_listings(None))
    assert service.clock.now() - asked_at >= timedelta(seconds=89)


@pytest.mark.parametrize("count", ["", "many", "nan", "-inf"])
def test_a_count_that_makes_no_sense_is_no_news(service: Any, count: str) -> None:
    service.on("GET", "/v3/items", httpx.Response(200, json=ITEMS, headers={"X-Current-Token-Count": count}))
    started = service.clock.now()
    for _ in range(3):
        list(service.connector.pull_listings(None))
    assert service.clock.now() == started


def test_nothing_there_is_an_empty_list_and_not_an_error(service: Any) -> None:
    nothing = {"errors": [{"code": "CONTENT_NOT_FOUND.GMP_ORDER_API", "description": "no orders"}]}
    for path in ("/v3/orders", "/v3/returns", "/v3/items", "/v3/inventories", "/v3/wfs/inventory"):
        service.on("GET", path, httpx.Response(404, json=nothing))
    service.on("GET", "/v3/report/reconreport/availableReconFiles", httpx.Response(404, json=nothing))
    for stream in ("orders", "returns", "listings", "stock", "charges"):
        pages = list(getattr(service.connector, f"pull_{stream}")(None))
        assert [record for page in pages for record in page.records] == []
        assert pages[-1].next_cursor is not None
    service.on("GET", "/v3/orders", httpx.Response(404, json={"errors": [{"code": "NOT_FOUND"}]}))
    with pytest.raises(TerminalError):
        list(service.connector.pull_orders(None))


def test_an_order_that_is_not_there_is_not_found(service: Any) -> None:
    service.on("GET", "/v3/orders/1", httpx.Response(404, json={}))
    with pytest.raises(NotFound):
        service.connector.get_order(OrderId("1"))


def test_a_list_of_items_that_ends_early_is_not_taken_for_whole(service: Any) -> None:
    """Positions do not change from page to page: an answer that was lost on its way cannot be asked for again."""
    item = {"sku": "A", "publishedStatus": "PUBLISHED"}
    first = {"ItemResponse": [item], "totalItems": 3, "nextCursor": "x"}
    rest = {"ItemResponse": [], "totalItems": 3}
    service.on("GET", "/v3/items", lambda r: first if r.url.params["nextCursor"] == "*" else rest)
    with pytest.raises(TransientError, match="1 of 3"):
        list(service.connector.pull_listings(None))


def test_a_place_in_the_list_that_expired_is_transient(service: Any) -> None:
    first = {"ItemResponse": [{"sku": "A", "publishedStatus": "PUBLISHED"}], "totalItems": 3, "nextCursor": "x"}
    gone = httpx.Response(400, json={"errors": [{"code": "INVALID", "description": "Invalid Cursor"}]})
    service.on("GET", "/v3/items", lambda r: first if r.url.params["nextCursor"] == "*" else gone)
    with pytest.raises(TransientError, match="expired"):
        list(service.connector.pull_listings(None))


def test_paths_and_cursors() -> None:
    assert path_of("/v3/items/{sku}", sku="A/B c%") == "/v3/items/A%2FB%20c%25"
    assert query_of("?limit=10&createdStartDate=2026-01-01T00%3A00%3A00Z&x=") == {
        "limit": "10",
        "createdStartDate": "2026-01-01T00:00:00Z",
        "x": "",
    }
    with pytest.raises(ParseFailed):
        query_of("?")
