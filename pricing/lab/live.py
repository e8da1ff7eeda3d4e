"""What a canary earns on our own listings, against the incumbent's on the others: differences in differences. Pure.

Canary listings are not like the others, and days are not alike. So each side is measured against its own weeks before
the canary began, day by day; what is left is the canary's doing, and luck, which the bounds reckon with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from statistics import fmean

from ecom_agent.ids import Sku

BEFORE = timedelta(days=28)
"""What each side is measured against."""
Earned = Mapping[Sku, Mapping[date, int]]


def differences(
    earned: Earned, canaries: Collection[Sku], others: Collection[Sku], began: date, today: date
) -> list[float]:
    """Minor units a listing for each whole day since the canary began; empty where one side has no listings.

    A day without a sale earned 0: that is known, for both sides' listings are on sale.
    """
    if not canaries or not others:
        return []
    first = began - BEFORE
    usual = {side: _mean(earned, skus, first, began) for side, skus in (("canary", canaries), ("other", others))}
    return [
        (_day(earned, canaries, day) - usual["canary"]) - (_day(earned, others, day) - usual["other"])
        for day in (began + timedelta(days=n) for n in range(1, (today - began).days))
    ]


def lost(differences: Collection[float], canaries: int) -> int:
    """What the canary is estimated to have cost in all, minor units; 0 where it rather gained."""
    return max(0, -round(sum(differences) * canaries))


def _day(earned: Earned, skus: Collection[Sku], day: date) -> float:
    return fmean(earned.get(sku, {}).get(day, 0) for sku in skus)


def _mean(earned: Earned, skus: Collection[Sku], first: date, end: date) -> float:
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    return fmean(_day(earned, skus, day) for day in days)
