"""The envelope that all notifications share: what it is about, and which one it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.records.events import AuthorizationEnded
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
REVOCATION: Final = "AUTHORIZATION_REVOCATION"
REVOKED_BY: Final = {
    "REVOKED_BY_APP": "our application gave it back",
    "REVOKED_BY_USER": "the seller withdrew it",
    "REVOKED_BY_EBAY": "eBay withdrew it",
    "PASSWORD_CHANGE": "the seller changed the password",
}
"""By eBay's contract of notifications."""


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


def authorization_ended(raw: bytes, *, seller: str) -> AuthorizationEnded | None:
    """That `seller`'s consent is gone; None where it is another user's: all of an application's come to one address.

    A seller is known by user name or public user id, whichever the account names. Raises ParseFailed.
    """
    body = orjson.loads(raw)
    told = (maybe_text(body, f"notification.data.{name}") for name in ("username", "userId"))
    if seller.lower() not in {name.lower() for name in told if name}:
        return None
    reason = maybe_text(body, "notification.data.revokeReason")
    why = REVOKED_BY.get(reason or "", "for a reason that we do not know")
    return AuthorizationEnded(
        f"eBay says {REVOCATION}: {why}; have the seller give consent anew and put its token into REFRESH_TOKEN"
    )


def _moment(value: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
