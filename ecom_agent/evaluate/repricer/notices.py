"""ANY_OFFER_CHANGED notifications to measure with: as the vendor writes them, and in other ways that are allowed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
MARKET, ASIN, OURS = "ATVPDKIKX0DER", "B0MEASURE1", "A2OURSELLERID"
OPTIONAL: Final = ("Shipping", "ShipsFrom", "PrimeInformation", "SellerFeedbackRating", "IsFeaturedMerchant")
LISTS: Final = ("NumberOfOffers", "LowestPrices", "SalesRankings", "NumberOfBuyBoxEligibleOffers")


def events(offers: int, count: int, seed: int) -> list[dict[str, Any]]:
    """Notifications as the vendor writes them, each a second newer than the one before; the same for the same seed."""
    dice = random.Random(f"{seed}/{offers}")
    return [_event(offers, START + timedelta(seconds=i), dice) for i in range(count)]


def canonical(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)


def otherwise(event: dict[str, Any], dice: random.Random) -> bytes:
    """The same event with every object's keys shuffled, or pretty-printed."""
    if dice.random() < 0.5:
        return orjson.dumps(event, option=orjson.OPT_INDENT_2)
    return orjson.dumps(_shuffled(event, dice))


def mixed(offers: int, count: int, seed: int) -> list[dict[str, Any]]:
    """As `events`, with two parts left out of every third offer, Buy Box flags and lists of varying length."""
    dice, found = random.Random(f"{seed}/mixed"), events(offers, count, seed)
    for event in found:
        body = event["Payload"]["AnyOfferChangedNotification"]
        for name in LISTS:
            body["Summary"][name] = body["Summary"][name][: dice.randrange(3)]
        for offer in body["Offers"]:
            if dice.random() < 1 / 3:
                for name in dice.sample(OPTIONAL, 2):
                    del offer[name]
            if dice.random() < 0.1:
                offer["IsBuyBoxWinner"] = False
    return found


def _event(offers: int, at: datetime, dice: random.Random) -> dict[str, Any]:
    changed = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{dice.randrange(1_000):03d}Z"
    shown = [_offer(OURS if i == 1 else f"A{dice.randrange(10**12):012d}X", dice) for i in range(offers)]
    lowest = min(o["ListingPrice"]["Amount"] for o in shown)
    price = {"LandedPrice": _usd(lowest), "ListingPrice": _usd(lowest), "Shipping": _usd(0.0)}
    channels = [{"Condition": "new", "FulfillmentChannel": channel} for channel in ("Amazon", "Merchant")]
    counts = [{**channel, "OfferCount": offers} for channel in channels]
    trigger = {"MarketplaceId": MARKET, "ASIN": ASIN, "ItemCondition": "new", "TimeOfOfferChange": changed}
    summary = {
        "NumberOfOffers": counts,
        "LowestPrices": [{**channel, **price} for channel in channels],
        "BuyBoxPrices": [{"Condition": "new", **price}],
        "ListPrice": _usd(39.99),
        "SuggestedLowerPricePlusShipping": _usd(lowest),
        "TotalBuyBoxEligibleOffers": offers,
        "SalesRankings": [{"ProductCategoryId": "kitchen_display_on_website", "Rank": dice.randrange(1, 100_000)}],
        "NumberOfBuyBoxEligibleOffers": counts,
        "CompetitivePriceThreshold": _usd(lowest),
    }
    body = {"SellerId": OURS, "OfferChangeTrigger": trigger | {"OfferChangeType": "External"}, "Summary": summary}
    identity = f"{dice.getrandbits(128):032x}"
    meta = {"ApplicationId": f"app-{identity}", "SubscriptionId": f"sub-{identity}", "PublishTime": changed}
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ANY_OFFER_CHANGED",
        "PayloadVersion": "1.0",
        "EventTime": changed,
        "NotificationMetadata": meta | {"NotificationId": identity},
        "Payload": {"AnyOfferChangedNotification": body | {"Offers": shown}},
    }


def _offer(seller: str, dice: random.Random) -> dict[str, Any]:
    """One offer with every field of the schema but Points, which only Japan sends."""
    fba = dice.random() < 0.6
    rating = {"FeedbackCount": dice.randrange(50_000), "SellerPositiveFeedbackRating": dice.randrange(80, 101)}
    hours = {"MinimumHours": 0, "MaximumHours": 0 if fba else dice.randrange(24, 96), "AvailabilityType": "NOW"}
    return {
        "SellerId": seller,
        "SubCondition": "new",
        "SellerFeedbackRating": rating,
        "ShippingTime": {**hours, "AvailableDate": ""},
        "ListingPrice": _usd(dice.randrange(1_800, 3_200) / 100),
        "Shipping": _usd(0.0 if fba else dice.choice((0.0, 3.99, 4.99))),
        "ShipsFrom": {"Country": "US", "State": dice.choice(("CA", "NY", "TX"))},
        "IsFulfilledByAmazon": fba,
        "PrimeInformation": {"IsOfferPrime": fba, "IsOfferNationalPrime": fba},
        "IsExpeditedShippingAvailable": False,
        "IsFeaturedMerchant": dice.random() < 0.8,
        "ShipsDomestically": True,
        "ShipsInternationally": dice.random() < 0.3,
    }


def _usd(amount: float) -> dict[str, Any]:
    return {"Amount": amount, "CurrencyCode": "USD"}


def _shuffled(value: Any, dice: random.Random) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled(inner, dice)) for key, inner in value.items()]
        dice.shuffle(items)
        return dict(items)
    return [_shuffled(inner, dice) for inner in value] if isinstance(value, list) else value
