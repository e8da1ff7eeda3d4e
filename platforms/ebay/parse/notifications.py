"""The envelope that all notifications share: what it is about, and which one it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson

from ecom_agent.errors import ParseFailed
from platforms._shared.payload import maybe_text, text

TOPICS: Final = (
    "MARKETPLACE_ACCOUNT_DELETION",
    "AUTHORIZATION_REVOCATION",
    "ITEM_AVAILABILITY",
    "ITEM_PRICE_REVISION",
    "PRIORITY_LISTING_REVISION",
    "PLA_CAMPAIGN_BUDGET_STATUS",
)
"""What eBay's contract publishes. None of them holds an order."""


class Heading(NamedTuple):
    """`published_at` None = not told, or told in a form we do not know: nothing hangs on it."""

    topic: str
    notification_id: str
    published_at: datetime | None


def heading(raw: bytes) -> Heading:
    """Raises ParseFailed for what is no notification of eBay's."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed("notification", "not JSON") from None
    return Heading(
        text(body, "metadata.topic"),
        text(body, "notification.notificationId"),
        _moment(maybe_text(body, "notification.publishDate") or maybe_text(body, "notification.eventDate")),
    )


def _moment(value: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
