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
    `worth` is what it may earn for each quota token it costs (see `ranking`): what waits is sent in this order.
    `judge_again_at`: when a held one that waits for no person is judged anew.
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
    worth: int = 0
    judge_again_at: datetime | None = None

    @property
    def key(self) -> ActionKey:
        return self.action.key

    @property
    def held_by(self) -> str | None:
        """The guards that hold it, by name: for a person, else for a while; None unless held."""
        waits_for = Answer.LATER if self.waits_alone else Answer.HOLD
        names = [v.guard for v in self.verdicts if v.answer is waits_for]
        return ", ".join(names) or None if self.state is State.HELD else None

    @property
    def waits_alone(self) -> bool:
        """Held by a limit of the moment only: it is judged again without a person."""
        return self.state is State.HELD and max((v.answer for v in self.verdicts), default=None) is Answer.LATER

    def to(self, following: State, why: str, at: datetime, **changes: Any) -> ActionRecord:
        """The record one step on. Raises IllegalTransition."""
        return replace(self, state=step(self.state, following), why=why, updated_at=at, **changes)
