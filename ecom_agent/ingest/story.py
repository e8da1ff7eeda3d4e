"""The price story behind the charts: one moment of a listing for each page that was seen, by event or by sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import Offer, OfferSnapshot, PricePoint
from ecom_agent.store.offers import PriceStoryStore

PageKey = tuple[str, str, str]


class Ours(NamedTuple):
    """A listing of ours that has a story: as much of it as its story needs."""

    marketplace: MarketplaceId
    sku: Sku
    currency: str


def by_page(listings: Sequence[Listing]) -> Mapping[PageKey, Sequence[Ours]]:
    """Our listings by the page they are on, (marketplace, id, condition); without a price there is no story."""
    found: dict[PageKey, list[Ours]] = {}
    for one in listings:
        if one.price is not None:
            page = one.marketplace, one.external_id, one.condition.lower()
            found.setdefault(page, []).append(Ours(one.marketplace, one.sku, one.price.currency))
    return found


def tell_story(
    session: Session,
    account: AccountId,
    seller_id: str,
    pages: Sequence[OfferSnapshot],
    ours: Mapping[PageKey, Sequence[Ours]],
) -> int:
    """Add what these pages show to the story of each of our listings on them; gives how many moments were new."""
    moments = [
        (*one, point(page, seller_id, one.currency))
        for page in pages
        for one in ours.get((page.marketplace, page.external_id, page.condition.lower()), ())
    ]
    return PriceStoryStore(session).add_all(account, moments)


def point(page: OfferSnapshot, seller_id: str, currency: str) -> PricePoint:
    """What one page says of our price, the rivals' and the Buy Box, landed, in `currency`. Pure.

    Whether we hold the Buy Box is told only where the page shows it beyond doubt.
    """
    own = next((o for o in page.offers if o.seller_id == seller_id), None)
    landed = [o.landed for o in page.offers if o.seller_id != seller_id]
    rivals = [price for price in landed if price is not None and price.currency == currency]
    return PricePoint(
        at=page.changed_at,
        our_price=None if own is None else own.landed,
        lowest_rival=min(rivals, default=None),
        buy_box=page.buy_box_landed,
        we_hold_buy_box=_held(own, page),
    )


def _held(own: Offer | None, page: OfferSnapshot) -> bool | None:
    if own is not None and own.is_featured is not None:
        return own.is_featured
    return False if any(o.is_featured for o in page.offers) else None
