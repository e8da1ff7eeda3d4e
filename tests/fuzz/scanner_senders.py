"""ANY_OFFER_CHANGED notifications as several senders might fill them: with more or fewer parts, in other currencies."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

OPTIONAL = ("SubCondition", "SellerFeedbackRating", "ShippingTime", "Points", "Shipping", "ShipsFrom", "IsBuyBoxWinner")
OPTIONAL += ("IsFulfilledByAmazon", "PrimeInformation", "LowestPrices", "BuyBoxPrices", "SalesRankings", "ListPrice")


@dataclass(frozen=True, slots=True)
class Shape:
    """What one sender leaves out, and the odds that a single offer differs from that."""

    envelope_first: bool
    currency: str
    left_out: frozenset[str]
    wavering: float

    @classmethod
    def drawn(cls, dice: random.Random) -> Shape:
        names = (
            "SubCondition",
            "SellerFeedbackRating",
            "ShippingTime",
            "Points",
            "Shipping",
            "ShipsFrom",
            "IsBuyBoxWinner",
        )
        names += (
            "IsFulfilledByAmazon",
            "PrimeInformation",
            "LowestPrices",
            "BuyBoxPrices",
            "SalesRankings",
            "ListPrice",
        )
        out = frozenset(name for name in names if dice.random() < 0.25)
        return cls(
            dice.random() < 0.7, dice.choice(("USD", "USD", "JPY", "KWD", "EUR")), out, dice.choice((0.0, 0.1, 0.5))
        )

    def notice(self, dice: random.Random) -> dict[str, Any]:
        changed = f"2026-0{dice.randrange(1, 10)}-1{dice.randrange(10)}T1{dice.randrange(10)}:00:0{dice.randrange(10)}"
        changed += dice.choice(("Z", ".000Z", ".123Z", ".123456Z", ".1234567Z"))
        trigger = {"MarketplaceId": "ATVPDKIKX0DER", "ASIN": f"B0{dice.randrange(10**8):08d}", "ItemCondition": "new"}
        trigger |= {"TimeOfOfferChange": changed, "OfferChangeType": dice.choice(("External", "Internal"))}
        body = {"SellerId": "A2OURS", "OfferChangeTrigger": trigger, "Summary": self._summary(dice)}
        body["Offers"] = [self._offer(dice) for _ in range(dice.choice((0, 1, 1, 2, 2, 3, 5, 20)))]
        meta = {"ApplicationId": f"app-{dice.randrange(10**6)}", "NotificationId": f"{dice.getrandbits(64):x}"}
        parts = {"NotificationMetadata": meta, "Payload": {"AnyOfferChangedNotification": body}}
        if not self.envelope_first:
            parts = dict(reversed(parts.items()))
        return {"NotificationVersion": "1.0", "NotificationType": "ANY_OFFER_CHANGED", "EventTime": changed} | parts

    def _summary(self, dice: random.Random) -> dict[str, Any]:
        def channel() -> dict[str, Any]:
            kind = {"Condition": dice.choice(("new", "used", "New"))}
            return kind | {"FulfillmentChannel": dice.choice(("Amazon", "Merchant"))}

        prices = {name: self._money(dice) for name in ("LandedPrice", "ListingPrice", "Shipping")}
        boxes = [{"Condition": dice.choice(("new", "used", "NEW")), **prices} for _ in range(dice.randrange(3))]
        for box in boxes:
            if dice.random() < 0.2:
                del box["LandedPrice"]
        full = {
            "NumberOfOffers": [channel() | {"OfferCount": dice.randrange(20)} for _ in range(dice.randrange(3))],
            "LowestPrices": [channel() | prices for _ in range(dice.randrange(3))],
            "BuyBoxPrices": boxes,
            "ListPrice": self._money(dice),
            "TotalBuyBoxEligibleOffers": dice.randrange(20),
            "SalesRankings": [{"ProductCategoryId": "kitchen", "Rank": dice.randrange(10**6)}] * dice.randrange(3),
        }
        return {name: value for name, value in full.items() if name not in self.left_out}

    def _offer(self, dice: random.Random) -> dict[str, Any]:
        shipped = {
            "MinimumHours": 0,
            "MaximumHours": dice.randrange(96),
            "AvailabilityType": "NOW",
            "AvailableDate": "",
        }
        rating = {
            "FeedbackCount": dice.choice((0, 9, 12345, 1234567)),
            "SellerPositiveFeedbackRating": dice.randrange(101),
        }
        full = {
            "SellerId": f"A{dice.randrange(10 ** dice.randrange(1, 14))}",
            "SubCondition": dice.choice(("new", "new", "")),
            "SellerFeedbackRating": rating | {"SellerPositiveFeedbackRating": dice.randrange(101)},
            "ShippingTime": shipped | {"AvailableDate": ""},
            "ListingPrice": self._money(dice),
            "Points": {"PointsNumber": dice.randrange(300)},
            "Shipping": self._money(dice),
            "ShipsFrom": dice.choice(({"Country": "US"}, {"Country": "US", "State": "CA"}, {"Country": ""}, {})),
            "IsFulfilledByAmazon": dice.random() < 0.5,
            "IsBuyBoxWinner": dice.random() < 0.1,
            "PrimeInformation": {"IsOfferPrime": dice.random() < 0.5, "IsOfferNationalPrime": False},
            "IsFeaturedMerchant": dice.random() < 0.5,
        }
        wavers = self.wavering and dice.random() < self.wavering
        left_out = frozenset(dice.sample(sorted(full), 2)) - {"SellerId", "ListingPrice"} if wavers else self.left_out
        return {name: value for name, value in full.items() if name not in left_out}

    def _money(self, dice: random.Random) -> dict[str, Any]:
        amount: float | int = dice.randrange(1, dice.choice((2, 10, 100, 12345)))
        if self.currency != "JPY" and dice.random() < 0.9:
            amount = round(amount + dice.randrange(100) / 100, 2)
        return {"Amount": amount, "CurrencyCode": self.currency}
