"""The attribute `purchasable_offer` of a listing: one instance for each marketplace, currency and audience.

The world keeps what consumers pay as a number; all else that a seller wrote there stands on the page as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from platforms.simulated.state import CURRENCY
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import read_moment

if TYPE_CHECKING:
    from platforms.simulated.world import World

Instance = Mapping[str, Any]
SELECTORS = ("marketplace_id", "currency", "audience")
CONSUMERS = {"marketplace_id": MARKETPLACE, "currency": CURRENCY, "audience": "ALL"}


def live(world: World, sku: str) -> list[dict[str, Any]]:
    """All instances as they are in force now."""
    page = world.pages[sku]
    return _whole(page.beside, page.ours.price_minor)


def submitted(world: World, sku: str) -> list[dict[str, Any]]:
    """The same after what was taken and is not in force yet."""
    page = world.pages[sku]
    beside, price = page.beside, page.ours.price_minor
    for pending in world.pending:
        if pending.sku == sku:
            price, beside = pending.price_minor, beside if pending.beside is None else pending.beside
    return _whole(beside, price)


def without_price(instances: Iterable[Instance]) -> list[dict[str, Any]]:
    """What the page keeps: the consumers' regular price is the world's own; a bare consumers' instance says nothing."""
    kept = [{k: v for k, v in one.items() if not (k == "our_price" and is_consumers(one))} for one in instances]
    return [one for one in kept if one != CONSUMERS]


def is_consumers(one: Instance) -> bool:
    return all(one.get(name) == CONSUMERS[name] for name in SELECTORS)


def sale_minor(world: World, sku: str) -> int | None:
    """The price of the sale that runs now."""
    for one in world.pages[sku].beside:
        if is_consumers(one):
            for price in one.get("discounted_price") or ():
                for step in price["schedule"]:
                    if _runs(step, world.now):
                        return _minor(step)
    return None


def business_minor(world: World, sku: str) -> int | None:
    """What one unit costs a company."""
    for one in world.pages[sku].beside:
        if one["audience"] == "B2B" and one["marketplace_id"] == MARKETPLACE:
            return _minor(one["our_price"][0]["schedule"][0])
    return None


def _whole(beside: Iterable[Instance], price_minor: int) -> list[dict[str, Any]]:
    regular = {"our_price": [{"schedule": [{"value_with_tax": price_minor / 100}]}]}
    ours = next((one for one in beside if is_consumers(one)), CONSUMERS)
    return [{**ours, **regular}, *_others(beside)]


def _others(beside: Iterable[Instance]) -> Iterator[dict[str, Any]]:
    return (dict(one) for one in beside if not is_consumers(one))


def _minor(step: Mapping[str, Any]) -> int:
    cents: int = round(step["value_with_tax"] * 100)
    return cents


def _runs(step: Mapping[str, Any], now: datetime) -> bool:
    since, until = step.get("start_at"), step.get("end_at")
    return (since is None or read_moment(since) <= now) and (until is None or now < read_moment(until))
