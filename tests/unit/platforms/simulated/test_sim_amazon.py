"""Selling Partner API, LWA and SQS as a client meets them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from simulated_kit import START, Market

from platforms.simulated import credentials as demo
from platforms.simulated.wire.offers import MARKETPLACE

SKU = "MUG-STONE-12"
ORDERS = "/orders/2026-01-01/orders"


def texts(at: Any) -> str:
    return str(at.isoformat())


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
    ],
)
def test_lwa_refuses_in_its_own_words(market: Market, form, status, error):
    known = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
    answer = market.http.post("/lwa/auth/o2/token", data={**known, **form})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("token", [None, "Atza|nonsense", "Atza|e30=.00"])
def test_without_a_good_token_access_is_denied(market: Market, token):
    headers = {"x-amz-access-token": token} if token else {}
    answer = market.http.get("/sp-api/sellers/v1/marketplaceParticipations", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "Unauthorized"


def test_a_token_dies_after_an_hour_of_the_worlds_time(market: Market):
    headers = {"x-amz-access-token": market.token()}
    url = "/sp-api/sellers/v1/marketplaceParticipations"
    assert market.http.get(url, headers=headers).json()["payload"][0]["marketplace"]["id"] == MARKETPLACE
    market.pass_time(minutes=61)
    assert "expired" in market.http.get(url, headers=headers).json()["errors"][0]["details"]


def test_grantless_operations_refuse_a_sellers_token(market: Market):
    assert market.sp("GET", "/notifications/v1/destinations").status_code == 403
    assert (
        market.sp("GET", "/notifications/v1/destinations", scope="sellingpartnerapi::notifications").status_code == 200
    )


def pages(market: Market, **query: Any) -> list[dict[str, Any]]:
    found = []
    while True:
        answer = market.sp("GET", ORDERS, params=query)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        token = answer.json().get("pagination", {}).get("nextToken")
        if token is None:
            return found
        query = {"paginationToken": token}


def test_paging_gives_every_order_once_oldest_first(market: Market):
    market.pass_time(hours=4)
    window = {"lastUpdatedAfter": texts(START), "maxResultsPerPage": 7, "includedData": "PROCEEDS,FULFILLMENT"}
    read = [order for page in pages(market, **window) for order in page["orders"]]
    until = market.world.now - timedelta(minutes=2)
    there = [o for o in market.world.ledger.orders.values() if o.channel == "amazon" and o.updated_at <= until]
    assert sorted(order["orderId"] for order in read) == sorted(order.order_id for order in there)
    assert [order["lastUpdatedTime"] for order in read] == sorted(order["lastUpdatedTime"] for order in read)
    assert len(read) > 14
    told = [order for order in read if order["fulfillment"]["fulfillmentStatus"] != "PENDING"]
    assert all("proceeds" in order for order in told)
    assert sum(round(float(order["proceeds"]["grandTotal"]["amount"]) * 100) for order in told) == sum(
        o.total_minor for o in there if o.status != "pending"
    )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": "2026-11-02T14:00:00Z", "lastUpdatedAfter": "2026-11-02T14:00:00Z"},
        {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "createdBefore": "2026-11-02T14:10:00Z"},
        {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "lastUpdatedBefore": "2026-11-02T15:59:00Z"},
        {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "maxResultsPerPage": "101"},
        {"lastUpdatedAfter": "yesterday"},
        {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "includedData": "EVERYTHING"},
        {"lastUpdatedAfter": "2026-11-02T14:00:00Z", "marketplaceIds": "A1PA6795UKMFR9"},
        {"paginationToken": "bm9uc2Vuc2U="},
    ],
)
def test_what_the_reference_says_in_words_is_checked(market: Market, query):
    market.pass_time(hours=2)
    answer = market.sp("GET", ORDERS, params=query)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_one_order_by_its_id(market: Market):
    market.pass_time(hours=2)
    order_id = next(o.order_id for o in market.world.ledger.orders.values() if o.channel == "amazon")
    assert market.sp("GET", f"{ORDERS}/{order_id}").json()["order"]["orderId"] == order_id
    assert market.sp("GET", f"{ORDERS}/111-0000000-0000000").status_code == 404


def test_a_usage_plan_is_a_bucket_on_the_worlds_time(market: Market):
    query = {"MarketplaceId": MARKETPLACE, "ItemCondition": "New"}
    url = f"/products/pricing/v0/items/{market.world.products[SKU].asin}/offers"
    first, second = (market.sp("GET", url, params=query) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json()["errors"][0]["code"] == "QuotaExceeded"
    assert second.headers["x-amzn-RateLimit-Limit"] == "0.5"
    market.pass_time(seconds=2)
    assert market.sp("GET", url, params=query).json()["payload"]["Summary"]["TotalOfferCount"] >= 3


def test_stock_is_paged_and_its_token_lives_half_a_minute(market: Market):
    query = {
        "granularityType": "Marketplace",
        "granularityId": MARKETPLACE,
        "marketplaceIds": MARKETPLACE,
        "details": "true",
    }
    first = market.sp("GET", "/fba/inventory/v1/summaries", params=query).json()
    token = {"nextToken": first["pagination"]["nextToken"]}
    second = market.sp("GET", "/fba/inventory/v1/summaries", params={**query, **token}).json()
    skus = [row["sellerSku"] for page in (first, second) for row in page["payload"]["inventorySummaries"]]
    assert len(set(skus)) == len(skus) > 10
    row = first["payload"]["inventorySummaries"][0]
    assert row["inventoryDetails"]["fulfillableQuantity"] == market.world.stock[row["sellerSku"]].fba
    market.pass_time(seconds=31)
    assert market.sp("GET", "/fba/inventory/v1/summaries", params={**query, **token}).status_code == 400


def test_accepted_is_not_applied_until_it_is(market: Market):
    before = market.live_price(SKU)
    answer = market.patch_price(SKU, 31.99).json()
    assert (answer["status"], answer["issues"]) == ("ACCEPTED", [])
    assert market.live_price(SKU) == before
    market.pass_time(minutes=2)
    assert market.live_price(SKU) == "31.99"


def test_a_preview_is_validated_noted_and_never_applied(market: Market):
    before = market.live_price(SKU)
    assert market.patch_price(SKU, 31.99, mode="VALIDATION_PREVIEW").json()["status"] == "VALID"
    market.pass_time(minutes=5)
    assert market.live_price(SKU) == before
    writes = market.http.get("/_sim/truth").json()["price_writes"]
    assert [(write["price_minor"], write["preview"], write["applied_at"]) for write in writes] == [(3199, True, None)]


@pytest.mark.parametrize("price", [0, -1, 12.345, 1e9])
def test_a_bad_price_is_invalid_with_an_issue(market: Market, price):
    answer = market.patch_price(SKU, price).json()
    assert answer["status"] == "INVALID"
    assert answer["issues"][0]["attributeNames"] == ["purchasable_offer"]
    assert market.world.ledger.writes == []


def test_an_unknown_sku_and_a_strange_seller_are_refused(market: Market):
    assert market.patch_price("NOPE", 10).status_code == 404
    answer = market.sp("GET", "/listings/2021-08-01/items/AOTHER/X", params={"marketplaceIds": MARKETPLACE})
    assert answer.status_code == 403


def test_the_stock_of_what_we_ship_ourselves_can_be_set(market: Market):
    sku = next(p.sku for p in market.world.products.values() if not p.is_fba)
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 42, "marketplace_id": MARKETPLACE}]
    patch = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}
    body = {"productType": "PRODUCT", "patches": [patch]}
    answer = market.sp("PATCH", market.listing(sku), params={"marketplaceIds": MARKETPLACE}, json=body)
    assert answer.json()["status"] == "ACCEPTED"
    assert market.world.stock[sku].own == 42


def test_all_listings_are_found_page_by_page(market: Market):
    seller, _, _ = market.listing("x").rpartition("/")
    query: dict[str, Any] = {"marketplaceIds": MARKETPLACE, "pageSize": 20, "includedData": "summaries,offers"}
    first = market.sp("GET", seller, params=query).json()
    second = market.sp("GET", seller, params={**query, "pageToken": first["pagination"]["nextToken"]}).json()
    found = [item["sku"] for item in first["items"] + second["items"]]
    assert sorted(found) == sorted(market.world.products)
    assert "pagination" not in second


def test_offers_come_in_batches_and_one_bad_request_does_not_hurt_the_others(market: Market):
    def one(asin: str) -> dict[str, str]:
        uri = f"/products/pricing/v0/items/{asin}/offers"
        return {"uri": uri, "method": "GET", "MarketplaceId": MARKETPLACE, "ItemCondition": "New"}

    asin = market.world.products[SKU].asin
    body = {"requests": [one(asin), one("B000000000")]}
    answers = market.sp("POST", "/batches/products/pricing/v0/itemOffers", json=body).json()["responses"]
    assert [answer["status"]["statusCode"] for answer in answers] == [200, 400]
    offers = answers[0]["body"]["payload"]["Offers"]
    assert sum(offer["MyOffer"] for offer in offers) == 1
    assert sum(offer["IsBuyBoxWinner"] for offer in offers) == 1


def test_expected_price_and_competitive_summary(market: Market):
    request = {
        "uri": "/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
        "method": "GET",
        "marketplaceId": MARKETPLACE,
        "sku": SKU,
    }
    url = "/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice"
    [answer] = market.sp("POST", url, json={"requests": [request]}).json()["responses"]
    [result] = answer["body"]["featuredOfferExpectedPriceResults"]
    assert result["resultStatus"] == "VALID_FOEP"
    assert result["featuredOfferExpectedPrice"]["listingPrice"]["amount"] > 0
    summary = {
        "asin": market.world.products[SKU].asin,
        "marketplaceId": MARKETPLACE,
        "includedData": ["featuredBuyingOptions", "referencePrices", "lowestPricedOffers"],
        "method": "GET",
        "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
    }
    url = "/batches/products/pricing/2022-05-01/items/competitiveSummary"
    [answer] = market.sp("POST", url, json={"requests": [summary]}).json()["responses"]
    assert {price["name"] for price in answer["body"]["referencePrices"]} == {"CompetitivePriceThreshold", "WasPrice"}


def test_fees_are_those_that_the_world_charges(market: Market):
    price = {"ListingPrice": {"CurrencyCode": "USD", "Amount": 30.0}}
    wanted = {"MarketplaceId": MARKETPLACE, "IsAmazonFulfilled": True, "PriceToEstimateFees": price, "Identifier": "x"}
    url = f"/products/fees/v0/listings/{SKU}/feesEstimate"
    single = market.sp("POST", url, json={"FeesEstimateRequest": wanted}).json()["payload"]["FeesEstimateResult"]
    fees = {fee["FeeType"]: fee["FinalFee"]["Amount"] for fee in single["FeesEstimate"]["FeeDetailList"]}
    assert (fees["ReferralFee"], fees["FBAFees"]) == (4.5, 6.94)
    rows = [{"FeesEstimateRequest": wanted, "IdType": "SellerSKU", "IdValue": sku} for sku in (SKU, "NOPE")]
    batch = market.sp("POST", "/products/fees/v0/feesEstimate", json=rows).json()
    assert [row["Status"] for row in batch] == ["Success", "ClientError"]


def test_subscriptions_are_made_once_and_events_then_flow(market: Market):
    market.subscribe("ANY_OFFER_CHANGED", "ORDER_CHANGE")
    assert market.sp("GET", "/notifications/v1/subscriptions/PRICING_HEALTH").status_code == 404
    found = market.sp("GET", "/notifications/v1/subscriptions/ANY_OFFER_CHANGED").json()["payload"]
    again = {"payloadVersion": "1.0", "destinationId": found["destinationId"]}
    assert market.sp("POST", "/notifications/v1/subscriptions/ANY_OFFER_CHANGED", json=again).status_code == 409
    market.pass_time(hours=2)
    kinds = {orjson.loads(message.body)["NotificationType"] for message in market.world.queue.messages.values()}
    assert kinds == {"ANY_OFFER_CHANGED", "ORDER_CHANGE"}


def sqs(market: Market, action: str, **body: Any) -> Any:
    key = f"AWS4-HMAC-SHA256 Credential={demo.AWS_KEY_ID}/20261102/us-east-1/sqs/aws4_request"
    url = f"http://simulated/sqs/{demo.AWS_ACCOUNT}/{demo.QUEUE}"
    headers = {"x-amz-target": f"AmazonSQS.{action}", "authorization": key}
    return market.http.post("/sqs/", headers=headers, json={"QueueUrl": url, **body})


def test_a_received_message_hides_comes_back_and_goes_when_deleted(market: Market):
    sqs(market, "SendMessage", MessageBody="hello")
    [message] = sqs(market, "ReceiveMessage", WaitTimeSeconds=20).json()["Messages"]
    assert message["MD5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert sqs(market, "ReceiveMessage", WaitTimeSeconds=20).json() == {}
    market.pass_time(seconds=31)
    [again] = sqs(market, "ReceiveMessage", AttributeNames=["All"]).json()["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    assert sqs(market, "DeleteMessage", ReceiptHandle=again["ReceiptHandle"]).status_code == 200
    market.pass_time(seconds=31)
    assert sqs(market, "ReceiveMessage").json() == {}


@pytest.mark.parametrize(
    ("action", "body", "kind"),
    [
        ("ReceiveMessage", {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
        ("ReceiveMessage", {"QueueUrl": "http://simulated/sqs/0/other"}, "QueueDoesNotExist"),
        ("DeleteMessage", {"ReceiptHandle": "nonsense"}, "ReceiptHandleIsInvalid"),
        ("DeleteMessageBatch", {"Entries": []}, "EmptyBatchRequest"),
        ("ChangeMessageVisibility", {"ReceiptHandle": "a#1", "VisibilityTimeout": 5}, "MessageNotInflight"),
        ("Nothing", {}, "UnknownOperationException"),
    ],
)
def test_the_queue_refuses_in_its_own_words(market: Market, action, body, kind):
    answer = sqs(market, action, **body)
    assert answer.status_code == 400
    assert answer.json()["__type"].endswith(kind)


def test_a_strange_key_does_not_open_the_queue(market: Market):
    headers = {"x-amz-target": "AmazonSQS.PurgeQueue", "authorization": "Credential=AKIAOTHER/"}
    assert market.http.post("/sqs/", headers=headers, json={"QueueUrl": "x"}).status_code == 403
