"""Faults inside an answer: fields that no schema knows, one malformed record in a page."""

from __future__ import annotations

from typing import Any

from platforms.simulated.servers.base import WireFaults

_RECORDS = {
    "searchOrders": ("orders",),
    "searchListingsItems": ("items",),
    "getInventorySummaries": ("payload", "inventorySummaries"),
}
_HEART = {"searchOrders": "orderItems", "searchListingsItems": "summaries", "getInventorySummaries": "sellerSku"}


def spoil(faults: WireFaults, operation: str, answer: Any) -> None:
    """Change the records of a page in place, when the dice say so."""
    if operation not in _RECORDS:
        return
    records = answer
    for step in _RECORDS[operation]:
        records = records[step]
    if records and faults.strikes("extra_fields"):
        for record in records:
            record["addedLately"] = {"beta": True}
    if records and faults.strikes("poison_record"):
        records[faults.pick(len(records))][_HEART[operation]] = {"unexpected": "shape"}
