"""Sell Finances: getTransactions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.servers.ebay.call import Answer, Call, Numbers, Operation, filters, page, span
from platforms.simulated.wire import ebay_money

BASE: Final = "/sell/finances/v1"
_NUMBERS: Final = Numbers("API_FINANCES", limit=135003, offset=135003, filter=135008, date=135008, order=135008)
_KNOWN: Final = ("transactionDate", "transactionType", "transactionStatus", "orderId", "payoutId", "transactionId")
_ALONE: Final = {"transactionType": "transactionType", "transactionStatus": "transactionStatus", "orderId": "orderId",
                 "payoutId": "payoutId", "transactionId": "transactionId"}  # fmt: skip
_USUAL: Final = timedelta(days=90)


def search(call: Call) -> Any:
    """Newest first; nothing found is 204 without a body."""
    wanted = filters(call, _KNOWN, _NUMBERS)
    start, end = call.now - _USUAL, call.now
    if "transactionDate" in wanted:
        start, end = span(call, wanted["transactionDate"], _NUMBERS)
    charges = [charge for charge in reads.charges(call.channel, start) if charge.at <= end]
    groups: list[Any] = ebay_money.grouped(charges)
    if single := {field: wanted[name] for name, field in _ALONE.items() if name in wanted}:
        groups = [
            group
            for group in groups
            if all(ebay_money.transaction(call.channel, group).get(f) == v for f, v in single.items())
        ]
    if not groups:
        return Answer(None, 204)
    answer = page(call, f"{BASE}/transaction", "transactions", groups, _NUMBERS, default=20, most=1000)
    answer["transactions"] = [ebay_money.transaction(call.channel, group) for group in answer["transactions"]]
    return answer


OPERATIONS: Final = (Operation("getTransactions", "GET", f"{BASE}/transaction", "sell.finances", 100_000, search),)
