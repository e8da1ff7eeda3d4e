"""Product Pricing: v0 offers (one, batch), 2022-05-01 featured offer expected price and competitive summary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from platforms.simulated import featured
from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, invalid
from platforms.simulated.state import Offer
from platforms.simulated.wire import offers
from platforms.simulated.wire.text import camel

_OFFERS_URI = re.compile(r"/products/pricing/v0/items/([^/]+)/offers")
_CONDITIONS = ("New", "Used", "Collectible", "Refurbished", "Club")
_OK = {"statusCode": 200, "reasonPhrase": "OK"}


def _payload(call: Call, asin: str, marketplace: str | None, condition: str | None) -> dict[str, Any]:
    if marketplace != offers.MARKETPLACE:
        raise invalid(f"MarketplaceId must be {offers.MARKETPLACE}.")
    if condition not in _CONDITIONS:
        raise invalid(f"ItemCondition must be one of {', '.join(_CONDITIONS)}.")
    product = call.world.by_asin.get(asin)
    if product is None:
        raise invalid(f"{asin} is an invalid ASIN for marketplace {marketplace}")
    return offers.v0(call.world, call.world.pages[product.sku], condition)


def item_offers(call: Call) -> Any:
    return {
        "payload": _payload(call, call.path["Asin"], call.query.get("MarketplaceId"), call.query.get("ItemCondition"))
    }


def _requests(call: Call, most: int) -> list[Mapping[str, Any]]:
    found = call.body.get("requests") if isinstance(call.body, Mapping) else None
    if not isinstance(found, list) or not 1 <= len(found) <= most or not all(isinstance(r, Mapping) for r in found):
        raise invalid(f"1 to {most} requests are wanted.")
    return found


def item_offers_batch(call: Call) -> Any:
    return {"responses": [_batched(call, request) for request in _requests(call, 20)]}


def _batched(call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    found = _OFFERS_URI.fullmatch(str(request.get("uri")))
    asked = {name: request[name] for name in ("MarketplaceId", "ItemCondition", "CustomerType") if name in request}
    row = {"headers": {"x-amzn-RequestId": "00000000-0000-4000-8000-000000000000"}}
    try:
        if found is None or request.get("method") != "GET":
            raise invalid("A request needs the method GET and a uri of getItemOffers.")
        payload = _payload(call, found[1], request.get("MarketplaceId"), request.get("ItemCondition"))
    except SpRefused as refused:
        status = {"statusCode": refused.status, "reasonPhrase": "Bad Request"}
        asin = found[1] if found else ""
        return {**row, "status": status, "body": refused.body(), "request": {"Asin": asin, **asked}}
    return {**row, "status": _OK, "body": {"payload": payload}, "request": {"Asin": payload["ASIN"], **asked}}


def expected_price_batch(call: Call) -> Any:
    return {"responses": [_expected(call, request) for request in _requests(call, 40)]}


def _expected(call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    sku, marketplace = str(request.get("sku")), request.get("marketplaceId")
    row: dict[str, Any] = {"headers": {}, "request": {"marketplaceId": marketplace, "sku": sku}}
    product = call.world.products.get(sku)
    if product is None or marketplace != offers.MARKETPLACE:
        refused = invalid(f"The SKU {sku} does not exist in marketplace {marketplace}.")
        return {**row, "status": {"statusCode": 400, "reasonPhrase": "Bad Request"}, "body": refused.body()}
    page = call.world.pages[sku]
    rivals = [offer for offer in call.world.in_stock(page) if offer is not page.ours]
    price = featured.expected_price(page.ours, rivals, product.reference_minor)
    able = [offer for offer in rivals if featured.eligible(offer, product.reference_minor)]
    best = min(able, key=lambda offer: offer.landed_minor, default=None)
    holder = offers.winner(page, call.world.in_stock(page))
    result: dict[str, Any] = {"resultStatus": "VALID_FOEP" if price is not None else "NO_COMPETING_OFFER"}
    if price is not None:
        result["featuredOfferExpectedPrice"] = {"listingPrice": camel(price)}
    if best is not None:
        result["competingFeaturedOffer"] = _featured(call, sku, best)
    if holder is not None:
        result["currentFeaturedOffer"] = _featured(call, sku, holder)
    body = {"offerIdentifier": _identifier(call, sku, page.ours), "featuredOfferExpectedPriceResults": [result]}
    return {**row, "status": _OK, "body": body}


def _identifier(call: Call, sku: str, offer: Offer) -> dict[str, Any]:
    ours = offer is call.world.pages[sku].ours
    return {
        "marketplaceId": offers.MARKETPLACE,
        "sellerId": offer.seller,
        **({"sku": sku} if ours else {}),
        "asin": call.world.products[sku].asin,
        "fulfillmentType": "AFN" if offer.is_fba else "MFN",
    }


def _featured(call: Call, sku: str, offer: Offer) -> dict[str, Any]:
    price = {"listingPrice": camel(offer.price_minor), "shippingPrice": camel(offer.shipping_minor)}
    return {"offerIdentifier": _identifier(call, sku, offer), "condition": "New", "price": price}


def competitive_summary(call: Call) -> Any:
    return {"responses": [_summary(call, request) for request in _requests(call, 20)]}


def _summary(call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    asin, marketplace = str(request.get("asin")), request.get("marketplaceId")
    body: dict[str, Any] = {"asin": asin, "marketplaceId": marketplace}
    product = call.world.by_asin.get(asin)
    if product is None or marketplace != offers.MARKETPLACE:
        errors = invalid(f"The ASIN {asin} does not exist in marketplace {marketplace}.").body()["errors"]
        return {"status": {"statusCode": 400, "reasonPhrase": "Bad Request"}, "body": {**body, "errors": errors}}
    page = call.world.pages[product.sku]
    everybody = offers.cheapest_first(call.world, page)
    holder = offers.winner(page, everybody)
    wanted = request.get("includedData") or []
    if "featuredBuyingOptions" in wanted:
        segment = {"customerMembership": "DEFAULT", "segmentDetails": {"glanceViewWeightPercentage": 100}}
        shown = [{**offers.summary_offer(holder), "featuredOfferSegments": [segment]}] if holder else []
        body["featuredBuyingOptions"] = [{"buyingOptionType": "New", "segmentedFeaturedOffers": shown}]
    if "referencePrices" in wanted:
        threshold = offers.threshold(product.reference_minor)
        body["referencePrices"] = [
            {"name": "CompetitivePriceThreshold", "price": camel(threshold)},
            {"name": "WasPrice", "price": camel(product.reference_minor)},
        ]
    if "lowestPricedOffers" in wanted:
        asked = request.get("lowestPricedOffersInputs") or [{"itemCondition": "New", "offerType": "Consumer"}]
        body["lowestPricedOffers"] = [
            {
                "lowestPricedOffersInput": one,
                "offers": [offers.summary_offer(o) for o in everybody] if one.get("itemCondition") == "New" else [],
            }
            for one in asked
        ]
    return {"status": _OK, "body": body}


OPERATIONS = (
    Operation("getItemOffers", "GET", "/products/pricing/v0/items/{Asin}/offers", 0.5, 1, item_offers),
    Operation("getItemOffersBatch", "POST", "/batches/products/pricing/v0/itemOffers", 0.1, 1, item_offers_batch),
    Operation(
        "getFeaturedOfferExpectedPriceBatch",
        "POST",
        "/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
        0.033,
        1,
        expected_price_batch,
    ),
    Operation(
        "getCompetitiveSummary",
        "POST",
        "/batches/products/pricing/2022-05-01/items/competitiveSummary",
        0.033,
        1,
        competitive_summary,
    ),
)
