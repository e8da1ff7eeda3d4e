"""Prices for business buyers and for larger quantities, derived from the consumer price. Pure.

Where a platform has such prices they go out with the price (`pricing/repricing/companies.py`); elsewhere screens and
exports show them.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices
from pricing.rules.model import Business

_ALL: Final = Decimal(10_000)


def business_prices(consumer: Money, floor: Money, business: Business) -> BusinessPrices:
    """Each discount off the consumer price, rounded up, and never under the floor.

    A tier that the floor makes no cheaper than the one before is left out: platforms refuse it, and it says nothing.
    A consumer price below the floor is the business price as it is, without tiers: no discount comes on top.

    Raises ParseFailed where the currencies differ.
    """
    if consumer <= floor:
        return BusinessPrices(consumer, ())
    price = _off(consumer, business.discount_bp, floor)
    tiers: list[tuple[int, Money]] = []
    cheapest = price
    for units, points in business.tiers:
        tier = _off(consumer, points, floor)
        if tier < cheapest:
            tiers.append((units, tier))
            cheapest = tier
    return BusinessPrices(price, tuple(tiers))


def _off(consumer: Money, points: int, floor: Money) -> Money:
    return max(floor, consumer.share((_ALL - points) / _ALL, rounding=ROUND_CEILING))
