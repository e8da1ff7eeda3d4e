"""Pulling return requests: all that were opened within the last weeks, each time, for they tell no time of change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import TerminalError
from ecom_agent.records.returns import Return
from platforms._shared.http import Answer
from platforms._shared.payload import find
from platforms.ebay import parse, rates
from platforms.ebay.client import NAME, EbayClient, Operation, listed
from platforms.ebay.parse.private import impersonal, set_aside
from platforms.ebay.windows import millis, stretch, window

SEARCH: Final = Operation("search", "GET", "/post-order/v2/return/search", rates.RETURNS)
FIRST_LOOK_BACK: Final = timedelta(days=90)
OPEN_FOR: Final = timedelta(days=60)
"""So long a return can go on changing after it was opened: so far back each pull looks."""
_A_PAGE: Final = 200
_TOTAL: Final = "paginationOutput.totalEntries"
_SHORTEST: Final = timedelta(minutes=1)


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[Return]]:
    found = window(client.clock.now(), cursor, first=FIRST_LOOK_BACK, again=OPEN_FOR)
    answers = list(_answers(client, found.start, found.end))
    totals = [find(answer.parsed, _TOTAL) for answer in answers]
    whole = stretch(found, sum(totals) if all(type(total) is int for total in totals) else None)
    for number, answer in enumerate(answers, start=1):
        more = number < len(answers)
        read = parse.returns(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        yield Page(
            read.records,
            None if more else found.cursor,
            more,
            SEARCH.name,
            orjson.dumps(impersonal(answer.parsed)),
            set_aside(read.poison),
            read.unknown_fields,
            whole,
        )


def _answers(client: EbayClient, start: datetime, end: datetime) -> Iterator[Answer]:
    """Returns opened from `start` to `end`. What does not fit into a page is asked for in two halves: the contract
    does not say what an offset counts, and halves cannot skip anything."""
    query = {
        "creation_date_range_from": millis(start),
        "creation_date_range_to": millis(end),
        "limit": str(_A_PAGE),
    }
    answer = client.call(SEARCH, query=query)
    found, total = listed(answer, "members", _TOTAL), find(answer.parsed, _TOTAL)
    crowded = total > len(found) if type(total) is int else len(found) >= _A_PAGE
    if not crowded:
        yield answer
        return
    if end - start <= _SHORTEST:
        raise TerminalError(NAME, SEARCH.name, f"more than {_A_PAGE} returns were opened at {millis(start)}")
    middle = start + (end - start) / 2
    yield from _answers(client, start, middle)
    yield from _answers(client, middle, end)
