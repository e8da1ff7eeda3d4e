"""What companies pay for one unit, and for many: prices beside the consumers' price, on platforms that have them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money

MOST_TIERS: Final = 5
"""Steps of a quantity discount: Amazon takes no more."""
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class BusinessPrices:
    """`price` for one unit; `tiers` (least units, price of each unit) rising in units and falling in price.

    `price` None = nothing is offered to companies apart from what everybody pays; then there are no tiers.

    Raises ParseFailed for anything else, also for two currencies and for a price that is not positive.
    """

    price: Money | None
    tiers: tuple[tuple[int, Money], ...] = ()

    def __post_init__(self) -> None:
        if self.price is None:
            if self.tiers:
                raise ParseFailed("business", "tiers without a price for one unit")
            return
        if len(self.tiers) > MOST_TIERS:
            raise ParseFailed("business", f"wanted at most {MOST_TIERS} tiers, found {len(self.tiers)}")
        steps = ((1, self.price), *self.tiers)
        if any(price.minor <= 0 for _, price in steps):
            raise ParseFailed("business", "wanted prices above zero")
        for (units, price), (more, less) in pairwise(steps):
            if type(more) is not int or more <= units or not less < price:
                raise ParseFailed("business", f"{more} units at {less} after {units} at {price}: wanted more for less")

    @property
    def steps(self) -> tuple[tuple[int, Money], ...]:
        """All prices by the least units; empty where nothing is offered."""
        return () if self.price is None else ((1, self.price), *self.tiers)

    def at(self, units: int) -> Money | None:
        """What each of so many units costs; None where nothing is offered."""
        return next((price for least, price in reversed(self.steps) if least <= units), None)

    def told(self) -> str:
        """As one line of text: "USD 1:950 5:900", amounts in minor units; "none" where nothing is offered."""
        if self.price is None:
            return _NONE
        return " ".join((self.price.currency, *(f"{units}:{price.minor}" for units, price in self.steps)))

    def __str__(self) -> str:
        return ", ".join(f"{units}+: {price}" for units, price in self.steps) or _NONE


NOT_OFFERED: Final = BusinessPrices(None)


def read_business(told: object) -> BusinessPrices:
    """What `told` wrote. Raises ParseFailed."""
    if told == _NONE:
        return NOT_OFFERED
    try:
        currency, *parts = str(told).split(" ")
        pairs = [part.split(":") for part in parts]
        (one, price), *tiers = [(int(units), Money(int(minor), currency)) for units, minor in pairs]
    except ValueError:
        raise ParseFailed("business", f"wanted a line such as 'USD 1:950 5:900', found {str(told)[:40]!r}") from None
    if one != 1:
        raise ParseFailed("business", f"wanted the price of one unit first, found {one}")
    return BusinessPrices(price, tuple(tiers))
