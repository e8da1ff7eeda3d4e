"""An Action together with where it is in its life."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ecom_agent.actions.model import Action, Answer, State, Verdict, step
from ecom_agent.connector import Receipt
from ecom_agent.ids import ActionKey


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """The newest state of one Action; the way there is in the audit.

    `why` says in words why it is in this state. `signed_by` are the persons who approved (none = the gate alone).
    After `approve_until` a held or approved Action is denied. `claimed_by`/`claimed_at` name the process that sends
    it and since when. `sent_at` is when sending began, None when certainly nothing reached the platform.
    """

    action: Action
    state: State
    why: str
    created_at: datetime
    updated_at: datetime
    verdicts: tuple[Verdict, ...] = ()
    signed_by: tuple[str, ...] = ()
    approve_until: datetime | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    receipt: Receipt | None = None
    verify_due_at: datetime | None = None
    verify_tries: int = 0

    @property
    def key(self) -> ActionKey:
        return self.action.key

    @property
    def held_by(self) -> str | None:
        """The guards that wait for a person, by name; None unless held."""
        names = [v.guard for v in self.verdicts if v.answer is Answer.HOLD]
        return ", ".join(names) or None if self.state is State.HELD else None

    def to(self, following: State, why: str, at: datetime, **changes: Any) -> ActionRecord:
        """The record one step on. Raises IllegalTransition."""
        return replace(self, state=step(self.state, following), why=why, updated_at=at, **changes)
