"""Sending what was approved: claim once, send once, and never guess what happened.

As many are claimed at once as may be sent at once, those worth most first; each is sent by itself, or together with
others where the platform takes many in one call; what became of them is written down together.

`executing` is committed before the first byte leaves. So whatever kills the process, an Action is either untouched
(approved) or known to have been in hand (executing → unknown): it is read back, never sent again.
A platform that certainly refused ends the Action (failed); for a throttle that is "not sent", and the next run
wishes again with newer facts, which is cheaper and safer than a queue of old prices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from ecom_agent.actions import approval, schedule, steps
from ecom_agent.actions.door import Claim, Door
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, judge
from ecom_agent.actions.ledger import Book, Ledger
from ecom_agent.actions.model import Answer, State, Verdict
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.schedule import first_look
from ecom_agent.clock import Clock
from ecom_agent.connector import Receipt
from ecom_agent.errors import (
    AuthFailed,
    IllegalTransition,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TransientError,
)
from ecom_agent.ids import AccountId
from ecom_agent.telemetry import log

_log = log(__name__)
BULK: Final = "bulk"
"""After a slash behind the process's life in `claimed_by`: this claim leaves together with very many others."""
BULK_LASTS_S: Final = 2_400
"""So long a living process may have such a claim in hand: the longest call, with the writing down before and after."""


class _Outcome(NamedTuple):
    """Where an answer leads. `rests`: the account is left alone for the rest of the round."""

    state: State
    why: str
    receipt: Receipt | None = None
    rests: bool = False


Answered = tuple[ActionRecord, _Outcome]
Answers = list[Answered]
"""What was sent and what became of it, not yet written down."""


class Executor:
    """Takes approved Actions of its door's mode and sends each at most once.

    `claimed_by` names this process's life, never used again after it ends. `on_auth_failed` is told of an account
    whose credentials are refused. Several executors may run at once.
    """

    def __init__(
        self,
        ledger: Ledger,
        guards: Sequence[Guard],
        clock: Clock,
        door: Door,
        *,
        claimed_by: str,
        on_auth_failed: Callable[[AccountId, str], None] | None = None,
        at_once: int = 20,
    ) -> None:
        """`at_once`: most Actions that are in hand together."""
        self._ledger, self._guards, self._clock, self._door = ledger, tuple(guards), clock, door
        self.claimed_by = claimed_by
        self._on_auth_failed, self._at_once = on_auth_failed, at_once

    def run_once(
        self,
        limit: int = 100,
        accounts: Collection[AccountId] | None = None,
        told: Callable[[Sequence[ActionRecord]], None] = lambda _records: None,
    ) -> dict[str, int]:
        """Send up to `limit` approved Actions, of these accounts (None = all); gives how many reached which state.

        `told` gets what was sent, as it is known.

        An account that throttles or refuses us is left alone for the rest of this round.
        """
        counts: Counter[str] = Counter()
        with self._ledger.unit() as book:
            waiting = book.actions.waiting(self._door.mode)
        for account in waiting:
            if accounts is None or account in accounts:
                self._run_account(account, limit, counts, told)
        return dict(counts)

    def _run_account(
        self,
        account: AccountId,
        limit: int,
        counts: Counter[str],
        told: Callable[[Sequence[ActionRecord]], None],
    ) -> None:
        while (left := limit - counts.total()) > 0:
            try:
                room = self._door.room(account, min(left, self._at_once))
            except TransientError as error:
                _log.warning("an account's quota is used up", account=account, error=str(error))
                return
            if not room:
                return
            try:
                claims, others = self._claim(account, room)
                counts.update(str(record.state) for record in others)
                done, rests = self.send(claims)
            finally:
                self._door.leave(account)
            counts.update(str(record.state) for record in done)
            told(done)
            if rests or not (claims or others):
                return

    def recover(self, alive: Callable[[str], bool], older_than_s: float = 300) -> int:
        """Claims left behind: their outcome is unknown and will be read back; nothing is sent. Gives how many.

        Left behind is a claim of a process that `alive` does not know, or one older than `older_than_s`; one that left
        in bulk may be answered later than that (`BULK_LASTS_S`).
        """
        with self._ledger.unit() as book:
            found = book.actions.in_flight(self._door.mode)
        lost = [r for r in found if _left_behind(r, alive, self._clock.now(), older_than_s)]
        for record in lost:
            outcome = _Outcome(self._door.unanswered, "the process that sent it is gone")
            self._settle([(record, outcome)], "system:recovery")
        return len(lost)

    def _claim(self, account: AccountId, most: int) -> tuple[list[Claim], list[ActionRecord]]:
        """Take some, ask the gate again, and commit that they are in hand: all before anything is sent.

        Gives those in hand, and those that were taken but may not go.
        """
        now = self._clock.now()
        with self._ledger.unit() as book:
            taken = self._take(book, account, most)
            facts = book.facts.of([record.action for record in taken], now, self._door.mode)
            moves = [self._judged(record, seen) for record, seen in zip(taken, facts, strict=True)]
            records = steps.taken_all(book, moves)
        pairs = list(zip(records, facts, strict=True))
        claims = [Claim(record, seen) for record, seen in pairs if record.state is State.EXECUTING]
        return claims, [record for record, _ in pairs if record.state is not State.EXECUTING]

    def _take(self, book: Book, account: AccountId, most: int) -> Sequence[ActionRecord]:
        return book.actions.take(self._door.mode, account, most)

    def room_now(self, account: AccountId, most: int) -> int:
        """How many could be sent at once, without waiting; `done_with` gives back what is not used of it."""
        return self._door.room(account, most, wait=False) if most > 0 else 0

    def done_with(self, account: AccountId) -> None:
        self._door.leave(account)

    def claim_in(self, book: Book, judged: Sequence[tuple[ActionRecord, GuardFacts]]) -> list[Claim]:
        """Take in hand what was approved in this very unit of work on these facts: the gate has just been asked.

        What cannot go through the door stays approved: the usual way will say why.
        """
        claims, moves = [], []
        for record, facts in judged:
            if record.state is State.APPROVED and self._cannot_go(record, facts) is None:
                moves.append(self._going(record, record.verdicts, facts, {"judged": "with its approval"}))
                claims.append(Claim(moves[-1].record, facts))
        steps.taken_all(book, moves)
        return claims

    def _judged(self, record: ActionRecord, facts: GuardFacts) -> steps.Move:
        answer, verdicts = judge(record.action, self._guards, facts)
        detail, now = steps.judged(verdicts, facts), facts.now
        refusal = self._refusal(record, answer, facts)
        if refusal is not None:
            return steps.Move(record, record.to(State.DENIED, refusal, now, verdicts=verdicts), "gate", detail)
        if answer is Answer.LATER and not record.signed_by:
            why = "too soon by now: it waits and is judged again"
            until = approval.wait_until(now, facts.policy)
            again = schedule.judge_again(facts.sending, now)
            waits = record.to(State.HELD, why, now, verdicts=verdicts, approve_until=until, judge_again_at=again)
            return steps.Move(record, waits, "gate", detail)
        return self._going(record, verdicts, facts, detail)

    def _going(
        self, record: ActionRecord, verdicts: tuple[Verdict, ...], facts: GuardFacts, detail: Mapping[str, Any]
    ) -> steps.Move:
        going = record.to(
            State.EXECUTING,
            "being sent",
            facts.now,
            verdicts=verdicts,
            claimed_by=self.claimed_by,
            claimed_at=facts.now,
            sent_at=facts.now if self._door.done is State.APPLIED else None,
        )
        return steps.Move(record, going, self.claimed_by, detail)

    def _refusal(self, record: ActionRecord, answer: Answer, facts: GuardFacts) -> str | None:
        if answer is Answer.DENY and record.action.mode is self._door.mode and not approval.expired(record, facts.now):
            return "no longer allowed: facts have moved"
        if answer is Answer.HOLD and not record.signed_by:
            return "no longer allowed without a person: facts have moved"
        return self._cannot_go(record, facts)

    def _cannot_go(self, record: ActionRecord, facts: GuardFacts) -> str | None:
        if record.action.mode is not self._door.mode:
            return f"wished in mode {record.action.mode}, this process runs {self._door.mode}"
        if approval.needs_person(record.action) and not record.signed_by:
            return "no person has approved it"
        if approval.expired(record, facts.now):
            return "could not be sent in time"
        return self._door.closed(record.action, facts)

    def send(self, claims: Sequence[Claim]) -> tuple[list[ActionRecord], bool]:
        """Send what is in hand and write down what became of it; whether its account should rest."""
        answers: Answers = []
        try:
            rests = self.knock(claims, answers)
        finally:  # also when the process is told to end: what was answered is known
            done = self.settle(answers)
        return done, rests

    def knock(self, claims: Sequence[Claim], answers: Answers) -> bool:
        """Send what is in hand; `answers` gets what became of each, as it comes. Whether the account should rest.

        Where the account throttles or refuses us, what is left is not sent: the next run wishes again.
        """
        for number, (claim, answer) in enumerate(self._door.knock(claims), start=1):
            outcome = self._outcome(claim.record, answer)
            answers.append((claim.record, outcome))
            if outcome.rests:
                why = "not sent: the account rests; the next run wishes again"
                sent = {record.key for record, _ in answers[-number:]}
                answers += [(c.record, _Outcome(State.FAILED, why)) for c in claims if c.record.key not in sent]
                return True
        return False

    def settle(self, answers: Answers) -> list[ActionRecord]:
        """Write down what became of these. Raises StoreError; then recovery reads them back."""
        return self._settle(answers, self.claimed_by)

    def _outcome(self, record: ActionRecord, answer: Receipt | Exception) -> _Outcome:
        match answer:
            case Receipt():
                return _Outcome(self._door.done, "the platform took it", answer)
            case OutcomeUnknown():
                return _Outcome(self._door.unanswered, f"no answer: {answer}")
            case TransientError():
                return _Outcome(State.FAILED, f"not sent: {answer}; the next run wishes again", rests=True)
            case PlatformError():
                rests = isinstance(answer, AuthFailed)
                if rests:
                    self._report(record.action.account, str(answer))
                issues = "; ".join(answer.issues) if isinstance(answer, Rejected) else ""
                return _Outcome(State.FAILED, " · ".join(filter(None, (str(answer), issues))), rests=rests)
            case _:
                _log.error("a surprise while sending", action=record.key, error=type(answer).__name__)
                return _Outcome(self._door.unanswered, f"{type(answer).__name__} while sending")

    def _settle(self, found: Sequence[tuple[ActionRecord, _Outcome]], actor: str) -> list[ActionRecord]:
        """Write down what became of sent Actions; a recovery that was faster is completed, not contradicted.

        Nearly always nobody was: they are written as they were claimed, and looked at only where that fails.
        It is not waited for the disk: what is lost with the power is read back, as what was in hand is.
        """
        if not found:
            return []
        now = self._clock.now()
        try:
            with self._ledger.unit(lasting=False) as book:
                policy = book.facts.policy()
                moves = [_settled(record, outcome, policy, now, actor) for record, outcome in found]
                return steps.taken_all(book, moves)
        except IllegalTransition:
            return self._settle_late(found, now, actor)

    def _settle_late(
        self, found: Sequence[tuple[ActionRecord, _Outcome]], now: datetime, actor: str
    ) -> list[ActionRecord]:
        with self._ledger.unit() as book:
            present = book.actions.locked_all([record.key for record, _ in found])
            policy, moves = book.facts.policy(), []
            for sent, outcome in found:
                record = present[sent.key]
                if record.state in (State.EXECUTING, State.UNKNOWN) and record.state is not outcome.state:
                    moves.append(_settled(record, outcome, policy, now, actor))
            steps.taken_all(book, moves)
        after = {move.record.key: move.record for move in moves}
        return [after.get(record.key, present[record.key]) for record, _ in found]

    def _report(self, account: AccountId, why: str) -> None:
        if self._on_auth_failed is not None:
            self._on_auth_failed(account, why)


def _settled(
    record: ActionRecord, outcome: _Outcome, policy: Mapping[str, Any], now: datetime, actor: str
) -> steps.Move:
    receipt, to = outcome.receipt, outcome.state
    after: dict[str, Any] = {"receipt": receipt}
    if to is State.FAILED:
        after["sent_at"] = None
    elif to in (State.APPLIED, State.UNKNOWN):
        after["verify_due_at"] = first_look(policy, to, now)
    detail = {"receipt": receipt.external_ref, **receipt.details} if receipt else {}
    return steps.Move(record, record.to(to, outcome.why, now, **after), actor, detail)


def _left_behind(record: ActionRecord, alive: Callable[[str], bool], now: datetime, older_than_s: float) -> bool:
    claimed_by, claimed_at = record.claimed_by, record.claimed_at
    if claimed_by is None or claimed_at is None:
        return True
    process, _, way = claimed_by.partition("/")
    lasts_s = max(older_than_s, BULK_LASTS_S) if way == BULK else older_than_s
    return claimed_at < now - timedelta(seconds=lasts_s) or not alive(process)
