"""Money in integer minor units of an ISO 4217 currency; exact, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import total_ordering
from typing import Final

from ecom_agent.errors import ParseFailed

# Digits after the point, ISO 4217:2015 amendment 176 (2024). Currencies that are not here are refused:
# guessing an exponent is how a price becomes a hundred times wrong.
_DIGITS: Final = {
    0: "CLP ISK JPY KRW PYG UGX VND XAF XOF",
    2: "AED AUD BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR MAD MXN MYR NGN NOK NZD PEN PHP "
    "PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD ZAR",
    3: "BHD IQD JOD KWD OMR TND",
}
EXPONENTS: Final[dict[str, int]] = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
_MOST_DIGITS: Final = 18
"""More than any price or turnover, and safely inside a 64-bit column and Decimal's 28 exact digits."""


def exponent(currency: str) -> int:
    """Digits after the point. Raises ParseFailed for a currency that is not in the table."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise ParseFailed("currency", f"wanted an ISO 4217 code such as USD; found {currency!r}") from None


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, yen) of `currency`. May be negative; compares only with its like."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, found {type(self.minor).__name__}")
        exponent(self.currency)

    @classmethod
    def of(cls, major: str | int | Decimal, currency: str) -> Money:
        """Read a decimal in major units, exactly: Money.of("12.30", "USD").

        Raises ParseFailed for text that is no plain number or has more digits than the currency.
        """
        if isinstance(major, float):
            raise ParseFailed("amount", "a float is not exact; hand in its text or a Decimal")
        try:
            value = Decimal(major)
        except (InvalidOperation, ValueError, TypeError):
            raise ParseFailed("amount", f"wanted a decimal number; found {major!r}") from None
        if not value.is_finite():
            raise ParseFailed("amount", f"wanted a finite number; found {major!r}")
        if value.adjusted() > _MOST_DIGITS or len(value.as_tuple().digits) > _MOST_DIGITS:
            raise ParseFailed("amount", f"wanted at most {_MOST_DIGITS} digits; found {str(major)[:40]!r}")
        minor = value.scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise ParseFailed("amount", f"{major} has more digits than {currency} has minor units")
        return cls(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units: Decimal("12.30")."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.major:.{exponent(self.currency)}f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise TypeError("multiply by an int, or use share() for a ratio")
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def share(self, ratio: Decimal, *, rounding: str = ROUND_HALF_EVEN) -> Money:
        """`ratio` of this amount, rounded to a whole minor unit (half to even unless told)."""
        return Money(int((self.minor * ratio).to_integral_value(rounding)), self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ParseFailed("currency", f"cannot reckon {self.currency} with {other.currency}")
        return other.minor


def round_up(value: Decimal, currency: str) -> Money:
    """`value` in minor units, rounded up: for floors, which must never be too low."""
    return Money(int(value.to_integral_value(ROUND_CEILING)), currency)
