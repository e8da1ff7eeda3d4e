"""Pulling statements, oldest first, and the transactions of each: what TikTok booked and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ecom_agent.connector import Page, Window
from ecom_agent.records.finance import Charge
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import TikTokClient, path_of
from platforms.tiktok_shop.updates import FIRST_LOOK_BACK, pages, seconds

STATEMENTS: Final = "getStatements"
TRANSACTIONS: Final = "getTransactionsByStatement"
PAGE_SIZE: Final = 100
LATE: Final = timedelta(days=2)


def pull(client: TikTokClient, cursor: str | None) -> Iterator[Page[Charge]]:
    """Charges of the statements since `cursor`. The cursor moves with each statement that is read to its end.

    It never comes closer to now than two days: the newest statements are read again, for what was booked late.
    """
    started = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    after, until = paging.time_of(parts, "after"), paging.time_of(parts, "until")
    since = after or started - FIRST_LOOK_BACK
    safe = until or max(since, started - LATE)
    window = Window(since, until or started)
    found: list[parse.Statement] = []
    asked = b""
    for answer in pages(lambda token: _statements(client, seconds(since), token)):
        found += parse.statements(answer.parsed)
        asked = answer.raw
    found = sorted((one for one in found if until is None or one.at < until), key=lambda one: (one.at, one.id))
    if not found:
        yield Page((), paging.encode(after=safe, until=until), False, STATEMENTS, asked, window=window)
    for number, statement in enumerate(found, start=1):
        last = number == len(found)
        seen = safe if last else min(max(since, statement.at), safe)
        for page in _charges(client, statement):
            cursor = None if page.more else paging.encode(after=seen, until=until)
            yield replace(page, next_cursor=cursor, more=page.more or not last, window=window)


def _charges(client: TikTokClient, statement: parse.Statement) -> Iterator[Page[Charge]]:
    path = path_of("/finance/202501/statements/{statement_id}/statement_transactions", statement_id=statement.id)
    query: dict[str, str | int | None] = {
        "sort_field": "order_create_time", "sort_order": "ASC", "page_size": PAGE_SIZE,
    }  # fmt: skip

    def ask(token: str | None) -> Answer:
        return client.run("GET", path, operation=TRANSACTIONS, query={**query, "page_token": token})

    for answer in pages(ask):
        read = parse.charges(answer.parsed, account=client.account, marketplace=client.marketplace, statement=statement)
        more = bool(answer.parsed["data"].get("next_page_token"))
        yield Page(read.records, None, more, TRANSACTIONS, answer.raw, read.poison, read.unknown_fields)


def _statements(client: TikTokClient, since: int, token: str | None) -> Answer:
    query: dict[str, str | int | None] = {
        "sort_field": "statement_time", "sort_order": "ASC", "page_size": PAGE_SIZE, "page_token": token,
        "statement_time_ge": since,
    }  # fmt: skip
    return client.run("GET", "/finance/202309/statements", operation=STATEMENTS, query=query)
