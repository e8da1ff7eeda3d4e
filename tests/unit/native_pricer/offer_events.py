"""Notifications and configurations for the repricer's tests: exact builders, and dice for the properties."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from native_pricer import (
    Channel,
    Clause,
    Condition,
    Feature,
    ListingConfig,
    ListingFacts,
    ListingStatus,
    RivalFilter,
    Target,
    Without,
    epoch_us,
)

MARKET, ASIN, OURS = "ATVPDKIKX0DER", "B0TEST0001", "AOURSELLER"
CHANGED = "2026-03-01T12:00:00.000Z"
NOON = 1_772_366_400_000_000  # that moment in epoch µs
MINUTE = 60_000_000


def money(amount: float | int, currency: str = "USD") -> dict[str, Any]:
    return {"Amount": amount, "CurrencyCode": currency}


def offer(
    seller: str, price: float, shipping: float | None = 0.0, currency: str = "USD", **more: Any
) -> dict[str, Any]:
    """One entry of `Offers`; `shipping` None = not shown."""
    entry: dict[str, Any] = {"SellerId": seller, "SubCondition": "new", "ListingPrice": money(price, currency)}
    if shipping is not None:
        entry["Shipping"] = money(shipping, currency)
    return entry | {"IsFulfilledByAmazon": True} | more


def notice(
    *offers: dict[str, Any],
    box: float | None = None,
    changed: str = CHANGED,
    event_id: str | None = "e-1",
    condition: str = "new",
    currency: str = "USD",
) -> dict[str, Any]:
    """A whole envelope; `box` is the Buy Box's landed price, None = nobody holds it."""
    boxes = [] if box is None else [{"Condition": condition, "LandedPrice": money(box, currency)}]
    trigger = {"MarketplaceId": MARKET, "ASIN": ASIN, "ItemCondition": condition, "TimeOfOfferChange": changed}
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ANY_OFFER_CHANGED",
        "PayloadVersion": "1.0",
        "EventTime": changed,
        "NotificationMetadata": {"ApplicationId": "app", "NotificationId": event_id},
        "Payload": {
            "AnyOfferChangedNotification": {
                "SellerId": OURS,
                "OfferChangeTrigger": trigger | {"OfferChangeType": "External"},
                "Summary": {"BuyBoxPrices": boxes},
                "Offers": list(offers),
            }
        },
    }


def raw(*offers: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(notice(*offers, **more), separators=(",", ":")).encode()


def listing(**changes: Any) -> ListingConfig:
    """Ours at 20.00 USD, free shipping, floor 15.00, ceiling 30.00, lowest −0.5 %, no cooldown, wide caps."""
    known: dict[str, Any] = {
        "marketplace": MARKET,
        "asin": ASIN,
        "condition": "new",
        "sku": "SKU-1",
        "seller_id": OURS,
        "currency": "USD",
        "price_minor": 2_000,
        "shipping_minor": 0,
        "floor_minor": 1_500,
        "ceiling_minor": 3_000,
        "max_step_bp": 5_000,
        "max_day_bp": 5_000,
        "cooldown_s": 0,
    }
    return ListingConfig(**known | changes)


SELLERS = st.sampled_from([OURS, "ARIVAL1", "ARIVAL2", "ARIVAL3", "ÄRIVAL", 'A"Q', "A" * 128])
CURRENCIES = st.sampled_from(["USD", "USD", "USD", "JPY", "KWD", "XXX"])
COUNTS = st.one_of(st.integers(0, 100), st.sampled_from([-1, 98.5, 10**15, "9", None, True]))
FLAGS = st.sampled_from([True, False, None, "yes"])
AMOUNTS = st.one_of(
    st.integers(1, 5_000).map(lambda minor: minor / 100),
    st.integers(1_500, 2_500).map(lambda minor: minor / 100),
    st.sampled_from([0, 0.0, -1.0, 19.995, 20, 1e3, 12.3456, 10**14, 0.1 + 0.2, 1e-7]),
)
SANE = st.integers(1_000, 3_000).map(lambda minor: minor / 100)


@st.composite
def offers(draw: st.DrawFn, currency: str, amounts: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An offer with any of its optional parts missing or odd."""
    entry = offer(draw(SELLERS), draw(amounts), draw(st.one_of(st.none(), st.just(0.0), amounts)), currency)
    parts = {
        "Points": {"PointsNumber": draw(st.integers(0, 300))},
        "SellerFeedbackRating": {"FeedbackCount": draw(COUNTS), "SellerPositiveFeedbackRating": draw(COUNTS)},
        "ShippingTime": {"MinimumHours": 0, "MaximumHours": draw(COUNTS), "AvailabilityType": "NOW"},
        "IsFulfilledByAmazon": draw(FLAGS),
        "PrimeInformation": {"IsOfferPrime": draw(FLAGS), "IsOfferNationalPrime": False},
        "IsBuyBoxWinner": draw(FLAGS),
        "IsFeaturedMerchant": draw(FLAGS),
        "SubCondition": draw(st.sampled_from(["New", "very_good", "É", "", None, 3])),
        "ShipsFrom": {"State": "CA", "Country": draw(st.sampled_from(["US", "US", "CN", "", None, 7]))},
        "New": {"nested": [1, {"deep": '\\"\u00e9'}]},
    }
    for name in draw(st.sets(st.sampled_from(sorted(parts)), max_size=3)):
        entry[name] = parts[name]
    return entry


@st.composite
def notices(draw: st.DrawFn) -> dict[str, Any]:
    """Envelopes, most of them readable, all of them JSON."""
    currency = draw(CURRENCIES)
    amounts = draw(st.sampled_from([SANE, SANE, SANE, AMOUNTS]))
    second = draw(st.integers(0, 59))
    event = notice(
        *draw(st.lists(offers(currency, amounts), max_size=6)),
        box=draw(st.one_of(st.none(), amounts)),
        changed=f"2026-03-01T{draw(st.sampled_from(['11', '12', '12', '12', '13']))}:00:{second:02d}.5Z",
        event_id=draw(st.sampled_from(["e-1", "e-2", "e-3", None])),
        condition=draw(st.sampled_from(["new", "new", "New", "used"])),
        currency=draw(st.sampled_from([currency, currency, currency, "USD"])),
    )
    body = event["Payload"]["AnyOfferChangedNotification"]
    for part in (event, body, body["OfferChangeTrigger"]):
        if draw(st.integers(0, 19)) == 0:
            del part[draw(st.sampled_from(sorted(part)))]
    return event


@st.composite
def written(draw: st.DrawFn, event: dict[str, Any] | None = None) -> bytes:
    """An envelope's bytes: keys in any order, compact or pretty, at times with bytes broken."""
    event = draw(notices()) if event is None else event
    if draw(st.booleans()):
        event = shuffled(event, draw(st.randoms(use_true_random=False)))
    indent, colon = draw(st.sampled_from([(None, ":"), (None, ": "), (2, " : ")]))
    text = json.dumps(event, indent=indent, separators=(",", colon), ensure_ascii=draw(st.booleans())).encode()
    if draw(st.integers(0, 3)) == 0:
        at, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(TOKENS)) + text[at + gone :]
    return text


TOKENS = [
    b"",
    b'"',
    b"\\",
    b"\\u0041",
    b"\x00",
    b"\x0b",
    b"0",
    b"-",
    b".",
    b"e3",
    b" ",
    b",",
    b"}",
    b"]",
    b"NaN",
    b"\xff",
]
TOKENS += [b"null", b'"Amount":1,', b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"JPY", b"1234567890123456"]


def shuffled(value: Any, dice: Any) -> Any:
    """The same JSON with every object's keys in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(inner, dice)) for key, inner in value.items()]
        dice.shuffle(items)
        return dict(items)
    return [shuffled(inner, dice) for inner in value] if isinstance(value, list) else value


def _ordered(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    return (high, low) if low is not None and high is not None and low > high else (low, high)


KNOWN = st.sampled_from(["ARIVAL1", "ARIVAL2", "ARIVAL3", "ÄRIVAL", OURS])
# What each feature is usually near to, so that conditions hold about as often as not.
NEAR = {Feature.STOCK: 20, Feature.COVER: 3_000, Feature.VELOCITY: 150, Feature.AGE: 90, Feature.PACE_BP: 10_000}
NEAR |= {Feature.RIVAL_RATING: 90, Feature.RIVAL_REVIEWS: 50, Feature.RIVAL_HANDLING: 48, Feature.MINUTE: 720}


@st.composite
def filters(draw: st.DrawFn) -> RivalFilter:
    return RivalFilter(
        draw(st.sampled_from([Channel.ANY, Channel.ANY, *Channel])),
        draw(st.sampled_from([0, 0, 50])),
        draw(st.sampled_from([0, 0, 90])),
        draw(st.sampled_from([None, None, 48])),
        draw(st.frozensets(KNOWN, max_size=1)),
        draw(st.sampled_from([frozenset(), frozenset({"ARIVAL1", "ARIVAL3"})])),
        draw(st.sampled_from([frozenset(), frozenset(), frozenset({"US"})])),
        draw(st.sampled_from([frozenset(), frozenset(), frozenset({"new", "é"})])),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([None, None, 70])),
    )


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    feature = draw(st.sampled_from(Feature))
    about = NEAR.get(feature, 1)
    low, high = _ordered(*(draw(st.none() | st.integers(-1, 2 * about + 1)) for _ in range(2)))
    return Condition(feature, 0 if low is None and high is None else low, high, draw(st.booleans()))


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    target, by_bp = draw(st.sampled_from(Target)), draw(st.booleans())
    without = draw(st.sampled_from(Without))
    return Clause(
        draw(st.sampled_from(["first", "second", "night"])),
        tuple(draw(st.lists(conditions(), max_size=2))),
        target,
        draw(st.integers(-300, 100)) if by_bp else None,
        None if by_bp else draw(st.integers(-200, 50)),
        draw(st.integers(1, 4)),
        draw(KNOWN) if target is Target.SELLER else None,
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([0, 0, 5, 100])),
        without,
        draw(st.integers(1, 500)) if without is Without.RAISE else 0,
        draw(st.none() | filters()),
    )


@st.composite
def programs(draw: st.DrawFn) -> tuple[Clause, ...]:
    return tuple(draw(st.lists(clauses(), min_size=1, max_size=4)))


@st.composite
def facts(draw: st.DrawFn) -> ListingFacts:
    """Any facts that are accepted, most of them known."""

    def about(n: int) -> int | None:
        return draw(st.none() | st.integers(0, 2 * n) | st.integers(n - 1, n + 1))

    status = draw(st.none() | st.sampled_from(ListingStatus))
    return ListingFacts(
        draw(st.none() | st.booleans()), about(20), about(3_000), about(150), about(90), about(10_000), status,
        about(2_000), about(2_000), about(900), about(1_500), None, draw(st.sampled_from([0, 0, -720, 330, 840])),
    )  # fmt: skip


@st.composite
def listings(draw: st.DrawFn, sku: str = "SKU-1") -> ListingConfig:
    """Any configuration that is accepted."""
    amount = st.integers(1_000, 3_000)
    floor, ceiling = _ordered(draw(st.none() | amount), draw(st.none() | amount))
    opened = draw(st.none() | amount)
    return listing(
        sku=sku,
        condition=draw(st.sampled_from(["new", "NEW", "used"])),
        currency=draw(st.sampled_from(["USD", "USD", "USD", "JPY", "KWD"])),
        price_minor=draw(st.none() | amount),
        shipping_minor=draw(st.sampled_from([None, 0, 0, 399])),
        floor_minor=floor,
        ceiling_minor=ceiling,
        clauses=draw(programs()),
        rivals=draw(st.just(RivalFilter()) | filters()),
        max_step_bp=draw(st.sampled_from([0, 100, 1_000, 10_000])),
        max_day_bp=draw(st.sampled_from([0, 500, 2_000, 10_000])),
        cooldown_s=draw(st.sampled_from([0, 300, 86_400])),
        max_event_age_s=draw(st.sampled_from([0, 3_600, 86_400])),
        day_open_minor=opened,
        day_open_us=None if opened is None else NOON - draw(st.integers(0, 2)) * 1_440 * MINUTE,
        last_change_us=draw(st.none() | st.integers(NOON - 120 * MINUTE, NOON)),
    )


MOMENTS = st.integers(NOON - 70 * MINUTE, NOON + 26 * 60 * MINUTE)
assert epoch_us(NOON) == NOON
