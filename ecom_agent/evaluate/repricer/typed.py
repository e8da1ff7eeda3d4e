"""The repricer as one writes it with msgspec: typed structs, so that only what is wanted is made into objects.

`checked` decodes all that the twin reads, with bounds as msgspec checks them, and decides by the twin's rule and guard.
`lean` decodes the four fields that a bare decision needs, and trusts them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct, field

from ecom_agent.evaluate.repricer.notices import OURS
from ecom_agent.evaluate.repricer.peers import LISTING, Decide
from ecom_agent.money import EXPONENTS
from native_pricer import ParsedEvent, ParsedOffer
from native_pricer._twin import engine as twin

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
Identifier = Annotated[str, Meta(min_length=1, max_length=128)]
Words = Annotated[str, Meta(max_length=128)]  # empty: not shown
Count = Annotated[int, Meta(ge=0, lt=10**15)]


class Vendor(Struct, rename="pascal", gc=False):
    """Objects whose names are written LikeThis."""


class Money(Vendor):
    amount: Annotated[float, Meta(ge=0, le=10**11)]
    currency_code: str


class Feedback(Vendor):
    feedback_count: Count | None = None
    seller_positive_feedback_rating: Count | None = None


class Times(Vendor):
    maximum_hours: Count | None = None


class Points(Vendor):
    points_number: Count | None = None


class From(Vendor):
    country: Words | None = None


class Prime(Vendor):
    is_offer_prime: bool | None = None


class Offer(Vendor):
    seller_id: Identifier
    listing_price: Money
    shipping: Money | None = None
    points: Points | None = None
    sub_condition: Words | None = None
    seller_feedback_rating: Feedback | None = None
    shipping_time: Times | None = None
    ships_from: From | None = None
    is_fulfilled_by_amazon: bool | None = None
    is_buy_box_winner: bool | None = None
    prime_information: Prime | None = None
    is_featured_merchant: bool | None = None


class Box(Vendor):
    condition: Identifier
    landed_price: Money | None = None
    listing_price: Money | None = None
    shipping: Money | None = None


class Summary(Vendor):
    buy_box_prices: list[Box] = []


class Trigger(Vendor):
    marketplace_id: Identifier
    asin: Identifier = field(name="ASIN")
    item_condition: Identifier
    time_of_offer_change: datetime


class Body(Vendor):
    offer_change_trigger: Trigger
    summary: Summary
    offers: Annotated[list[Offer], Meta(max_length=256)]


class Payload(Vendor):
    any_offer_changed_notification: Body


class Metadata(Vendor):
    notification_id: Identifier | None = None


class Notice(Vendor):
    notification_type: str
    notification_metadata: Metadata
    payload: Payload


class LeanMoney(Vendor):
    amount: float


class LeanOffer(Vendor):
    seller_id: str
    listing_price: LeanMoney
    shipping: LeanMoney


class LeanBody(Vendor):
    offers: list[LeanOffer]


class LeanPayload(Vendor):
    any_offer_changed_notification: LeanBody


class LeanNotice(Vendor):
    payload: LeanPayload


def checked() -> Decide:
    core, decode = twin.Core(), msgspec.json.Decoder(Notice).decode
    core.configure(LISTING)

    def decide(raw: bytes, now: int) -> Any:
        event = _event(decode(raw))
        return core.on_offers(event, now, event.changed_at_us, True)

    return decide


def lean() -> Decide:
    decode = msgspec.json.Decoder(LeanNotice).decode

    def decide(raw: bytes, _now: int) -> float:
        shown = decode(raw).payload.any_offer_changed_notification.offers
        rivals = [o for o in shown if o.seller_id != OURS]
        landed = min((o.listing_price.amount + o.shipping.amount for o in rivals), default=25.0)
        return max(12.0, min(40.0, round(landed * 0.995, 2)))

    return decide


def _event(notice: Notice) -> ParsedEvent:
    """Raises ValueError for what `native_pricer._twin.parse` refuses beyond the structs' own bounds."""
    if notice.notification_type != "ANY_OFFER_CHANGED":
        raise ValueError(notice.notification_type)
    body = notice.payload.any_offer_changed_notification
    trigger, condition, currencies = (
        body.offer_change_trigger,
        body.offer_change_trigger.item_condition.lower(),
        set[str](),
    )
    offers = tuple([_offer(o, currencies) for o in body.offers])
    box = _box(body.summary.buy_box_prices, condition, currencies)
    if len(currencies) > 1:
        raise ValueError("more than one currency on one page")
    return ParsedEvent(
        notice.notification_metadata.notification_id,
        trigger.marketplace_id,
        trigger.asin,
        condition,
        (trigger.time_of_offer_change - EPOCH) // MICROSECOND,
        currencies.pop() if currencies else None,
        box,
        offers,
    )


def _offer(o: Offer, currencies: set[str]) -> ParsedOffer:
    feedback, times, prime, points = o.seller_feedback_rating, o.shipping_time, o.prime_information, o.points
    return ParsedOffer(
        o.seller_id,
        _minor(o.listing_price, currencies),
        None if o.shipping is None else _minor(o.shipping, currencies),
        points.points_number if points is not None and o.listing_price.currency_code == "JPY" else None,
        o.is_fulfilled_by_amazon,
        None if prime is None else prime.is_offer_prime,
        o.is_buy_box_winner,
        None if feedback is None else feedback.feedback_count,
        None if feedback is None else feedback.seller_positive_feedback_rating,
        None if times is None else times.maximum_hours,
        o.sub_condition.lower() if o.sub_condition else None,
        None if o.ships_from is None else o.ships_from.country or None,
        o.is_featured_merchant,
    )


def _box(boxes: list[Box], condition: str, currencies: set[str]) -> int | None:
    for box in boxes:
        if box.condition.lower() == condition:
            if box.landed_price is not None:
                return _minor(box.landed_price, currencies)
            if box.listing_price is not None and box.shipping is not None:
                return _minor(box.listing_price, currencies) + _minor(box.shipping, currencies)
            return None
    return None


def _minor(money: Money, currencies: set[str]) -> int:
    currencies.add(money.currency_code)
    scale: int = 10 ** EXPONENTS[money.currency_code]
    minor: int = round(money.amount * scale)
    if minor / scale != money.amount:
        raise ValueError(f"{money.amount} has more digits than {money.currency_code} has minor units")
    return minor
