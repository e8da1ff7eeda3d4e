"""Sellers v1: getMarketplaceParticipations."""

from __future__ import annotations

from typing import Any

from platforms.simulated.servers.sp.call import Call, Operation
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire.offers import MARKETPLACE


def participations(call: Call) -> Any:
    marketplace = {
        "id": MARKETPLACE,
        "name": "Amazon.com",
        "countryCode": "US",
        "defaultCurrencyCode": CURRENCY,
        "defaultLanguageCode": "en_US",
        "domainName": "www.amazon.com",
    }
    taking_part = {"isParticipating": True, "hasSuspendedListings": False}
    return {"payload": [{"marketplace": marketplace, "participation": taking_part, "storeName": "Demo Store"}]}


OPERATIONS = (
    Operation(
        "getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", 0.016, 15, participations
    ),
)
