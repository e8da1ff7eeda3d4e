"""Two stretches of days side by side: from what was sold to where the change in profit came from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ecom_agent.records.attributions import AttributionRow, SalesOf
from pricing.attribution import FACTORS, Attribution, Observed, Side, attribute, attribute_all, expected_units

ELASTICITY: Final = 2.0
_FINE: Final = 10**9  # floats become fractions of this


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one unit, minor units: what it costs us, and what the platform keeps (share of the price, and fixed)."""

    unit: int
    fee_share: Fraction
    fee_fixed: int


Place = tuple[str, str]


def compare(
    before: Sequence[SalesOf],
    after: Sequence[SalesOf],
    days: int,
    costs: Mapping[Place, Costs],
    elasticity: float = ELASTICITY,
) -> tuple[list[AttributionRow], list[AttributionRow], dict[str, str]]:
    """(totals by currency, listings, SKU → why it is left out).

    What a listing could be expected to sell is fitted from both stretches: a level of its own, a demand that moved
    alike for all, its time featured and its price; what is left is luck. `costs` are today's: both sides get them.
    """
    left_out: dict[str, str] = {}
    pairs: list[tuple[SalesOf, SalesOf]] = []
    second = {(s.marketplace, s.sku): s for s in after}
    for one in before:
        place = one.marketplace, one.sku
        other = second.pop(place, None)
        reason = _reason(one, other, costs.get(place))
        if other is None or reason is not None:
            left_out[one.sku] = reason or ""
        else:
            pairs.append((one, other))
    left_out |= {s.sku: "nothing is known of it in the days before" for s in second.values()}
    expected = expected_units([_observed(pair) for pair in pairs], elasticity)
    found: dict[str, list[tuple[str, tuple[Side, Side]]]] = {}
    for pair, units in zip(pairs, expected, strict=True):
        ratios = _observed(pair).price_ratio
        cost = costs[pair[0].marketplace, pair[0].sku]
        sides = [_side(s, days, n, ratio**-elasticity, cost) for s, n, ratio in zip(pair, units, ratios, strict=True)]
        found.setdefault(pair[0].currency, []).append((pair[0].sku, (sides[0], sides[1])))
    totals = [_row(None, c, attribute_all(side for _, side in rows)) for c, rows in sorted(found.items())]
    listings = [_row(sku, c, attribute(*sides)) for c, rows in sorted(found.items()) for sku, sides in rows]
    return totals, sorted(listings, key=lambda row: -abs(row.change)), left_out


def _reason(one: SalesOf, other: SalesOf | None, cost: Costs | None) -> str | None:
    if other is None:
        return "nothing is known of it in the days after"
    if cost is None:
        return "its unit cost is not known"
    if one.currency != other.currency:
        return "its currency changed"
    if not one.price_minor or not other.price_minor:
        return "no price of it is known"
    for side in (one, other):
        if side.units and not side.featured_days:
            return "it sold without ever being seen featured: what its time featured is worth cannot be told"
    return None


def _observed(pair: tuple[SalesOf, SalesOf]) -> Observed:
    first, second = (float(s.price_minor or 1) for s in pair)
    mean = (first + second) / 2
    return Observed([s.units for s in pair], [s.featured_days for s in pair], [first / mean, second / mean])


def _side(sales: SalesOf, days: int, expected: float, conversion: float, cost: Costs) -> Side:
    share, answer = _fraction(sales.featured_days / days), _fraction(conversion)
    price = _fraction(sales.price_minor or 0)
    return Side(
        demand=_fraction(expected) / (share * answer) if share else Fraction(0),
        share=share,
        conversion=answer,
        net=price * (1 - cost.fee_share) - cost.fee_fixed,
        cost=Fraction(cost.unit),
        sold=Fraction(sales.units),
    )


def _row(sku: str | None, currency: str, found: Attribution) -> AttributionRow:
    parts = {name: round(float(getattr(found, name)), 2) for name in (*FACTORS, "luck")}
    return AttributionRow(
        sku, currency, parts["price"], parts["share"], parts["demand"], parts["conversion"], parts["cost"],
        parts["luck"], round(found.luck_low, 2), round(found.luck_high, 2), round(float(found.total), 2),
    )  # fmt: skip


def _fraction(value: float) -> Fraction:
    return Fraction(round(value * _FINE), _FINE)
