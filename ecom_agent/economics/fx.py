"""Money of one currency in another, at a dated rate; a stale one is refused, not used with a shrug."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from ecom_agent.money import Money, exponent
from ecom_agent.records.costs import CostSheets, FxRate


@dataclass(frozen=True, slots=True)
class Converted:
    """`minor` of `currency`, exact and so perhaps no whole number. `at` is the age of the oldest rate used."""

    minor: Fraction
    currency: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class NoRate:
    """The conversion is refused, and why."""

    reason: str


def convert(amount: Money, currency: str, sheets: CostSheets, now: datetime | None) -> Converted | NoRate:
    """`amount` in `currency` by the newest rate, turned round or over one third currency where there is no other.

    `now` None = its age is judged elsewhere. A rate dated after `now` is not known yet and counts as none.
    """
    best: tuple[datetime, Fraction, str] | None = None
    for at, factor, by in _ways(amount.currency, currency, sheets.rates, now):
        if best is None or at > best[0]:
            best = at, factor, by
    if best is None:
        return NoRate(f"no rate from {amount.currency} to {currency}: enter one in the policy fx")
    at, factor, by = best
    if now is not None:
        if sheets.rate_max_age is None:
            return NoRate("how old an exchange rate may be is not set: guards, freshness.fx_max_age_days")
        if now - at > sheets.rate_max_age:
            return NoRate(
                f"the rate {by} is older than {sheets.rate_max_age.days} days: enter a newer one in the policy fx"
            )
    scale = Fraction(10) ** (exponent(currency) - exponent(amount.currency))
    return Converted(amount.minor * factor * scale, currency, at, by)


def _ways(
    base: str, quote: str, rates: tuple[FxRate, ...], now: datetime | None
) -> Iterator[tuple[datetime, Fraction, str]]:
    """(age, factor, words) of every way from base to quote. One direct rate is worth more than a detour as new."""
    known = [step for r in rates if now is None or r.at <= now for step in _both_ways(r)]
    for start, end, factor, rate in known:
        if (start, end) == (base, quote):
            yield rate.at, factor, _words(rate)
    for start, middle, factor, rate in known:
        for second, end, more, other in known:
            if start == base and second == middle and end == quote and middle not in (base, quote):
                yield min(rate.at, other.at), factor * more, f"{_words(rate)}, {_words(other)}"


def _both_ways(rate: FxRate) -> tuple[tuple[str, str, Fraction, FxRate], ...]:
    factor = Fraction(rate.rate)
    return (rate.base, rate.quote, factor, rate), (rate.quote, rate.base, 1 / factor, rate)


def _words(rate: FxRate) -> str:
    return f"{rate.base}/{rate.quote} {rate.rate} of {rate.at.date().isoformat()} ({rate.source})"
