"""A webhook that a vendor's own check has let through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """`dedupe_id` is the same for every delivery of it. The body, as received, may hold buyers' data.

    `signed_at`: when it happened or was sent, where the vendor's signature covers that; None elsewhere.
    """

    topic: str
    dedupe_id: str
    signed_at: datetime | None
    body: bytes = field(repr=False)
