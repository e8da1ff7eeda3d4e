"""The one queue that notifications go to. What is in flight lives in memory only: after a crash it is visible again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from platforms.simulated.state import Message

RETENTION = timedelta(days=4)
VISIBILITY_S = 30


class Queue:
    """At least once, in no promised order, like the real one."""

    def __init__(self) -> None:
        self.name: str | None = "ecom-notifications"
        self.messages: dict[str, Message] = {}
        self._in_flight: dict[str, tuple[datetime, int, datetime]] = {}  # id → hidden until, times received, first time
        self.waiting: set[asyncio.Event] = set()
        """Long polls to be told when a message comes."""

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "messages": self.messages}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.name, self.messages, self._in_flight = state["name"], state["messages"], {}
        self.waiting = set()

    def put(self, message: Message) -> None:
        self.messages[message.message_id] = message
        for poll in self.waiting:
            poll.set()

    def expire(self, now: datetime) -> None:
        old = [m.message_id for m in self.messages.values() if m.sent_at + RETENTION < now]
        for message_id in old:
            self.delete(message_id)

    def receive(self, now: datetime, most: int, hide_s: int = VISIBILITY_S) -> list[tuple[Message, int, datetime]]:
        """At most `most` visible messages, now hidden, each with how often it was received and first when."""
        found: list[tuple[Message, int, datetime]] = []
        for message in self.messages.values():
            if len(found) == most:
                break
            hidden_until, count, first = self._in_flight.get(message.message_id, (message.visible_at, 0, now))
            if hidden_until > now:
                continue
            self._in_flight[message.message_id] = (now + timedelta(seconds=hide_s), count + 1, first)
            found.append((message, count + 1, first))
        return found

    def delete(self, message_id: str) -> None:
        self.messages.pop(message_id, None)
        self._in_flight.pop(message_id, None)

    def hide(self, message_id: str, until: datetime) -> bool:
        """Change how long a received message stays hidden; False when it is not in flight."""
        if message_id not in self.messages or message_id not in self._in_flight:
            return False
        _, count, first = self._in_flight[message_id]
        self._in_flight[message_id] = (until, count, first)
        return True

    def purge(self) -> None:
        self.messages.clear()
        self._in_flight.clear()

    def counts(self, now: datetime) -> tuple[int, int, int]:
        """Visible, hidden because received, and delayed messages."""
        hidden = sum(
            1 for message_id, (until, _, _) in self._in_flight.items() if until > now and message_id in self.messages
        )
        late = sum(1 for m in self.messages.values() if m.message_id not in self._in_flight and m.visible_at > now)
        return len(self.messages) - hidden - late, hidden, late
