"""Prices asked for one product page: ours and our rivals', who holds the Buy Box, and our limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """One seller's price on one page. `shipping` None = not shown, which is not the same as free."""

    seller_id: str
    listing_price: Money
    shipping: Money | None
    points: Money | None
    is_fba: bool | None
    is_featured: bool | None
    is_prime: bool | None
    feedback_count: int | None
    feedback_percent: int | None
    max_handling_hours: int | None
    sub_condition: str | None = None  # in lower case
    ships_from: str | None = None  # country, as the platform writes it
    is_featured_merchant: bool | None = None  # may hold the Buy Box

    @property
    def landed(self) -> Money | None:
        """What the buyer pays: listing + shipping − points; None while shipping is unknown."""
        if self.shipping is None:
            return None
        landed = self.listing_price + self.shipping
        return landed if self.points is None else landed - self.points


@dataclass(frozen=True, slots=True)
class OfferSnapshot:
    """All offers seen on one page at `changed_at` (the platform's time). `source` says by which way it came."""

    account: AccountId
    marketplace: MarketplaceId
    external_id: str
    condition: str
    offers: tuple[Offer, ...]
    buy_box_landed: Money | None
    changed_at: datetime
    seen_at: datetime
    source: str
    event_id: str | None


@dataclass(frozen=True, slots=True)
class ExpectedPrice:
    """The featured offer expected price (FOEP): price at or below which ours may be featured, by the platform.

    `expected` None = it gives no price, and `status` says why in its words ("NO_COMPETING_OFFER", …).
    `competing_landed` is what the buyer pays for the offer that is featured otherwise; None where there is none or
    its shipping is unknown. Both in one currency.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    expected: Money | None
    competing_landed: Money | None
    status: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """What the seller allows for one listing. Without `hard_min` no price is ever written.

    All in the listing's currency, but for `foreign_cost`. `unit_cost` is the landed cost; None = unknown, and then
    only `hard_min` and `map_price` hold the floor. `version` counts the seller's edits.

    `foreign_cost` is the landed cost where it was paid in another currency; then `unit_cost` is None.
    `ad_cost` is ad spend per unit sold, by ads or not. `return_bp` of 10,000 units sold come back, and each costs
    `return_cost` (what it takes to handle it and what it is worth less). Margins: the largest of `min_margin`,
    `margin_bp` of the price and `roi_bp` of the landed cost. `fee_class` names the listing's row in the fee table.
    `costs_on` is the day for which cost, ads and returns were right; None = that of the last edit.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    currency: str
    hard_min: Money | None
    ceiling: Money | None
    map_price: Money | None
    unit_cost: Money | None
    min_margin: Money | None
    version: int
    updated_at: datetime
    updated_by: str
    foreign_cost: Money | None = None
    ad_cost: Money | None = None
    return_bp: int | None = None
    return_cost: Money | None = None
    margin_bp: int | None = None
    roi_bp: int | None = None
    fee_class: str | None = None
    costs_on: date | None = None

    @property
    def costs_at(self) -> datetime:
        """As of when the seller's cost figures hold, for whoever judges their age."""
        return self.updated_at if self.costs_on is None else datetime.combine(self.costs_on, time(), UTC)


@dataclass(frozen=True, slots=True)
class PricePoint:
    """One moment of a listing's price story, for charts and duels: all landed, None where not known."""

    at: datetime
    our_price: Money | None
    lowest_rival: Money | None
    buy_box: Money | None
    we_hold_buy_box: bool | None
