"""Product Fees v0: listings → the body of `getMyFeesEstimates`, its answer → FeeQuote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.money import EXPONENTS, Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.finance import FeeQuote
from platforms._shared.payload import collect, find, items, money, need
from platforms._shared.read import Read

_MONEY: Final = {"amount": "Amount", "currency": "CurrencyCode"}


def as_number(price: Money) -> int | float:
    """An amount as the JSON number Amazon wants; its shortest text is the exact decimal."""
    return float(price.major) if EXPONENTS[price.currency] else price.minor


def fee_request(number: int, listing: Listing, price: Money) -> dict[str, Any]:
    """One entry of the batch; `number` comes back as SellerInputIdentifier and tells the entries apart."""
    return {
        "IdType": "SellerSKU",
        "IdValue": listing.sku,
        "FeesEstimateRequest": {
            "MarketplaceId": listing.marketplace,
            "IsAmazonFulfilled": listing.fulfilment == "fba",
            "Identifier": str(number),
            "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": price.currency, "Amount": as_number(price)}},
        },
    }


def fees(body: Any, listings: Sequence[Listing], *, account: AccountId, seen_at: datetime) -> Read[FeeQuote]:
    """The answers to a batch of `listings`, in any order; each names its listing by its number in the batch."""
    if not isinstance(body, list):
        raise ParseFailed("fees", f"wanted a list, found {type(body).__name__}")

    def read(raw: Any) -> tuple[FeeQuote, ...]:
        return (_quote(raw, listings, account, seen_at),)

    records, poison = collect(body, read, lambda raw: find(raw, "FeesEstimateIdentifier.IdValue"))
    return Read(records, poison, ())


def _quote(raw: Any, listings: Sequence[Listing], account: AccountId, seen_at: datetime) -> FeeQuote:
    """`fulfilment` is all that Amazon takes besides the referral fee, so that the two sum up to its total."""
    if find(raw, "Status") != "Success":
        raise ParseFailed("Status", f"Amazon answered {find(raw, 'Status')}: {find(raw, 'Error.Message')}")
    listing = listings[int(need(raw, "FeesEstimateIdentifier.SellerInputIdentifier"))]
    if find(raw, "FeesEstimateIdentifier.IdValue") not in (None, listing.sku):
        raise ParseFailed("FeesEstimateIdentifier.IdValue", "an answer for another SKU")
    at_price = money(raw, "FeesEstimateIdentifier.PriceToEstimateFees.ListingPrice", **_MONEY)
    total = money(raw, "FeesEstimate.TotalFeesEstimate", **_MONEY)
    referral = Money(0, total.currency)
    for fee in items(raw, "FeesEstimate.FeeDetailList"):
        if find(fee, "FeeType") == "ReferralFee":
            referral += money(fee, "FinalFee", **_MONEY)
    return FeeQuote(
        account=account,
        marketplace=listing.marketplace,
        sku=listing.sku,
        at_price=at_price,
        referral=referral,
        fulfilment=total - referral,
        quoted_at=seen_at,
    )
