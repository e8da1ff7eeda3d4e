"""Promoted listings of a channel: the advertising law of `platforms.simulated.ads` over its items, orders of its own.

Nothing is advertised before somebody asks: opening it changes who orders from then on, and nothing before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated import constants as market
from platforms.simulated.ads import auction, lives, opening
from platforms.simulated.ads.model import Ads, Figures, Report
from platforms.simulated.ads.reports import total
from platforms.simulated.channels import box, sales
from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel
from platforms.simulated.dice import Dice

if TYPE_CHECKING:
    from platforms.simulated.world import World


_FIGURES: Final = ("impressions", "clicks", "cost_minor", "orders", "units", "sales_minor")


def tick(world: World, channel: Channel, ads: Ads, now: datetime) -> None:
    lives.run(world, ads, now, partial(_place, channel))
    if world.ticks % (3600 // market.TICK_S) == 0:
        auction.hour(world, ads, now, partial(_shown, channel))


def _shown(channel: Channel, world: World, sku: str) -> bool:
    item = channel.by_sku[sku]
    return item.featured == channel.seller_id and box.available(world, item) > 0


def _place(channel: Channel, world: World, sku: str, now: datetime) -> lives.Brought | None:
    """An order of the channel like any other; None when our last unit is gone."""
    before = channel.counts["sale"]
    sales.place(world, channel, channel.by_sku[sku], now, stale=False)
    if channel.counts["sale"] == before:
        return None
    sale = channel.sales[channel.counts["sale"]]
    units = sum(line.quantity for line in sale.lines)
    return lives.Brought(
        print_id(channel.name, "sale", sale.number), units, sum(line.total_minor for line in sale.lines)
    )


def _open(world: World, channel: str) -> None:
    """Our campaigns there begin to exist; nothing happens when they do already."""
    account = world.channels[channel]
    if account.ads is None:
        made = Ads(world.now, Dice(f"{world.seed}/{channel}/ads"))
        products = [world.products[item.sku] for item in account.items.values() if item.status == "active"]
        account.ads = opening.account(made, products, automatic_share=0.0)


def _keyword(world: World, channel: str, target: int, bid_minor: int | None, state: str | None) -> None:
    """None leaves it as it is. Live at once."""
    found = _ads(world, channel).targets[target]
    found.bid_minor = found.bid_minor if bid_minor is None else bid_minor
    found.state = state or found.state
    found.updated_at = world.now


def _ask(world: World, channel: str, report_id: str, asked: dict[str, Any], stuck: bool) -> None:
    _ads(world, channel).reports[report_id] = Report(report_id, asked, world.now, stuck)


def _make(world: World, channel: str, report_id: str) -> None:
    """The report shows the figures of this moment: by day and keyword, of the days that were asked for."""
    ads = _ads(world, channel)
    report = ads.reports[report_id]
    summed: dict[tuple[str, int], list[Figures]] = {}
    for day, figures in sorted(ads.tally.items()):
        if report.asked["from"] <= day <= report.asked["to"]:
            for (target, _term), one in figures.items():
                summed.setdefault((day, target), []).append(one)
    report.made_at = world.now
    report.rows = [{"day": day, "target": target, **_told(total(found))} for (day, target), found in summed.items()]


def _told(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in _FIGURES}


def _ads(world: World, channel: str) -> Ads:
    found = world.channels[channel].ads
    assert found is not None
    return found


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "channel_ads_open": _open,
    "channel_ads_keyword": _keyword,
    "channel_ads_ask": _ask,
    "channel_ads_make": _make,
}
