"""What a seller's own sheet says a unit costs: what is brought into the limits of a listing that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Figures of one listing's unit; None = the sheet does not say, and what stands is left as it is.

    `landed` is what it costs to have one there; `returned_percent` the share of units that come back ("4.5").
    `costs_on` is the day the figures were last right.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    landed: Money
    ad_cost: Money | None = None
    returned_percent: str | None = None
    return_cost: Money | None = None
    costs_on: date | None = None
