"""Browse's item summaries → OfferSnapshot of the listing whose product they sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import Offer, OfferSnapshot
from platforms._shared.payload import (
    Shape,
    collect,
    find,
    items,
    maybe_count,
    maybe_text,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import amount

SOURCE: Final = "BROWSE"
_NEW: Final = range(1000, 2000)
_REFURBISHED: Final = range(2000, 2750)
_USED: Final = range(2750, 7000)
_SUMMARY: Final[Shape] = dict.fromkeys(
    (
        "additionalImages", "adultOnly", "availableCoupons", "bidCount", "buyingOptions", "categories",
        "compatibilityMatch", "compatibilityProperties", "condition", "conditionId", "currentBidPrice",
        "distanceFromPickupLocation", "energyEfficiencyClass", "epid", "image", "itemAffiliateWebUrl",
        "itemCreationDate", "itemEndDate", "itemGroupHref", "itemGroupType", "itemHref", "itemId", "itemLocation",
        "itemOriginDate", "itemWebUrl", "leafCategoryIds", "legacyItemId", "listingMarketplaceId", "marketingPrice",
        "pickupOptions", "price", "priceDisplayCondition", "priorityListing", "qualifiedPrograms", "seller",
        "shippingOptions", "shortDescription", "thumbnailImages", "title", "topRatedBuyingExperience",
        "tyreLabelImageUrl", "unitPrice", "unitPricingMeasure", "watchCount",
    )
)  # fmt: skip


def offers(summaries: Sequence[Any], listing: Listing, *, seller: str, seen_at: datetime) -> Read[OfferSnapshot]:
    """One snapshot: of each seller the cheapest offer in the listing's condition. `seller` is our own user name.

    Groups of variations are left out: the price that is told may be another variation's.
    """
    found, poison = collect(
        summaries, lambda raw: _offer(raw, listing.condition, seller), lambda raw: raw["legacyItemId"]
    )
    cheapest: dict[str, Offer] = {}
    for one in sorted(found, key=_dearness):
        cheapest.setdefault(one.seller_id, one)
    snapshot = OfferSnapshot(
        account=listing.account,
        marketplace=listing.marketplace,
        external_id=listing.external_id,
        condition=listing.condition,
        offers=tuple(cheapest.values()),
        buy_box_landed=None,
        changed_at=seen_at,
        seen_at=seen_at,
        source=SOURCE,
        event_id=None,
    )
    return Read((snapshot,), poison, tuple(sorted(unknown_fields(list(summaries), _SUMMARY, "itemSummaries"))))


def _dearness(one: Offer) -> tuple[bool, int]:
    """One whose shipping is not told cannot be compared: it comes last."""
    landed = one.landed
    return landed is None, one.listing_price.minor if landed is None else landed.minor


def _offer(raw: Any, condition: str, seller: str) -> tuple[Offer, ...]:
    if find(raw, "itemGroupType") is not None or _condition(raw) != condition:
        return ()
    name = text(raw, "seller.username")
    return (
        Offer(
            seller_id=seller if name.casefold() == seller.casefold() else name,
            listing_price=not_negative(amount(raw, "price"), "price"),
            shipping=_shipping(raw),
            points=None,
            is_fba=None,
            is_featured=None,
            is_prime=None,
            feedback_count=maybe_count(raw, "seller.feedbackScore"),
            feedback_percent=_percent(raw),
            max_handling_hours=None,
            ships_from=maybe_text(raw, "itemLocation.country"),
        ),
    )


def _condition(raw: Any) -> str:
    """As the words of `parse.catalog` class them: by eBay's number, whose ranges are its page "Item condition ID"."""
    told = text(raw, "conditionId")
    number = int(told) if told.isdecimal() else 0
    classes: Mapping[str, range] = {"new": _NEW, "refurbished": _REFURBISHED, "used": _USED}
    for name, numbers in classes.items():
        if number in numbers:
            return name
    raise ParseFailed("conditionId", f"a number we do not know: {told[:10]!r}")


def _shipping(raw: Any) -> Money | None:
    """The cheapest that eBay tells a cost of; None where it hangs on where the buyer lives."""
    costs = [
        not_negative(amount(option, "shippingCost"), "shippingOptions.shippingCost")
        for option in items(raw, "shippingOptions")
        if find(option, "shippingCost") is not None
    ]
    return min(costs, key=lambda cost: cost.minor, default=None)


def _percent(raw: Any) -> int | None:
    """ "99.6" → 99: never rounded up."""
    told = maybe_text(raw, "seller.feedbackPercentage")
    try:
        return None if told is None else int(float(told))
    except (ValueError, OverflowError):
        return None
