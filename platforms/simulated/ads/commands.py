"""All that may change advertising from outside. Arguments are plain; who calls has checked them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.ads import opening, reports
from platforms.simulated.ads.model import Ads, Negative, Report

if TYPE_CHECKING:
    from platforms.simulated.world import World


def _open(world: World) -> None:
    """Our account begins to exist; nothing happens when it does already."""
    if world.ads is None:
        world.ads = opening.ads(world)


def _ads(world: World) -> Ads:
    assert world.ads is not None
    return world.ads


def _target(world: World, target: int, bid_minor: int | None, state: str | None) -> None:
    """None leaves it as it is. Live at once."""
    found = _ads(world).targets[target]
    found.bid_minor = found.bid_minor if bid_minor is None else bid_minor
    found.state = state or found.state
    found.updated_at = world.now


def _refuse(world: World, campaign: int, text: str, match: str, state: str) -> int:
    ads = _ads(world)
    number = ads.next("negative")
    ads.negatives[number] = Negative(number, campaign, text, match, state, world.now)
    return number


def _ask(world: World, report_id: str, asked: dict[str, Any], stuck: bool) -> None:
    _ads(world).reports[report_id] = Report(report_id, asked, world.now, stuck)


def _make(world: World, report_id: str) -> None:
    """The report shows the figures of this moment."""
    ads = _ads(world)
    report = ads.reports[report_id]
    report.made_at, report.rows = world.now, reports.rows(ads, report.asked)


def _forget(world: World, report_id: str) -> None:
    _ads(world).reports.pop(report_id, None)


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "ads_open": _open,
    "ads_target": _target,
    "ads_refuse": _refuse,
    "ads_report_ask": _ask,
    "ads_report_make": _make,
    "ads_report_forget": _forget,
}
