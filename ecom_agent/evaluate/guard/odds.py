"""Configurations as nobody should write them: sane ones, and ones with values that are missing, odd or hostile."""

from __future__ import annotations

import math
import random
from typing import Any, Final

from ecom_agent.evaluate.guard.stream import CONDITION, OURS, PAGES, Page, price
from native_pricer import Clause, Condition, Feature, ListingFacts, ListingStatus, Target, Without
from native_pricer.strategies import SPECIES, Strategy

SKUS_A_PAGE: Final = 2
_JUNK: Final[tuple[Any, ...]] = (
    None, 0, -1, -(10**9), 10**13 + 1, 2**63, 2**70, math.nan, math.inf, -math.inf, 12.5, 12.0, "10.00", "", True,
    False, b"1", (), [], {}, 1 + 0j,
)  # fmt: skip
_LIMITS: Final = ("floor_minor", "ceiling_minor", "max_step_bp", "max_day_bp", "cooldown_s", "price_minor")
_OTHERS: Final = ("currency", "max_event_age_s", "day_open_minor", "last_change_us", "shipping_minor", "sku", "clauses")


def places() -> list[tuple[Page, str]]:
    """Every listing: its page and its SKU."""
    return [(page, f"SKU-{page.asin}-{n}") for page in PAGES for n in range(SKUS_A_PAGE)]


def configuration(page: Page, sku: str, dice: random.Random, now_us: int) -> dict[str, Any]:
    """What a listing is told, one time in three with something in it that should be refused, or that means "never"."""
    floor = price(dice)
    ceiling = dice.choice((None, floor, floor + price(dice), floor * 3))
    now_at = dice.choice((None, floor, floor + floor // 10, ceiling or floor * 2, price(dice)))
    opened = dice.random() < 0.1
    given: dict[str, Any] = {
        "marketplace": page.marketplace,
        "asin": page.asin,
        "condition": CONDITION,
        "sku": sku,
        "seller_id": OURS,
        "currency": page.currency if dice.random() < 0.97 else dice.choice(("USD", "EUR", "JPY")),
        "price_minor": now_at if now_at is None else min(now_at, 10**13),
        "shipping_minor": dice.choice((None, 0, 0, 399)),
        "floor_minor": floor if dice.random() > 0.04 else None,
        "ceiling_minor": ceiling,
        "clauses": dice.choice(_PROGRAMS),
        "strategy": dice.choice(_STRATEGIES),
        "max_step_bp": dice.choice((0, 1_000, 5_000, 10_000, 10_000)),
        "max_day_bp": dice.choice((0, 2_000, 5_000, 10_000, 10_000, 10_000)),
        "cooldown_s": dice.choice((0, 0, 0, 0, 60, 300)),
        "max_event_age_s": dice.choice((600, 3_600, 86_400)),
        "day_open_minor": floor if opened else None,
        "day_open_us": max(0, now_us - dice.choice((0, 86_400, -86_400)) * 1_000_000) if opened else None,
        "last_change_us": dice.choice((None, None, None, now_us, max(0, now_us - 10**9), now_us + 10**9)),
    }
    while dice.random() < 0.25:
        given[dice.choice(_LIMITS if dice.random() < 0.8 else _OTHERS)] = dice.choice(_JUNK)
    return given


def facts(dice: random.Random) -> ListingFacts:
    """Any facts, absurd ones too."""

    def number() -> int | None:
        return dice.choice((None, 0, 1, 50, 10**6, min(price(dice), 10**12)))

    return ListingFacts(
        our_is_fba=dice.choice((None, True, False)),
        stock_units=number(),
        cover_centidays=number(),
        velocity_centiunits=number(),
        age_days=number(),
        pace_bp=number(),
        status=dice.choice((None, *ListingStatus)),
        expected_minor=number() or None,
        reference_minor=number() or None,
        unit_cost_minor=number(),
        fee_bp=dice.choice((None, 0, 1_500, 9_999)),
        elasticity_centi=dice.choice((None, -1, -200, -500, -10_000)),
        utc_offset_minutes=dice.choice((0, -720, 840)),
    )


def _clause(dice: random.Random) -> Clause:
    target, by_share, without = (
        dice.choice([*Target, Target.STRATEGY, Target.STRATEGY]),
        dice.random() < 0.6,
        dice.choice(list(Without)),
    )
    when = tuple(
        Condition(dice.choice(list(Feature)), dice.choice((-5, 0, 1, 50))) for _ in range(dice.choice((0, 0, 1)))
    )
    return Clause(
        name="fuzz",
        when=when,
        target=target,
        offset_bp=dice.choice((-9_999, -5_000, -50, 0, 100, 10_000)) if by_share else None,
        offset_minor=None if by_share else dice.choice((-(10**13), -500, -1, 0, 1, 10**13)),
        nth=dice.randint(1, 4),
        seller="ARIVAL1" if target is Target.SELLER else None,
        may_raise=dice.random() < 0.8,
        may_lower=dice.random() < 0.8,
        min_move_minor=dice.choice((0, 0, 5)),
        without=without,
        step_bp=dice.choice((1, 500, 10_000)) if without is Without.RAISE else 0,
    )


def _programs() -> tuple[tuple[Clause, ...], ...]:
    dice = random.Random("programs")
    return tuple(tuple(_clause(dice) for _ in range(dice.randint(1, 3))) for _ in range(120))


def _strategies() -> tuple[Strategy | None, ...]:
    """Every species that may price a listing, with genes at their ends and between; and none."""
    dice, found = random.Random("strategies"), []
    for species in SPECIES.values():
        for _ in range(0 if species.legal_reason else 8):
            genes = tuple(dice.choice((g.low, g.high, g.default, dice.randint(g.low, g.high))) for g in species.genes)
            found.append(Strategy(species.name, genes))
    return (None, None, *found)


_PROGRAMS: Final = _programs()
_STRATEGIES: Final = _strategies()
