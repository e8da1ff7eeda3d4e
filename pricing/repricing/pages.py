"""Between the engine's words and the canonical record of a page's offers. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.offers import Offer, OfferSnapshot
from native_pricer import ParsedEvent, ParsedOffer, epoch_us

SOURCE: Final = "ANY_OFFER_CHANGED"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(us: int) -> datetime:
    """Epoch µs as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=us)


def snapshot(event: ParsedEvent, *, account: AccountId, seen_at: datetime) -> OfferSnapshot:
    """What an event showed, as the store keeps it. `is_featured` is set only where the holder is beyond doubt."""
    holders = event.holders()
    flagged = any(o.is_winner for o in event.offers)
    sure = flagged or len(holders) == 1
    offers = tuple(_offer(o, event.currency or "", i in holders if sure else None) for i, o in enumerate(event.offers))
    box = event.buy_box_minor
    if box is None and flagged:
        box = event.offers[holders[0]].landed_minor
    return OfferSnapshot(
        account=account,
        marketplace=MarketplaceId(event.marketplace),
        external_id=event.asin,
        condition=event.condition,
        offers=offers,
        buy_box_landed=None if box is None else Money(box, event.currency or ""),
        changed_at=moment(event.changed_at_us),
        seen_at=seen_at,
        source=SOURCE,
        event_id=event.event_id,
    )


def event(page: OfferSnapshot) -> ParsedEvent:
    """A stored page as the engine reads it. Raises ValueError when it shows more than one currency."""
    amounts = [o.listing_price for o in page.offers] + [o.shipping for o in page.offers if o.shipping is not None]
    amounts += [o.points for o in page.offers if o.points is not None]
    amounts += [] if page.buy_box_landed is None else [page.buy_box_landed]
    currencies = {m.currency for m in amounts}
    if len(currencies) > 1:
        raise ValueError(f"currency: more than one on the page of {page.external_id}: {', '.join(sorted(currencies))}")
    return ParsedEvent(
        page.event_id,
        page.marketplace,
        page.external_id,
        page.condition.lower(),
        epoch_us(page.changed_at),
        next(iter(currencies), None),
        None if page.buy_box_landed is None else page.buy_box_landed.minor,
        tuple(_parsed(o) for o in page.offers),
    )


def _offer(o: ParsedOffer, currency: str, featured: bool | None) -> Offer:
    return Offer(
        seller_id=o.seller_id,
        listing_price=Money(o.listing_minor, currency),
        shipping=None if o.shipping_minor is None else Money(o.shipping_minor, currency),
        points=None if o.points_minor is None else Money(o.points_minor, currency),
        is_fba=o.is_fba,
        is_featured=featured,
        is_prime=o.is_prime,
        feedback_count=o.feedback_count,
        feedback_percent=o.feedback_percent,
        max_handling_hours=o.max_hours,
        sub_condition=o.sub_condition,
        ships_from=o.ships_from,
        is_featured_merchant=o.is_featured_merchant,
    )


def _parsed(o: Offer) -> ParsedOffer:
    return ParsedOffer(
        o.seller_id,
        o.listing_price.minor,
        None if o.shipping is None else o.shipping.minor,
        None if o.points is None else o.points.minor,
        o.is_fba,
        o.is_prime,
        o.is_featured,
        o.feedback_count,
        o.feedback_percent,
        o.max_handling_hours,
        o.sub_condition,
        o.ships_from,
        o.is_featured_merchant,
    )
