"""Read models of the inbox: who wrote to us, what was said, and which answers wait for a person."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecom_agent.records.messages import Message
from ecom_agent.records.views import ActionView


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation by its newest message. `longest` is the most characters of an answer, None = it takes none."""

    platform: str
    newest: Message
    longest: int | None

    @property
    def waits(self) -> bool:
        """The buyer had the last word."""
        return self.newest.from_buyer


@dataclass(frozen=True, slots=True)
class ReplyView:
    """An answer that is not at its end. `text` None = it does not open with this data key."""

    action: ActionView
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`messages` are the newest ones, oldest first."""

    view: ConversationView
    messages: tuple[Message, ...]
    replies: tuple[ReplyView, ...]
