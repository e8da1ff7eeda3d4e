"""What companies pay follows the consumer price as the rule says: with each of its moves, and by itself. Pure.

A move carries them only where the same tiers stand already and none goes further than one step: what is wider may
have to wait for a person, and the price must not wait with it. The sweep wishes for that alone.
"""

from __future__ import annotations

from typing import NamedTuple

from ecom_agent.actions import business
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing
from pricing.repricing.ruled import Ruled
from pricing.rules import business_prices
from pricing.rules.model import Business


class Companies(NamedTuple):
    """How their prices are derived, what the listing showed last, and how far a price goes in one step."""

    spec: Business
    shown: BusinessPrices
    max_step_bp: int


def companies(listing: Listing, ruled: Ruled) -> Companies | None:
    """None where the rule says nothing of them, or none can be set for this listing."""
    spec = None if ruled.rule is None else ruled.rule.business
    if spec is None or listing.business is None:
        return None
    return Companies(spec, listing.business, ruled.cfg.max_step_bp)


def with_move(found: Companies, before: Money, price: Money, floor: Money) -> dict[str, str]:
    """The evidence of a move of the consumer price; empty where their plan is another one by now, or far off."""
    to = business_prices(price, floor, found.spec)
    near = all(_near(less, (found.shown.at(units), before), found.max_step_bp) for units, less in to.steps)
    return business.evidence(to, found.shown) if near and _same_plan(to, found.shown) else {}


def alone(found: Companies, price: Money, floor: Money, *, news: bool) -> BusinessPrices | None:
    """What they should pay at the present price; None where they do.

    Without `news` since our last change the same plan at other prices may be what that change replaced.
    """
    to = business_prices(price, floor, found.spec)
    if to == found.shown or price < floor or (not news and _same_plan(to, found.shown)):
        return None
    return to


def _near(price: Money, known: tuple[Money | None, ...], step_bp: int) -> bool:
    """Within one step of one of them, as the guards look at it."""
    return any(
        x is not None and x.currency == price.currency and abs(price.minor - x.minor) * 10_000 <= step_bp * x.minor
        for x in known
    )


def _same_plan(one: BusinessPrices, other: BusinessPrices) -> bool:
    return [units for units, _ in one.steps] == [units for units, _ in other.steps]
