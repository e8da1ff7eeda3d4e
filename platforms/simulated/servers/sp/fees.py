"""Product Fees v0: getMyFeesEstimateForSKU, getMyFeesEstimateForASIN, getMyFeesEstimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platforms.simulated import fees
from platforms.simulated.servers.sp.call import Call, Operation, invalid
from platforms.simulated.state import CURRENCY, Product
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import pascal, seconds


def _estimate(call: Call, id_type: str, id_value: str, asked: Any) -> dict[str, Any]:
    """One FeesEstimateResult; an error inside it does not fail the others of a batch."""
    wanted = asked if isinstance(asked, Mapping) else {}
    identifier = {
        "MarketplaceId": wanted.get("MarketplaceId"),
        "SellerId": call.world.seller_id,
        "IdType": id_type,
        "IdValue": id_value,
        "IsAmazonFulfilled": bool(wanted.get("IsAmazonFulfilled")),
        "PriceToEstimateFees": wanted.get("PriceToEstimateFees"),
        "SellerInputIdentifier": wanted.get("Identifier"),
    }
    product = call.world.products.get(id_value) if id_type == "SellerSKU" else call.world.by_asin.get(id_value)
    problem = _problem(wanted, product)
    if problem or product is None:
        error = {"Type": "Sender", "Code": "InvalidParameterValue", "Message": problem, "Detail": []}
        return {"Status": "ClientError", "FeesEstimateIdentifier": identifier, "Error": error}
    price_minor = round(wanted["PriceToEstimateFees"]["ListingPrice"]["Amount"] * 100)
    return {
        "Status": "Success",
        "FeesEstimateIdentifier": identifier,
        "FeesEstimate": _fees(call, product, wanted, price_minor),
    }


def _problem(wanted: Mapping[str, Any], product: Product | None) -> str:
    if product is None:
        return "There is no such product in this marketplace."
    if wanted.get("MarketplaceId") != MARKETPLACE:
        return f"The marketplace must be {MARKETPLACE}."
    try:
        price = wanted["PriceToEstimateFees"]["ListingPrice"]
        fine = price["CurrencyCode"] == CURRENCY and 0 < price["Amount"] < 100_000
    except (KeyError, TypeError):
        return "PriceToEstimateFees.ListingPrice is missing."
    return "" if fine else f"The price must be positive and in {CURRENCY}."


def _fees(call: Call, product: Product, wanted: Mapping[str, Any], price_minor: int) -> dict[str, Any]:
    referral = fees.referral(product.category, price_minor)
    details = [_detail("ReferralFee", referral), _detail("VariableClosingFee", 0), _detail("PerItemFee", 0)]
    total = referral
    if wanted.get("IsAmazonFulfilled"):
        fulfilment = fees.fba(product.weight_g)
        details.append(
            {**_detail("FBAFees", fulfilment), "IncludedFeeDetailList": [_detail("FBAPickAndPack", fulfilment)]}
        )
        total += fulfilment
    return {
        "TimeOfFeesEstimation": seconds(call.sim.now()),
        "TotalFeesEstimate": pascal(total),
        "FeeDetailList": details,
    }


def _detail(kind: str, minor: int) -> dict[str, Any]:
    return {"FeeType": kind, "FeeAmount": pascal(minor), "FeePromotion": pascal(0), "FinalFee": pascal(minor)}


def _one(call: Call, id_type: str, id_value: str) -> Any:
    asked = call.body.get("FeesEstimateRequest") if isinstance(call.body, Mapping) else None
    if asked is None:
        raise invalid("'FeesEstimateRequest' is missing.")
    return {"payload": {"FeesEstimateResult": _estimate(call, id_type, id_value, asked)}}


def for_sku(call: Call) -> Any:
    return _one(call, "SellerSKU", call.path["SellerSKU"])


def for_asin(call: Call) -> Any:
    return _one(call, "ASIN", call.path["Asin"])


def batch(call: Call) -> Any:
    if not isinstance(call.body, list) or not 1 <= len(call.body) <= 20:
        raise invalid("1 to 20 requests are wanted.")
    rows = [row if isinstance(row, Mapping) else {} for row in call.body]
    return [_estimate(call, str(r.get("IdType")), str(r.get("IdValue")), r.get("FeesEstimateRequest")) for r in rows]


OPERATIONS = (
    Operation("getMyFeesEstimateForSKU", "POST", "/products/fees/v0/listings/{SellerSKU}/feesEstimate", 1, 2, for_sku),
    Operation("getMyFeesEstimateForASIN", "POST", "/products/fees/v0/items/{Asin}/feesEstimate", 1, 2, for_asin),
    Operation("getMyFeesEstimates", "POST", "/products/fees/v0/feesEstimate", 0.5, 1, batch),
)
