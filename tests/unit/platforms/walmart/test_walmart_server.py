"""The simulated Marketplace as a seller's program meets it: its habits, its refusals, its quotas."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from platforms.simulated.servers.app import build
from platforms.simulated.servers.base import official_contracts
from platforms.simulated.servers.walmart import credentials
from platforms.simulated.simulation import Simulation

START = datetime(2026, 11, 2, 14, tzinfo=UTC)
ALWAYS = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": "c", "Accept": "application/json"}


class Market:
    """A program with a token, fetched anew when the test asks for it."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.http = TestClient(build(sim, contracts=official_contracts()))
        self.token = self.login().json()["access_token"]

    def login(self, secret: str = credentials.CLIENT_SECRET, **headers: str) -> Any:
        basic = base64.b64encode(f"{credentials.CLIENT_ID}:{secret}".encode()).decode()
        given = {**ALWAYS, "Authorization": f"Basic {basic}", **headers}
        return self.http.post("/walmart/v3/token", data={"grant_type": "client_credentials"}, headers=given)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        headers = {**ALWAYS, "WM_SEC.ACCESS_TOKEN": self.token}
        return self.http.request(method, f"/walmart/v3{path}", params=query, json=body, headers=headers)

    def get(self, path: str, **query: str) -> Any:
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def code(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, str]:
        answer = self.ask(method, path, body, **query)
        return answer.status_code, answer.json()["errors"][0]["code"].partition(".")[0]

    def pass_time(self, **span: float) -> None:
        self.sim.advance(self.sim.now() + timedelta(**span))


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    sim = Simulation(tmp_path, seed=7, start=START)
    yield Market(sim)
    sim.close()


def test_a_token_lives_fifteen_minutes(market: Market) -> None:
    assert market.get("/items")["totalItems"]
    market.pass_time(minutes=14)
    assert market.get("/items")
    market.pass_time(minutes=2)
    assert market.code("GET", "/items") == (401, "UNAUTHORIZED")
    assert market.login(secret="another").status_code == 401
    assert market.login(**{"WM_SVC.NAME": ""}).status_code == 400


def test_orders_page_by_place_and_a_cursor_is_asked_for_as_it_is(market: Market) -> None:
    market.get("/items")
    market.pass_time(hours=10)
    market.token = market.login().json()["access_token"]
    whole = market.get("/orders", limit="200")["list"]
    first = market.get("/orders", limit="2")["list"]
    assert first["meta"]["totalCount"] == whole["meta"]["totalCount"] > 2
    cursor = first["meta"]["nextCursor"]
    assert cursor.startswith("?")
    second = market.http.get(f"/walmart/v3/orders{cursor}", headers={**ALWAYS, "WM_SEC.ACCESS_TOKEN": market.token})
    both = first["elements"]["order"] + second.json()["list"]["elements"]["order"]
    assert both == whole["elements"]["order"][:4]
    dates = [order["orderDate"] for order in whole["elements"]["order"]]
    assert dates == sorted(dates, reverse=True)
    assert market.get("/orders", shipNodeType="WFSFulfilled")["list"]["elements"]["order"] == []
    one = both[0]["purchaseOrderId"]
    assert [o["purchaseOrderId"] for o in market.get("/orders", purchaseOrderId=one)["list"]["elements"]["order"]] == [
        one
    ]


def test_an_order_older_than_a_week_is_hidden_unless_asked_for(market: Market) -> None:
    market.get("/items")
    market.pass_time(hours=3)
    market.token = market.login().json()["access_token"]
    old = market.get("/orders")["list"]["elements"]["order"][-1]["purchaseOrderId"]
    market.pass_time(days=8)
    market.token = market.login().json()["access_token"]

    def seen(**query: str) -> set[str]:
        rows = market.get("/orders", limit="200", purchaseOrderId=old, **query)["list"]["elements"]["order"]
        return {row["purchaseOrderId"] for row in rows}

    changed = (START - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert seen() == seen(lastModifiedStartDate=changed) == set()
    assert seen(createdStartDate=changed) == seen(createdStartDate=changed, lastModifiedStartDate=changed) == {old}


def test_a_place_in_the_list_of_items_stays_the_same_and_expires(market: Market) -> None:
    total = market.get("/items", nextCursor="*", limit="10")["totalItems"]
    page = market.get("/items", nextCursor="*", limit="10")
    cursor, skus = page["nextCursor"], [item["sku"] for item in page["ItemResponse"]]
    while page["ItemResponse"]:
        page = market.get("/items", nextCursor=cursor, limit="10")
        assert page.get("nextCursor", cursor) == cursor
        skus += [item["sku"] for item in page["ItemResponse"]]
    assert len(skus) == len(set(skus)) == total
    market.pass_time(minutes=3)
    assert market.code("GET", "/items", nextCursor=cursor) == (400, "INVALID_REQUEST_PARAM")


def test_a_position_in_the_stock_is_used_once_and_in_order(market: Market) -> None:
    cursor = market.get("/inventories", limit="10")["meta"]["nextCursor"]
    assert market.get("/inventories", limit="10", nextCursor=cursor)
    assert market.code("GET", "/inventories", limit="10", nextCursor=cursor) == (404, "CONTENT_NOT_FOUND")


def test_what_is_left_of_a_quota_is_told_and_too_many_calls_are_refused(market: Market) -> None:
    query = {"reportType": "BUYBOX", "reportVersion": "v1"}
    left = [
        market.ask("POST", "/reports/reportRequests", {}, **query).headers["x-current-token-count"] for _ in range(10)
    ]
    assert left == [str(n) for n in reversed(range(10))]
    refused = market.ask("POST", "/reports/reportRequests", {}, **query)
    assert refused.status_code == 429
    comes = datetime.fromtimestamp(int(refused.headers["x-next-replenishment-time"]) / 1000, UTC)
    wait_s = int(refused.headers["retry-after"])
    assert market.sim.now() < comes <= market.sim.now() + timedelta(seconds=wait_s + 1)
    market.pass_time(seconds=wait_s + 1)
    market.token = market.login().json()["access_token"]
    assert market.ask("POST", "/reports/reportRequests", {}, **query).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status"),
    [
        ("PUT", "/price", {"sku": "NO-SUCH", "pricing": []}, {}, 400),
        ("GET", "/items/NO-SUCH", None, {}, 404),
        ("GET", "/orders/1", None, {}, 404),
        ("GET", "/orders", None, {"limit": "201"}, 400),
        ("GET", "/orders", None, {"lastModifiedStartDate": "soon"}, 400),
        ("GET", "/feeds/NO-SUCH", None, {}, 404),
        ("GET", "/report/reconreport/reconFileJson", None,
         {"reportDate": "01012020", "offset": "0", "noOfRecords": "9"}, 400),
    ],
)  # fmt: skip
def test_refusals_have_walmart_s_shape(
    market: Market, method: str, path: str, body: Any, query: dict[str, str], status: int
) -> None:
    answer = market.ask(method, path, body, **query)
    assert answer.status_code == status
    assert set(answer.json()["errors"][0]) == {
        "code", "field", "description", "info", "severity", "category", "causes", "errorIdentifiers",
    }  # fmt: skip


def test_a_feed_shows_its_lines_when_it_is_through(market: Market) -> None:
    skus = [item["sku"] for item in market.get("/items", limit="3")["ItemResponse"]]
    wanted = [(skus[0], 12.34), (skus[1], -1), ("NO-SUCH", 5), (skus[2], 9.99), (skus[2], 8.88)]
    lines = [{"Promo&Discount": {"sku": sku, "price": price}} for sku, price in wanted]
    body = {"MPItemFeedHeader": {"businessUnit": "WALMART_US", "version": "2.0", "locale": "en"}, "MPItem": lines}
    feed = market.ask("POST", "/feeds", body, feedType="PRICE_AND_PROMOTION").json()["feedId"]
    assert market.get(f"/feeds/{feed}")["feedStatus"] == "RECEIVED"
    market.pass_time(minutes=5)
    told = market.get(f"/feeds/{feed}", includeDetails="true")
    assert (told["feedStatus"], told["itemsSucceeded"], told["itemsFailed"]) == ("PROCESSED", 1, 4)
    states = [line["ingestionStatus"] for line in told["itemDetails"]["itemIngestionStatus"]]
    assert states == ["SUCCESS"] + ["DATA_ERROR"] * 4
    assert market.get(f"/items/{skus[0]}")["responseRecord"]["price"]["amount"] == 12.34
