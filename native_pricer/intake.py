"""Rival prices of platforms that do not send ANY_OFFER_CHANGED → ParsedEvents for `Engine.on_news`. Pure.

Connectors read the wire formats; here only what they have in common: Walmart tells who has the Buy Box and at what
price (BUY_BOX_CHANGED), eBay and Shopify know rivals' prices and no Buy Box. Amounts in minor units; an event's time is
the platform's own, or when the prices were looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from native_pricer.words import ParsedEvent, ParsedOffer

UNNAMED: Final = "(not named)"
"""Stands for a seller whom the platform does not name; never one of ours, and on no list of chosen sellers."""


class Place(NamedTuple):
    """The page that prices are of; `product` is the platform's id, as `asin` in ListingConfig."""

    marketplace: str
    product: str
    condition: str
    currency: str


class RivalPrice(NamedTuple):
    """What one seller asks. `seller` None: not named. `shipping_minor` None: not known, so it counts as no price."""

    seller: str | None
    listing_minor: int
    shipping_minor: int | None


def buy_box(
    place: Place,
    holder: RivalPrice | None,
    *,
    we_hold: bool | None,
    our_seller_id: str,
    changed_at_us: int,
    event_id: str | None,
) -> ParsedEvent:
    """Who has the Buy Box and at what price; `holder` None: nobody.

    `we_hold`: as the platform says it; None where it only names the holder. Neither said nor named: the holder is
    unclear, and a rule that follows the Buy Box holds. Raises ValueError when the two contradict one another.
    """
    if holder is None:
        if we_hold:
            raise ValueError("we_hold: wanted a price for the Buy Box that we hold")
        return _event(place, None, (), changed_at_us, event_id)
    ours = holder.seller == our_seller_id
    if we_hold is not None and holder.seller is not None and ours is not we_hold:
        raise ValueError(f"we_hold: the platform says {we_hold}, and names {holder.seller!r} as the holder")
    if we_hold is None and holder.seller is None:
        return _event(place, _landed(holder), (), changed_at_us, event_id)
    name = our_seller_id if we_hold or ours else holder.seller or UNNAMED
    return _event(place, _landed(holder), (_offer(holder, name, winner=True),), changed_at_us, event_id)


def rival_prices(
    place: Place, rivals: Iterable[RivalPrice], *, changed_at_us: int, event_id: str | None
) -> ParsedEvent:
    """What others ask for the same thing, where there is no Buy Box."""
    offers = tuple(_offer(rival, rival.seller or UNNAMED, winner=None) for rival in rivals)
    return _event(place, None, offers, changed_at_us, event_id)


def _event(
    place: Place, box: int | None, offers: tuple[ParsedOffer, ...], changed_at_us: int, event_id: str | None
) -> ParsedEvent:
    where = place.marketplace, place.product, place.condition.lower()
    return ParsedEvent(event_id, *where, changed_at_us, place.currency, box, offers)


def _offer(price: RivalPrice, seller: str, *, winner: bool | None) -> ParsedOffer:
    return ParsedOffer(seller, price.listing_minor, price.shipping_minor, None, None, None, winner, None, None, None)


def _landed(price: RivalPrice) -> int | None:
    return None if price.shipping_minor is None else price.listing_minor + price.shipping_minor
