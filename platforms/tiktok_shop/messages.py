"""Buyers' messages and our answers: which conversations moved, what is new in each, and answering.

Nobody promises in which order conversations come. As far as known the one that spoke last comes first, so a page in
which all were silent since the last look ends the search; once a day all conversations are gone through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson

from ecom_agent.connector import Page, Poison, Receipt, Window
from ecom_agent.records.messages import Message
from platforms._shared import paging, replies
from platforms._shared.http import Answer
from platforms._shared.payload import find
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import NAME, TikTokClient, path_of
from platforms.tiktok_shop.updates import FIRST_LOOK_BACK, OVERLAP, pages

CONVERSATIONS: Final = "getConversations"
MESSAGES: Final = "getConversationMessages"
SEND: Final = "sendMessage"
LONGEST: Final = 2000
PAGE_SIZE: Final = 10
WHOLE_EVERY: Final = timedelta(days=1)


def pull(client: TikTokClient, cursor: str | None) -> Iterator[Page[Message]]:
    """Messages since `cursor`, conversation by conversation, each oldest first. Raw pages hold nobody's words."""
    started = client.clock.now()
    parts: Mapping[str, str] = paging.decode(cursor) if cursor else {}
    since, whole = paging.time_of(parts, "since"), paging.time_of(parts, "whole")
    all_of_them = since is None or whole is None or started - whole >= WHOLE_EVERY
    after = since or started - FIRST_LOOK_BACK
    until = paging.time_of(parts, "until")
    kept = {"since": until or started - OVERLAP, "whole": started if all_of_them else whole, "until": until}
    window = Window(after, max(after, until or started))
    yield from paging.sweep([_spoken(client, after, all_of_them)], paging.encode(**kept), window=window)


def span(start: datetime, end: datetime) -> str:
    """A cursor for what was written from `start` on; what is newer than `end` comes with it."""
    return paging.encode(since=start, until=end)


def _spoken(client: TikTokClient, after: datetime, all_of_them: bool) -> Iterator[Page[Message]]:
    """A page for each page of conversations, with what is new in them."""
    for answer in pages(lambda token: _conversations(client, token)):
        told = parse.conversations(answer.parsed)
        moved = [one for one in told.records if one.spoke_at is not None and one.spoke_at >= after]
        more = bool(answer.parsed["data"].get("next_page_token"))
        ends = not more or not (all_of_them or moved or told.poison)
        for conversation in moved:
            yield from _messages(client, conversation, after)
        raw = orjson.dumps(parse.impersonal(answer.parsed))
        yield Page((), None, not ends, CONVERSATIONS, raw, told.poison)
        if ends:
            return


def send(client: TikTokClient, to: Message, text: str) -> Receipt:
    """As a person of the shop's customer service: an approved answer is no robot's."""
    replies.check(NAME, SEND, text, LONGEST)
    path = path_of("/customer_service/202606/conversations/{id}/messages", id=to.conversation_id)
    content = orjson.dumps({"content": text}).decode()
    body = {"type": "TEXT", "content": content, "sender_role": "CUSTOMER_SERVICE"}
    with replies.unsaid(text):
        answer = client.run("POST", path, operation=SEND, body=body, write=True)
    found = find(answer.parsed, "data.message_id")
    return Receipt(found if isinstance(found, str) else "")


def said_since(client: TikTokClient, conversation_id: str, since: datetime) -> Sequence[Message]:
    """Oldest first; TikTok's times are whole seconds."""
    conversation = parse.Conversation(conversation_id, None, None)
    found = _messages(client, conversation, since.replace(microsecond=0))
    return [message for page in found for message in page.records]


def _messages(client: TikTokClient, conversation: parse.Conversation, after: datetime) -> Iterator[Page[Message]]:
    """What was written in one conversation since `after`: asked for newest first, given oldest first."""
    path = path_of("/customer_service/202309/conversations/{id}/messages", id=conversation.id)
    query: dict[str, str | int | None] = {"page_size": PAGE_SIZE, "sort_field": "create_time", "sort_order": "DESC"}

    def ask(token: str | None) -> Answer:
        return client.run("GET", path, operation=MESSAGES, query={**query, "page_token": token})

    found: list[Page[Message]] = []
    for answer in pages(ask):
        read = parse.messages(answer.parsed, account=client.account, marketplace=client.marketplace, of=conversation)
        fresh = tuple(sorted((m for m in read.records if m.sent_at >= after), key=lambda m: (m.sent_at, m.message_id)))
        raw = orjson.dumps(parse.impersonal(answer.parsed))
        poison: tuple[Poison, ...] = read.poison
        found.append(Page(fresh, None, True, MESSAGES, raw, poison, read.unknown_fields))
        times = parse.written_at(answer.parsed)
        if times and min(times) < after:
            break
    yield from reversed(found)


def _conversations(client: TikTokClient, token: str | None) -> Answer:
    query = {"page_size": PAGE_SIZE, "page_token": token}
    return client.run("GET", "/customer_service/202309/conversations", operation=CONVERSATIONS, query=query)
