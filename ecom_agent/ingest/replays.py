"""Is a call to us of now? One that is rightly signed can still be an old one, sent once more by somebody who saw it.

Within the limits the same delivery is known by its id, which is kept; the limits say for how long it must be kept.
They are wide, for a sender comes again with what we did not take, and what is refused then is lost. The contracts that
we have say nothing of how long a sender tries; what is said of it below is general knowledge, not confirmed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ecom_agent.errors import Replayed

WEBHOOKS: Final = timedelta(days=7)
"""Of a platform's webhook: some are tried again for days."""
CHATS: Final = timedelta(days=1)
"""Of a chat's callback: Feishu tries again for some hours. DingTalk's own hour is kept where its signature is read."""
AHEAD: Final = timedelta(hours=1)
"""As far may a sender's clock be before ours; Walmart's and DingTalk's own tolerance."""


def refuse_replay(platform: str, operation: str, signed_at: datetime | None, now: datetime, limit: timedelta) -> None:
    """Raises Replayed for a time that is older than `limit`, or more than an hour to come. None is let through."""
    if signed_at is not None and not -AHEAD <= now - signed_at <= limit:
        raise Replayed(platform, operation, f"signed for {signed_at:%Y-%m-%dT%H:%MZ}: a replay, or a wrong clock")
