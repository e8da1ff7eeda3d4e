"""What a rival does when it wakes: a table of policies, each a pure function of what the rival sees."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from platforms.simulated import constants as k
from platforms.simulated.state import Offer


@dataclass(frozen=True, slots=True)
class View:
    """What a rival sees of its page. Prices are landed; `lowest_minor` is the cheapest of the others, None = alone."""

    lowest_minor: int | None
    featured_minor: int | None
    is_featured: bool
    local_hour: int


def _below(me: Offer, target_landed: int) -> int:
    return max(me.floor_minor, target_landed - me.shipping_minor)


def _undercut(me: Offer, seen: View, step_minor: int) -> int:
    """Just under the cheapest other; back towards home when nobody presses."""
    if seen.lowest_minor is None:
        return me.home_minor
    return min(_below(me, seen.lowest_minor - step_minor), me.home_minor)


def _fixed(me: Offer, seen: View, dice: random.Random) -> int:
    return me.price_minor


def _undercut_cent(me: Offer, seen: View, dice: random.Random) -> int:
    return _undercut(me, seen, k.UNDERCUT_MINOR)


def _undercut_share(me: Offer, seen: View, dice: random.Random) -> int:
    lowest = seen.lowest_minor or me.landed_minor
    return _undercut(me, seen, max(1, round(lowest * k.UNDERCUT_SHARE)))


def _match(me: Offer, seen: View, dice: random.Random) -> int:
    target = seen.featured_minor if seen.featured_minor is not None else seen.lowest_minor
    return me.home_minor if target is None else min(_below(me, target), me.home_minor)


def _oscillate(me: Offer, seen: View, dice: random.Random) -> int:
    """Undercuts down to its floor, then goes home: at night, or now and then when the floor is reached."""
    first, last = k.NIGHT_RESET_HOURS
    if first <= seen.local_hour <= last:
        return me.home_minor
    if me.price_minor <= me.floor_minor and dice.random() < k.RESET_AT_FLOOR:
        return me.home_minor
    return _undercut(me, seen, k.UNDERCUT_MINOR)


def _raise_until_lost(me: Offer, seen: View, dice: random.Random) -> int:
    if seen.is_featured:
        return min(round(me.price_minor * (1 + k.RAISE_STEP)), round(me.home_minor * (1 + 5 * k.RAISE_STEP)))
    return _match(me, seen, dice)


POLICIES: Final[dict[str, Callable[[Offer, View, random.Random], int]]] = {
    "fixed": _fixed,
    "undercut_cent": _undercut_cent,
    "undercut_share": _undercut_share,
    "match": _match,
    "oscillate": _oscillate,
    "raise_until_lost": _raise_until_lost,
}


def next_price(me: Offer, seen: View, dice: random.Random) -> int:
    """The price that this rival asks from now on."""
    return POLICIES[me.policy](me, seen, dice)


def hear(me: Offer, now: datetime) -> None:
    """A change on the page reaches the rival: it acts after its own delay, not before."""
    if me.policy not in ("ours", "fixed"):
        me.wakes_at = min(me.wakes_at, now + timedelta(seconds=me.delay_s))


def rest(me: Offer, now: datetime, dice: random.Random) -> None:
    """After acting a rival looks again on its own only much later."""
    me.wakes_at = now + timedelta(seconds=me.delay_s + dice.uniform(*k.RIVAL_IDLE_S))
