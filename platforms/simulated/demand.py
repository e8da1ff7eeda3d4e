"""How many buyers come, and whom they buy from. Pure laws; the dice are handed in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from platforms.simulated import constants as k
from platforms.simulated.state import Offer

_SHOP_TIME = timedelta(hours=k.SHOP_TIME_OFFSET_H)


def season(at: datetime) -> float:
    """How busy the buyers' hour and weekday are; 1 on average."""
    local = at + _SHOP_TIME
    return k.HOUR_SEASON[local.hour] * k.WEEKDAY_SEASON[local.weekday()]


def per_tick(base_per_day: float, busy: float, price_minor: int, reference_minor: int) -> float:
    """λ of one tick: λ0 · season · (price / reference)^−ε."""
    dampened: float = (price_minor / reference_minor) ** -k.ELASTICITY
    return base_per_day * k.TICK_S / 86400 * busy * dampened


def choose(dice: random.Random, offers: Sequence[Offer], featured: str | None) -> Offer | None:
    """Whom a buyer buys from: most take the featured offer, the rest the lowest landed price.

    Without a featured offer those who would have taken it leave.
    """
    if dice.random() < k.SHARE_TO_FEATURED:
        return next((offer for offer in offers if offer.seller == featured), None)
    return min(offers, key=lambda offer: offer.landed_minor, default=None)
