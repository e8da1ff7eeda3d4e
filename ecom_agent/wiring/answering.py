"""App's verbs around buyers' messages: what was written, and a person's wish to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ecom_agent.actions.actors import as_proposer, is_person
from ecom_agent.actions.model import OPEN, Action, Kind
from ecom_agent.connector import Capability
from ecom_agent.errors import BadInput, ConfigError, NotFound, StoreError
from ecom_agent.ids import AccountId, ActionKey, Sku
from ecom_agent.records.inbox import Conversation, ConversationView, ReplyView
from ecom_agent.records.messages import Message, Reply, Said
from ecom_agent.records.views import ActionView
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.actions import view as shown
from ecom_agent.store.db import Unit
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.replies import ReplyStore
from ecom_agent.wiring.parts import Parts

_SHOWN: Final = 100
"""Messages of one conversation that are shown, the newest ones."""


class Answering:
    parts: Parts

    def inbox(self, *, days: int = 30, limit: int = 200) -> Sequence[ConversationView]:
        """Conversations in which something was said lately, newest first."""
        since = self.parts.clock.now() - timedelta(days=days)
        with self.parts.database.unit() as unit:
            found = MessageStore(unit.session, self.parts.vault()).latest_of_each(since, limit)
        return [self._conversation(message) for message in found]

    def conversation(self, account: str, conversation_id: str) -> Conversation:
        """Raises NotFound where nothing was said in it."""
        name = AccountId(account)
        with self.parts.database.unit() as unit:
            messages = MessageStore(unit.session, self.parts.vault()).conversation(name, conversation_id, _SHOWN)
            if not messages:
                raise NotFound(f"no conversation {conversation_id!r} on {account}; `ecom inbox list` shows them")
            replies = [
                ReplyView(view, self._text(unit, ActionKey(view.key)))
                for view in ActionStore(unit.session).views(sku=conversation_id)
                if view.account == account and view.kind == Kind.MESSAGE_SEND and view.state in OPEN
            ]
        return Conversation(self._conversation(messages[-1]), tuple(messages), tuple(replies))

    def reply_text(self, key: str) -> str | None:
        """What an Action would say to a buyer; None where it says nothing, or does not open with this data key."""
        with self.parts.database.unit() as unit:
            return self._text(unit, ActionStore(unit.session).find(key))

    def reply(self, account: str, conversation_id: str, text: str, by: str) -> ActionView:
        """A person wishes to answer the buyer's newest message. It is held until a person approves it.

        Raises NotFound, and BadInput where the platform takes no such text.
        """
        opened = self.parts.accounts.get(account)
        if not is_person(by):
            raise BadInput("the name of a person", repr(by), "software does not write to buyers")
        if not opened.can(Capability.WRITE_MESSAGE):
            raise BadInput("an account whose platform takes answers", account, "answer at the platform itself")
        longest = opened.connector.longest_message
        if not text.strip() or len(text) > longest:
            raise BadInput(f"a text of 1 to {longest} characters", f"{len(text.strip())}", "shorten it, or send two")
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            vault = self.parts.vault()
            to = MessageStore(unit.session, vault).newest(opened.name, conversation_id, of_buyer=True)
            if to is None:
                raise NotFound(f"no buyer wrote in {conversation_id!r} on {account}; `ecom inbox list` shows who did")
            answer = Reply(to, text, by, now)
            ReplyStore(unit.session, vault).keep(answer)
            version, _policy = self.parts.policy(unit, "guards", {})
            wish = Action(
                kind=Kind.MESSAGE_SEND,
                account=opened.name,
                marketplace=to.marketplace,
                target=Sku(conversation_id),
                before=None,
                after=answer.said,
                reason="answers a buyer",
                proposed_by=as_proposer(by),
                slot=now,
                mode=self.parts.mode,
                policy_version=version,
                evidence={"answers": to.message_id, "asked_at": to.sent_at.isoformat()},
            )
            return shown(self.parts.pipeline.propose_in(book, wish))

    def _conversation(self, newest: Message) -> ConversationView:
        opened = self.parts.accounts.opened.get(newest.account)
        if opened is None:  # no longer set up: what was said there stands
            return ConversationView(newest.account, newest, None)
        takes = opened.can(Capability.WRITE_MESSAGE)
        return ConversationView(opened.spec.title, newest, opened.connector.longest_message if takes else None)

    def _text(self, unit: Unit, key: ActionKey) -> str | None:
        record = ActionStore(unit.session).get(key)
        if record is None or not isinstance(record.action.after, Said):
            return None
        action, digest = record.action, record.action.after.digest
        try:
            found = ReplyStore(unit.session, self.parts.vault()).find(action.account, action.target, digest)
        except (ConfigError, StoreError):
            return None
        return None if found is None else found.text
