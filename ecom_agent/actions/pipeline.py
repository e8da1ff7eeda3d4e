"""From wish to approval: what is proposed is judged at once; persons answer what is held.

One Action at a time is under way for one target. A newer wish takes the place of an older one that was not sent yet;
once something is being sent, new wishes are denied until it is read back: the next run sees newer facts anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ecom_agent.actions import approval, steps
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, judge
from ecom_agent.actions.ledger import Book, Ledger
from ecom_agent.actions.model import Action, Answer, Mode, State, Verdict
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.undo import inverse
from ecom_agent.clock import Clock
from ecom_agent.errors import NotFound
from ecom_agent.ids import ActionKey

_AFTER: Final = {Answer.ALLOW: State.APPROVED, Answer.HOLD: State.HELD, Answer.DENY: State.DENIED}
_WAITING: Final = frozenset({State.HELD, State.APPROVED})


class Pipeline:
    """Proposing, approving, denying, undoing and expiring. Sends nothing."""

    def __init__(self, ledger: Ledger, guards: Sequence[Guard], clock: Clock, mode: Mode) -> None:
        self._ledger, self._guards, self._clock, self._mode = ledger, tuple(guards), clock, mode

    def propose(self, action: Action) -> ActionRecord:
        """Judge a wish and keep it, once: the same wish gives the former record back."""
        with self._ledger.unit() as book:
            return self.propose_in(book, action)

    def propose_in(self, book: Book, action: Action) -> ActionRecord:
        """`propose` inside a unit of work the caller holds, so that wish and cause are kept together."""
        book.actions.lock(action)
        known = book.actions.get(action.key)
        if known is not None:
            return known
        others = book.actions.open_for(action)
        same = next((r for r in others if r.state in _WAITING and _same_wish(r.action, action)), None)
        if same is not None:
            return same
        facts, answer, verdicts = self._judged(book, action)
        blocker = next((v for v in (_one_at_a_time(other, action) for other in others) if v is not None), None)
        if blocker is not None:
            answer, verdicts = Answer.DENY, (*verdicts, blocker)
        record = self._record(action, answer, verdicts, facts)
        if answer is not Answer.DENY:
            for other in others:
                denied = other.to(State.DENIED, f"superseded by {record.key[:12]}", self._clock.now())
                steps.taken(book, other, denied, "system:pipeline", {"superseded_by": record.key})
        return steps.opened(book, record, facts)

    def approve(self, key: ActionKey, by: str, note: str = "") -> ActionRecord:
        """A person says yes, with a `note` for the audit. The gate is asked again: what it denies by now stays undone.

        Gives the record: approved, still held where a second person must sign, or denied.
        Raises NotFound, IllegalTransition when nothing waits, BadInput when `by` may not.
        """
        now, said = self._clock.now(), {"note": note.strip()} if note.strip() else {}
        with self._ledger.unit() as book:
            record = _found(book, key)
            if record.state is State.HELD and approval.expired(record, now):
                return self._expire(book, record)
            facts, answer, verdicts = self._judged(book, record.action)
            signed = approval.may_sign(record, by, facts.policy)
            if answer is Answer.DENY:
                denied = record.to(State.DENIED, _why(verdicts, answer), now, verdicts=verdicts)
                return steps.taken(book, record, denied, "gate", {**steps.judged(verdicts, facts), **said})
            if len(signed) < approval.signatures_needed(record.action, facts.policy):
                return self._sign(book, record, signed, by, said)
            yes = record.to(
                State.APPROVED,
                f"approved by {', '.join(signed)}",
                now,
                verdicts=verdicts,
                signed_by=signed,
                approve_until=approval.valid_until(now, facts.policy),
            )
            return steps.taken(book, record, yes, by, {**steps.judged(verdicts, facts), **said})

    def deny(self, key: ActionKey, by: str, reason: str) -> ActionRecord:
        """A person says no. Raises NotFound, and IllegalTransition once it is being sent."""
        with self._ledger.unit() as book:
            record = _found(book, key)
            no = record.to(State.DENIED, f"denied by {by}: {reason or 'no reason given'}", self._clock.now())
            return steps.taken(book, record, no, by, {"reason": reason})

    def undo(self, key: ActionKey, by: str) -> ActionRecord:
        """Propose the inverse of a verified Action. Raises NotFound, BadInput when there is nothing to go back to."""
        with self._ledger.unit() as book:
            record = _found(book, key)
            return self.propose_in(book, inverse(record, by, self._clock.now()))

    def expire(self, limit: int = 1000) -> int:
        """Deny what waited too long for a person, or for being sent; gives how many."""
        now, expired = self._clock.now(), 0
        with self._ledger.unit() as book:
            keys = book.actions.overdue(self._mode, now, limit)
        for key in keys:
            with self._ledger.unit() as book:
                record = _found(book, key)
                if record.state in _WAITING and approval.expired(record, now):
                    self._expire(book, record)
                    expired += 1
        return expired

    def _judged(self, book: Book, action: Action) -> tuple[GuardFacts, Answer, tuple[Verdict, ...]]:
        facts = book.facts.of(action, self._clock.now(), self._mode)
        return (facts, *judge(action, self._guards, facts))

    def _record(self, action: Action, answer: Answer, verdicts: tuple[Verdict, ...], facts: GuardFacts) -> ActionRecord:
        now = self._clock.now()
        until = {
            Answer.ALLOW: approval.valid_until(now, facts.policy),
            Answer.HOLD: approval.wait_until(now, facts.policy),
        }.get(answer)
        wished = ActionRecord(action, State.PROPOSED, action.reason, now, now)
        return wished.to(_AFTER[answer], _why(verdicts, answer), now, verdicts=verdicts, approve_until=until)

    def _sign(
        self, book: Book, record: ActionRecord, signed: tuple[str, ...], by: str, said: dict[str, str]
    ) -> ActionRecord:
        waiting = replace(record, signed_by=signed, updated_at=self._clock.now())
        detail = {"signed_by": list(signed), "waits_for": "a second person", **said}
        return steps.taken(book, record, waiting, by, detail)

    def _expire(self, book: Book, record: ActionRecord) -> ActionRecord:
        why = "nobody answered in time" if record.state is State.HELD else "could not be sent in time"
        denied = record.to(State.DENIED, why, self._clock.now())
        return steps.taken(book, record, denied, "system:expiry")


def _found(book: Book, key: ActionKey) -> ActionRecord:
    record = book.actions.locked(key)
    if record is None:
        raise NotFound(f"no Action {key[:12]}; `ecom actions` lists them")
    return record


def _same_wish(one: Action, other: Action) -> bool:
    return (one.before, one.after, one.proposed_by, one.undoes) == (
        other.before,
        other.after,
        other.proposed_by,
        other.undoes,
    )


def _one_at_a_time(other: ActionRecord, action: Action) -> Verdict | None:
    if other.state not in _WAITING:
        return Verdict("one_at_a_time", Answer.DENY, f"one is under way: {other.key[:12]} is {other.state}")
    if other.action.slot > action.slot:
        return Verdict("one_at_a_time", Answer.DENY, f"a newer wish is waiting: {other.key[:12]}")
    return None


def _why(verdicts: Sequence[Verdict], answer: Answer) -> str:
    if answer is Answer.ALLOW:
        return "all guards allow it"
    return "; ".join(f"{v.guard}: {v.reason}" for v in verdicts if v.answer is answer)
