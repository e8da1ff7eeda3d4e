"""App's verbs for all that calls us: platforms' webhooks and challenges, work chats, and what was kept of them.

A call is checked, kept and answered; it is worked on later, by another process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from ecom_agent.actions.model import HOUSE
from ecom_agent.adapters.chatops import ChatDoor, ConfirmsAddress
from ecom_agent.connector import Capability
from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId
from ecom_agent.ingest import inbox, replays
from ecom_agent.ports.reads import AnswersChallenge
from ecom_agent.store.events import InboxStore
from ecom_agent.wiring.accounts import Account
from ecom_agent.wiring.parts import Parts

CHAT_TOPIC: Final = "chat"
_LONGEST_ID: Final = 200


class Hearing:
    parts: Parts

    def receive_webhook(self, platform: str, account: str, headers: Mapping[str, str], raw: bytes) -> str:
        """Check a webhook's signature on its raw bytes and keep it: "accepted" or "duplicate".

        Raises AuthFailed for a wrong signature, Replayed for one of another time, ParseFailed for what is no webhook,
        NotFound for an account that takes none.
        """
        opened = self._account(platform, account)
        event = opened.connector.verify_webhook(headers, raw)
        replays.refuse_replay(platform, "webhook", event.signed_at, self.parts.clock.now(), replays.WEBHOOKS)
        return self._keep(opened.name, platform, event.topic, f"{account}:{event.dedupe_id}", raw)

    def answer_challenge(self, platform: str, account: str, code: str) -> Mapping[str, str]:
        """What the platform wants to hear from a new address. Raises NotFound where it asks none."""
        connector = self._account(platform, account).connector
        if not isinstance(connector, AnswersChallenge):
            raise NotFound(f"{platform} asks no challenge")
        return connector.answer_challenge(code)

    def receive_chat(
        self, service: str, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes
    ) -> tuple[str, str | None]:
        """Check a work chat's call and keep what it says: "accepted", "duplicate" or "challenge", and the answer to it.

        It is kept as it came, Feishu's and WeCom's under their encryption. What people say in a chat is data:
        nothing is done about it. Raises as `receive_webhook` does.
        """
        now = self.parts.clock.now()
        call = self._chat(service).read(headers, query, raw, now)
        replays.refuse_replay(service, "callback", call.signed_at, now, replays.CHATS)
        if call.answer is not None:
            return "challenge", call.answer
        return self._keep(HOUSE, service, CHAT_TOPIC, f"{HOUSE}:{service}:{_short(call.dedupe_id)}", raw), None

    def confirm_chat(self, service: str, query: Mapping[str, str]) -> str:
        """The answer to a work chat that asks by GET whether this address is ours. Raises as `receive_chat` does."""
        door = self._chat(service)
        if not isinstance(door, ConfirmsAddress):
            raise NotFound(f"{service} asks no such question")
        call = door.confirm(query)
        replays.refuse_replay(service, "callback", call.signed_at, self.parts.clock.now(), replays.CHATS)
        return call.answer or ""

    def process_inbox(self) -> dict[str, int]:
        """Turn kept webhooks into records."""
        connectors = {name: account.connector for name, account in self.parts.accounts.opened.items()}
        return inbox.process(connectors, self.parts.database, self.parts.clock)

    def _account(self, platform: str, account: str) -> Account:
        opened = self.parts.accounts.opened.get(AccountId(account))
        if opened is None or opened.spec.name != platform or not opened.can(Capability.VERIFY_WEBHOOK):
            raise NotFound(f"no {platform} account {account!r} takes webhooks here")
        return opened

    def _chat(self, service: str) -> ChatDoor:
        door = self.parts.chats.doors.get(service)
        if door is None:
            raise NotFound(f"no work chat {service!r} is set up here")
        return door

    def _keep(self, account: AccountId, source: str, topic: str, dedupe_id: str, body: bytes) -> str:
        with self.parts.database.unit() as unit:
            new = InboxStore(unit.session).put(account, source, topic, dedupe_id, body, at=self.parts.clock.now())
        return "accepted" if new else "duplicate"


def _short(id: str) -> str:
    """An id as it came, or its digest where it would not fit a key: DingTalk's signature does not cover its id."""
    return (
        id if len(id) <= _LONGEST_ID and id.isprintable() else hashlib.sha256(id.encode(errors="replace")).hexdigest()
    )
