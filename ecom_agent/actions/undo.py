"""Taking a change back: the inverse Action, which goes through the same gate as any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ecom_agent.actions.actors import as_proposer
from ecom_agent.actions.business import turned
from ecom_agent.actions.model import Action, Kind, State, Value
from ecom_agent.actions.record import ActionRecord
from ecom_agent.errors import BadInput, ParseFailed

_LASTING: Final = frozenset({Kind.MESSAGE_SEND})
"""What is done for good."""


def undoable(record: ActionRecord) -> bool:
    """Whether there is something to take back, and a known value to go back to."""
    action = record.action
    return record.state is State.VERIFIED and action.before is not None and action.kind not in _LASTING


def inverse(record: ActionRecord, by: str, slot: datetime) -> Action:
    """The Action that takes `record` back, wished by the person `by`. Raises BadInput when it cannot be."""
    action = record.action
    if action.kind in _LASTING:
        raise BadInput("a change that can be taken back", "a message that a buyer may have read", "write another one")
    if not undoable(record):
        raise BadInput(
            "an Action that is verified and whose former value is known",
            f"{action.kind} of {action.target}, {record.state}, before: {action.before}",
            "wait for its read-back, or set the value by hand",
        )
    try:
        also = turned(action)
    except ParseFailed as e:
        raise BadInput("an Action whose former prices for companies are known", str(e), "set them by hand") from None
    return replace(
        action,
        before=action.after,
        after=INVERSE[action.kind](action),
        reason=f"takes back {record.key[:12]}: {action.reason}",
        proposed_by=as_proposer(by),
        slot=slot,
        evidence={**action.evidence, "undoes": record.key, **also},
        undoes=record.key,
    )


def _former(action: Action) -> Value:
    if action.before is None:
        raise BadInput("a known former value", "none", "set the value by hand")
    return action.before


INVERSE: Final[Mapping[Kind, Callable[[Action], Value]]] = MappingProxyType(dict.fromkeys(Kind, _former))
