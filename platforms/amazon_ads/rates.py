"""Seeds of the token buckets, one per operation.

Amazon prints no figures: it throttles as it likes, by 429 and Retry-After, which is obeyed. These are on the careful
side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.connector import Rate

# (requests a second, burst): operations
_PLANS: Final[Mapping[tuple[float, float], str]] = {
    (1.0, 5.0): "lwaToken listProfiles",
    (5.0, 20.0): (
        "ListSponsoredProductsCampaigns ListSponsoredProductsAdGroups ListSponsoredProductsProductAds "
        "ListSponsoredProductsKeywords ListSponsoredProductsTargetingClauses ListSponsoredProductsNegativeKeywords "
        "ListSponsoredProductsNegativeTargetingClauses ListSponsoredProductsCampaignNegativeKeywords"
    ),
    (5.0, 10.0): "UpdateSponsoredProductsKeywords UpdateSponsoredProductsTargetingClauses",
    (0.5, 10.0): "createAsyncReport getAsyncReport",
}
RATES: Final[Mapping[str, Rate]] = {
    operation: Rate(per_s, burst) for (per_s, burst), operations in _PLANS.items() for operation in operations.split()
}
