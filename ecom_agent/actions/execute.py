"""The only door out: claim once, send once, and never guess what happened.

`executing` is committed before the first byte leaves. So whatever kills the process, an Action is either untouched
(approved) or known to have been in hand (executing → unknown): it is read back, never sent again.
A platform that certainly refused ends the Action (failed); for a throttle that is "not sent", and the next run
wishes again with newer facts, which is cheaper and safer than a queue of old prices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol

from ecom_agent.actions import approval, steps
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, judge
from ecom_agent.actions.ledger import Ledger
from ecom_agent.actions.model import Action, Answer, Kind, Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.schedule import first_look
from ecom_agent.clock import Clock
from ecom_agent.connector import Receipt
from ecom_agent.errors import AuthFailed, ConfigError, OutcomeUnknown, PlatformError, Rejected, TransientError
from ecom_agent.ids import AccountId, ActionKey
from ecom_agent.money import Money
from ecom_agent.ports.writes import PreviewsPrice, SetsPrice, SetsStock
from ecom_agent.telemetry import SEND_SECONDS, log

_log = log(__name__)


class Door(Protocol):
    """How an Action meets its platform. `done` is where an answer leads, `unanswered` where its absence does."""

    @property
    def mode(self) -> Mode: ...
    @property
    def done(self) -> State: ...
    @property
    def unanswered(self) -> State: ...
    def closed(self, action: Action, facts: GuardFacts) -> str | None:
        """Why this Action cannot go through here at all, None if it can."""
        ...

    def knock(self, action: Action, facts: GuardFacts) -> Receipt: ...


class Writer:
    """Sends for real; the only holder of the writing ports. Not to be had in a dry run."""

    done, unanswered = State.APPLIED, State.UNKNOWN

    def __init__(self, mode: Mode, outlets: Mapping[AccountId, object]) -> None:
        if mode is Mode.DRY_RUN:
            raise ConfigError("a dry run has no writer: use Preview")
        self.mode, self._outlets = mode, dict(outlets)

    def closed(self, action: Action, facts: GuardFacts) -> str | None:
        outlet = self._outlets.get(action.account)
        if outlet is None:
            return f"no account {action.account} is set up here"
        if not isinstance(outlet, WRITES[action.kind].port):
            return f"{action.account} cannot do {action.kind}"
        return None if WRITES[action.kind].subject(facts) is not None else "what to change is not known"

    def knock(self, action: Action, facts: GuardFacts) -> Receipt:
        return WRITES[action.kind].send(self._outlets[action.account], action, facts)


class Preview:
    """Asks the platform whether it would take the change, where it offers that. Knows no verb that writes."""

    mode, done, unanswered = Mode.DRY_RUN, State.PREVIEWED, State.FAILED

    def __init__(self, outlets: Mapping[AccountId, object]) -> None:
        self._ask = {name: o.preview_price for name, o in outlets.items() if isinstance(o, PreviewsPrice)}

    def closed(self, _action: Action, _facts: GuardFacts) -> str | None:
        return None

    def knock(self, action: Action, facts: GuardFacts) -> Receipt:
        ask = self._ask.get(action.account)
        if ask is None or facts.listing is None or not isinstance(action.after, Money):
            return Receipt("", {"preview": "the platform offers none: judged by our guards only"})
        return ask(facts.listing, action.after)


class _Write:
    """One kind of change: the port it needs, what it is done to, and the verb."""

    def __init__(
        self, port: Any, subject: Callable[[GuardFacts], object], send: Callable[[Any, Action, GuardFacts], Receipt]
    ) -> None:
        self.port, self.subject, self.send = port, subject, send


def _set_price(outlet: SetsPrice, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.listing is not None
    assert isinstance(action.after, Money)
    return outlet.set_price(facts.listing, action.after, idempotency_key=action.key)


def _set_stock(outlet: SetsStock, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.level is not None
    assert isinstance(action.after, int)
    return outlet.set_stock(facts.level, action.after, idempotency_key=action.key)


WRITES: Final[Mapping[Kind, _Write]] = MappingProxyType(
    {
        Kind.PRICE_SET: _Write(SetsPrice, lambda facts: facts.listing, _set_price),
        Kind.STOCK_SET: _Write(SetsStock, lambda facts: facts.level, _set_stock),
    }
)


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
    ) -> None:
        self._ledger, self._guards, self._clock, self._door = ledger, tuple(guards), clock, door
        self._claimed_by, self._on_auth_failed = claimed_by, on_auth_failed

    def run_once(self, limit: int = 100) -> dict[str, int]:
        """Send up to `limit` approved Actions; gives how many reached which state.

        An account that throttles or refuses us is left alone for the rest of this round.
        """
        counts: Counter[str] = Counter()
        resting: set[AccountId] = set()
        for _ in range(limit):
            claimed = self._claim(resting)
            if claimed is None:
                break
            record, facts = claimed
            if record.state is State.EXECUTING:
                record = self._send(record, facts, resting)
            counts[record.state] += 1
        return dict(counts)

    def recover(self, alive: Callable[[str], bool], older_than_s: float = 300) -> int:
        """Claims left behind: their outcome is unknown and will be read back; nothing is sent. Gives how many.

        Left behind is a claim of a process that `alive` does not know, or one older than `older_than_s`.
        """
        with self._ledger.unit() as book:
            found = book.actions.in_flight(self._door.mode)
        oldest = self._clock.now() - timedelta(seconds=older_than_s)
        lost = [r for r in found if _left_behind(r, alive, oldest)]
        for record in lost:
            self._settle(record.key, self._door.unanswered, "the process that sent it is gone", "system:recovery")
        return len(lost)

    def _claim(self, resting: set[AccountId]) -> tuple[ActionRecord, GuardFacts] | None:
        """Take one, ask the gate again, and commit that it is in hand: all before anything is sent."""
        now = self._clock.now()
        with self._ledger.unit() as book:
            record = book.actions.take(self._door.mode, resting)
            if record is None:
                return None
            facts = book.facts.of(record.action, now, self._door.mode)
            answer, verdicts = judge(record.action, self._guards, facts)
            detail = steps.judged(verdicts, facts)
            refusal = self._refusal(record, answer, facts)
            if refusal is not None:
                denied = record.to(State.DENIED, refusal, now, verdicts=verdicts)
                return steps.taken(book, record, denied, "gate", detail), facts
            going = record.to(
                State.EXECUTING,
                "being sent",
                now,
                verdicts=verdicts,
                claimed_by=self._claimed_by,
                claimed_at=now,
                sent_at=now if self._door.done is State.APPLIED else None,
            )
            return steps.taken(book, record, going, self._claimed_by, detail), facts

    def _refusal(self, record: ActionRecord, answer: Answer, facts: GuardFacts) -> str | None:
        if record.action.mode is not self._door.mode:
            return f"wished in mode {record.action.mode}, this process runs {self._door.mode}"
        if approval.expired(record, facts.now):
            return "could not be sent in time"
        if answer is Answer.DENY:
            return "no longer allowed: facts have moved"
        if answer is Answer.HOLD and not record.signed_by:
            return "no longer allowed without a person: facts have moved"
        return self._door.closed(record.action, facts)

    def _send(self, record: ActionRecord, facts: GuardFacts, resting: set[AccountId]) -> ActionRecord:
        account = record.action.account
        try:
            with SEND_SECONDS.labels(record.action.kind).time():
                receipt = self._door.knock(record.action, facts)
        except OutcomeUnknown as e:
            return self._settle(record.key, self._door.unanswered, f"no answer: {e}", self._claimed_by)
        except TransientError as e:
            resting.add(account)
            return self._settle(record.key, State.FAILED, f"not sent: {e}; the next run wishes again", self._claimed_by)
        except PlatformError as e:
            if isinstance(e, AuthFailed):
                resting.add(account)
                self._report(account, str(e))
            issues = "; ".join(e.issues) if isinstance(e, Rejected) else ""
            return self._settle(record.key, State.FAILED, " · ".join(filter(None, (str(e), issues))), self._claimed_by)
        except Exception as e:  # noqa: BLE001 - after sending began any surprise is an unknown outcome, never a retry
            _log.error("a surprise while sending", action=record.key, error=type(e).__name__)
            return self._settle(
                record.key, self._door.unanswered, f"{type(e).__name__} while sending", self._claimed_by
            )
        return self._settle(record.key, self._door.done, "the platform took it", self._claimed_by, receipt)

    def _settle(self, key: ActionKey, to: State, why: str, actor: str, receipt: Receipt | None = None) -> ActionRecord:
        """Write down what became of a sent Action; a recovery that was faster is completed, not contradicted."""
        now = self._clock.now()
        with self._ledger.unit() as book:
            record = book.actions.locked(key)
            assert record is not None, "Actions are never deleted"
            if record.state not in (State.EXECUTING, State.UNKNOWN) or record.state is to:
                return record
            after: dict[str, Any] = {"receipt": receipt}
            if to is State.FAILED:
                after["sent_at"] = None
            elif to in (State.APPLIED, State.UNKNOWN):
                after["verify_due_at"] = first_look(book.facts.policy(), to, now)
            detail = {"receipt": receipt.external_ref, **receipt.details} if receipt else {}
            return steps.taken(book, record, record.to(to, why, now, **after), actor, detail)

    def _report(self, account: AccountId, why: str) -> None:
        if self._on_auth_failed is not None:
            self._on_auth_failed(account, why)


def _left_behind(record: ActionRecord, alive: Callable[[str], bool], oldest: datetime) -> bool:
    claimed_by, claimed_at = record.claimed_by, record.claimed_at
    return claimed_by is None or claimed_at is None or claimed_at < oldest or not alive(claimed_by)
