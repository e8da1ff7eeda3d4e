"""GTIN: the one number that is the same for a product on every platform (UPC, EAN, ISBN-13, EAN-8 are its short forms).

Source: GS1 General Specifications, 7.9 (check digit) and 1.4 (prefixes of restricted circulation).
"""

from __future__ import annotations

from typing import Final

_LENGTHS: Final = (8, 12, 13, 14)
_WHOLE: Final = 14
_HOUSE_PREFIXES: Final = ("02", "04", "2")
"""Of the 13 digits: numbers that a shop gives out for itself, which mean another product in another shop."""


def gtin14(told: str | None) -> str | None:
    """The number in its one form of 14 digits; None for what is no GTIN that means the same everywhere.

    That is: another length, another sign than a digit (blanks and hyphens between are passed over), a wrong check
    digit, nothing but zeros, or a number of restricted circulation.
    """
    digits = (told or "").replace("-", "").replace(" ", "")
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdecimal()) or not digits.strip("0"):
        return None
    whole = digits.zfill(_WHOLE)
    if check_digit(whole[:-1]) != whole[-1] or (len(digits) > _LENGTHS[0] and whole[1:].startswith(_HOUSE_PREFIXES)):
        return None
    return whole


def check_digit(payload: str) -> str:
    """The last digit of a GTIN whose others are `payload`: weights 3 and 1 in turns, from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)
