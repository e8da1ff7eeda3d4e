"""What our own changes left behind, listing by listing → the breakers' counts of prices. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ecom_agent.actions.breakers import Windows
from ecom_agent.actions.counts import Runaway
from ecom_agent.money import Money

_MOST_RUNAWAYS: Final = 100


@dataclass(frozen=True, slots=True)
class Moved:
    """A live listing that we changed within the windows. None = not known.

    `first`: its price before our first change there; `before` and `own`: of our last one, sent at `own_at`.
    `live`: what the platform showed at `live_at`. `elsewhere`: the same SKU's prices on our other accounts.
    """

    marketplace: str
    sku: str
    first: Money | None
    before: Money | None
    own: Money
    own_at: datetime
    live: Money | None = None
    live_at: datetime | None = None
    floor: Money | None = None
    elsewhere: tuple[Money, ...] = ()

    @property
    def price(self) -> Money:
        """The newer of what was shown and what we set."""
        shown_later = self.live is not None and self.live_at is not None and self.live_at > self.own_at
        return self.live if shown_later and self.live is not None else self.own


def price_counts(moved: Iterable[Moved], windows: Windows, now: datetime) -> dict[str, Any]:
    """The fields of Counts that are about prices."""
    at_floor = gaps = paired = apart = 0
    runaways: list[Runaway] = []
    for one in moved:
        since = now - one.own_at
        at_floor += since < windows.at_floor and _fell_to_floor(one)
        gaps += since < windows.gaps and _gap(one, windows)
        others = [other for other in one.elsewhere if other.currency == one.price.currency and other.minor > 0]
        if since < windows.parity and others:
            paired += 1
            apart += any(_apart(one.price, other, windows.parity_share) for other in others)
        if _ran_away(one, windows) and one.first is not None and len(runaways) < _MOST_RUNAWAYS:
            runaways.append(Runaway(one.marketplace, one.sku, one.first.minor, one.own.minor))
    return {"at_floor": at_floor, "gaps": gaps, "paired": paired, "apart": apart, "runaways": tuple(runaways)}


def _fell_to_floor(one: Moved) -> bool:
    """A price that was raised to a higher floor did not fall."""
    fell = one.before is None or one.before.currency != one.own.currency or one.own < one.before
    return fell and one.floor is not None and one.floor.currency == one.price.currency and one.price <= one.floor


def _gap(one: Moved, windows: Windows) -> bool:
    if one.live is None or one.live_at is None or one.live_at - one.own_at < windows.settle:
        return False
    return one.live.currency != one.own.currency or _apart(one.live, one.own, windows.gap_share)


def _ran_away(one: Moved, windows: Windows) -> bool:
    if one.first is None or one.first.currency != one.own.currency:
        return False
    low, high = sorted((one.first.minor, one.own.minor))
    return high >= windows.factor * low


def _apart(price: Money, other: Money, share: Decimal) -> bool:
    """Whether they differ by more than a share of the other one; both of one currency."""
    return abs(price.minor - other.minor) > share * other.minor
