"""The price story behind the charts: one moment of a listing for each page that was seen, by event or by sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from ecom_agent.ids import AccountId
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import Offer, OfferSnapshot, PricePoint
from ecom_agent.store.offers import PriceStoryStore

PageKey = tuple[str, str, str]


def by_page(listings: Sequence[Listing]) -> Mapping[PageKey, Sequence[Listing]]:
    """Our listings by the page they are on: (marketplace, id, condition)."""
    found: dict[PageKey, list[Listing]] = {}
    for listing in listings:
        found.setdefault((listing.marketplace, listing.external_id, listing.condition.lower()), []).append(listing)
    return found


def tell_story(
    session: Session,
    account: AccountId,
    seller_id: str,
    pages: Sequence[OfferSnapshot],
    ours: Mapping[PageKey, Sequence[Listing]],
) -> int:
    """Add what these pages show to the story of each of our listings on them; gives how many moments were new."""
    moments = [
        (listing.marketplace, listing.sku, listing.price.currency, point(page, seller_id, listing.price.currency))
        for page in pages
        for listing in ours.get((page.marketplace, page.external_id, page.condition.lower()), ())
        if listing.price is not None
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
