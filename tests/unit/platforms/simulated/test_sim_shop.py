"""The shop's Admin GraphQL, bulk files and webhooks as a client meets them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import httpx
import orjson
import pytest
from simulated_kit import START, Market

from platforms.simulated import credentials as demo
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.courier import TRIES
from platforms.simulated.servers.shop import nodes
from platforms.simulated.servers.shop.deliver import Courier
from platforms.simulated.servers.shop.search import matches

ORDERS = """query($after: String, $query: String) {
  orders(first: 10, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt totalPriceSet { shopMoney { amount } } lineItems(first: 5) { nodes { sku } } }
  }
}"""
VARIANTS = "{ productVariants(first: 100) { nodes { id sku price product { id } inventoryItem { id } } } }"
PRICE = """mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { productVariants { id price } userErrors { code field } }
}"""
STOCK = """mutation($i: InventorySetQuantitiesInput!, $k: String!) {
  inventorySetQuantities(input: $i) @idempotent(key: $k) {
    inventoryAdjustmentGroup { id changes { delta quantityAfterChange } } userErrors { code }
  }
}"""


def variants(market: Market) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = market.shop(VARIANTS).json()["data"]["productVariants"]["nodes"]
    return found


def test_paging_gives_every_order_once_oldest_first(market: Market):
    market.pass_time(hours=5)
    read, after = [], None
    while True:
        page = market.shop(ORDERS, after=after, query=f"updated_at:>='{START.isoformat()}'").json()["data"]["orders"]
        read += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    there = {o.order_id for o in market.world.ledger.orders.values() if o.channel == "shopify"}
    assert len(read) == len(there) > 10
    assert {order["id"] for order in read} == there
    assert [order["updatedAt"] for order in read] == sorted(order["updatedAt"] for order in read)


def test_a_price_is_live_at_once_and_written_down(market: Market):
    variant = variants(market)[0]
    rows = [{"id": variant["id"], "price": "33.30"}]
    done = market.shop(PRICE, p=variant["product"]["id"], v=rows).json()["data"]["productVariantsBulkUpdate"]
    assert (done["productVariants"][0]["price"], done["userErrors"]) == ("33.30", [])
    assert variants(market)[0]["price"] == "33.30"
    [write] = market.http.get("/_sim/truth").json()["price_writes"]
    assert (write["channel"], write["price_minor"], write["preview"]) == ("shopify", 3330, False)


@pytest.mark.parametrize(
    ("product", "row", "code"),
    [
        ("gid://shopify/Product/1", {}, "PRODUCT_DOES_NOT_EXIST"),
        (None, {"id": "gid://shopify/ProductVariant/1", "price": "1"}, "PRODUCT_VARIANT_DOES_NOT_EXIST"),
        (None, {"price": "1"}, "PRODUCT_VARIANT_ID_MISSING"),
        (None, {"id": None, "price": "-1"}, "GREATER_THAN_OR_EQUAL_TO"),
        (None, {"id": None, "price": "1.001"}, "INVALID_VALUE"),
    ],
)
def test_a_price_that_cannot_be_is_a_user_error(market: Market, product, row, code):
    variant = variants(market)[0]
    rows = [{**row, "id": variant["id"]}] if "id" in row and row["id"] is None else [row]
    done = market.shop(PRICE, p=product or variant["product"]["id"], v=rows).json()
    assert done["data"]["productVariantsBulkUpdate"]["userErrors"][0]["code"] == code
    assert market.world.ledger.writes == []


def stock_of(market: Market, quantity: int, expected: int | None) -> dict[str, Any]:
    row = {
        "inventoryItemId": variants(market)[0]["inventoryItem"]["id"],
        "locationId": nodes.location_id(),
        "quantity": quantity,
        "changeFromQuantity": expected,
    }
    return {"name": "available", "reason": "correction", "quantities": [row]}


def test_stock_is_compared_and_swapped_and_the_key_makes_it_safe_to_repeat(market: Market):
    units = market.world.stock["MUG-STONE-12"].own
    wanted = stock_of(market, 99, units)
    first, second = (market.shop(STOCK, i=wanted, k="k1").json()["data"]["inventorySetQuantities"] for _ in range(2))
    assert first == second
    assert first["inventoryAdjustmentGroup"]["changes"] == [{"delta": 99 - units, "quantityAfterChange": 99}]
    stale = market.shop(STOCK, i=wanted, k="k2").json()["data"]["inventorySetQuantities"]
    assert [error["code"] for error in stale["userErrors"]] == ["CHANGE_FROM_QUANTITY_STALE"]
    other = market.shop(STOCK, i=stock_of(market, 5, 99), k="k1").json()["data"]["inventorySetQuantities"]
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert market.world.stock["MUG-STONE-12"].own == 99


def test_what_only_runs_tell_is_checked_too(market: Market):
    unkeyed = STOCK.replace(" @idempotent(key: $k)", "").replace(", $k: String!", "")
    assert "idempotent" in market.shop(unkeyed, i=stock_of(market, 5, None)).json()["errors"][0]["message"]
    wanted = stock_of(market, 5, None)
    del wanted["quantities"][0]["changeFromQuantity"]
    assert "changeFromQuantity" in market.shop(STOCK, i=wanted, k="k").json()["errors"][0]["message"]
    free = market.shop(STOCK, i=stock_of(market, 5, None), k="k").json()["data"]["inventorySetQuantities"]
    assert free["userErrors"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": -1}, "INVALID_QUANTITY_NEGATIVE"),
        ({"locationId": "gid://shopify/Location/1"}, "INVALID_LOCATION"),
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, "INVALID_INVENTORY_ITEM"),
    ],
)
def test_stock_that_cannot_be_is_a_user_error(market: Market, changes, code):
    wanted = stock_of(market, 5, None)
    wanted["quantities"][0].update(changes)
    done = market.shop(STOCK, i=wanted, k="k").json()["data"]["inventorySetQuantities"]
    assert [error["code"] for error in done["userErrors"]] == [code]


def test_a_wrong_token_shop_or_document_is_refused(market: Market):
    assert market.shop("{ shop { name } }", token="shpat_other").status_code == 401
    assert market.http.post("/shopify/other.myshopify.com/admin/api/2026-10/graphql.json", json={}).status_code == 404
    assert market.shop("{ nothing }").json()["errors"][0]["extensions"]["code"] == "undefinedField"
    assert "Syntax" in market.shop("{").json()["errors"][0]["message"]
    assert "first or last" in market.shop("{ orders { nodes { id } } }").json()["errors"][0]["message"]


def test_points_are_spent_told_throttled_and_restored(market: Market):
    document = "{ inventoryItems(first: 240) { nodes { id inventoryLevels(first: 1) { nodes { id } } } } }"
    told = market.shop(document).json()["extensions"]["cost"]
    assert told["requestedQueryCost"] > told["actualQueryCost"] > 0
    assert told["throttleStatus"]["currentlyAvailable"] == 2000 - told["actualQueryCost"]
    answers = [market.shop(document).json() for _ in range(40)]
    throttled = next(answer for answer in answers if "errors" in answer)
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    market.pass_time(seconds=30)
    assert "errors" not in market.shop(document).json()


def test_a_query_that_asks_for_too_much_is_refused(market: Market):
    answer = market.shop("{ orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } } } }").json()
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_a_bulk_run_takes_a_while_and_gives_every_order_with_its_lines(market: Market):
    market.pass_time(hours=3)
    start = (
        "mutation($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id status } userErrors { code } } }"
    )
    query = "{ orders { edges { node { id name lineItems { edges { node { id sku quantity } } } } } } }"
    run = market.shop(start, q=query).json()["data"]["bulkOperationRunQuery"]["bulkOperation"]
    assert run["status"] == "CREATED"
    state = "query($id: ID!) { bulkOperation(id: $id) { status url objectCount } }"
    assert market.shop(state, id=run["id"]).json()["data"]["bulkOperation"]["url"] is None
    market.pass_time(seconds=10)
    done = market.shop(state, id=run["id"]).json()["data"]["bulkOperation"]
    lines = [
        orjson.loads(line) for line in market.http.get(done["url"].removeprefix("http://simulated")).text.splitlines()
    ]
    orders = [o for o in market.world.ledger.orders.values() if o.channel == "shopify"]
    assert len(lines) == int(done["objectCount"]) == len(orders) + sum(len(o.lines) for o in orders)
    assert {line["__parentId"] for line in lines if "__parentId" in line} == {o.order_id for o in orders}
    bad = market.shop(start, q="{ shop { name } }").json()["data"]["bulkOperationRunQuery"]
    assert bad["userErrors"][0]["code"] == "INVALID"


def test_webhooks_are_signed_repeated_until_taken_and_then_forgotten(market: Market):
    made = """mutation { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {uri: "http://us/hook"}) {
      webhookSubscription { id uri } userErrors { message } } }"""
    assert market.shop(made).json()["data"]["webhookSubscriptionCreate"]["userErrors"] == []
    assert market.shop(made).json()["data"]["webhookSubscriptionCreate"]["userErrors"]
    market.pass_time(hours=1)
    owed = len(market.world.hooks.owed)
    assert owed > 3
    got: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200 if len(got) > 1 else 503)

    async def one_round() -> int:
        async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
            return await Courier(Servers(market.sim, lambda: ""), client).round()

    assert asyncio.run(one_round()) == 1
    assert asyncio.run(one_round()) == 0
    assert len(got) == owed + 1
    body = got[0].content
    expected = base64.b64encode(hmac.new(demo.SHOP_SECRET.encode(), body, hashlib.sha256).digest()).decode()
    assert got[0].headers["X-Shopify-Hmac-SHA256"] == expected
    assert got[0].headers["X-Shopify-Topic"] == "orders/create"
    assert got[0].headers["X-Shopify-Webhook-Id"] == got[owed].headers["X-Shopify-Webhook-Id"]
    assert orjson.loads(body)["admin_graphql_api_id"] in market.world.ledger.orders
    assert TRIES > 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, True),
        ("sku:MUG-1", True),
        ('sku:"MUG-1"', True),
        ("sku:'MUG-2'", False),
        ("updated_at:>='2026-11-02T14:00:00Z'", True),
        ("updated_at:>'2026-11-02T14:00:00Z'", False),
        ("updated_at:>=2026-11-02T13:00:00Z AND updated_at:<2026-11-02T14:00:00Z", False),
        ("unknown:1 sku:mug-1", True),
    ],
)
def test_search_terms(text, found):
    assert matches(text, {"sku": "MUG-1", "updated_at": START}) is found
