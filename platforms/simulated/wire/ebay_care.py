"""How eBay prints return requests and conversations with buyers."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Letter, Return, Thread
from platforms.simulated.state import CURRENCY, EBAY
from platforms.simulated.wire.ebay_orders import username
from platforms.simulated.wire.text import moment

_STATUS: Final = {
    "requested": "RETURN_REQUESTED",
    "approved": "READY_FOR_SHIPPING",
    "declined": "CLOSED",
    "received": "ITEM_DELIVERED",
    "refunded": "CLOSED",
}
_REASON: Final = {
    "no_longer_wanted": ("BUYER_REMORSE", "NO_LONGER_NEED_ITEM"),
    "not_as_described": ("SNAD", "NOT_AS_DESCRIBED"),
    "damaged": ("SNAD", "ARRIVED_DAMAGED"),
    "wrong_item": ("SNAD", "WRONG_ITEM"),
    "too_late": ("BUYER_REMORSE", "ARRIVED_LATE"),
}


def return_request(channel: Channel, found: Return) -> dict[str, Any]:
    """The summary that a search gives. Post-order prints amounts as numbers."""
    sale = channel.sales[found.sale]
    kind, reason = _REASON[found.reason]
    refund: dict[str, Any] = {"estimatedRefundAmount": _number(found.amount_minor)}
    if found.refund is not None:
        refund["actualRefundAmount"] = _number(channel.refunds[found.refund].total_minor)
    status = _STATUS[found.status]
    return {
        "returnId": print_id(EBAY, "return", found.number),
        "orderId": print_id(EBAY, "sale", found.sale),
        "buyerLoginName": username(sale.customer),
        "sellerLoginName": channel.seller_id,
        "currentType": "MONEY_BACK",
        "state": status,
        "status": status,
        "creationInfo": {
            "item": {
                "itemId": print_id(EBAY, "item", sale.line(found.line).item),
                "transactionId": print_id(EBAY, "line", found.line),
                "returnQuantity": found.quantity,
            },
            "type": "MONEY_BACK",
            "reasonType": kind,
            "reason": reason,
            "creationDate": {"value": moment(found.requested_at)},
        },
        "sellerTotalRefund": refund,
    }


def conversation(channel: Channel, thread: Thread) -> dict[str, Any]:
    """About a listing: the one asked about, or the first of the order."""
    letters = [channel.letters[number] for number in thread.letters]
    item = thread.item or (channel.sales[thread.sale].lines[0].item if thread.sale else None)
    unread = sum(1 for letter in letters if letter.inbound and not letter.read)
    printed: dict[str, Any] = {
        "conversationId": print_id(EBAY, "thread", thread.number),
        "conversationType": "FROM_MEMBERS",
        "conversationStatus": "ACTIVE",
        "conversationTitle": username(thread.customer),
        "createdDate": moment(thread.created_at),
        "unreadCount": unread,
    }
    if letters:
        printed["latestMessage"] = message(channel, letters[-1])
    if item is not None:
        printed |= {"referenceType": "LISTING", "referenceId": print_id(EBAY, "item", item)}
    return printed


def message(channel: Channel, letter: Letter) -> dict[str, Any]:
    buyer = username(channel.threads[letter.thread].customer)
    sender, recipient = (buyer, channel.seller_id) if letter.inbound else (channel.seller_id, buyer)
    return {
        "messageId": print_id(EBAY, "letter", letter.number),
        "createdDate": moment(letter.at),
        "messageBody": letter.text,
        "senderUsername": sender,
        "recipientUsername": recipient,
        "readStatus": letter.read,
        "subject": "About your purchase" if channel.threads[letter.thread].sale else "About your listing",
    }


def _number(minor: int) -> dict[str, Any]:
    return {"value": minor / 100, "currency": CURRENCY}
