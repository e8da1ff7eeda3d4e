"""listProfiles: one advertiser, in one marketplace."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.ads import constants as k
from platforms.simulated.servers.ads.call import Call, Operation
from platforms.simulated.servers.ads.credentials import profile_id
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire.offers import MARKETPLACE


def every(call: Call) -> Any:
    return [
        {
            "profileId": int(profile_id(call.servers.seller)),
            "countryCode": "US",
            "currencyCode": CURRENCY,
            "timezone": k.ZONE,
            "accountInfo": {
                "marketplaceStringId": MARKETPLACE,
                "id": call.servers.sim.world.seller_id,
                "type": "seller",
                "name": "Demo",
            },
        }
    ]


OPERATIONS: Final = (Operation("listProfiles", "GET", "/v2/profiles", 1, 5, every, scoped=False),)
