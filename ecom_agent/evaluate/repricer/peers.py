"""What the compiled repricer is measured against: the same events decided by good Python.

`twin` orjson, then `native_pricer._twin.engine`: every check, limit and trace, equal answers.
`lean` orjson, then five lines that trust every field: no check, no guard, no trace.
The two with msgspec are in `typed.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from ecom_agent.evaluate.repricer.notices import ASIN, MARKET, OURS
from native_pricer import Engine, ListingConfig, RivalFilter

Decide = Callable[[bytes, int], Any]
LISTING: Final = ListingConfig(
    MARKET, ASIN, "new", "SKU-1", OURS, "USD", 2_500, 0, 1_200, 4_000,
    rivals=RivalFilter(min_feedback_percent=85, max_handling_hours=72),
)  # fmt: skip


def compiled() -> Decide:
    return _engine("cython").on_event


def twin() -> Decide:
    return _engine("reference").on_event


def lean() -> Decide:
    return _lean


def _lean(raw: bytes, _now: int) -> float:
    """What one would write in five lines."""
    body = orjson.loads(raw)["Payload"]["AnyOfferChangedNotification"]
    rivals = [o for o in body["Offers"] if o["SellerId"] != OURS]
    landed = min((o["ListingPrice"]["Amount"] + o["Shipping"]["Amount"] for o in rivals), default=25.0)
    return max(12.0, min(40.0, round(landed * 0.995, 2)))


def _engine(backend: str) -> Engine:
    engine = Engine(backend)
    engine.configure(LISTING)
    return engine
