"""Faults inside an answer: fields that no schema knows, one malformed record in a page."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.servers.base import WireFaults

_RECORDS: Final = {
    "getOrders": ("orders", "lineItems"),
    "getInventoryItems": ("inventoryItems", "sku"),
    "getTransactions": ("transactions", "amount"),
    "search": ("members", "creationInfo"),
    "getConversation": ("messages", "createdDate"),
}
"""Operation → its records, and the field of one that a malformed record has in another shape."""


def spoil(faults: WireFaults, operation: str, answer: Any) -> None:
    """Change the records of a page in place, when the dice say so."""
    if operation not in _RECORDS:
        return
    key, heart = _RECORDS[operation]
    records = answer[key]
    if records and faults.strikes("extra_fields"):
        for record in records:
            record["addedLately"] = {"beta": True}
    if records and faults.strikes("poison_record"):
        records[faults.pick(len(records))][heart] = {"unexpected": "shape"}
