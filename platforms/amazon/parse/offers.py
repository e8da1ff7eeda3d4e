"""Offers of one page → OfferSnapshot: `getItemOffersBatch` (Product Pricing v0) and ANY_OFFER_CHANGED share words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.offers import Offer, OfferSnapshot
from platforms._shared.payload import (
    collect,
    find,
    items,
    maybe_text,
    money,
    need,
    not_negative,
    text,
)
from platforms._shared.read import Read
from platforms.amazon.parse.batches import answered

SWEEP: Final = "getItemOffersBatch"
_MONEY: Final = {"amount": "Amount", "currency": "CurrencyCode"}


def item_offers(body: Any, *, account: AccountId, seen_at: datetime) -> Read[OfferSnapshot]:
    """All answers of one batch; one that Amazon refused is set aside with its words. They are as of `seen_at`."""
    need(body, "responses")

    def read(raw: Any) -> tuple[OfferSnapshot, ...]:
        page = need(answered(raw), "payload")
        return (
            snapshot(
                page,
                account=account,
                marketplace=MarketplaceId(text(page, "Identifier.MarketplaceId")),
                asin=maybe_text(page, "ASIN") or text(page, "Identifier.ASIN"),
                condition=text(page, "ItemCondition"),
                changed_at=seen_at,
                seen_at=seen_at,
                source=SWEEP,
                event_id=None,
            ),
        )

    records, poison = collect(items(body, "responses"), read, lambda raw: find(raw, "request.Asin"))
    return Read(records, poison, ())


def snapshot(
    page: Any,
    *,
    account: AccountId,
    marketplace: MarketplaceId,
    asin: str,
    condition: str,
    changed_at: datetime,
    seen_at: datetime,
    source: str,
    event_id: str | None,
) -> OfferSnapshot:
    """`page` holds Offers and Summary. `condition` becomes lower case: "new", "used", …"""
    condition = condition.lower()
    offers = tuple(offer(raw) for raw in items(page, "Offers"))
    buy_box = _buy_box(page, condition)
    holder = maybe_text(buy_box, "sellerId") if buy_box is not None else None
    landed = None if buy_box is None else _landed(buy_box)
    offers = with_winner(offers, holder, landed)
    winners = [o for o in offers if o.is_featured]
    if landed is None and winners:
        landed = winners[0].landed
    return OfferSnapshot(account, marketplace, asin, condition, offers, landed, changed_at, seen_at, source, event_id)


def offer(raw: Any) -> Offer:
    """One seller's offer. A missing Shipping means unknown, so None, never zero."""
    listing_price = not_negative(money(raw, "ListingPrice", **_MONEY), "ListingPrice")
    shipping = None
    if find(raw, "Shipping") is not None:
        shipping = not_negative(money(raw, "Shipping", **_MONEY), "Shipping")
    percent = find(raw, "SellerFeedbackRating.SellerPositiveFeedbackRating")
    feedback = find(raw, "SellerFeedbackRating.FeedbackCount")
    sub_condition = maybe_text(raw, "SubCondition")
    return Offer(
        seller_id=text(raw, "SellerId"),
        listing_price=listing_price,
        shipping=shipping,
        points=_points(raw, listing_price.currency),
        is_fba=_flag(raw, "IsFulfilledByAmazon"),
        is_featured=_flag(raw, "IsBuyBoxWinner"),
        is_prime=_either(_flag(raw, "PrimeInformation.IsPrime"), _flag(raw, "PrimeInformation.IsOfferPrime")),
        feedback_count=None if feedback is None else int(feedback),
        feedback_percent=None if percent is None else round(percent),
        max_handling_hours=_hours(raw),
        sub_condition=None if sub_condition is None else sub_condition.lower(),
        ships_from=maybe_text(raw, "ShipsFrom.Country"),
        is_featured_merchant=_flag(raw, "IsFeaturedMerchant"),
    )


def with_winner(offers: Sequence[Offer], holder: str | None, buy_box_landed: Money | None) -> tuple[Offer, ...]:
    """Fill in who holds the Buy Box where no offer says so (IsBuyBoxWinner may be absent).

    The holder is the seller the summary names, else the only offer at the Buy Box's landed price;
    two at that price, or none, leave it unknown.
    """
    if any(o.is_featured is not None for o in offers) or buy_box_landed is None:
        return tuple(offers)
    at_price = [o for o in offers if o.landed == buy_box_landed]
    named = [o for o in offers if holder is not None and o.seller_id == holder]
    found = named or at_price
    if len(found) != 1:
        return tuple(offers)
    return tuple(replace(o, is_featured=o is found[0]) for o in offers)


def _buy_box(page: Any, condition: str) -> Mapping[str, Any] | None:
    """The summary's Buy Box price of this condition, for single consumers."""
    for entry in items(page, "Summary.BuyBoxPrices"):
        word = find(entry, "condition") or find(entry, "Condition")
        consumer = find(entry, "offerType") in (None, "B2C") and find(entry, "quantityTier") in (None, 1)
        if isinstance(word, str) and word.lower() == condition and consumer:
            return entry if isinstance(entry, Mapping) else None
    return None


def _landed(entry: Mapping[str, Any]) -> Money:
    """Landed as Amazon says it, else listing + shipping − points."""
    if find(entry, "LandedPrice") is not None:
        return money(entry, "LandedPrice", **_MONEY)
    price = money(entry, "ListingPrice", **_MONEY) + money(entry, "Shipping", **_MONEY)
    points = _points(entry, price.currency)
    return price if points is None else price - points


def _points(raw: Any, currency: str) -> Money | None:
    """Amazon Points as money. In Japan a point is a yen; elsewhere a bare number of points has no known worth."""
    if find(raw, "Points.PointsMonetaryValue.Amount") is not None:
        return money(raw, "Points.PointsMonetaryValue", **_MONEY)
    number = find(raw, "Points.PointsNumber")
    return Money(int(number), "JPY") if number is not None and currency == "JPY" else None


def _hours(raw: Any) -> int | None:
    hours = find(raw, "ShippingTime.maximumHours")
    hours = find(raw, "ShippingTime.MaximumHours") if hours is None else hours
    return None if hours is None else int(hours)


def _flag(raw: Any, path: str) -> bool | None:
    value = find(raw, path)
    return value if isinstance(value, bool) else None


def _either(first: bool | None, second: bool | None) -> bool | None:
    return second if first is None else first
