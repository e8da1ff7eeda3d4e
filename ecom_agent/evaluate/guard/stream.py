"""Notifications by the million: numbers drawn in blocks, patched into the vendor's shape; some of them broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

OURS: Final = "AOURSELLER"
CONDITION: Final = "new"
PLACES: Final = (("ATVPDKIKX0DER", "USD"), ("A1PA6795UKMFR9", "EUR"), ("A1VC38T7YXB528", "JPY"))
PAGES_A_PLACE: Final = 5
BLOCK: Final = 16_384
BROKEN: Final = "broken"
_POOL: Final = 512
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - only to write moments of UTC quickly
_OTHER: Final = {"USD": "EUR", "EUR": "JPY", "JPY": "USD"}
_SELLERS: Final = (OURS, OURS, *(f"ARIVAL{n}" for n in range(6)))
_DIGITS: Final = {"USD": 2, "EUR": 2, "JPY": 0}
_ODD: Final = (
    b"NaN", b"-1", b"1e400", b"0", b"-0.00", b"1e-9", b"null", b"99999999999999999999", b'"12.30"', b"[]", b"{}",
    b"true",
)  # fmt: skip
_JUNK: Final = (
    b"", b"\x00", b"\xff\xfe", b"}", b"]", b"{", b'"', b"\\u0000", b'"Amount":0.01,', b'"CurrencyCode":"GBP",', b"1e9",
    b"-",
)  # fmt: skip
_EVENT: Final = (
    b'{"NotificationVersion":"1.0","NotificationType":"ANY_OFFER_CHANGED","PayloadVersion":"1.0","EventTime":"%bZ",'
    b'"NotificationMetadata":{"ApplicationId":"app","NotificationId":"e-%%d"},"Payload":{"AnyOfferChangedNotification":{'
    b'"SellerId":"%b","OfferChangeTrigger":{"MarketplaceId":"%b","ASIN":"%b","ItemCondition":"%b",'
    b'"TimeOfOfferChange":"%bZ","OfferChangeType":"External"},"Summary":{"BuyBoxPrices":[%b]},"Offers":[%b]}}}'
)
_OFFER: Final = (
    b'{"SellerId":"%b","SubCondition":"new","SellerFeedbackRating":{"FeedbackCount":%d,'
    b'"SellerPositiveFeedbackRating":%d},"ListingPrice":{"Amount":%b,"CurrencyCode":"%b"},'
    b'"Shipping":{"Amount":%b,"CurrencyCode":"%b"},"IsFulfilledByAmazon":%b,"IsBuyBoxWinner":%b}'
)
_BOX: Final = b'{"Condition":"new","LandedPrice":{"Amount":%b,"CurrencyCode":"%b"}}'


class Page(NamedTuple):
    marketplace: str
    asin: str
    currency: str


PAGES: Final = tuple(
    Page(place, f"B0FUZZ{i:04d}", currency) for place, currency in PLACES for i in range(PAGES_A_PLACE)
)


class Event(NamedTuple):
    """One notification. `rival` is the lowest rival's landed price, None where there is none.

    `currency` None = it names no amount; BROKEN = the bytes were changed, so that nobody knows what they say.
    """

    raw: bytes
    page: Page
    currency: str | None
    rival: int | None


@dataclass(frozen=True, slots=True)
class _Offer:
    body: bytes
    landed: int
    ours: bool


def price(dice: random.Random) -> int:
    """Mostly such as sellers ask, at times absurd; minor units."""
    if dice.random() < 0.9:
        return int(1_000 * 10 ** (dice.random() * 1.2))
    return dice.choice((1, 2, 99, 10**6, 10**9, 10**12, 10**13, 10**13 + 1))


class Stream:
    """Events without end; the same seed, the same events."""

    def __init__(self, seed: str) -> None:
        self._dice, self._draw = random.Random(seed), np.random.default_rng(list(seed.encode()))
        self._number = 0
        self._offers: dict[str, list[_Offer]] = {}
        self._left: Iterator[tuple[Any, ...]] = iter(())

    def take(self, count: int, now_us: int) -> list[Event]:
        """The next `count`: most of them one after another up to `now_us`, some late, some of the future."""
        first = now_us // 1_000 - count
        return [self._next(first + n) for n in range(count)]

    def _next(self, at_ms: int) -> Event:
        drawn = next(self._left, None)
        if drawn is None:
            self._left = self._drawn()
            drawn = next(self._left)
        (head, page), size, picks, kind, late = drawn
        self._number += kind > 0.1
        currency = page.currency if kind < 0.96 else _OTHER[page.currency]
        offers = self._offers[currency]
        chosen = [offers[n] for n in picks[:size]]
        moment = (_EPOCH + timedelta(milliseconds=max(0, at_ms + late))).isoformat(timespec="milliseconds").encode()
        body = b",".join([offer.body for offer in chosen])
        raw = head % (moment, self._number, moment, _box(chosen, currency, kind), body)
        told: str | None = currency if chosen else None
        if 0.90 <= kind < 0.96:
            raw, told = _broken(raw, self._dice), BROKEN
        return Event(raw, page, told, min([offer.landed for offer in chosen if not offer.ours], default=None))

    def _drawn(self) -> Iterator[tuple[Any, ...]]:
        draw = self._draw
        self._offers = {currency: [_offer(currency, self._dice) for _ in range(_POOL)] for _, currency in PLACES}
        late = draw.integers(-600_000, 10_000, BLOCK)  # milliseconds
        late[draw.random(BLOCK) < 0.9] = 0
        late[draw.random(BLOCK) < 0.002] *= 200
        pages, sizes = draw.integers(0, len(PAGES), BLOCK).tolist(), draw.integers(0, 6, BLOCK).tolist()
        picks, kinds = draw.integers(0, _POOL, (BLOCK, 6)).tolist(), draw.random(BLOCK).tolist()
        return zip([_HEADS[n] for n in pages], sizes, picks, kinds, late.tolist(), strict=True)


def _head(page: Page) -> bytes:
    """The shape with everything in it that a page's events have in common."""
    left = b"%b"
    place, asin = page.marketplace.encode(), page.asin.encode()
    return _EVENT % (left, OURS.encode(), place, asin, CONDITION.encode(), left, left, left)


_HEADS: Final = [(_head(page), page) for page in PAGES]


def _offer(currency: str, dice: random.Random) -> _Offer:
    seller, listing, shipping = dice.choice(_SELLERS), price(dice), dice.choice((0, 0, 399, 10**12))
    code = currency.encode()
    fba, wins = dice.choice((b"true", b"false")), dice.choice((b"true", b"false", b"false"))
    body = _OFFER % (
        seller.encode(), dice.randrange(10_000), dice.randrange(101), _written(listing, currency), code,
        _written(shipping, currency), code, fba, wins,
    )  # fmt: skip
    return _Offer(body, listing + shipping, seller == OURS)


def _written(minor: int, currency: str) -> bytes:
    if not _DIGITS[currency]:
        return b"%d" % minor
    return b"%d.%02d" % divmod(minor, 100)


def _box(chosen: list[_Offer], currency: str, kind: float) -> bytes:
    if not chosen or kind < 0.3:
        return b""
    return _BOX % (_written(chosen[0].landed, currency), currency.encode())


def _broken(raw: bytes, dice: random.Random) -> bytes:
    """Cut, patched, or with an odd amount; at times still readable, and then it means something else."""
    match dice.randrange(4):
        case 0:
            return raw[: dice.randrange(len(raw))]
        case 1:
            at = dice.randrange(len(raw))
            return raw[:at] + dice.choice(_JUNK) + raw[at + dice.randrange(3) :]
        case 2:
            before, amount, after = raw.partition(b'"Amount":')
            return before + amount + dice.choice(_ODD) + after[len(after.split(b",", 1)[0]) :]
        case _:
            return dice.choice(
                (b"", b"{}", b"[]", b"null", raw + raw, raw.replace(b"ListingPrice", b"Listing"), b"\x00" * 64)
            )
