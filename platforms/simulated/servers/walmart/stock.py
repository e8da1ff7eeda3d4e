"""Inventory at our one ship node, read and set; Walmart's own warehouses hold nothing of ours."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.walmart.call import Call, Operation, invalid, missing
from platforms.simulated.servers.walmart.credentials import SHIP_NODE
from platforms.simulated.wire import walmart_goods

API: Final = "INVENTORY"


def every(call: Call) -> Any:
    """Read one page after the other: a position that was used, or is not the newest one, is refused with 404."""
    size, given = call.whole("limit", 10, 1, 50), call.query.get("nextCursor")
    memory = call.servers.memory
    if given is not None and memory.get("walmart stock") != given:
        raise missing(API, "The cursor was used before, or is out of order", "nextCursor")
    start = int(given.rpartition("-")[2]) if given else 0
    items = list(call.channel.items.values())
    page = items[start : start + size]
    taken = walmart_goods.reserved(call.channel)
    rows = [walmart_goods.nodes(call.world, one, SHIP_NODE, taken[one.sku]) for one in page]
    spoil_page(call.servers.faults, rows, heart="nodes")
    meta: dict[str, Any] = {"totalCount": len(items)}
    memory.pop("walmart stock", None)
    if start + size < len(items):
        memory["walmart sweeps"] = memory.get("walmart sweeps", 0) + 1
        meta["nextCursor"] = memory["walmart stock"] = f"sweep-{memory['walmart sweeps']}-{start + size}"
    return {"meta": meta, "elements": {"inventories": rows}}


def one(call: Call) -> Any:
    found = call.channel.by_sku.get(call.path["sku"])
    if found is None:
        raise missing(API, f"No inventory of SKU {call.path['sku']}", "sku")
    return walmart_goods.nodes(call.world, found, SHIP_NODE, walmart_goods.reserved(call.channel)[found.sku])


def get(call: Call) -> Any:
    found = call.channel.by_sku.get(call.query["sku"])
    if found is None or call.query.get("shipNode", SHIP_NODE) != SHIP_NODE:
        raise missing(API, f"No inventory of SKU {call.query['sku']}", "sku")
    return {"sku": found.sku, "quantity": walmart_goods.quantity(reads.available(call.world, found))}


def put(call: Call) -> Any:
    """Replace what is shown. More than we have is taken, and no more than we have is ever sold."""
    sku, units = call.query["sku"], call.body["quantity"]["amount"]
    if call.body["sku"] != sku:
        raise invalid(API, "The SKU of the body is another than that of the query", "sku")
    if call.query.get("shipNode", SHIP_NODE) != SHIP_NODE:
        raise invalid(API, f"Ship node {call.query['shipNode']} is not of this seller", "shipNode")
    if not isinstance(units, int) or units < 0:
        raise invalid(API, "The amount must be a whole number of zero or more", "quantity.amount")
    if sku not in call.channel.by_sku:
        raise missing(API, f"No item with SKU {sku}", "sku")
    call.do("channel_quantity", sku=sku, quantity=units)
    return {"sku": sku, "quantity": walmart_goods.quantity(units)}


def warehouse(call: Call) -> Any:
    size, start = call.whole("limit", 10, 1, 300), call.whole("offset", 0, 0, 1_000_000)
    return {"headers": {"totalCount": 0, "limit": size, "offset": start}, "payload": {"inventory": []}}


OPERATIONS: Final = (
    Operation("getMultiNodeInventoryForAllSkuAndAllShipNodes", "GET", "/v3/inventories", API, 5, 50, every),
    Operation("getMultiNodeInventoryForSkuAndAllShipnodes", "GET", "/v3/inventories/{sku}", API, 5, 50, one),
    Operation("getInventory", "GET", "/v3/inventory", API, 5, 50, get),
    Operation("updateInventoryForAnItem", "PUT", "/v3/inventory", API, 3, 20, put, writes=True),
    Operation("getWFSInventoryDetails", "GET", "/v3/wfs/inventory", API, 5, 50, warehouse),
)
