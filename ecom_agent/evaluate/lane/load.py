"""python -m ecom_agent.evaluate.lane.load: puts notifications into the queue over HTTP, in a process of its own.

ANY_OFFER_CHANGED as Amazon writes it, five offers each. At a share `--moving` of the events the cheapest rival of the
page asks a price that differs from ours by 2 to 6 %, so that the rule wants a change; at the others he asks a cent more
than we do, and our price is what it should be. `--per-s 0` puts them in as fast as it can; a paced load is written
before its first event is sent, so that writing it takes no time from what is measured.
"""

from __future__ import annotations

import argparse
import http.client
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from ecom_agent.evaluate.lane.goods import MARKET, OUR_MINOR, OURS, asin

TOGETHER: Final = 10
OFFERS: Final = 5
_AT: Final = "0000-00-00T00:00:00.000000Z"
"""Stands where the moment of sending goes."""


def notices(first: int, listings: int, events: int, moving: float, seed: int) -> Iterator[str]:
    """Bodies for `events` events over `listings` listings from number `first` on, in random order.

    As many events as listings: each listing once. More: each equally often.
    """
    dice = random.Random(seed)
    turns = [first + n % listings for n in range(events)]
    dice.shuffle(turns)
    for number, listing in enumerate(turns):
        yield notice(listing, f"{seed}-{first}-{number}", dice.random() < moving, dice)


def notice(listing: int, id: str, moves: bool, dice: random.Random) -> str:
    share = 1 + dice.choice((-1, 1)) * dice.uniform(0.02, 0.06)
    lowest = round(OUR_MINOR * share) if moves else OUR_MINOR + 1
    offers = [_offer(OURS, OUR_MINOR, dice)] + [
        _offer(f"A{rival:03d}RIVAL{listing:06d}", lowest + rival * dice.randrange(30, 120), dice)
        for rival in range(OFFERS - 1)
    ]
    box = {"Condition": "new", "LandedPrice": _usd(lowest), "ListingPrice": _usd(lowest), "Shipping": _usd(0)}
    trigger = {"MarketplaceId": MARKET, "ASIN": asin(listing), "ItemCondition": "new", "TimeOfOfferChange": _AT}
    counts = [{"Condition": "new", "FulfillmentChannel": c, "OfferCount": OFFERS} for c in ("Amazon", "Merchant")]
    page = {
        "SellerId": OURS,
        "OfferChangeTrigger": {**trigger, "OfferChangeType": "External"},
        "Summary": {
            "NumberOfOffers": counts,
            "LowestPrices": [{**count, **box} for count in counts],
            "BuyBoxPrices": [box],
            "ListPrice": _usd(3999),
            "TotalBuyBoxEligibleOffers": OFFERS,
            "SalesRankings": [{"ProductCategoryId": "kitchen_display_on_website", "Rank": dice.randrange(1, 10**5)}],
            "NumberOfBuyBoxEligibleOffers": counts,
            "CompetitivePriceThreshold": _usd(lowest),
        },
        "Offers": offers,
    }
    return orjson.dumps(
        {
            "NotificationVersion": "1.0",
            "NotificationType": "ANY_OFFER_CHANGED",
            "PayloadVersion": "1.0",
            "EventTime": _AT,
            "NotificationMetadata": {
                "ApplicationId": "amzn1.sellerapps.app.lane",
                "SubscriptionId": "lane",
                "PublishTime": _AT,
                "NotificationId": id,
            },
            "Payload": {"AnyOfferChangedNotification": page},
        }
    ).decode()


def _offer(seller: str, price_minor: int, dice: random.Random) -> dict[str, Any]:
    fba = dice.random() < 0.6
    hours = {"MinimumHours": 0, "MaximumHours": 0 if fba else 48, "AvailabilityType": "NOW", "AvailableDate": ""}
    return {
        "SellerId": seller,
        "SubCondition": "new",
        "SellerFeedbackRating": {"FeedbackCount": dice.randrange(50_000), "SellerPositiveFeedbackRating": 96},
        "ShippingTime": hours,
        "ListingPrice": _usd(price_minor),
        "Shipping": _usd(0),
        "ShipsFrom": {"Country": "US", "State": "CA"},
        "IsFulfilledByAmazon": fba,
        "PrimeInformation": {"IsOfferPrime": fba, "IsOfferNationalPrime": fba},
        "IsExpeditedShippingAvailable": False,
        "IsFeaturedMerchant": True,
        "ShipsDomestically": True,
        "ShipsInternationally": False,
    }


def dated(body: str) -> str:
    """It happens now."""
    return body.replace(_AT, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def _usd(minor: int) -> dict[str, Any]:
    return {"Amount": minor / 100, "CurrencyCode": "USD"}


class Sender:
    """SendMessageBatch over one connection."""

    def __init__(self, queue_url: str, key_id: str) -> None:
        place = urlsplit(queue_url)
        self._queue = queue_url
        self._http = http.client.HTTPConnection(place.hostname or "", place.port)
        self._headers = {
            "X-Amz-Target": "AmazonSQS.SendMessageBatch",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={key_id}/20260101/us-east-1/sqs/aws4_request",
        }

    def send(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(map(dated, bodies))]
        self._http.request("POST", "/sqs", orjson.dumps({"QueueUrl": self._queue, "Entries": entries}), self._headers)
        answer = self._http.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the queue answered {answer.status}: {told[:200]!r}")


def main() -> int:
    """Send all, then say how late the last batch left at worst, in ms."""
    parser = argparse.ArgumentParser()
    for name in ("--queue", "--key-id"):
        parser.add_argument(name, required=True)
    for name in ("--first", "--listings", "--events", "--seed"):
        parser.add_argument(name, type=int, required=True)
    for name in ("--per-s", "--moving"):
        parser.add_argument(name, type=float, required=True)
    given = parser.parse_args()
    sender, late_ms, sent = Sender(given.queue, given.key_id), 0.0, 0
    bodies: Iterable[str] = notices(given.first, given.listings, given.events, given.moving, given.seed)
    left = iter(list(bodies) if given.per_s else bodies)
    began = time.monotonic()
    while batch := list(islice(left, TOGETHER)):
        if given.per_s:
            due = began + sent / given.per_s
            time.sleep(max(0.0, due - time.monotonic()))
            late_ms = max(late_ms, (time.monotonic() - due) * 1000)
        sender.send(batch)
        sent += len(batch)
    told = {"sent": sent, "seconds": time.monotonic() - began, "late_ms": late_ms}
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
