"""Who the buyer is and what was said, taken out of an answer before it is kept: records hold what is needed of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ecom_agent.connector import Poison

PRIVATE: Final = frozenset(
    {
        "messageBody", "subject", "messageMedia", "conversationTitle", "senderUsername", "recipientUsername",
        "otherPartyUsername", "buyerLoginName", "comments", "buyer",
    }
)  # fmt: skip


def impersonal(part: Any) -> Any:
    """An answer without anybody's words or name. Not for orders: their buyer's country is read from within."""
    if isinstance(part, Mapping):
        return {name: impersonal(value) for name, value in part.items() if name not in PRIVATE}
    return [impersonal(one) for one in part] if isinstance(part, list) else part


def set_aside(poison: Iterable[Poison]) -> tuple[Poison, ...]:
    return tuple(replace(one, payload=impersonal(one.payload)) for one in poison)
