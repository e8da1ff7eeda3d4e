"""Who holds the featured offer (Buy Box): eligibility, score, and a softmax draw. Pure; the dice are handed in."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from platforms.simulated import constants as k
from platforms.simulated.state import Offer


def eligible(offer: Offer, reference_minor: int) -> bool:
    """Good enough a seller, and not too far above the reference price."""
    return offer.rating >= k.FEATURED_MIN_RATING and offer.landed_minor <= reference_minor * (
        1 + k.FEATURED_MAX_OVER_REFERENCE
    )


def score(offer: Offer, lowest_minor: int, incumbent: str | None) -> float:
    """s = −κ·ln(p/p_min) + β_fba + β_q·q − β_h·max(0, h−2) + β_inc·incumbent."""
    return (
        -k.FEATURED_KAPPA * math.log(offer.landed_minor / lowest_minor)
        + (k.FEATURED_FBA if offer.is_fba else 0.0)
        + k.FEATURED_QUALITY * (offer.rating - 0.95)
        - k.FEATURED_HANDLING * max(0, offer.handling_days - 2)
        + (k.FEATURED_INCUMBENT if offer.seller == incumbent else 0.0)
    )


def draw(dice: random.Random, offers: Sequence[Offer], reference_minor: int, incumbent: str | None) -> str | None:
    """The seller that is featured for the next five minutes; None when nobody is eligible."""
    able = [offer for offer in offers if eligible(offer, reference_minor)]
    if not able:
        return None
    lowest = min(offer.landed_minor for offer in able)
    scores = [score(offer, lowest, incumbent) / k.FEATURED_TEMPERATURE for offer in able]
    top = max(scores)
    weights = [math.exp(s - top) for s in scores]
    return dice.choices(able, weights)[0].seller


def expected_price(offer: Offer, rivals: Sequence[Offer], reference_minor: int) -> int | None:
    """The price at or below which `offer` would more likely than not be featured; None without a rival."""
    able = [rival for rival in rivals if eligible(rival, reference_minor)]
    if not able:
        return None
    edge = (k.FEATURED_FBA if offer.is_fba else 0.0) + k.FEATURED_QUALITY * (offer.rating - 0.95)
    best = min(
        rival.landed_minor
        * math.exp(
            -((k.FEATURED_FBA if rival.is_fba else 0.0) + k.FEATURED_QUALITY * (rival.rating - 0.95)) / k.FEATURED_KAPPA
        )
        for rival in able
    )
    top = reference_minor * (1 + k.FEATURED_MAX_OVER_REFERENCE)
    return max(1, int(min(best * math.exp(edge / k.FEATURED_KAPPA), top)) - offer.shipping_minor)
