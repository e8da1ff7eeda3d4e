"""eBay's Amount: `{"value": "12.30", "currency": "USD"}`, the value a text."""

from __future__ import annotations

from typing import Any

from ecom_agent.money import Money
from platforms._shared import payload


def amount(raw: Any, path: str) -> Money:
    return payload.money(raw, path, amount="value", currency="currency")


def maybe_amount(raw: Any, path: str) -> Money | None:
    return None if payload.find(raw, path) is None else amount(raw, path)
