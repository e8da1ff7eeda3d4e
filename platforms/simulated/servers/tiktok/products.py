"""Products, prices and stock. Prices of a call go live together or not at all; stock lines fail one by one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Item
from platforms.simulated.servers.tiktok import call as codes
from platforms.simulated.servers.tiktok.call import Call, Operation, TikTokRefused, invalid
from platforms.simulated.state import CURRENCY, TIKTOK
from platforms.simulated.wire import tiktok, tiktok_goods

MOST_PRODUCTS: Final = 100
MOST_SKUS: Final = 600
MOST_UNITS: Final = 99_999
_LOWEST, _HIGHEST = Decimal("0.01"), Decimal(7600)
_WORDS: Final = {"ALL": None, "ACTIVATE": "active", "SELLER_DEACTIVATED": "ended"}


def _search(call: Call) -> dict[str, Any]:
    changed = call.window("update_time", call.body, upper="le")
    created = call.window("create_time", call.body, upper="le")
    wanted, skus = call.body.get("status", "ALL"), call.body.get("seller_skus")
    found = [
        item
        for item in call.channel.items.values()
        if changed(tiktok.unix(item.updated_at))
        and created(tiktok.unix(item.created_at))
        and (not skus or item.sku in skus)
        and (wanted == "ALL" or _WORDS.get(wanted) == item.status)
    ]
    rows, token = call.page(found)
    return {"products": [tiktok_goods.product(call.world, one) for one in rows], "total_count": len(found), **token}


def _detail(call: Call) -> dict[str, Any]:
    return tiktok_goods.product(call.world, _item(call))


def _inventory(call: Call) -> dict[str, Any]:
    """SKU ids win over product ids; ids of nothing are passed over."""
    by_sku = call.body.get("sku_ids")
    ids = by_sku or call.body.get("product_ids") or []
    if not 1 <= len(ids) <= (MOST_SKUS if by_sku else MOST_PRODUCTS):
        raise invalid(f"1 to {MOST_PRODUCTS} product_ids or 1 to {MOST_SKUS} sku_ids")
    numbers = [read_id(TIKTOK, "sku" if by_sku else "item", text) for text in ids]
    held = tiktok_goods.committed(call.channel)
    found = [call.channel.items[number] for number in numbers if number in call.channel.items]
    return {"inventory": [tiktok_goods.inventory(call.world, item, held.get(item.number, 0)) for item in found]}


def _update_price(call: Call) -> dict[str, Any]:
    item = _item(call)
    if item.status != "active":
        raise TikTokRefused(codes.NOT_FOR_SALE, "The product is not in the ACTIVATE status")
    prices = [_price(item, wanted) for wanted in call.body.get("skus", ())]
    if not prices:
        raise invalid("skus")
    for price_minor in prices:
        call.servers.sim.do("channel_price", channel=TIKTOK, sku=item.sku, price_minor=price_minor)
    return {}


def _price(item: Item, wanted: Mapping[str, Any]) -> int:
    if wanted.get("id") != print_id(TIKTOK, "sku", item.number):
        raise TikTokRefused(codes.NO_SKU, "The SKU does not belong to the product")
    price = wanted.get("price") or {}
    try:
        amount = Decimal(str(price.get("amount")))
    except InvalidOperation:
        raise TikTokRefused(codes.PRICE_OFF, "The price of the SKU is no number") from None
    if price.get("currency") != CURRENCY:
        raise TikTokRefused(codes.PRICE_OFF, f"The currency of the shop is {CURRENCY}")
    if not amount.is_finite() or not _LOWEST <= amount <= _HIGHEST or amount * 100 != int(amount * 100):
        raise TikTokRefused(codes.PRICE_OFF, f"The price of the SKU must be from {_LOWEST} to {_HIGHEST}")
    return int(amount * 100)


def _update_inventory(call: Call) -> dict[str, Any]:
    """0 units are taken too, although the documentation's range starts at 1: how else would one stop selling?"""
    item, errors = _item(call), []
    for wanted in call.body.get("skus", ()):
        why = _stock_error(item, wanted)
        if why is None:
            units = wanted["inventory"][0]["quantity"]
            call.servers.sim.do("channel_quantity", channel=TIKTOK, sku=item.sku, quantity=units)
        else:
            below = {"warehouse_id": tiktok.WAREHOUSE, "code": codes.WAREHOUSES, "message": why}
            detail = {"sku_id": str(wanted.get("id")), "extra_errors": [below]}
            errors.append({"code": codes.STOCK_LINES, "message": "batch update inventory error", "detail": detail})
    return {"errors": errors} if errors else {}


def _stock_error(item: Item, wanted: Mapping[str, Any]) -> str | None:
    if wanted.get("id") != print_id(TIKTOK, "sku", item.number):
        return "The SKU does not belong to the product"
    inventory = wanted.get("inventory") or []
    named = [entry.get("warehouse_id", tiktok.WAREHOUSE) for entry in inventory]
    if named != [tiktok.WAREHOUSE]:
        return "All warehouses of the SKU must be given, and no other"
    quantity = inventory[0].get("quantity")
    if type(quantity) is not int or not 0 <= quantity <= MOST_UNITS:
        return f"The quantity must be at most {MOST_UNITS}"
    return None


def _item(call: Call) -> Item:
    number = read_id(TIKTOK, "item", call.path["product_id"])
    if number not in call.channel.items:
        raise TikTokRefused(codes.NO_PRODUCT, "The product does not exist")
    return call.channel.items[number]


def _warehouses(call: Call) -> dict[str, Any]:
    warehouse = {
        "id": tiktok.WAREHOUSE,
        "name": "Our warehouse",
        "effect_status": "ENABLED",
        "type": "SALES_WAREHOUSE",
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": True,
    }
    return {"warehouses": [warehouse]}


_ONE: Final = "/product/202309/products/{product_id}"
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "searchProducts",
        "POST",
        "/product/202502/products/search",
        _search,
        records=("products", "skus"),
        status=("status",),
    ),
    Operation("getProduct", "GET", _ONE, _detail),
    Operation("inventorySearch", "POST", "/product/202309/inventory/search", _inventory, records=("inventory", "skus")),
    Operation("updatePrice", "POST", f"{_ONE}/prices/update", _update_price, writes=True),
    Operation("updateInventory", "POST", f"{_ONE}/inventory/update", _update_inventory, writes=True),
    Operation("getWarehouseList", "GET", "/logistics/202309/warehouses", _warehouses),
)
