"""What the pipeline needs of a store. Fulfilled by PostgreSQL and, under the same contract tests, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Action, Kind, Mode, State, Value
from ecom_agent.actions.record import ActionRecord
from ecom_agent.ids import AccountId, ActionKey
from ecom_agent.records.business import BusinessPrices

Subject = tuple[str, ...]


def subject_of(action: Action) -> Subject:
    """What at most one Action is under way for at a time: mode, kind, account, marketplace and target."""
    return action.mode.value, action.kind.value, action.account, action.marketplace, action.target


class Standing(NamedTuple):
    """What is known already before something is wished."""

    known: Mapping[ActionKey, ActionRecord]
    open: Mapping[Subject, Sequence[ActionRecord]]


class Actions(Protocol):
    """Actions by key. "Locked" holds until the unit of work ends."""

    def get(self, key: ActionKey) -> ActionRecord | None: ...
    def standing(
        self, keys: Collection[ActionKey], subjects: Collection[Subject], meanwhile: Callable[[], None]
    ) -> Standing:
        """Locked: those of these keys that are there, and what is not at its end for each of these subjects.

        `meanwhile` is done once the lock is asked for: what it asks is answered under the lock.

        Nobody else can propose for these subjects until this unit of work ends.
        """
        ...

    def locked(self, key: ActionKey) -> ActionRecord | None: ...
    def locked_all(self, keys: Sequence[ActionKey]) -> Mapping[ActionKey, ActionRecord]:
        """Those of these that are there; nobody else can move them until this unit of work ends."""
        ...

    def open_for(self, subjects: Collection[Subject]) -> Mapping[Subject, Sequence[ActionRecord]]:
        """Locked: what is not at its end for each of these."""
        ...

    def insert(self, record: ActionRecord) -> None: ...
    def save(self, record: ActionRecord, was: State) -> None:
        """Raises IllegalTransition when it is not `was` any more."""
        ...

    def save_all(self, steps: Sequence[tuple[ActionRecord, State]]) -> None:
        """`save` for many at once: all, or IllegalTransition."""
        ...

    def waiting(self, mode: Mode) -> Sequence[AccountId]:
        """Accounts that have approved Actions."""
        ...

    def take(self, mode: Mode, account: AccountId, limit: int) -> Sequence[ActionRecord]:
        """Locked: the account's approved Actions that nobody else has in hand, those worth most first."""
        ...

    def later(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Locked: held ones that are to be judged again by now and that nobody else has in hand."""
        ...

    def in_flight(self, mode: Mode) -> Sequence[ActionRecord]:
        """Those that are executing."""
        ...

    def due(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Unknown and applied ones to be read back by now, the longest due first."""
        ...

    def overdue(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionKey]:
        """Held and approved ones that waited too long."""
        ...

    def count_waiting(self, mode: Mode, account: AccountId, kind: Kind) -> int:
        """How many approved ones of this kind the account has."""
        ...

    def take_least(self, mode: Mode, account: AccountId, kind: Kind, limit: int) -> Sequence[ActionRecord]:
        """As `take`, of one kind and those worth least first."""
        ...


class Audit(Protocol):
    def append(self, event: AuditEvent) -> None:
        """Sealed and written together with the rest of the unit of work."""
        ...


class Halts(Protocol):
    def open(self, halt: Halt) -> Halt:
        """The halt in force over this scope: a standing one stays as it is, unless this one is tighter."""
        ...

    def lift(self, scope: str, by: str, at: datetime) -> Halt | None:
        """What was lifted, if anything. Raises BadInput when `by` is no person."""
        ...

    def active(self) -> Sequence[Halt]: ...


class FactSource(Protocol):
    def foresee(self, actions: Sequence[Action], now: datetime, mode: Mode) -> None:
        """Some of these will be asked about in a moment."""
        ...

    def of(self, actions: Sequence[Action], now: datetime, mode: Mode) -> Sequence[GuardFacts]:
        """All a guard may know about each of these Actions, in their order."""
        ...

    def policy(self) -> Mapping[str, Any]:
        """The guards' policy in force."""
        ...

    def learn(self, action: Action, found: Value, at: datetime) -> None:
        """What a read-back showed is the newest fact about the target."""
        ...

    def learn_business(self, action: Action, shown: BusinessPrices, at: datetime) -> None:
        """The same of what companies pay, where the Action set that too."""
        ...


class Breakers(Protocol):
    """How writes fared lately, by account. A person's last reset (`Halts.lift` of the account) starts it anew."""

    def policy(self) -> Mapping[str, Any]:
        """The breakers' policy in force; empty where there is none."""
        ...

    def turn(self, account: AccountId) -> bool:
        """Whether it is ours to look at this account until the unit of work ends; never waits."""
        ...

    def recount(self, account: AccountId, mode: Mode, now: datetime, *, whole: bool) -> Counts:
        """Count now; not `whole`: only what one write can change. Raises PolicyGap."""
        ...


class Book(Protocol):
    """One unit of work."""

    @property
    def actions(self) -> Actions: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def halts(self) -> Halts: ...
    @property
    def facts(self) -> FactSource: ...
    @property
    def breakers(self) -> Breakers: ...


class Ledger(Protocol):
    def unit(self, *, lasting: bool = True) -> AbstractContextManager[Book]:
        """All of the block is kept, or nothing if it raises.

        Not `lasting`: the machine may forget it where its power fails the next moment; all before it stays.
        """
        ...
