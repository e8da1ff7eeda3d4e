"""The fake App's inbox: three conversations, one of them full of markup. Answers are held, as the real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import fake_data as data

from ecom_agent.clock import Clock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.inbox import Conversation, ConversationView, ReplyView
from ecom_agent.records.messages import Message, said
from ecom_agent.records.views import ActionView

NASTY = (
    "<script>document.title='taken'</script> **bold** :red[red] [click](javascript:alert(1)) ![x](https://x.example)"
)
LONGEST = 2000


class FakeInbox:
    calls: list[tuple[Any, ...]]
    clock: Clock
    _actions: list[ActionView]

    def _some_letters(self) -> None:
        rows = (
            (
                "ebay_us",
                "c-1001",
                True,
                12,
                "Hello, my order has not arrived yet. Where is the parcel?",
                "14-11111-22222",
            ),
            ("tiktok_us", "7494560", True, 300, NASTY, None),
            ("walmart_us", "relay-77", False, 1500, "It was shipped on Monday.", None),
        )
        self._letters = [self._letter(*row) for row in rows]

    def _letter(
        self, account: str, thread: str, from_buyer: bool, minutes: int, words: str, order: str | None
    ) -> Message:
        at = self.clock.now() - timedelta(minutes=minutes)
        about = None if order is None else OrderId(order)
        market = MarketplaceId("EBAY_US")
        return Message(AccountId(account), market, f"m-{thread}", thread, from_buyer, at, words, "buyer-1", about)

    def _no_letters(self) -> None:
        self._letters = []

    def inbox(self, *, days: int = 30, limit: int = 200) -> Sequence[ConversationView]:
        return [self._shown(letter) for letter in self._letters][:limit]

    def conversation(self, account: str, conversation_id: str) -> Conversation:
        letter = self._found(account, conversation_id)
        asked = replace(letter, message_id="m-0", sent_at=letter.sent_at - timedelta(hours=3), text="Hello?")
        replies = tuple(
            ReplyView(action, self.reply_text(action.key))
            for action in self._actions
            if action.kind == "message.send" and action.target == conversation_id and action.state == "held"
        )
        return Conversation(self._shown(letter), (asked, letter), replies)

    def reply_text(self, key: str) -> str | None:
        return next((call[3] for call in self.calls if call[0] == "reply" and data.key(call[3]) == key), None)

    def reply(self, account: str, conversation_id: str, text: str, by: str) -> ActionView:
        if not text.strip() or len(text) > LONGEST:
            raise BadInput(f"a text of 1 to {LONGEST} characters", f"{len(text.strip())}", "shorten it, or send two")
        letter = self._found(account, conversation_id)
        self.calls.append(("reply", account, conversation_id, text, by))
        known = said(text, account=letter.account, conversation_id=conversation_id, answers=letter.message_id)
        wish = replace(
            self._actions[0], key=data.key(text), kind="message.send", account=account, target=conversation_id,
            before=None, after=str(known), reason="answers a buyer", proposed_by=f"person:{by}", state="held",
            held_by="promise", undoable=False,
        )  # fmt: skip
        self._actions.insert(0, wish)
        return wish

    def _shown(self, letter: Message) -> ConversationView:
        takes = letter.account != "walmart_us"
        return ConversationView("eBay Sell APIs", letter, LONGEST if takes else None)

    def _found(self, account: str, conversation_id: str) -> Message:
        for letter in self._letters:
            if (letter.account, letter.conversation_id) == (account, conversation_id):
                return letter
        raise NotFound(f"no conversation {conversation_id!r} on {account}; `ecom inbox list` shows them")
