"""How people write numbers in a rule, and what they mean in whole steps. Exact: no text passes through a float.

Each reader takes the text of one YAML scalar and raises Unreadable with what it wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from ecom_agent.money import EXPONENTS
from native_pricer.words import MAX_MINOR
from pricing.rules.problems import Unreadable, nearest

NUMBER: Final = r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?"


class Range(NamedTuple):
    """`low` ≤ value ≤ `high`, None = open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit. `units`: word → how many base units it is, the base first; `scale` steps to a base unit.

    `least` and `most` are in steps; `example` is a whole value as a rule would say it.
    """

    name: str
    units: tuple[tuple[str, int], ...]
    example: str
    scale: int = 1
    least: int = 0
    most: int = 10**9

    def read(self, number: str, unit: str) -> int:
        """Whole steps. Raises Unreadable for another unit, a number out of bounds or finer than a step."""
        sizes = dict(self.units)
        if unit not in sizes:
            said = ", ".join(repr(u) for u in sizes if u) or "none"
            raise Unreadable(f"{self.name} such as {self.example!r}", f"the units it has: {said}")
        steps = Decimal(number) * sizes[unit] * self.scale
        if steps != int(steps):
            raise Unreadable(f"{self.name} in steps of {Decimal(1) / self.scale}", "leave out the digits after it")
        if not self.least <= steps <= self.most:
            span = f"{Decimal(self.least) / self.scale} to {Decimal(self.most) / self.scale}"
            raise Unreadable(f"{self.name} from {span} {self.units[0][0]}".rstrip(), "correct the number")
        return int(steps)

    def write(self, steps: int) -> str:
        """As `read` takes it, in base units."""
        return f"{plain(Decimal(steps) / self.scale)} {self.units[0][0]}".rstrip()


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money: in the currencies named, or (None) in whichever the listing has."""

    by_currency: tuple[tuple[str | None, Decimal], ...]

    def minor(self, currency: str) -> int:
        """In minor units of the listing's currency. Raises ValueError saying what is missing or too fine."""
        for name, value in self.by_currency:
            if name in (None, currency):
                minor = value.scaleb(EXPONENTS[currency])
                if minor != int(minor):
                    raise ValueError(f"{plain(value)} is finer than {currency}, which has {EXPONENTS[currency]} digits")
                return int(minor)
        raise ValueError(f"no amount in {currency}, only {self}")

    def __str__(self) -> str:
        return ", ".join(plain(value) if name is None else f"{plain(value)} {name}" for name, value in self.by_currency)


def amount(text: str) -> Amount:
    """ "12.30" (the listing's currency), "12.30 USD", or one for each currency: "0.01 USD, 1 JPY"."""
    read: list[tuple[str | None, Decimal]] = []
    for part in text.split(","):
        hit = re.fullmatch(rf"({NUMBER})(?:\s+([A-Z]{{3}}))?", part.strip())
        if hit is None:
            raise Unreadable("an amount such as '12.30' or '12.30 USD'", "digits, a point, digits, then the currency")
        read.append((hit[2], _whole_units(Decimal(hit[1]), hit[2])))
    names = [name for name, _ in read]
    if len(set(names)) < len(names) or (None in names and len(names) > 1):
        raise Unreadable("one amount for each currency", "name the currency of each, and each once")
    return Amount(tuple(read))


def _whole_units(value: Decimal, currency: str | None) -> Decimal:
    if currency is None:
        return value
    if currency not in EXPONENTS:
        raise Unreadable("a currency that is known", "use its ISO 4217 code, such as USD")
    minor = value.scaleb(EXPONENTS[currency])
    if minor != int(minor):
        raise Unreadable(f"an amount in {currency}", f"{currency} has {EXPONENTS[currency]} digits after the point")
    if abs(minor) > MAX_MINOR:
        raise Unreadable("an amount that a price can have", "correct the number")
    return value


def percent(text: str) -> int:
    """Basis points: "-0.5 %" → −50."""
    hit = re.fullmatch(rf"({NUMBER})\s*%", text)
    if hit is None:
        raise Unreadable("a share such as '0.5 %'", "digits, a point, digits, then %")
    points = Decimal(hit[1]) * 100
    if points != int(points):
        raise Unreadable("a share in steps of 0.01 %", "leave out the digits after it")
    return int(points)


def bounded(text: str, measure: Measure) -> Range:
    """ "below 10", "at least 2.5 days", "5 to 20 %", "exactly 3" or "3", and "none" for 0."""
    if text == "none" and measure.least <= 0:
        return Range(0, 0)
    between = re.fullmatch(rf"({NUMBER})\s+to\s+({NUMBER})\s*([^0-9]*)", text)
    if between is not None:
        low, high = (measure.read(between[n], between[3].strip()) for n in (1, 2))
        if low > high:
            raise Unreadable(f"{measure.name} from the lower to the higher", "change the places of the two numbers")
        return Range(low, high)
    hit = re.fullmatch(rf"(?:(below|above|at least|at most|exactly)\s+)?({NUMBER})\s*([^0-9]*)", text)
    if hit is None:
        fix = "begin with below, above, at least, at most or exactly, or write '… to …'"
        raise Unreadable(f"{measure.name} such as {measure.example!r}", fix)
    value = measure.read(hit[2], hit[3].strip())
    match hit[1]:
        case "below":
            return Range(None, value - 1)
        case "above":
            return Range(value + 1, None)
        case "at least":
            return Range(value, None)
        case "at most":
            return Range(None, value)
        case _:
            return Range(value, value)


def measured(text: str, measure: Measure) -> int:
    """ "5 units", "2 days": whole steps."""
    hit = re.fullmatch(rf"({NUMBER})\s*([^0-9]*)", text)
    if hit is None:
        raise Unreadable(f"{measure.name} such as {measure.example!r}", "write a number and its unit")
    return measure.read(hit[1], hit[2].strip())


def write_bounded(found: Range, measure: Measure) -> str:
    """As `bounded` reads it. Raises ValueError for a range that is open on both sides."""
    low, high = found
    if low is not None and high is not None:
        if low == high:
            return f"exactly {measure.write(low)}"
        return f"{measure.write(low).split(' ')[0]} to {measure.write(high)}"
    if low is not None:
        return f"at least {measure.write(low)}"
    if high is not None:
        return f"at most {measure.write(high)}"
    raise ValueError(f"{measure.name}: wanted a bound on at least one side")


def write_percent(points: int) -> str:
    return f"{plain(Decimal(points) / 100)} %"


def word(text: str, words: Iterable[str]) -> str:
    """One of these words."""
    known = list(words)
    if text in known:
        return text
    raise Unreadable(f"one of {', '.join(known)}", nearest(text, known, "choose one of them"))


def plain(value: Decimal) -> str:
    """Digits without an exponent, and without zeros that say nothing after the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
