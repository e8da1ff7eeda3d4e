"""A listing's price story and its sales, folded into days for `elasticity`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ecom_agent.records.offers import PricePoint
from pricing.elasticity import Day

DAY = timedelta(days=1)


@dataclass(slots=True)
class _Sum:
    """Seconds of one day, and what they were worth."""

    known: float = 0.0
    price: float = 0.0
    told: float = 0.0
    held: float = 0.0
    rival_known: float = 0.0
    rival: float = 0.0


def by_day(points: Sequence[PricePoint], units: Mapping[date, int], now: datetime) -> list[Day]:
    """Whole days (UTC) from the first point's to yesterday; a moment lasts until the next one.

    Prices and the share of the Buy Box are means over time. A day on which our price was not seen is taken for one
    without stock: an offer that is not shown cannot sell. Whether the box was held is None where nobody told.
    Prices in more than one currency are cut to those in the newest.
    """
    known = sorted((p for p in points if p.at <= now), key=lambda p: p.at)
    currency = next((p.our_price.currency for p in reversed(known) if p.our_price is not None), None)
    if currency is None:
        return []
    sums: dict[date, _Sum] = {}
    for point, end in zip(known, [p.at for p in known[1:]] + [now], strict=True):
        start = point.at
        while start < end:
            midnight = datetime.combine(start.astimezone(UTC).date() + DAY, time(), UTC)
            _add(sums.setdefault(start.astimezone(UTC).date(), _Sum()), point, currency, min(end, midnight) - start)
            start = min(end, midnight)
    first, today = known[0].at.astimezone(UTC).date(), now.astimezone(UTC).date()
    days = (first + DAY * n for n in range(1, (today - first).days))
    return [_day(day, sums.get(day, _Sum()), units.get(day, 0)) for day in days]


def _add(into: _Sum, point: PricePoint, currency: str, lasted: timedelta) -> None:
    seconds = lasted.total_seconds()
    if point.our_price is not None and point.our_price.currency == currency and point.our_price.minor > 0:
        into.known += seconds
        into.price += seconds * point.our_price.minor
        if point.we_hold_buy_box is not None:
            into.told += seconds
            into.held += seconds * point.we_hold_buy_box
    rival = point.lowest_rival
    if rival is not None and rival.currency == currency and rival.minor > 0:
        into.rival_known += seconds
        into.rival += seconds * rival.minor


def _day(day: date, seen: _Sum, units: int) -> Day:
    return Day(
        on=day,
        units=units,
        price_minor=max(1, round(seen.price / seen.known)) if seen.known else 1,
        promoted=False,
        in_stock=seen.known > 0,
        buy_box_share=seen.held / seen.told if seen.told else None,
        rival_minor=max(1, round(seen.rival / seen.rival_known)) if seen.rival_known else None,
    )
