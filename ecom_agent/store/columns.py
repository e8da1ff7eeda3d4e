"""Column shapes that all tables share, and Money in and out of its two columns."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import CHAR, BigInteger, DateTime
from sqlalchemy.dialects.postgresql import JSONB

from ecom_agent.money import Money

MINOR: Final[Any] = BigInteger
"""Minor units of the row's currency."""
ID: Final[Any] = BigInteger
"""A number the database gives out."""
CURRENCY: Final[Any] = CHAR(3)
WHEN: Final[Any] = DateTime(timezone=True)
"""A moment; the connection's time zone is UTC."""
JSON: Final[Any] = JSONB


def money(minor: int | None, currency: str | None) -> Money | None:
    """None where either is not known."""
    return None if minor is None or currency is None else Money(minor, currency)


def minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
