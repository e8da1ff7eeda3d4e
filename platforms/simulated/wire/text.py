"""Moments and money as the vendors print them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platforms.simulated.state import CURRENCY


def moment(at: datetime) -> str:
    """2026-11-02T14:05:00.000Z"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def seconds(at: datetime) -> str:
    """2026-11-02T14:05:00Z"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """An ISO 8601 moment; without a zone it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def decimal(minor: int) -> str:
    """1230 → "12.30" """
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def pascal(minor: int) -> dict[str, Any]:
    """{"Amount": 12.3, "CurrencyCode": "USD"}: pricing v0, fees and ANY_OFFER_CHANGED."""
    return {"Amount": minor / 100, "CurrencyCode": CURRENCY}


def camel(minor: int) -> dict[str, Any]:
    """{"amount": 12.3, "currencyCode": "USD"}: pricing 2022-05-01 and PRICING_HEALTH."""
    return {"amount": minor / 100, "currencyCode": CURRENCY}


def money(minor: int) -> dict[str, str]:
    """{"amount": "12.30", "currencyCode": "USD"}: orders, listings, Shopify's MoneyV2."""
    return {"amount": decimal(minor), "currencyCode": CURRENCY}
