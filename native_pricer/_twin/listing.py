"""One SKU as the engine keeps it, and what is answered for it. Plain Python."""

from __future__ import annotations

from typing import Final, NamedTuple

from native_pricer._twin.mind import Mind
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts
from native_pricer.words import DAY_US, Clamp, Code, Level

NOTHING: Final = ListingFacts()


class Listing:
    """One SKU's limits and what is known of it. `day` counts UTC days since 1970."""

    __slots__ = ("cfg", "day", "day_open", "facts", "last_change", "level", "mind", "price")

    def __init__(
        self,
        cfg: ListingConfig,
        facts: ListingFacts | None,
        price: int | None,
        last_change: int | None,
        day: int | None,
        day_open: int | None,
        level: Level | None,
    ) -> None:
        self.cfg, self.facts, self.level = cfg, facts or NOTHING, level
        self.price, self.last_change = price, last_change
        self.day, self.day_open = day, day_open
        self.mind: Mind | None = None

    @classmethod
    def of(cls, cfg: ListingConfig) -> Listing:
        day = None if cfg.day_open_us is None else cfg.day_open_us // DAY_US
        listing = cls(cfg, None, cfg.price_minor, cfg.last_change_us, day, cfg.day_open_minor, None)
        listing.mind = None if cfg.strategy is None else Mind(cfg.strategy)
        return listing

    def keep_history(self, former: Listing) -> None:
        """What the new configuration does not say is as before, unless the currency is another one."""
        if former.cfg.currency != self.cfg.currency:
            return
        if self.price is None:
            self.price = former.price
        if self.last_change is None:
            self.last_change = former.last_change
        if self.day is None:
            self.day, self.day_open = former.day, former.day_open
        self.facts = former.facts
        if self.mind is not None and _page(former.cfg) == _page(self.cfg):
            self.mind.keep(former.mind)

    def roll_day(self, now: int) -> None:
        """At the first look on a new UTC day the price then is what the day's cap is measured against."""
        if self.price is not None and (self.day is None or now // DAY_US > self.day):
            self.day, self.day_open = now // DAY_US, self.price


def _page(cfg: ListingConfig) -> tuple[str, str, str]:
    return cfg.marketplace, cfg.asin, cfg.condition.lower()


class Answer(NamedTuple):
    """`to` None: no move. `target` is the landed price that was followed, `wanted` the wish before the guard."""

    code: Code
    clamp: Clamp = Clamp.NONE
    to: int | None = None
    wanted: int | None = None
    target: int | None = None
