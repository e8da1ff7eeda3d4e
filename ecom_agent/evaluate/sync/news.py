"""What came in beside the polls, and what second readings brought, as the database tells."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, NamedTuple

import psycopg

_WEBHOOKS: Final = b"SELECT source || ' ' || topic, count(*), count(error) FROM event_inbox GROUP BY 1"
_NOTIFICATIONS: Final = b"SELECT 'amazon ' || type, count(*) FROM event_seen GROUP BY 1"
_WINDOWS: Final = b"""
SELECT count(*) FILTER (WHERE outcome = 'repaired'),
       coalesce(sum(written) FILTER (WHERE kind IN ('look_back', 'repair')), 0)
FROM sync_window"""


class Heard(NamedTuple):
    """`by_source`: events by vendor and topic. `found_later`: records written by look-backs and second readings."""

    by_source: Counter[str]
    unread: int
    repaired: int
    found_later: int

    @property
    def kept(self) -> int:
        return self.by_source.total()


def heard(connection: psycopg.Connection[Any]) -> Heard:
    """Of the whole run."""
    webhooks = connection.execute(_WEBHOOKS).fetchall()
    told = Counter({str(what): int(count) for what, count, _ in webhooks})
    told.update({str(what): int(count) for what, count in connection.execute(_NOTIFICATIONS).fetchall()})
    repaired, later = connection.execute(_WINDOWS).fetchone() or (0, 0)
    return Heard(told, sum(int(row[2]) for row in webhooks), int(repaired), int(later))
