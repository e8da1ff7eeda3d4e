"""ANY_OFFER_CHANGED bytes → ParsedEvent, the full and readable way.

The compiled scanner hands in here whatever it does not fully understand, so this file alone says what is malformed.
An amount is the decimal that reads as the number's double, exactly: 18.99 is 1899 cents, 18.995 USD is refused.
Optional fields that are missing or null are None, and so is an empty sub-condition or country; a field of another type
makes the whole event a ParseProblem.

Source: SP-API notification schema AnyOfferChangedNotification 1.0.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import orjson

from ecom_agent.money import EXPONENTS
from native_pricer._check import is_identifier
from native_pricer.words import MAX_MINOR, MAX_OFFERS, ParsedEvent, ParsedOffer, ParseProblem

TYPE: Final = "ANY_OFFER_CHANGED"
MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
POINTS_CURRENCY: Final = "JPY"  # one Amazon Point is one yen, and only Japan has them
MAX_COUNT: Final = 10**15


class _Bad(Exception):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.problem = ParseProblem(path, reason)


def parse_event(raw: bytes) -> ParsedEvent | ParseProblem:
    """Read one notification as received from the queue. Never raises for content."""
    if type(raw) is not bytes:
        raise TypeError(f"wanted bytes, found {type(raw).__name__}")
    try:
        return _event(orjson.loads(raw))
    except orjson.JSONDecodeError as e:
        return ParseProblem("", f"not JSON: {e.msg}")
    except _Bad as e:
        return e.problem


def _event(envelope: Any) -> ParsedEvent:
    if type(envelope) is not dict:
        raise _Bad("", "wanted an object")
    if envelope.get("NotificationType") != TYPE:
        raise _Bad("NotificationType", f"wanted {TYPE}")
    body = _need(_need(envelope, "Payload"), "AnyOfferChangedNotification")
    trigger = _need(body, "OfferChangeTrigger")
    condition = _text(trigger, "ItemCondition").lower()
    offers = body.get("Offers")
    if type(offers) is not list or len(offers) > MAX_OFFERS:
        raise _Bad("Offers", f"wanted a list of at most {MAX_OFFERS}")
    currencies: set[str] = set()
    parsed = tuple([_offer(o, currencies) for o in offers])
    box = _buy_box(_may(body, "Summary"), condition, currencies)
    if len(currencies) > 1:
        raise _Bad("CurrencyCode", "more than one currency on one page")
    meta = _may(envelope, "NotificationMetadata")
    return ParsedEvent(
        None if meta is None or meta.get("NotificationId") is None else _text(meta, "NotificationId"),
        _text(trigger, "MarketplaceId"),
        _text(trigger, "ASIN"),
        condition,
        _moment(trigger, "TimeOfOfferChange"),
        currencies.pop() if currencies else None,
        box,
        parsed,
    )


def _offer(raw: Any, currencies: set[str]) -> ParsedOffer:
    if type(raw) is not dict:
        raise _Bad("Offers", "wanted objects")
    seller = _text(raw, "SellerId")
    listing, currency = _money(raw, "ListingPrice", 1)
    currencies.add(currency)
    shipping = None
    if raw.get("Shipping") is not None:
        shipping, currency = _money(raw, "Shipping", 0)
        currencies.add(currency)
    points = _count(_may(raw, "Points"), "PointsNumber")
    feedback = _may(raw, "SellerFeedbackRating")
    prime = _may(raw, "PrimeInformation")
    sub, country = _words(raw, "SubCondition"), _words(_may(raw, "ShipsFrom"), "Country")
    return ParsedOffer(
        seller,
        listing,
        shipping,
        points if currency == POINTS_CURRENCY else None,
        _flag(raw, "IsFulfilledByAmazon"),
        _flag(prime, "IsOfferPrime"),
        _flag(raw, "IsBuyBoxWinner"),
        _count(feedback, "FeedbackCount"),
        _count(feedback, "SellerPositiveFeedbackRating"),
        _count(_may(raw, "ShippingTime"), "MaximumHours"),
        None if sub is None else sub.lower(),
        country,
        _flag(raw, "IsFeaturedMerchant"),
    )


def _buy_box(summary: dict[str, Any] | None, condition: str, currencies: set[str]) -> int | None:
    """Landed price of the first Buy Box of this condition; listing + shipping where the sum is not given."""
    boxes = None if summary is None else summary.get("BuyBoxPrices")
    if boxes is None:
        return None
    if type(boxes) is not list:
        raise _Bad("BuyBoxPrices", "wanted a list")
    for box in boxes:
        if type(box) is not dict:
            raise _Bad("BuyBoxPrices", "wanted objects")
        if _text(box, "Condition").lower() != condition:
            continue
        names = ("LandedPrice",) if box.get("LandedPrice") is not None else ("ListingPrice", "Shipping")
        if any(box.get(name) is None for name in names):
            return None
        total = 0
        for name in names:
            minor, currency = _money(box, name, 0 if name == "Shipping" else 1)
            currencies.add(currency)
            total += minor
        return total
    return None


def _money(parent: dict[str, Any], name: str, least: int) -> tuple[int, str]:
    money = _need(parent, name)
    value, currency = money.get("Amount"), money.get("CurrencyCode")
    digits = EXPONENTS.get(currency) if type(currency) is str else None
    if digits is None or type(currency) is not str:
        raise _Bad(f"{name}.CurrencyCode", f"wanted an ISO 4217 code such as USD; found {currency!r}")
    scale = 10**digits
    if type(value) is float and 0 <= value * scale <= MAX_MINOR:
        minor = round(value * scale)
        if minor / scale != value:
            raise _Bad(f"{name}.Amount", f"{value} has more digits than {currency} has minor units")
    elif type(value) is int:
        minor = value * scale
    else:
        raise _Bad(f"{name}.Amount", f"wanted a number from 0 to {MAX_MINOR // scale}")
    if not least <= minor <= MAX_MINOR:
        raise _Bad(f"{name}.Amount", f"wanted {least} to {MAX_MINOR} minor units; found {minor}")
    return minor, currency


def _need(parent: Any, name: str) -> dict[str, Any]:
    value = parent.get(name)
    if type(value) is not dict:
        raise _Bad(name, "wanted an object")
    return value


def _may(parent: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = parent.get(name)
    if value is not None and type(value) is not dict:
        raise _Bad(name, "wanted an object")
    return value


def _text(parent: dict[str, Any], name: str) -> str:
    value = parent.get(name)
    if type(value) is not str or not is_identifier(value):
        raise _Bad(name, "wanted 1 to 128 characters of plain text")
    return value


def _words(parent: dict[str, Any] | None, name: str) -> str | None:
    """What only filters ask for; senders write "" for what they do not show."""
    return None if parent is None or parent.get(name) in (None, "") else _text(parent, name)


def _flag(parent: dict[str, Any] | None, name: str) -> bool | None:
    value = None if parent is None else parent.get(name)
    if value is not None and type(value) is not bool:
        raise _Bad(name, "wanted true or false")
    return value


def _count(parent: dict[str, Any] | None, name: str) -> int | None:
    """A count that is not negative; part of a percent is cut off."""
    value = None if parent is None else parent.get(name)
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value < MAX_COUNT:
        raise _Bad(name, "wanted a number that is not negative")
    return int(value)


def _moment(parent: dict[str, Any], name: str) -> int:
    """RFC 3339 text → epoch µs; digits beyond a microsecond are cut off."""
    found = MOMENT.fullmatch(_text(parent, name))
    if found is None:
        raise _Bad(name, "wanted a moment such as 2026-01-31T12:00:00.000Z")
    *date, fraction, sign, hours, minutes = found.groups()
    try:
        away = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
        year, month, day, hour, minute, second = map(int, date)
        zone = timezone(-away if sign == "-" else away)
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        whole = (at - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise _Bad(name, "no such moment") from None
    return whole + int((fraction or "0").ljust(6, "0")[:6])
