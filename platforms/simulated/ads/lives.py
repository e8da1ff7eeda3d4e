"""What comes of a click later: an order within the window, or that it is found to be invalid and taken back.

Both go to the figures of the day of the click: they move for days after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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


def run(world: World, ads: Ads, now: datetime) -> None:
    """Do all that is due by `now`."""
    while (step := ads.agenda.pop(now)) is not None:
        kind, what, price = step
        day, number, term = what.split("|", 2)
        figures = ads.figures(day, int(number), term)
        if kind == "invalid":
            figures.clicks -= 1
            figures.cost_minor -= price
            ads.counts["invalid"] += 1
        else:
            _order(world, ads, figures, (day, int(number), term), now)


def _order(world: World, ads: Ads, figures: Figures, click: tuple[str, int, str], now: datetime) -> None:
    """An order of the world like any other; nothing happens when our last unit is gone."""
    order = sales.place(world, AMAZON, world.products[ads.targets[click[1]].sku], now)
    if order is None:
        return
    ads.credited[order.order_id] = click
    figures.orders += 1
    figures.units += sum(line.quantity for line in order.lines)
    figures.sales_minor += order.items_minor
