"""Buyers' messages: the conversations in which something was said, what was said in each, and our answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.connector import Page, Poison, Receipt
from ecom_agent.errors import ParseFailed, TerminalError
from ecom_agent.records.messages import Message
from platforms._shared import paging, replies
from platforms._shared.http import Answer
from platforms._shared.payload import find, items
from platforms._shared.payload import text as text_of
from platforms._shared.read import Read
from platforms.ebay import parse, rates
from platforms.ebay.client import NAME, EbayClient, Operation, pages
from platforms.ebay.parse.private import impersonal, set_aside
from platforms.ebay.windows import millis, stretch, window

GET_CONVERSATIONS: Final = Operation("getConversations", "GET", "/commerce/message/v1/conversation", rates.MESSAGE)
GET_CONVERSATION: Final = Operation(
    "getConversation", "GET", "/commerce/message/v1/conversation/{conversation_id}", rates.MESSAGE
)
SEND: Final = Operation("sendMessage", "POST", "/commerce/message/v1/send_message", rates.MESSAGE)
LONGEST: Final = 2000
FIRST_LOOK_BACK: Final = timedelta(days=30)
OVERLAP: Final = timedelta(minutes=10)
MEMBERS: Final = "FROM_MEMBERS"
"""Conversations with other members. eBay's own notices (FROM_EBAY) are left out: nobody waits for an answer."""
_A_PAGE: Final = "50"
_GONE: Final = "355007"
"""eBay's number for a conversation that it does not know."""


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[Message]]:
    """A conversation that eBay does not find any more is set aside, the others go on. Raw pages hold nobody's words."""
    found = window(client.clock.now(), cursor, first=FIRST_LOOK_BACK, again=OVERLAP)
    query = {
        "conversation_type": MEMBERS,
        "start_time": millis(found.start),
        "end_time": millis(found.end),
        "limit": _A_PAGE,
    }
    heads: list[Page[Message]] = []
    conversations: dict[str, Any] = {}
    for answer, more in pages(client, GET_CONVERSATIONS, query, "conversations"):
        nameless: list[Poison] = []
        for one in items(answer.parsed, "conversations"):
            try:
                conversations[text_of(one, "conversationId")] = one
            except ParseFailed as error:
                nameless.append(Poison(None, str(error), impersonal(one)))
        raw = orjson.dumps(impersonal(answer.parsed))
        heads.append(Page((), None, more, GET_CONVERSATIONS.name, raw, tuple(nameless)))
    parts = [_messages(client, name, one, found.start) for name, one in conversations.items()]
    yield from paging.sweep([heads, *parts], found.cursor, window=stretch(found))


def send(client: EbayClient, to: Message, text: str) -> Receipt:
    """eBay takes no idempotency key: whether a message was sent shows in its conversation only."""
    replies.check(NAME, SEND.name, text, LONGEST)
    body = {"conversationId": to.conversation_id, "messageText": text}
    with replies.unsaid(text):
        answer = client.call(SEND, body=body, write=True)
    found = find(answer.parsed, "messageId")
    return Receipt(found if isinstance(found, str) else "")


def said_since(client: EbayClient, conversation_id: str, since: datetime) -> Sequence[Message]:
    """Newest first. Raises TerminalError for a conversation that eBay does not know."""
    found: list[Message] = []
    query = {"conversation_type": MEMBERS, "limit": _A_PAGE}
    for answer, _more in pages(client, GET_CONVERSATION, query, "messages", {"conversation_id": conversation_id}):
        read = _read(client, answer, {"conversationId": conversation_id}, since)
        found += reversed(read.records)
        if len(read.records) + len(read.poison) < len(items(answer.parsed, "messages")):
            break  # what is older than that was left out
    return found


def _read(client: EbayClient, answer: Answer, conversation: Any, since: datetime) -> Read[Message]:
    return parse.messages(
        answer.parsed,
        conversation,
        since=since,
        seller=client.settings.seller,
        account=client.account,
        marketplace=client.marketplace,
    )


def _messages(client: EbayClient, name: str, conversation: Any, since: datetime) -> Iterator[Page[Message]]:
    query = {"conversation_type": MEMBERS, "limit": _A_PAGE}
    try:
        for answer, more in pages(client, GET_CONVERSATION, query, "messages", {"conversation_id": name}):
            read = _read(client, answer, conversation, since)
            raw, aside = orjson.dumps(impersonal(answer.parsed)), set_aside(read.poison)
            yield Page(read.records, None, more, GET_CONVERSATION.name, raw, aside, read.unknown_fields)
    except TerminalError as error:
        if error.status != 404 and not any(issue.startswith(_GONE) for issue in error.issues):
            raise
        gone = Poison(name, str(error), impersonal(conversation))
        yield Page((), None, False, GET_CONVERSATION.name, b"{}", (gone,))
