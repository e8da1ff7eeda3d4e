"""Batches of Product Pricing, v0 and 2022-05-01: each answer in them has a status of its own."""

from __future__ import annotations

from typing import Any

from ecom_agent.errors import ParseFailed
from platforms._shared.payload import find, items, need


def answered(raw: Any) -> Any:
    """The body of one answer. ParseFailed, with Amazon's words, for one that it refused."""
    status = find(raw, "status.statusCode")
    if status != 200:
        words = [f"{find(e, 'code')}: {find(e, 'message')}" for e in items(raw, "body.errors")]
        raise ParseFailed("responses.status", f"Amazon answered {status} {'; '.join(words)}".strip())
    return need(raw, "body")
