"""The words of the language: which conditions there are, what each looks at, and in which units it is said."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from native_pricer.clauses import Feature, Target
from native_pricer.facts import ListingStatus
from pricing.rules.values import Measure

FULFILMENT: Final = MappingProxyType({"fba": (1, 1), "fbm": (0, 0)})
_ACTIVE = ListingStatus.ACTIVE.value
_SUPPRESSED = ListingStatus.SUPPRESSED.value
_DOWN = ListingStatus.DEACTIVATED.value

# condition → word → (feature, low, high)
FLAGS: Final[Mapping[str, Mapping[str, tuple[Feature, int, int]]]] = MappingProxyType(
    {
        "buy_box": {
            "held": (Feature.BOX_HELD, 1, 1),
            "lost": (Feature.BOX_HELD, 0, 0),
            "suppressed": (Feature.BOX_SUPPRESSED, 1, 1),
        },
        "buy_box_holder": {name: (Feature.BOX_FBA, *span) for name, span in FULFILMENT.items()},
        "our_fulfilment": {name: (Feature.OUR_FBA, *span) for name, span in FULFILMENT.items()},
        "status": {
            "active": (Feature.STATUS, _ACTIVE, _ACTIVE),
            "suppressed": (Feature.STATUS, _SUPPRESSED, _SUPPRESSED),
            "deactivated": (Feature.STATUS, _DOWN, _DOWN),
            "not active": (Feature.STATUS, _SUPPRESSED, _DOWN),
        },
    }
)
_DAYS: Final = (("days", 1), ("day", 1), ("", 1), ("weeks", 7), ("week", 7))
_SHARE: Final = (("%", 1),)
MEASURES: Final[Mapping[str, tuple[Feature, Measure]]] = MappingProxyType(
    {
        "offers": (Feature.OFFERS, Measure("a number of offers", (("", 1), ("offers", 1)), "at least 2")),
        "rivals": (Feature.RIVALS, Measure("a number of rivals", (("", 1), ("rivals", 1)), "none")),
        "gap": (Feature.GAP_BP, Measure("a gap in percent", _SHARE, "above 5 %", 100, -(10**6), 10**9)),
        "stock": (Feature.STOCK, Measure("units in stock", (("units", 1), ("unit", 1), ("", 1)), "below 10 units")),
        "days_of_cover": (Feature.COVER, Measure("days of cover", _DAYS, "below 14 days", 100)),
        "velocity": (
            Feature.VELOCITY,
            Measure("units sold a day", (("a day", 1), ("units a day", 1), ("", 1)), "below 0.5 a day", 100),
        ),
        "age": (Feature.AGE, Measure("an age in days", _DAYS, "above 180 days")),
        "pace": (Feature.PACE_BP, Measure("a pace in percent of the stock", _SHARE, "below 90 %", 100)),
    }
)
RIVAL_MEASURES: Final[Mapping[str, tuple[Feature, Measure]]] = MappingProxyType(
    {
        "rating": (Feature.RIVAL_RATING, Measure("a rating in percent", _SHARE, "90 %", 1, 0, 100)),
        "ratings": (Feature.RIVAL_REVIEWS, Measure("a number of ratings", (("", 1), ("ratings", 1)), "50")),
        "handling": (
            Feature.RIVAL_HANDLING,
            Measure("a handling time", (("hours", 1), ("hour", 1), ("days", 24), ("day", 24)), "2 days"),
        ),
    }
)
RIVAL_FULFILMENT: Final = MappingProxyType({name: (Feature.RIVAL_FBA, *span) for name, span in FULFILMENT.items()})
RATING: Final = RIVAL_MEASURES["rating"][1]
RATINGS: Final = RIVAL_MEASURES["ratings"][1]
HANDLING: Final = RIVAL_MEASURES["handling"][1]
PAUSE: Final = Measure(
    "a pause", (("seconds", 1), ("minutes", 60), ("minute", 60), ("hours", 3_600), ("hour", 3_600), ("days", 86_400),
                ("day", 86_400)), "12 hours", 1, 1, 366 * 86_400
)  # fmt: skip
NTH: Final = Measure("a place", (("", 1),), "2", 1, 1, 20)
UNITS: Final = Measure("a number of units", (("", 1), ("units", 1)), "5", 1, 2, 100_000)
CONDITIONS: Final = ("new", "used", "collectible", "refurbished", "club")
SUB_CONDITIONS: Final = (
    "new", "mint", "like_new", "very_good", "good", "acceptable", "poor", "club", "oem", "warranty",
    "refurbished_warranty", "refurbished", "open_box", "other",
)  # fmt: skip

TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "lowest": Target.LOWEST,
        "buy_box": Target.BUY_BOX,
        "average": Target.AVERAGE,
        "expected": Target.EXPECTED,
        "reference": Target.REFERENCE,
        "own": Target.OWN,
        "hold": Target.HOLD,
    }
)
LAB: Final = "lab"  # in the place of a strategy's name: the one that the lab has at work on the listing
TARGETS_WITH: Final = ("nth", "seller", "strategy")
