"""Very many approved prices in one call, beside the quick sender: it takes those worth most, this those worth least.

One by one an answer comes at once; in bulk, after minutes, in which nobody can halt or overtake what is under way. So
only what would wait that long anyway goes this way. All else is as with the quick sender: the gate is asked again,
the claim is committed before anything leaves, what has no answer is read back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ecom_agent.actions.door import BulkWriter, Claim
from ecom_agent.actions.execute import BULK, Answers, Executor
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.ledger import Book, Ledger
from ecom_agent.actions.model import Kind
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.ids import AccountId

AT_ONCE: Final = 250
"""Most that are claimed, or written down, in one commit: the quick sender's commits wait for one another's audit."""


def bulk_from(sending: Mapping[str, Any]) -> int | None:
    """How many waiting prices make a bulk, by the senders' policy; None = it says none, and so there is none."""
    found = sending.get("bulk_from")
    return found if type(found) is int and found > 0 else None


class BulkExecutor(Executor):
    """One may run beside each quick sender of its process; its claims say by their name that they take longer."""

    def __init__(
        self,
        ledger: Ledger,
        guards: Sequence[Guard],
        clock: Clock,
        door: BulkWriter,
        *,
        claimed_by: str,
        on_auth_failed: Callable[[AccountId, str], None] | None = None,
    ) -> None:
        name = f"{claimed_by}/{BULK}"
        super().__init__(ledger, guards, clock, door, claimed_by=name, on_auth_failed=on_auth_failed)
        self.accounts = door.accounts

    def run_bulk(
        self,
        account: AccountId,
        sending: Mapping[str, Any],
        told: Callable[[Sequence[ActionRecord]], None] = lambda _records: None,
    ) -> dict[str, int]:
        """Send what waits beyond half of `bulk_from` in one call; gives how many reached which state.

        The other half, worth most, is what the quick sender does meanwhile. Too few waiting, or a policy that says no
        number, is an empty answer. `told` gets what was sent, once it is known.
        """
        counts: Counter[str] = Counter()
        claims: list[Claim] = []
        left = self._beyond(account, sending)
        while left > 0:
            taken, others = self._claim(account, min(left, AT_ONCE))
            claims += taken
            counts.update(str(record.state) for record in others)
            left -= len(taken) + len(others)
            if not (taken or others):
                break
        done = self._send_all(claims)
        counts.update(str(record.state) for record in done)
        if done:
            told(done)
        return dict(counts)

    def _beyond(self, account: AccountId, sending: Mapping[str, Any]) -> int:
        least = bulk_from(sending)
        if least is None:
            return 0
        with self._ledger.unit() as book:
            waiting = book.actions.count_waiting(self._door.mode, account, Kind.PRICE_SET)
        return self._door.room(account, waiting - least // 2) if waiting >= least else 0

    def _take(self, book: Book, account: AccountId, most: int) -> Sequence[ActionRecord]:
        return book.actions.take_least(self._door.mode, account, Kind.PRICE_SET, most)

    def _send_all(self, claims: Sequence[Claim]) -> list[ActionRecord]:
        answers: Answers = []
        done: list[ActionRecord] = []
        try:
            if claims:
                self.knock(claims, answers)
        finally:
            for at in range(0, len(answers), AT_ONCE):
                done += self.settle(answers[at : at + AT_ONCE])
        return done
