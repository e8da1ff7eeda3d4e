"""What a syncing process does in turn: a stream of an account, the inbox of webhooks, a queue of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ecom_agent.connector import Capability
from ecom_agent.evaluate.sync.life import Life
from platforms import registry
from platforms.simulated.accounts import SimulatedAccount

Key = tuple[str, str, int]


class Turn(Protocol):
    """`name` says what it is to people; `key` tells turns apart."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> Key: ...
    def take(self, life: Life) -> int:
        """Do it; gives how many records were set aside."""
        ...


@dataclass(frozen=True, slots=True)
class StreamTurn:
    """One stream of one account. `days` > 0: so many of them are read again."""

    account: SimulatedAccount
    stream: str
    days: int = 0

    @property
    def name(self) -> str:
        return f"{self.account.platform} {self.stream}"

    @property
    def key(self) -> Key:
        return self.account.name, self.stream, self.days

    def take(self, life: Life) -> int:
        if self.days:
            return life.look_back(self.account, self.stream, self.days).quarantined
        return life.pull(self.account, self.stream).quarantined


@dataclass(frozen=True, slots=True)
class InboxTurn:
    """All webhooks that were kept."""

    name: str = "inbox"

    @property
    def key(self) -> Key:
        return "", self.name, 0

    def take(self, life: Life) -> int:
        return life.hear()


@dataclass(frozen=True, slots=True)
class QueueTurn:
    """All notifications that lie in an account's queue."""

    account: SimulatedAccount

    @property
    def name(self) -> str:
        return f"{self.account.platform} queue"

    @property
    def key(self) -> Key:
        return self.account.name, "queue", 0

    def take(self, life: Life) -> int:
        return life.empty_queue(self.account)


def turns_of_events(accounts: Sequence[SimulatedAccount]) -> list[Turn]:
    """The inbox, and the queue of each account that has one."""
    queued = [one for one in accounts if Capability.READ_EVENTS in registry.spec(one.platform).capabilities]
    return [InboxTurn(), *(QueueTurn(account) for account in queued)]
