"""A product page as the marketplace tells it: ANY_OFFER_CHANGED and its summary, pricing v0, competitive summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from platforms.simulated import constants as k
from platforms.simulated import featured
from platforms.simulated.state import Offer, Page
from platforms.simulated.wire.text import camel, moment, pascal

if TYPE_CHECKING:
    from platforms.simulated.world import World

MARKETPLACE = "ATVPDKIKX0DER"
MOST_OFFERS = 20


def cheapest_first(world: World, page: Page) -> list[Offer]:
    return sorted(world.in_stock(page), key=lambda offer: (offer.landed_minor, offer.seller))[:MOST_OFFERS]


def channel(offer: Offer) -> str:
    return "Amazon" if offer.is_fba else "Merchant"


def threshold(reference_minor: int) -> int:
    """Above it the featured offer may be lost."""
    return int(reference_minor * (1 + k.FEATURED_MAX_OVER_REFERENCE))


def sales_rank(world: World, page: Page) -> int:
    """From the sales seen so far: ln(units a week) = 10.526 − 0.871·ln(rank)."""
    weeks = max(world.ticks, 60) / (7 * 1440)
    a_week = max(page.market_sales, 0.5) / weeks
    return max(1, round(math.exp((10.526 - math.log(a_week)) / 0.871)))


def _counts(offers: Sequence[Offer], condition: str, keys: tuple[str, str, str]) -> list[dict[str, Any]]:
    ways = ("Amazon", "Merchant")
    counted = [(way, sum(1 for offer in offers if channel(offer) == way)) for way in ways]
    return [dict(zip(keys, (condition, way, count), strict=True)) for way, count in counted if count]


def _prices(offer: Offer) -> dict[str, Any]:
    return {
        "LandedPrice": pascal(offer.landed_minor),
        "ListingPrice": pascal(offer.price_minor),
        "Shipping": pascal(offer.shipping_minor),
    }


def _lowest(offers: Sequence[Offer], condition_key: str, channel_key: str) -> list[dict[str, Any]]:
    rows = []
    for way in ("Amazon", "Merchant"):
        best = next((offer for offer in offers if channel(offer) == way), None)
        if best is not None:
            rows.append({condition_key: "new", channel_key: way, **_prices(best)})
    return rows


def winner(page: Page, offers: Sequence[Offer]) -> Offer | None:
    return next((offer for offer in offers if offer.seller == page.featured), None)


def changed(world: World, page: Page, kind: str, *, tell_winner: bool) -> dict[str, Any]:
    """The payload of ANY_OFFER_CHANGED. Without `tell_winner` no offer says whether it is featured."""
    offers = cheapest_first(world, page)
    product = world.products[page.sku]
    able = [offer for offer in offers if featured.eligible(offer, product.reference_minor)]
    holder = winner(page, offers)
    keys = ("Condition", "FulfillmentChannel", "OfferCount")
    return {
        "SellerId": page.ours.seller,
        "OfferChangeTrigger": {
            "MarketplaceId": MARKETPLACE,
            "ASIN": product.asin,
            "ItemCondition": "new",
            "TimeOfOfferChange": moment(page.changed_at or world.now),
            "OfferChangeType": kind,
        },
        "Summary": {
            "NumberOfOffers": _counts(offers, "new", keys),
            "LowestPrices": _lowest(offers, "Condition", "FulfillmentChannel"),
            "BuyBoxPrices": [{"Condition": "new", **_prices(holder)}] if holder else [],
            "ListPrice": pascal(product.reference_minor),
            "MinimumAdvertisedPrice": pascal(0),
            "SuggestedLowerPricePlusShipping": pascal(offers[0].landed_minor if offers else 0),
            "TotalBuyBoxEligibleOffers": len(able),
            "SalesRankings": [
                {"ProductCategoryId": f"{product.category.lower()}_display", "Rank": sales_rank(world, page)}
            ],
            "NumberOfBuyBoxEligibleOffers": _counts(able, "new", keys),
            "CompetitivePriceThreshold": pascal(threshold(product.reference_minor)),
        },
        "Offers": [_event_offer(page, offer, product.reference_minor, tell_winner) for offer in offers],
    }


def _event_offer(page: Page, offer: Offer, reference_minor: int, tell_winner: bool) -> dict[str, Any]:
    row = {
        "SellerId": offer.seller,
        "SubCondition": "new",
        "SellerFeedbackRating": {
            "FeedbackCount": offer.feedback,
            "SellerPositiveFeedbackRating": round(offer.rating * 100),
        },
        "ShippingTime": _shipping_time(offer),
        "ListingPrice": pascal(offer.price_minor),
        "Points": {"PointsNumber": 0},
        "Shipping": pascal(offer.shipping_minor),
        "ShipsFrom": {"Country": "US", "State": ""},
        "IsFulfilledByAmazon": offer.is_fba,
        "PrimeInformation": {"IsOfferPrime": offer.is_fba, "IsOfferNationalPrime": offer.is_fba},
        "IsExpeditedShippingAvailable": offer.is_fba,
        "IsFeaturedMerchant": featured.eligible(offer, reference_minor),
        "ShipsDomestically": True,
        "ShipsInternationally": False,
    }
    if tell_winner:
        row["IsBuyBoxWinner"] = offer.seller == page.featured
    return row


def _shipping_time(offer: Offer) -> dict[str, Any]:
    hours = 0 if offer.is_fba else offer.handling_days * 24
    return {
        "MinimumHours": hours,
        "MaximumHours": hours or 24,
        "AvailabilityType": "NOW",
        "AvailableDate": "",
    }


def v0(world: World, page: Page, condition: str) -> dict[str, Any]:
    """`payload` of getItemOffers: only new goods are sold here, other conditions have no offers."""
    offers = cheapest_first(world, page) if condition == "New" else []
    product = world.products[page.sku]
    able = [offer for offer in offers if featured.eligible(offer, product.reference_minor)]
    holder = winner(page, offers)
    keys = ("condition", "fulfillmentChannel", "OfferCount")
    summary: dict[str, Any] = {
        "TotalOfferCount": len(offers),
        "NumberOfOffers": _counts(offers, "new", keys),
        "LowestPrices": _lowest(offers, "condition", "fulfillmentChannel"),
        "ListPrice": pascal(product.reference_minor),
        "CompetitivePriceThreshold": pascal(threshold(product.reference_minor)),
        "SalesRankings": [
            {"ProductCategoryId": f"{product.category.lower()}_display", "Rank": sales_rank(world, page)}
        ],
        "BuyBoxEligibleOffers": _counts(able, "new", keys),
    }
    if holder:
        summary["BuyBoxPrices"] = [{"condition": "New", **_prices(holder), "sellerId": holder.seller}]
    return {
        "marketplaceId": MARKETPLACE,
        "ASIN": product.asin,
        "ItemCondition": condition,
        "status": "Success" if offers else "NoBuyableOffers",
        "Identifier": {"MarketplaceId": MARKETPLACE, "ASIN": product.asin, "ItemCondition": condition},
        "Summary": summary,
        "Offers": [_v0_offer(page, offer, product.reference_minor) for offer in offers],
    }


def _v0_offer(page: Page, offer: Offer, reference_minor: int) -> dict[str, Any]:
    hours = 0 if offer.is_fba else offer.handling_days * 24
    return {
        "MyOffer": offer is page.ours,
        "SubCondition": "new",
        "SellerId": offer.seller,
        "SellerFeedbackRating": {
            "SellerPositiveFeedbackRating": round(offer.rating * 100, 1),
            "FeedbackCount": offer.feedback,
        },
        "ShippingTime": {"minimumHours": hours, "maximumHours": hours or 24, "availabilityType": "NOW"},
        "ListingPrice": pascal(offer.price_minor),
        "Shipping": pascal(offer.shipping_minor),
        "ShipsFrom": {"Country": "US"},
        "IsFulfilledByAmazon": offer.is_fba,
        "PrimeInformation": {"IsPrime": offer.is_fba, "IsNationalPrime": offer.is_fba},
        "IsBuyBoxWinner": offer.seller == page.featured,
        "IsFeaturedMerchant": featured.eligible(offer, reference_minor),
    }


def summary_offer(offer: Offer) -> dict[str, Any]:
    """One offer of getCompetitiveSummary."""
    return {
        "sellerId": offer.seller,
        "condition": "New",
        "subCondition": "New",
        "fulfillmentType": "AFN" if offer.is_fba else "MFN",
        "listingPrice": camel(offer.price_minor),
        "shippingOptions": [{"shippingOptionType": "DEFAULT", "price": camel(offer.shipping_minor)}],
        **({"primeDetails": {"eligibility": "NATIONAL"}} if offer.is_fba else {}),
    }
