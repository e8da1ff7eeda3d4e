"""What a listing's conditions look at beside its page, out of the store's records. Pure; unknown stays None."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from ecom_agent.economics.unit_costs import UnitCosts
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.catalog import ListingStatus as Shown
from ecom_agent.records.rules import Circumstance
from ecom_agent.records.stock import StockLevel
from native_pricer.facts import ListingFacts, ListingStatus
from pricing.rules.compile import Compiled

SHORT_DAYS, LONG_DAYS = 14, 30
# A slow seller's fortnight is mostly chance: with fewer units than this the month is asked.
ENOUGH_UNITS: Final = 10
LEAST_DAYS: Final = 7
_STATUS: Final = {
    Shown.ACTIVE: ListingStatus.ACTIVE,
    Shown.SUPPRESSED: ListingStatus.SUPPRESSED,
    Shown.INACTIVE: ListingStatus.DEACTIVATED,
}


def listing_facts(
    listing: Listing,
    levels: Sequence[StockLevel],
    seen: Circumstance,
    rule: Compiled | None,
    shipping: Money | None,
    now: datetime,
    costs: UnitCosts | None = None,
) -> ListingFacts:
    """`levels`: stock of this SKU at all its locations; `shipping`: what we charge on top, None = not known; `rule`
    None: it has none that could say a date, a reference price or a time zone; `costs` of a unit, rounded up."""
    stock = sum(level.fulfillable for level in levels) if levels else None
    sold = velocity(seen, now)
    return ListingFacts(
        our_is_fba=None if listing.fulfilment is None else listing.fulfilment.lower() in ("fba", "amazon", "afn"),
        stock_units=stock,
        cover_centidays=None if stock is None or not sold else int(stock / sold * 100),
        velocity_centiunits=None if sold is None else round(sold * 100),
        age_days=None if seen.first_seen_at is None else max(0, (now - seen.first_seen_at).days),
        pace_bp=None if rule is None else pace(stock, sold, rule.sell_out_by, now, rule.time_zone),
        status=_STATUS.get(listing.status),
        expected_minor=_expected(listing, seen, shipping),
        reference_minor=_reference(listing, seen, rule, shipping),
        unit_cost_minor=None if costs is None else ceil(costs.own + (0 if costs.fees is None else costs.fees.fixed)),
        fee_bp=None if costs is None or costs.fees is None else ceil(costs.fees.share * 10_000),
        utc_offset_minutes=0 if rule is None else rule.utc_offset_minutes(now),
    )


def velocity(seen: Circumstance, now: datetime) -> Fraction | None:
    """Units a day over the last 14 days, or 30 where fewer than 10 were sold; None while too few days are known."""
    known = seen.sales_known_days
    if seen.first_seen_at is not None:
        listed = (now - seen.first_seen_at).days
        known = listed if known is None else min(known, listed)
    if known is None or known < LEAST_DAYS:
        return None
    if seen.units_14 >= ENOUGH_UNITS or known <= SHORT_DAYS:
        return Fraction(max(0, seen.units_14), min(known, SHORT_DAYS))
    return Fraction(max(0, seen.units_30), min(known, LONG_DAYS))


def pace(stock: int | None, sold: Fraction | None, by: date | None, now: datetime, zone: str) -> int | None:
    """What will be sold through the day `by` at this velocity, basis points of the stock; None where that is unknown,
    nothing is left to sell, or the day is over."""
    if by is None or not stock or sold is None:
        return None
    days = (by - now.astimezone(ZoneInfo(zone)).date()).days + 1
    return None if days <= 0 else min(10**9, int(sold * days / stock * 10_000))


def _expected(listing: Listing, seen: Circumstance, shipping: Money | None) -> int | None:
    return _landed(listing, None if seen.expected is None else seen.expected.expected, shipping)


def _reference(listing: Listing, seen: Circumstance, rule: Compiled | None, shipping: Money | None) -> int | None:
    """The rule's own reference price, which is landed, else what buyers usually paid."""
    if rule is None or rule.reference_minor is None:
        return _landed(listing, seen.usual, shipping)
    return rule.reference_minor


def _landed(listing: Listing, price: Money | None, shipping: Money | None) -> int | None:
    """What the buyer pays at this listing price; None while shipping is unknown or currencies differ."""
    if price is None or shipping is None or listing.price is None:
        return None
    if not price.currency == shipping.currency == listing.price.currency:
        return None
    return (price + shipping).minor
