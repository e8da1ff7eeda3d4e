"""The one queue that notifications go to. What is in flight lives in memory only: after a crash it is visible again."""

from __future__ import annotations

import asyncio
import heapq
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
        self._begin()

    def _begin(self) -> None:
        self._in_flight: dict[str, tuple[datetime, int, datetime]] = {}  # id → hidden until, times received, first time
        self.waiting: set[asyncio.Event] = set()
        """Long polls to be told when a message comes."""
        # Who receives does not look through all that is hidden: what may be seen in its order, all else by when it may.
        self._numbers: dict[str, int] = {}
        self._last = 0
        self._visible: list[tuple[int, str]] = []
        self._hidden: list[tuple[datetime, int, str]] = []
        for message in self.messages.values():
            self._enter(message)

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "messages": self.messages}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.name, self.messages = state["name"], state["messages"]
        self._begin()

    def put(self, message: Message) -> None:
        self.messages[message.message_id] = message
        self._enter(message)
        for poll in self.waiting:
            poll.set()

    def _enter(self, message: Message) -> None:
        self._last += 1
        self._numbers[message.message_id] = self._last
        self._hide(message.message_id, message.visible_at)

    def _hide(self, message_id: str, until: datetime) -> None:
        heapq.heappush(self._hidden, (until, self._numbers[message_id], message_id))

    def _hidden_until(self, message_id: str) -> datetime:
        flying = self._in_flight.get(message_id)
        return self.messages[message_id].visible_at if flying is None else flying[0]

    def expire(self, now: datetime) -> None:
        old = [m.message_id for m in self.messages.values() if m.sent_at + RETENTION < now]
        for message_id in old:
            self.delete(message_id)

    def receive(self, now: datetime, most: int, hide_s: int = VISIBILITY_S) -> list[tuple[Message, int, datetime]]:
        """At most `most` visible messages, now hidden, each with how often it was received and first when."""
        while self._hidden and self._hidden[0][0] <= now:
            _, number, message_id = heapq.heappop(self._hidden)
            heapq.heappush(self._visible, (number, message_id))
        found: list[tuple[Message, int, datetime]] = []
        while self._visible and len(found) < most:
            _, message_id = heapq.heappop(self._visible)
            message = self.messages.get(message_id)
            if message is None or self._hidden_until(message_id) > now:  # deleted or hidden anew since
                continue
            _, count, first = self._in_flight.get(message_id, (now, 0, now))
            until = now + timedelta(seconds=hide_s)
            self._in_flight[message_id] = until, count + 1, first
            self._hide(message_id, until)
            found.append((message, count + 1, first))
        return found

    def delete(self, message_id: str) -> None:
        self.messages.pop(message_id, None)
        self._in_flight.pop(message_id, None)
        self._numbers.pop(message_id, None)

    def hide(self, message_id: str, until: datetime) -> bool:
        """Change how long a received message stays hidden; False when it is not in flight."""
        if message_id not in self.messages or message_id not in self._in_flight:
            return False
        _, count, first = self._in_flight[message_id]
        self._in_flight[message_id] = (until, count, first)
        self._hide(message_id, until)
        return True

    def purge(self) -> None:
        for message_id in list(self.messages):
            self.delete(message_id)

    def counts(self, now: datetime) -> tuple[int, int, int]:
        """Visible, hidden because received, and delayed messages."""
        hidden = sum(
            1 for message_id, (until, _, _) in self._in_flight.items() if until > now and message_id in self.messages
        )
        late = sum(1 for m in self.messages.values() if m.message_id not in self._in_flight and m.visible_at > now)
        return len(self.messages) - hidden - late, hidden, late
