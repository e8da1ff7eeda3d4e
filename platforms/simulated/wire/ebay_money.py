"""How eBay prints its statement: a sale is one transaction less its fees, and a payout shows on what it settles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Charge
from platforms.simulated.state import EBAY
from platforms.simulated.wire.ebay import amount
from platforms.simulated.wire.ebay_orders import username
from platforms.simulated.wire.text import moment

_OF_A_SALE = ("sale", "shipping", "fee")


def grouped(charges: Iterable[Charge]) -> list[list[Charge]]:
    """Charges by the transaction they are printed in, newest first: what an order brought at one moment together."""
    groups: dict[object, list[Charge]] = {}
    for charge in charges:
        if charge.kind != "payout":
            together = charge.kind in _OF_A_SALE
            groups.setdefault((charge.sale, charge.at) if together else charge.number, []).append(charge)
    return sorted(groups.values(), key=lambda group: (group[0].at, group[0].number), reverse=True)


def kind(group: Sequence[Charge]) -> str:
    """eBay's word for a transaction."""
    return {"refund": "REFUND", "fee_refund": "CREDIT"}.get(group[0].kind, "SALE")


def transaction(channel: Channel, group: Sequence[Charge]) -> dict[str, Any]:
    first, total = group[0], sum(charge.amount_minor for charge in group)
    word = kind(group)
    printed: dict[str, Any] = {
        "transactionId": print_id(EBAY, "charge", first.number),
        "transactionType": word,
        "transactionStatus": "PAYOUT" if first.payout else "FUNDS_AVAILABLE_FOR_PAYOUT",
        "transactionDate": moment(first.at),
        "bookingEntry": "CREDIT" if total >= 0 else "DEBIT",
        "amount": amount(abs(total)),
        "paymentsEntity": "eBay Commerce Inc.",
    }
    if first.payout:
        printed["payoutId"] = print_id(EBAY, "charge", first.payout)
    if first.sale:
        printed["orderId"] = print_id(EBAY, "sale", first.sale)
        printed["buyer"] = {"username": username(channel.sales[first.sale].customer)}
    if word == "CREDIT":
        printed["feeType"] = "FINAL_VALUE_FEE"
    if word == "SALE":
        printed |= _fees(channel, group)
    return printed


def _fees(channel: Channel, group: Sequence[Charge]) -> dict[str, Any]:
    """What was taken of each line; what was taken of the order as a whole stands at its first line."""
    sale = channel.sales[group[0].sale or 0]
    taken: dict[int, list[dict[str, Any]]] = {}
    basis = {charge.line: charge.amount_minor for charge in group if charge.kind == "sale" and charge.line}
    for charge in group:
        if charge.kind == "fee":
            said = "FINAL_VALUE_FEE" if charge.line else "FINAL_VALUE_FEE_FIXED_PER_ORDER"
            fee = {"feeType": said, "amount": amount(-charge.amount_minor)}
            taken.setdefault(charge.line or sale.lines[0].number, []).append(fee)
    return {
        "totalFeeBasisAmount": amount(sum(charge.amount_minor for charge in group if charge.kind != "fee")),
        "totalFeeAmount": amount(-sum(charge.amount_minor for charge in group if charge.kind == "fee")),
        "orderLineItems": [
            {
                "lineItemId": print_id(EBAY, "line", line),
                "feeBasisAmount": amount(basis.get(line, 0)),
                "marketplaceFees": fees,
            }
            for line, fees in taken.items()
        ],
    }
