"""What the simulated market says agrees with the vendors' official contracts, and so does what it accepts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from graphql import build_client_schema, is_enum_type, is_input_object_type, is_interface_type, is_object_type
from simulated_kit import START, Market
from starlette.testclient import TestClient

from platforms.simulated import credentials as demo
from platforms.simulated.contracts import Contracts
from platforms.simulated.servers.app import build
from platforms.simulated.servers.shop.schema import schema
from platforms.simulated.servers.sp import OPERATIONS
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire import shop_rest
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.shared

SCHEMAS = {
    "ANY_OFFER_CHANGED": "AnyOfferChangedNotification.json",
    "ORDER_CHANGE": "OrderChangeNotification.json",
    "PRICING_HEALTH": "PricingHealthNotification.json",
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Six hours with all notifications, one price that is out of the running, and the contracts switched on."""
    sim = Simulation(tmp_path_factory.mktemp("world"), seed=7, start=START)
    market = Market(sim)
    market.subscribe("ANY_OFFER_CHANGED", "ORDER_CHANGE", "PRICING_HEALTH")
    for sku, product in sim.world.products.items():
        market.world.pages[sku].ours.price_minor = round(product.reference_minor * 0.97)
    sim.do("amazon_price", sku="MUG-STONE-12", price_minor=4500, preview=False)
    market.pass_time(hours=6)
    yield market
    sim.close()


@pytest.fixture(scope="module")
def checked(lived: Market, shared_dir: Path) -> Market:
    lived.http = TestClient(build(lived.sim, contracts=Contracts.load(shared_dir / "specs")))
    return lived


def test_every_notification_fits_its_schema(lived: Market, shared_dir: Path):
    folder = shared_dir / "specs/amazon-sp-api/schemas/notifications"
    validators = {
        kind: jsonschema.Draft7Validator(json.loads((folder / name).read_text())) for kind, name in SCHEMAS.items()
    }
    seen: dict[str, int] = {}  # checking one takes milliseconds: of the most frequent kind every tenth is enough
    for message in lived.world.queue.messages.values():
        body = orjson.loads(message.body)
        kind = body.get("NotificationType") or body["notificationType"]
        seen[kind] = seen.get(kind, 0) + 1
        if kind == "ANY_OFFER_CHANGED" and seen[kind] % 10:
            continue
        errors = list(validators[kind].iter_errors(body))
        assert not errors, (kind, errors[0].message, list(errors[0].path))
    assert set(seen) == set(SCHEMAS)


def response_schema(shared: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(model file, schema of the 200 answer) of an operation; None where the answer has no schema."""
    for path in sorted((shared / "specs/amazon-sp-api/models").glob("*.json")):
        model = json.loads(path.read_text())
        for methods in model["paths"].values():
            for operation in methods.values():
                if isinstance(operation, dict) and operation.get("operationId") == name and path.stem != "ordersV0":
                    return model, operation["responses"]["200"]["schema"]
    return None


def requests(market: Market) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """One good request per operation."""
    sku = "MUG-STONE-12"
    asin = market.world.products[sku].asin
    order = next(o.order_id for o in market.world.ledger.orders.values() if o.channel == "amazon")
    seller = market.listing(sku).split("/")[4]
    here = {"marketplaceIds": MARKETPLACE}
    everything = "summaries,attributes,issues,offers,fulfillmentAvailability,relationships,productTypes"
    price = {"ListingPrice": {"CurrencyCode": "USD", "Amount": 30.0}}
    fees = {"MarketplaceId": MARKETPLACE, "IsAmazonFulfilled": True, "PriceToEstimateFees": price, "Identifier": "x"}
    v0 = {"uri": f"/products/pricing/v0/items/{asin}/offers", "method": "GET"}
    foep = {"uri": "/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice", "method": "GET"}
    summary = {"uri": "/products/pricing/2022-05-01/items/competitiveSummary", "method": "GET"}
    sections = "BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,PACKAGES,CANCELLATION"
    kind, (destination, *_) = "ANY_OFFER_CHANGED", list(market.world.destinations)
    subscription = next(s.subscription_id for s in market.world.subscriptions.values() if s.kind == kind)
    included = ["featuredBuyingOptions", "referencePrices", "lowestPricedOffers"]
    offer = {"currency": "USD", "marketplace_id": MARKETPLACE, "our_price": [{"schedule": [{"value_with_tax": 33.0}]}]}
    patches = [{"op": "replace", "path": "/attributes/purchasable_offer", "value": [offer]}]
    stock = {"granularityType": "Marketplace", "granularityId": MARKETPLACE, "details": "true", **here}
    item_query = {"MarketplaceId": MARKETPLACE, "ItemCondition": "New"}
    orders = {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "includedData": sections, "maxResultsPerPage": "20"}
    summaries = {"asin": asin, "marketplaceId": MARKETPLACE, "includedData": included, **summary}
    return {
        "searchOrders": ("GET", "/orders/2026-01-01/orders", {"params": orders}),
        "getOrder": ("GET", f"/orders/2026-01-01/orders/{order}", {"params": {"includedData": sections}}),
        "getInventorySummaries": ("GET", "/fba/inventory/v1/summaries", {"params": stock}),
        "getListingsItem": ("GET", market.listing(sku), {"params": {**here, "includedData": everything}}),
        "searchListingsItems": (
            "GET",
            f"/listings/2021-08-01/items/{seller}",
            {"params": {**here, "includedData": everything}},
        ),
        "patchListingsItem": (
            "PATCH",
            market.listing(sku),
            {"params": {**here, "mode": "VALIDATION_PREVIEW"}, "json": {"productType": "PRODUCT", "patches": patches}},
        ),
        "getItemOffers": ("GET", v0["uri"], {"params": item_query}),
        "getItemOffersBatch": (
            "POST",
            "/batches/products/pricing/v0/itemOffers",
            {"json": {"requests": [{**v0, **item_query}]}},
        ),
        "getFeaturedOfferExpectedPriceBatch": (
            "POST",
            "/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
            {"json": {"requests": [{**foep, "marketplaceId": MARKETPLACE, "sku": sku}]}},
        ),
        "getCompetitiveSummary": (
            "POST",
            "/batches/products/pricing/2022-05-01/items/competitiveSummary",
            {"json": {"requests": [summaries]}},
        ),
        "getMyFeesEstimateForSKU": (
            "POST",
            f"/products/fees/v0/listings/{sku}/feesEstimate",
            {"json": {"FeesEstimateRequest": fees}},
        ),
        "getMyFeesEstimateForASIN": (
            "POST",
            f"/products/fees/v0/items/{asin}/feesEstimate",
            {"json": {"FeesEstimateRequest": fees}},
        ),
        "getMyFeesEstimates": (
            "POST",
            "/products/fees/v0/feesEstimate",
            {"json": [{"FeesEstimateRequest": fees, "IdType": "SellerSKU", "IdValue": sku}]},
        ),
        "getDestinations": ("GET", "/notifications/v1/destinations", {}),
        "getDestination": ("GET", f"/notifications/v1/destinations/{destination}", {}),
        "getSubscription": ("GET", f"/notifications/v1/subscriptions/{kind}", {}),
        "getSubscriptionById": ("GET", f"/notifications/v1/subscriptions/{kind}/{subscription}", {}),
        "getMarketplaceParticipations": ("GET", "/sellers/v1/marketplaceParticipations", {}),
    }


GRANTLESS = ("getDestinations", "getDestination", "getSubscriptionById")
CHANGING = {  # tested by use
    "createDestination",
    "deleteDestination",
    "createSubscription",
    "deleteSubscriptionById",
    "createUnexpectedProblem",
    "createFeedDocument",
    "createFeed",
    "cancelFeed",
    "getFeed",
    "getFeedDocument",
}


def test_every_operation_has_a_request_here(checked: Market):
    assert set(requests(checked)) | CHANGING == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize("name", sorted({operation.name for operation in OPERATIONS} - CHANGING))
def test_requests_pass_and_answers_fit_their_schema(checked: Market, shared_dir: Path, name: str):
    method, path, given = requests(checked)[name]
    scope = "sellingpartnerapi::notifications" if name in GRANTLESS else None
    answer = checked.sp(method, path, scope=scope, **given)
    assert answer.status_code == 200, answer.text
    found = response_schema(shared_dir, name)
    assert found is not None
    model, wanted = found
    errors = list(jsonschema.Draft4Validator({**model, **wanted}).iter_errors(answer.json()))
    assert not errors, (errors[0].message, list(errors[0].path))


def test_a_request_against_the_contract_is_refused_as_the_vendor_would(checked: Market):
    answer = checked.sp("PATCH", checked.listing("MUG-STONE-12"), json={"productType": "PRODUCT", "patches": []})
    assert answer.status_code == 400
    assert "marketplaceIds" in answer.json()["errors"][0]["details"]
    answer = checked.shop("{ orders(first: 1) { nodes { nonsense } } }")
    assert "nonsense" in answer.json()["errors"][0]["message"]


def test_the_official_cases_get_the_answer_they_must(checked: Market, shared_dir: Path):
    for case in json.loads((shared_dir / "specs/amazon-sp-api/request-cases.json").read_text()):
        answer = checked.sp(case["method"], case["path"], params=case["query"], json=case["body"])
        refused_for_form = answer.status_code == 400
        assert refused_for_form == (case["expect"] == "reject"), (case["id"], answer.text)
    for case in json.loads((shared_dir / "specs/shopify/graphql-cases.json").read_text()):
        answer = checked.shop(case["document"], **case.get("variables", {})).json()
        assert ("errors" in answer) == (case["expect"] == "invalid"), (case["id"], answer)


def test_the_shops_schema_is_a_part_of_the_official_one(shared_dir: Path):
    """Every type, field, argument and enum value of ours is theirs, with the same type."""
    with gzip.open(shared_dir / "specs/shopify/admin_2026-10.json.gz") as file:
        official = build_client_schema(json.load(file)["data"])
    for name, ours in schema().type_map.items():
        if name.startswith("__"):
            continue
        theirs: Any = official.type_map[name]
        if is_enum_type(ours):
            assert set(ours.values) <= set(theirs.values), name
        if is_object_type(ours) or is_interface_type(ours) or is_input_object_type(ours):
            for field, mine in ours.fields.items():
                assert str(mine.type) == str(theirs.fields[field].type), f"{name}.{field}"
                for argument, value in getattr(mine, "args", {}).items():
                    assert str(value.type) == str(theirs.fields[field].args[argument].type), (
                        f"{name}.{field}({argument})"
                    )


def test_webhook_bodies_fit_their_schema(lived: Market, shared_dir: Path):
    folder = shared_dir / "specs/shopify/webhooks-2026-07"
    wanted = json.loads((folder / "orders__create.schema.json").read_text())
    known = json.loads((folder / "orders__create.example.json").read_text())["payload"]
    for order in lived.world.ledger.orders.values():
        if order.channel == "shopify":
            body = shop_rest.order(lived.world, order)
            assert not set(body) - set(known)
            for row in body["line_items"]:
                assert not set(row) - set(known["line_items"][0])
            if "properties" in wanted:
                shown = {**wanted, "required": []}
                assert not [e for e in jsonschema.Draft7Validator(shown).iter_errors(body) if e.validator == "type"]


def test_tokens_of_the_contract_headers_are_asked_for(checked: Market):
    answer = checked.http.get("/sp-api/orders/2026-01-01/orders")
    assert answer.status_code == 403
    assert checked.world.now - START == timedelta(hours=6) or checked.world.now > START
    assert demo.SHOP.endswith("myshopify.com")
