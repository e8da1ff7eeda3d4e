"""getAllItems and getAnItem. A position in the list stays the same from page to page and lives two minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.walmart.call import Call, Operation, invalid, missing
from platforms.simulated.wire import walmart_goods

API: Final = "ITEM"
FIRST: Final = "*"
LIVES: Final = timedelta(minutes=2)


def search(call: Call) -> Any:
    """Where a reader stands is kept here, in memory: a restart forgets it as the two minutes would."""
    size = call.whole("limit", 20, 1, 1000)
    every = [one for one in call.channel.items.values() if call.query.get("sku") in (None, one.sku)]
    given = call.query.get("nextCursor")
    start = call.whole("offset", 0, 0, 10_000) if given in (None, FIRST) else _place(call, str(given))
    rows = [walmart_goods.item(call.world, one) for one in every[start : start + size]]
    answer: dict[str, Any] = {"ItemResponse": rows, "totalItems": len(every)}
    if given is not None and rows:
        cursor = f"AoE{len(_readers(call)):08d}" if given == FIRST else given
        _readers(call)[cursor] = (start + size, call.now)
        answer["nextCursor"] = cursor
    spoil_page(call.servers.faults, rows, heart="sku", status=("publishedStatus",))
    return answer


def _place(call: Call, cursor: str) -> int:
    place, asked_at = _readers(call).get(cursor, (0, None))
    if asked_at is None or call.now - asked_at > LIVES:
        raise invalid(API, "Invalid Cursor", "nextCursor")
    return place


def _readers(call: Call) -> dict[str, tuple[int, datetime]]:
    found: dict[str, tuple[int, datetime]] = call.servers.memory.setdefault("walmart items", {})
    return found


def get(call: Call) -> Any:
    if call.query.get("productIdType", "SKU") != "SKU":
        raise invalid(API, "productIdType: only SKU is known here", "productIdType")
    found = call.channel.by_sku.get(call.path["id"])
    if found is None:
        raise missing(API, f"No item with SKU {call.path['id']}", "sku")
    told = walmart_goods.item(call.world, found)
    del told["availability"]  # lists have it, single items have not
    return {"responseRecord": told}


OPERATIONS: Final = (
    Operation("getAllItems", "GET", "/v3/items", API, 5, 50, search),
    Operation("getAnItem", "GET", "/v3/items/{id}", API, 15, 50, get),
)
