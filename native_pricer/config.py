"""What the engine is told about one listing of ours. Integers only: minor units, basis points, seconds, epoch µs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecom_agent.money import EXPONENTS
from native_pricer._check import MAX_ID, identifier, is_identifier, whole
from native_pricer.clauses import MAX_CLAUSES, Clause
from native_pricer.rivals import EVERYBODY, RivalFilter
from native_pricer.strategies import Strategy
from native_pricer.words import MAX_MINOR

__all__ = ["MAX_ID", "ListingConfig", "identifier", "is_identifier", "whole"]

MAX_SECONDS: Final = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class ListingConfig:
    """One SKU of ours on one page, its limits and its rule.

    The first of `clauses` whose conditions all hold decides; `rivals` says whose offers count where a clause does not.

    `price_minor` is the live listing price as last known, `shipping_minor` what we charge on top; None = not known
    (shipping is then taken from our own offer in the event). `floor_minor` None = no price is ever written.
    `max_step_bp` bounds one change, `max_day_bp` all changes since the price of the UTC day's start
    (`day_open_minor`, at `day_open_us`; without them the first price known). `last_change_us` starts the cooldown.
    `strategy` prices where a clause with target strategy decides; never one that is switched off.

    Raises: ValueError naming the field.
    """

    marketplace: str
    asin: str
    condition: str
    sku: str
    seller_id: str
    currency: str
    price_minor: int | None
    shipping_minor: int | None
    floor_minor: int | None
    ceiling_minor: int | None
    clauses: tuple[Clause, ...] = (Clause(),)
    rivals: RivalFilter = EVERYBODY
    max_step_bp: int = 1_000
    max_day_bp: int = 2_000
    cooldown_s: int = 300
    max_event_age_s: int = 3_600
    day_open_minor: int | None = None
    day_open_us: int | None = None
    last_change_us: int | None = None
    strategy: Strategy | None = None

    def __post_init__(self) -> None:
        for name in ("marketplace", "asin", "condition", "sku", "seller_id"):
            identifier(name, getattr(self, name))
        if self.currency not in EXPONENTS:
            raise ValueError(f"currency: wanted an ISO 4217 code such as USD; found {self.currency!r}")
        for name, least in _AMOUNTS:
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), least, MAX_MINOR)
        for name, most in _BOUNDS:
            whole(name, getattr(self, name), 0, most)
        for name in ("day_open_us", "last_change_us"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), 0, 2**62)
        if (self.day_open_minor is None) != (self.day_open_us is None):
            raise ValueError("day_open_minor: wanted together with day_open_us")
        if type(self.clauses) is not tuple or not all(isinstance(c, Clause) for c in self.clauses):
            raise ValueError(f"clauses: wanted a tuple of Clause; found {self.clauses!r}")
        if len(self.clauses) > MAX_CLAUSES:
            raise ValueError(f"clauses: wanted at most {MAX_CLAUSES}; found {len(self.clauses)}")
        if not isinstance(self.rivals, RivalFilter):
            raise ValueError(f"rivals: wanted a RivalFilter; found {self.rivals!r}")
        if self.floor_minor is not None and self.ceiling_minor is not None and self.floor_minor > self.ceiling_minor:
            raise ValueError(f"floor_minor: {self.floor_minor} is above ceiling_minor {self.ceiling_minor}")
        if self.strategy is not None:
            _check_strategy(self.strategy)


def _check_strategy(strategy: Strategy) -> None:
    if type(strategy) is not Strategy:
        raise ValueError(f"strategy: wanted a Strategy or none; found {strategy!r}")
    if strategy.study:
        raise ValueError(f"strategy: {strategy.species} is for study on the market bench, never for a listing")
    strategy.__post_init__()


_AMOUNTS = (("price_minor", 1), ("shipping_minor", 0), ("floor_minor", 1), ("ceiling_minor", 1), ("day_open_minor", 1))
_BOUNDS = (
    ("max_step_bp", 10_000),
    ("max_day_bp", 10_000),
    ("cooldown_s", MAX_SECONDS),
    ("max_event_age_s", MAX_SECONDS),
)
