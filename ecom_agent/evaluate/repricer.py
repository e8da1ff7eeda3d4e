"""How long from an event's bytes to a guarded decision: compiled, against orjson + the readable Python twin.

All backends see the same events one after the other in one process, so that a noisy machine is noisy for all: quote
the ratios. Every event is newer than the last and moves or holds a price after every check; garbage collection waits.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

import orjson

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from native_pricer import Engine, ListingConfig, RivalFilter, backends, epoch_us

PASSES: Final = 9
EVENTS: Final = 250
SIZES: Final = (1, 5, 20)
START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
MARKET, ASIN, OURS = "ATVPDKIKX0DER", "B0MEASURE1", "A2OURSELLERID"

FIGURES: Final = {
    "p50_us_1": "bytes to guarded decision, 1 offer: median of the passes' medians, µs",
    "p50_us_5": "the same for 5 offers, µs",
    "p50_us_20": "the same for 20 offers, µs",
    "p99_us_20": "99th percentile over all passes, 20 offers, µs",
    "p999_us_20": "99.9th percentile over all passes, 20 offers, µs",
    "speedup_1": "the twin's median over the compiled one's, 1 offer, the vendor's key order",
    "speedup_5": "the same for 5 offers",
    "speedup_20": "the same for 20 offers",
    "speedup_20_any": "the same for 20 offers, half with shuffled keys, half pretty-printed",
    "vs_lean_20": "a bare orjson + Python decision (no checks, no guard, no trace) over the compiled one, 20 offers",
}
BASELINES: Final = {
    "twin_p50_us_1": "orjson + Python twin with every check, 1 offer, µs",
    "twin_p50_us_5": "the same for 5 offers, µs",
    "twin_p50_us_20": "the same for 20 offers, µs",
    "twin_p50_us_20_any": "the same for 20 offers, shuffled or pretty-printed, µs",
    "lean_p50_us_20": "orjson + a bare Python decision, 20 offers, µs",
}
Decide = Callable[[bytes, int], Any]


@dataclass(frozen=True, slots=True)
class Timing:
    """Nanoseconds of one contender: the median of each pass, and all samples."""

    medians: Sequence[float]
    samples: Sequence[int]

    @property
    def p50_us(self) -> float:
        return median(self.medians) / 1_000

    def percentile_us(self, share: float) -> float:
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1_000


def events(offers: int, count: int, seed: int) -> list[dict[str, Any]]:
    """Notifications as the vendor writes them, each a second newer than the one before; the same for the same seed."""
    dice = random.Random(f"{seed}/{offers}")
    return [_event(offers, START + timedelta(seconds=i), dice) for i in range(count)]


def canonical(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)


def otherwise(event: dict[str, Any], dice: random.Random) -> bytes:
    """The same event with every object's keys shuffled, or pretty-printed."""
    if dice.random() < 0.5:
        return orjson.dumps(event, option=orjson.OPT_INDENT_2)
    return orjson.dumps(_shuffled(event, dice))


def measure(seed: int, passes: int, count: int, progress: Callable[[str], None] = lambda _line: None) -> Measured:
    """Raises ConfigError where the compiled backend was not built."""
    if "cython" not in backends():
        raise ConfigError("native_pricer was not compiled here: install the package with a C compiler at hand")
    dice, timed = random.Random(seed), {}
    for size in SIZES:
        progress(f"{size} offers")
        timed[size] = _race([canonical(e) for e in events(size, count, seed)], passes)
    progress("20 offers, keys in any order")
    loose = _race([otherwise(e, dice) for e in events(20, count, seed)], passes)
    fast, twin = ({size: t[name] for size, t in timed.items()} for name in ("cython", "reference"))
    figures = {f"p50_us_{size}": fast[size].p50_us for size in SIZES}
    figures |= {"p99_us_20": fast[20].percentile_us(0.99), "p999_us_20": fast[20].percentile_us(0.999)}
    figures |= {f"speedup_{size}": twin[size].p50_us / fast[size].p50_us for size in SIZES}
    figures["speedup_20_any"] = loose["reference"].p50_us / loose["cython"].p50_us
    figures["vs_lean_20"] = timed[20]["lean"].p50_us / fast[20].p50_us
    baselines = {f"twin_p50_us_{size}": twin[size].p50_us for size in SIZES}
    baselines["twin_p50_us_20_any"] = loose["reference"].p50_us
    baselines["lean_p50_us_20"] = timed[20]["lean"].p50_us
    return Measured(
        {name: round(value, 2) for name, value in figures.items()},
        {name: round(value, 2) for name, value in baselines.items()},
        f"generated: {passes} passes of {count} ANY_OFFER_CHANGED notifications with 1, 5 and 20 offers",
    )


def _race(notices: Sequence[bytes], passes: int) -> dict[str, Timing]:
    """Each pass begins with fresh engines; within it the contenders take turns event by event."""
    now = epoch_us(START + timedelta(seconds=len(notices)))
    samples: dict[str, list[list[int]]] = {"cython": [], "reference": [], "lean": []}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(passes):
            contenders = {"cython": _engine("cython"), "reference": _engine("reference"), "lean": _lean}
            lap: dict[str, list[int]] = {name: [] for name in contenders}
            for raw in notices:
                for name, decide in contenders.items():
                    before = time.perf_counter_ns()
                    decide(raw, now)
                    lap[name].append(time.perf_counter_ns() - before)
            for name, nanoseconds in lap.items():
                samples[name].append(nanoseconds)
    finally:
        if collecting:
            gc.enable()
    return {name: Timing([median(x) for x in laps], [n for x in laps for n in x]) for name, laps in samples.items()}


def _engine(backend: str) -> Decide:
    engine = Engine(backend)
    engine.configure(
        ListingConfig(
            MARKET, ASIN, "new", "SKU-1", OURS, "USD", 2_500, 0, 1_200, 4_000,
            rivals=RivalFilter(min_feedback_percent=85, max_handling_hours=72),
        )
    )  # fmt: skip
    return engine.on_event


def _lean(raw: bytes, _now: int) -> float:
    """What one would write in five lines, trusting every field."""
    body = orjson.loads(raw)["Payload"]["AnyOfferChangedNotification"]
    rivals = [o for o in body["Offers"] if o["SellerId"] != OURS]
    landed = min((o["ListingPrice"]["Amount"] + o["Shipping"]["Amount"] for o in rivals), default=25.0)
    return max(12.0, min(40.0, round(landed * 0.995, 2)))


def _event(offers: int, at: datetime, dice: random.Random) -> dict[str, Any]:
    changed = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{dice.randrange(1_000):03d}Z"
    shown = [_offer(OURS if i == 1 else f"A{dice.randrange(10**12):012d}X", dice) for i in range(offers)]
    lowest = min(o["ListingPrice"]["Amount"] for o in shown)
    price = {"LandedPrice": _usd(lowest), "ListingPrice": _usd(lowest), "Shipping": _usd(0.0)}
    channels = [{"Condition": "new", "FulfillmentChannel": channel} for channel in ("Amazon", "Merchant")]
    counts = [{**channel, "OfferCount": offers} for channel in channels]
    trigger = {"MarketplaceId": MARKET, "ASIN": ASIN, "ItemCondition": "new", "TimeOfOfferChange": changed}
    summary = {
        "NumberOfOffers": counts,
        "LowestPrices": [{**channel, **price} for channel in channels],
        "BuyBoxPrices": [{"Condition": "new", **price}],
        "ListPrice": _usd(39.99),
        "SuggestedLowerPricePlusShipping": _usd(lowest),
        "TotalBuyBoxEligibleOffers": offers,
        "SalesRankings": [{"ProductCategoryId": "kitchen_display_on_website", "Rank": dice.randrange(1, 100_000)}],
        "NumberOfBuyBoxEligibleOffers": counts,
        "CompetitivePriceThreshold": _usd(lowest),
    }
    body = {"SellerId": OURS, "OfferChangeTrigger": trigger | {"OfferChangeType": "External"}, "Summary": summary}
    identity = f"{dice.getrandbits(128):032x}"
    meta = {"ApplicationId": f"app-{identity}", "SubscriptionId": f"sub-{identity}", "PublishTime": changed}
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ANY_OFFER_CHANGED",
        "PayloadVersion": "1.0",
        "EventTime": changed,
        "NotificationMetadata": meta | {"NotificationId": identity},
        "Payload": {"AnyOfferChangedNotification": body | {"Offers": shown}},
    }


def _offer(seller: str, dice: random.Random) -> dict[str, Any]:
    """One offer with every field of the schema but Points, which only Japan sends."""
    fba = dice.random() < 0.6
    rating = {"FeedbackCount": dice.randrange(50_000), "SellerPositiveFeedbackRating": dice.randrange(80, 101)}
    hours = {"MinimumHours": 0, "MaximumHours": 0 if fba else dice.randrange(24, 96), "AvailabilityType": "NOW"}
    return {
        "SellerId": seller,
        "SubCondition": "new",
        "SellerFeedbackRating": rating,
        "ShippingTime": {**hours, "AvailableDate": ""},
        "ListingPrice": _usd(dice.randrange(1_800, 3_200) / 100),
        "Shipping": _usd(0.0 if fba else dice.choice((0.0, 3.99, 4.99))),
        "ShipsFrom": {"Country": "US", "State": dice.choice(("CA", "NY", "TX"))},
        "IsFulfilledByAmazon": fba,
        "PrimeInformation": {"IsOfferPrime": fba, "IsOfferNationalPrime": fba},
        "IsExpeditedShippingAvailable": False,
        "IsFeaturedMerchant": dice.random() < 0.8,
        "ShipsDomestically": True,
        "ShipsInternationally": dice.random() < 0.3,
    }


def _usd(amount: float) -> dict[str, Any]:
    return {"Amount": amount, "CurrencyCode": "USD"}


def _shuffled(value: Any, dice: random.Random) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled(inner, dice)) for key, inner in value.items()]
        dice.shuffle(items)
        return dict(items)
    return [_shuffled(inner, dice) for inner in value] if isinstance(value, list) else value


def _run(options: Options) -> Measured:
    return measure(options.seed, PASSES, EVENTS, options.progress)


EVALUATION = Evaluation(
    name="repricer",
    title="Microseconds from an event's bytes to a guarded decision",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
)
