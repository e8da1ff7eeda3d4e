"""What comes of a click later: an order within the window, or that it is found to be invalid and taken back.

Both go to the figures of the day of the click: they move for days after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from platforms.simulated import sales
from platforms.simulated.ads import constants as k
from platforms.simulated.ads.model import Ads, Figures, Target, Term
from platforms.simulated.dice import between
from platforms.simulated.state import AMAZON

if TYPE_CHECKING:
    from platforms.simulated.world import World


def after_click(ads: Ads, target: Target, term: Term, day: str, price: int, now: datetime) -> None:
    dice = ads.dice["orders"]
    what = f"{day}|{target.number}|{term.text}"
    if dice.random() < k.INVALID_SHARE:
        wait = timedelta(hours=between(dice, k.INVALID_AFTER_H))
        ads.agenda.add(now + wait, "invalid", what, price)
        return
    if dice.random() < term.conversion:
        delay = timedelta(seconds=dice.expovariate(1 / k.DELAY_MEAN.total_seconds()))
        if delay <= k.WINDOW:
            ads.agenda.add(now + delay, "order", what)


class Brought(NamedTuple):
    """An order that a click brought."""

    order_id: str
    units: int
    items_minor: int


def run(
    world: World, ads: Ads, now: datetime, place: Callable[[World, str, datetime], Brought | None] | None = None
) -> None:
    """Do all that is due by `now`. `place` orders a SKU where the ads are; at Amazon otherwise."""
    while (step := ads.agenda.pop(now)) is not None:
        kind, what, price = step
        day, number, term = what.split("|", 2)
        figures = ads.figures(day, int(number), term)
        if kind == "invalid":
            figures.clicks -= 1
            figures.cost_minor -= price
            ads.counts["invalid"] += 1
        else:
            brought = (place or _at_amazon)(world, ads.targets[int(number)].sku, now)
            if brought is not None:
                _credit(ads, figures, (day, int(number), term), brought)


def _at_amazon(world: World, sku: str, now: datetime) -> Brought | None:
    """An order of the world like any other; None when our last unit is gone."""
    order = sales.place(world, AMAZON, world.products[sku], now)
    if order is None:
        return None
    return Brought(order.order_id, sum(line.quantity for line in order.lines), order.items_minor)


def _credit(ads: Ads, figures: Figures, click: tuple[str, int, str], brought: Brought) -> None:
    ads.credited[brought.order_id] = click
    figures.orders += 1
    figures.units += brought.units
    figures.sales_minor += brought.items_minor
