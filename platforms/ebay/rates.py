"""How often each of eBay's APIs may be called. All operations of one API share its bucket.

eBay counts calls per day, not per second: a bucket refills with 19 of 20 of a day's calls and holds the twentieth, so
that no day ever sees more than it may. What a day allows: eBay's page "API call limits", 2026-11. What we have of it
leaves out some APIs: for Inventory 20 a second are a careful guess, for the others the door's default; a 429 corrects
both.
"""

from __future__ import annotations

from typing import Final

from ecom_agent.connector import Rate
from platforms._shared.throttle import UNPUBLISHED

BROWSE: Final = "buy.browse"
FULFILLMENT: Final = "sell.fulfillment"
INVENTORY: Final = "sell.inventory"
FINANCES: Final = "sell.finances"
MARKETING: Final = "sell.marketing"
AD_REPORTS: Final = "sell.marketing.report"
MESSAGE: Final = "commerce.message"
NOTIFICATION: Final = "commerce.notification"
RETURNS: Final = "post-order.return"
TOKEN: Final = "identity.oauth2"
_DAY_S: Final = 86_400


def per_day(calls: int) -> Rate:
    return Rate(per_s=0.95 * calls / _DAY_S, burst=0.05 * calls)


RATES: Final = {
    BROWSE: per_day(5_000),
    FULFILLMENT: per_day(100_000),
    NOTIFICATION: per_day(10_000),
    MARKETING: per_day(10_000),
    AD_REPORTS: Rate(per_s=0.8 * 200 / 3600, burst=40.0),  # 200 an hour, each seller
    INVENTORY: Rate(per_s=20.0, burst=400.0),
    FINANCES: UNPUBLISHED,
    MESSAGE: UNPUBLISHED,
    RETURNS: UNPUBLISHED,
    TOKEN: UNPUBLISHED,
}
