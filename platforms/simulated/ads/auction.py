"""The law of an hour: who appears, who clicks, what a click costs. A second-price auction against lognormal bids.

P(win | b) = Φ((ln b − μ)/σ); the price paid is a competing bid below ours, so on average e^(μ+σ²/2)·Φ(z−σ)/Φ(z).
Only an offer that is featured and in stock appears; a campaign whose daily budget is spent rests until midnight.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime
from statistics import NormalDist
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from platforms.simulated import demand
from platforms.simulated.ads import constants as k
from platforms.simulated.ads import lives
from platforms.simulated.ads.model import Ads, Target
from platforms.simulated.dice import poisson

if TYPE_CHECKING:
    from platforms.simulated.world import World

_NORMAL = NormalDist()
_ZONE = ZoneInfo(k.ZONE)
_MANY = 50.0


def day_of(at: datetime) -> str:
    """The day of the marketplace, ISO."""
    return at.astimezone(_ZONE).date().isoformat()


def hour(world: World, ads: Ads, now: datetime, shown: Callable[[World, str], bool] | None = None) -> None:
    """`shown` says whether our offer of a SKU can appear where the ads are; Amazon's pages are looked at otherwise."""
    day, busy, able = day_of(now), demand.season(now), shown or _shown
    for target in ads.targets.values():
        if target.state == "ENABLED" and ads.campaigns[target.campaign].state == "ENABLED" and able(world, target.sku):
            _appear(ads, target, day, busy, now)


def win_chance(bid_minor: int, price_minor: int) -> float:
    return _NORMAL.cdf(math.log(bid_minor / price_minor) / k.CLICK_PRICE_SIGMA)


def click_price(dice: random.Random, bid_minor: int, price_minor: int) -> int:
    """A competing bid below ours, at least a cent, at most our bid."""
    below = win_chance(bid_minor, price_minor)
    z = _NORMAL.inv_cdf(max(1e-12, min(1 - 1e-12, dice.random() * below)))
    return max(1, min(bid_minor, round(price_minor * math.exp(k.CLICK_PRICE_SIGMA * z))))


def _shown(world: World, sku: str) -> bool:
    page = world.pages[sku]
    return page.featured == page.ours.seller and world.sellable(sku) > 0


def _appear(ads: Ads, target: Target, day: str, busy: float, now: datetime) -> None:
    dice = ads.dice["demand"]
    bid = target.bid_minor or ads.campaigns[target.campaign].default_bid_minor
    rate = target.auctions / 24 * busy * win_chance(bid, target.price_minor)
    for term in target.terms:
        impressions = _count(dice, rate * term.share)
        if not impressions or _refused(ads, target, term.text) or _left(ads, target, day) <= 0:
            continue
        figures = ads.figures(day, target.number, term.text)
        figures.impressions += impressions
        for _ in range(min(impressions, _count(dice, impressions * target.click_rate))):
            price = click_price(dice, bid, target.price_minor)
            if price > _left(ads, target, day):
                break
            figures.clicks += 1
            figures.cost_minor += price
            ads.spent[target.campaign] = (day, _spent(ads, target, day) + price)
            lives.after_click(ads, target, term, day, price, now)


def _count(dice: random.Random, rate: float) -> int:
    return poisson(dice, rate) if rate < _MANY else max(0, round(dice.gauss(rate, math.sqrt(rate))))


def _spent(ads: Ads, target: Target, day: str) -> int:
    last, spent = ads.spent.get(target.campaign, (day, 0))
    return spent if last == day else 0


def _left(ads: Ads, target: Target, day: str) -> int:
    return ads.campaigns[target.campaign].budget_minor - _spent(ads, target, day)


def _refused(ads: Ads, target: Target, term: str) -> bool:
    refused = (one for one in ads.negatives.values() if one.campaign == target.campaign and one.state == "ENABLED")
    return any(one.text == term if one.match == "exact" else f" {one.text} " in f" {term} " for one in refused)
