"""From wish to approval: what is proposed is judged at once; persons answer what is held.

One Action at a time is under way for one target. A newer wish takes the place of an older one that was not sent yet;
once something is being sent, new wishes are denied until it is read back: the next run sees newer facts anyway.
What only came too soon waits and is judged again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from ecom_agent.actions import approval, ranking, schedule, steps
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, judge
from ecom_agent.actions.ledger import Book, Ledger, Subject, subject_of
from ecom_agent.actions.model import WISHED, Action, Answer, Mode, State, Verdict
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.undo import inverse
from ecom_agent.clock import Clock
from ecom_agent.errors import NotFound
from ecom_agent.ids import ActionKey

_AFTER: Final = {
    Answer.ALLOW: State.APPROVED,
    Answer.LATER: State.HELD,
    Answer.HOLD: State.HELD,
    Answer.DENY: State.DENIED,
}
_WAITING: Final = frozenset({State.HELD, State.APPROVED})
_ACTOR: Final = "system:pipeline"


class Judged(NamedTuple):
    """What became of one wish. `facts` are those it was judged on just now; None where it was known before."""

    record: ActionRecord
    facts: GuardFacts | None


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
        (judged,) = self.propose_all_in(book, [action])
        return judged.record

    def propose_all_in(self, book: Book, actions: Sequence[Action]) -> list[Judged]:
        """Many wishes in one unit of work; of several for one target only the newest counts, the rest is dropped."""
        wishes = newest(actions)
        if not wishes:
            return []
        subjects = [subject_of(wish) for wish in wishes]
        now = self._clock.now()
        known, others = book.actions.standing(
            [wish.key for wish in wishes], subjects, lambda: book.facts.foresee(wishes, now, self._mode)
        )
        answered: dict[Subject, Judged] = {}
        for wish in wishes:
            place = subject_of(wish)
            waiting = (r for r in others.get(place, ()) if r.state in _WAITING and _same_wish(r.action, wish))
            former = known.get(wish.key) or next(waiting, None)
            if former is not None:
                answered[place] = Judged(former, None)
        fresh = [wish for wish in wishes if subject_of(wish) not in answered]
        approved, overtaken = 0, list[steps.Move]()
        for wish, seen in zip(fresh, book.facts.of(fresh, now, self._mode), strict=True):
            facts = seen.after(approved)
            judged = self._judge(wish, facts, others.get(subject_of(wish), ()), now)
            approved += judged.state is State.APPROVED
            if judged.state is not State.DENIED:
                overtaken += [_overtaken(other, judged.key, now) for other in others.get(subject_of(wish), ())]
            answered[subject_of(wish)] = Judged(judged, facts)
        steps.taken_all(book, overtaken)
        for judged, found in answered.values():
            if found is not None:
                steps.opened(book, judged, found)
        return [answered[subject_of(wish)] for wish in wishes]

    def withdraw_in(self, book: Book, settled: Mapping[Subject, datetime], by: str, why: str) -> int:
        """Deny what `by` wished before these moments and what still waits: newer facts want no change any more.

        What a person signed or asked for stays. Gives how many were withdrawn.
        """
        if not settled:
            return 0
        now = self._clock.now()
        moves = [
            steps.Move(record, record.to(State.DENIED, why, now, judge_again_at=None), _ACTOR)
            for subject, waiting in book.actions.open_for(settled.keys()).items()
            for record in waiting
            if record.state in _WAITING and record.action.slot < settled[subject]
            if record.action.proposed_by == by and record.action.undoes is None and not record.signed_by
        ]
        steps.taken_all(book, moves)
        return len(moves)

    def judge_again(self, limit: int = 500) -> int:
        """What came too soon and has waited is judged on the newest facts; gives how many wait no longer."""
        now = self._clock.now()
        with self._ledger.unit() as book:
            due = book.actions.later(self._mode, now, limit)
            if not due:
                return 0
            facts, approved = book.facts.of([r.action for r in due], now, self._mode), 0
            moves: list[steps.Move] = []
            waiting: list[tuple[ActionRecord, State]] = []
            for record, seen in zip(due, facts, strict=True):
                found = seen.after(approved)
                answer, verdicts = judge(record.action, self._guards, found)
                if answer is Answer.LATER:  # only a date moves; nothing happened to the Action, so no event
                    again = schedule.judge_again(found.sending, now)
                    waiting.append((replace(record, judge_again_at=again), State.HELD))
                    continue
                following = self._stated(record, answer, verdicts, found)
                approved += following.state is State.APPROVED
                moves.append(steps.Move(record, following, "gate", steps.judged(verdicts, found)))
            book.actions.save_all(waiting)
            steps.taken_all(book, moves)
            return len(moves)

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
            (facts,) = book.facts.of([record.action], now, self._mode)
            answer, verdicts = judge(record.action, self._guards, facts)
            signed = approval.may_sign(record, by, facts.policy)
            if answer is Answer.DENY:
                denied = record.to(State.DENIED, _why(verdicts, answer), now, verdicts=verdicts, judge_again_at=None)
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
                judge_again_at=None,
            )
            return steps.taken(book, record, yes, by, {**steps.judged(verdicts, facts), **said})

    def deny(self, key: ActionKey, by: str, reason: str) -> ActionRecord:
        """A person says no. Raises NotFound, and IllegalTransition once it is being sent."""
        with self._ledger.unit() as book:
            record = _found(book, key)
            why = f"denied by {by}: {reason or 'no reason given'}"
            no = record.to(State.DENIED, why, self._clock.now(), judge_again_at=None)
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

    def _judge(self, action: Action, facts: GuardFacts, others: Sequence[ActionRecord], now: datetime) -> ActionRecord:
        answer, verdicts = judge(action, self._guards, facts)
        blocker = next((v for v in (_one_at_a_time(other, action) for other in others) if v is not None), None)
        if blocker is not None:
            answer, verdicts = Answer.DENY, (*verdicts, blocker)
        worth = ranking.worth(action, facts.sending, facts.platform)
        wished = ActionRecord(action, State.PROPOSED, action.reason, now, now, worth=worth)
        return self._stated(wished, answer, verdicts, facts)

    def _stated(
        self, record: ActionRecord, answer: Answer, verdicts: tuple[Verdict, ...], facts: GuardFacts
    ) -> ActionRecord:
        """The record as the gate's answer leaves it."""
        now = facts.now
        until = {
            Answer.ALLOW: approval.valid_until(now, facts.policy),
            Answer.LATER: approval.wait_until(now, facts.policy),
            Answer.HOLD: approval.wait_until(now, facts.policy),
        }.get(answer)
        again = schedule.judge_again(facts.sending, now) if answer is Answer.LATER else None
        changes: dict[str, Any] = {"verdicts": verdicts, "approve_until": until, "judge_again_at": again}
        if record.state is State.HELD and answer is Answer.HOLD:  # it waits on, now for a person
            return replace(record, why=_why(verdicts, answer), updated_at=now, **changes)
        return record.to(_AFTER[answer], _why(verdicts, answer), now, **changes)

    def _sign(
        self, book: Book, record: ActionRecord, signed: tuple[str, ...], by: str, said: dict[str, str]
    ) -> ActionRecord:
        waiting = replace(record, signed_by=signed, updated_at=self._clock.now())
        detail = {"signed_by": list(signed), "waits_for": "a second person", **said}
        return steps.taken(book, record, waiting, by, detail)

    def _expire(self, book: Book, record: ActionRecord) -> ActionRecord:
        why = "nobody answered in time" if record.state is State.HELD else "could not be sent in time"
        denied = record.to(State.DENIED, why, self._clock.now(), judge_again_at=None)
        return steps.taken(book, record, denied, "system:expiry")


def newest(actions: Sequence[Action]) -> list[Action]:
    """Of several wishes for one target that of the latest slot, the last one before an equal; in order of arrival."""
    found: dict[Subject, Action] = {}
    for action in actions:
        place = subject_of(action)
        former = found.get(place)
        if former is None or action.slot >= former.slot:
            found.pop(place, None)
            found[place] = action
    return list(found.values())


def _found(book: Book, key: ActionKey) -> ActionRecord:
    record = book.actions.locked(key)
    if record is None:
        raise NotFound(f"no Action {key[:12]}; `ecom actions` lists them")
    return record


def _same_wish(one: Action, other: Action) -> bool:
    return _wish(one) == _wish(other)


def _wish(action: Action) -> tuple[Any, ...]:
    """What is wished, by whom, whatever moment it was wished at."""
    return action.before, action.after, action.evidence.get(WISHED), action.proposed_by, action.undoes


def _overtaken(other: ActionRecord, by: ActionKey, now: datetime) -> steps.Move:
    denied = other.to(State.DENIED, f"superseded by {by[:12]}", now, judge_again_at=None)
    return steps.Move(other, denied, _ACTOR, {"superseded_by": by})


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
