"""Pulling the account statement, transaction by transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.records.finance import Charge
from platforms.ebay import parse, rates
from platforms.ebay.client import EbayClient, Operation, pages
from platforms.ebay.parse.private import impersonal, set_aside
from platforms.ebay.windows import between, stretch, window

GET_TRANSACTIONS: Final = Operation("getTransactions", "GET", "/sell/finances/v1/transaction", rates.FINANCES)
FIRST_LOOK_BACK: Final = timedelta(days=90)
SETTLED_AFTER: Final = timedelta(days=14)
"""So far back each pull looks: a transaction learns its payout days after it was booked."""
_A_PAGE: Final = "1000"
NOTHING: Final = b"{}"
"""What is kept of an answer without a body (204: no transactions)."""


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[Charge]]:
    found = window(client.clock.now(), cursor, first=FIRST_LOOK_BACK, again=SETTLED_AFTER)
    query = {"filter": between("transactionDate", found), "limit": _A_PAGE}
    for answer, more in pages(client, GET_TRANSACTIONS, query, "transactions"):
        read = parse.charges(answer.parsed, account=client.account, marketplace=client.marketplace)
        yield Page(
            read.records,
            None if more else found.cursor,
            more,
            GET_TRANSACTIONS.name,
            orjson.dumps(impersonal(answer.parsed)) if answer.raw else NOTHING,
            set_aside(read.poison),
            read.unknown_fields,
            stretch(found),  # a transaction becomes several charges: eBay's total counts something else
        )
