"""Pulling returns and refunds in the order of their updates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.records.returns import Return
from platforms._shared.http import Answer
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import TikTokClient
from platforms.tiktok_shop.updates import PAGE_SIZE, seconds, walk

SEARCH: Final = "searchReturns"


def pull(client: TikTokClient, cursor: str | None) -> Iterator[Page[Return]]:
    def ask(after: datetime, before: datetime, token: str | None) -> Answer:
        return client.run(
            "POST",
            "/return_refund/202602/returns/search",
            operation=SEARCH,
            query={"page_size": PAGE_SIZE, "sort_field": "update_time", "sort_order": "ASC", "page_token": token},
            body={"update_time_ge": seconds(after), "update_time_lt": seconds(before)},
        )

    for step in walk(ask, cursor, now=client.clock.now(), rows="data.return_orders"):
        read = parse.returns(step.answer.parsed, account=client.account, marketplace=client.marketplace)
        raw = step.answer.raw
        yield Page(read.records, step.cursor, step.more, SEARCH, raw, read.poison, read.unknown_fields, step.window)
