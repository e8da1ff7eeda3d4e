"""The world's things as GraphQL nodes: mappings whose callables are fields with arguments or costly ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from platforms.simulated import credentials as demo
from platforms.simulated import sellers, shelf
from platforms.simulated.servers.shop.paging import connection
from platforms.simulated.servers.shop.search import matches
from platforms.simulated.state import CURRENCY, SHOPIFY, BulkRun, HookSubscription, Line, Order, Product
from platforms.simulated.wire.shop_rest import financial, number
from platforms.simulated.wire.text import decimal, money, seconds
from platforms.simulated.world import World

VENDOR = "Demo Store"
BULK_TAKES = timedelta(seconds=5)
LOCATION_NO = 91_000_000_001
_PRODUCT_NO, _VARIANT_NO, _ITEM_NO = 7_900_000_000_000, 44_000_000_000_000, 46_000_000_000_000


def gid(kind: str, no: int) -> str:
    return f"gid://shopify/{kind}/{no}"


def location_id() -> str:
    return gid("Location", LOCATION_NO)


def product_id(product: Product) -> str:
    return gid("Product", _PRODUCT_NO + (product.shop_no or 0))


def variant_id(product: Product) -> str:
    return gid("ProductVariant", _VARIANT_NO + (product.shop_no or 0))


def item_id(product: Product) -> str:
    return gid("InventoryItem", _ITEM_NO + (product.shop_no or 0))


def sold(world: World) -> list[Product]:
    """What the shop sells, by its number."""
    return [world.products[sku] for sku in world.shop]


def find(world: World, wanted: str) -> Product | None:
    """The product that a product's, variant's or inventory item's id belongs to."""
    made = {"Product": product_id, "ProductVariant": variant_id, "InventoryItem": item_id}
    kind = wanted.split("/")[-2] if wanted.count("/") >= 3 else ""
    return next((p for p in sold(world) if kind in made and made[kind](p) == wanted), None)


def bag(minor: int) -> dict[str, Any]:
    return {"shopMoney": money(minor), "presentmentMoney": money(minor)}


def shop(world: World) -> dict[str, Any]:
    return {
        "id": gid("Shop", 61_000_000_001),
        "name": VENDOR,
        "myshopifyDomain": sellers.shop(demo.SHOP, world.seller),
        "currencyCode": CURRENCY,
        "ianaTimezone": "America/Chicago",
    }


def location() -> dict[str, Any]:
    def levels(
        info: Any, first: int | None = None, after: str | None = None, query: str | None = None, reverse: bool = False
    ) -> dict[str, Any]:
        world = info.context.world
        promised = committed(world)
        return connection(
            [item for item in sold(world) if matches(query, _level_terms(world, item))],
            key=lambda item: (item.shop_no or 0,),
            node=lambda item: level(world, item, promised),
            first=first,
            after=after,
            reverse=reverse,
            whole=info.context.bulk,
        )

    return {
        "id": location_id(),
        "legacyResourceId": LOCATION_NO,
        "name": "Own warehouse",
        "isActive": True,
        "fulfillsOnlineOrders": True,
        "shipsInventory": True,
        "inventoryLevels": levels,
    }


def _level_terms(world: World, item: Product) -> dict[str, Any]:
    changed = world.stock[item.sku].own_updated_at.replace(microsecond=0)
    return {"updated_at": changed, "inventory_item_id": number(item_id(item))}


def order(world: World, found: Order) -> dict[str, Any]:
    cancelled = found.status == "cancelled"
    refunded = found.total_minor if cancelled else found.refunded_minor
    left = found.total_minor - refunded
    address = {
        "id": gid("MailingAddress", 9_000_000_000 + found.number),
        "city": found.buyer.city,
        "country": "United States",
        "countryCodeV2": "US",
        "provinceCode": found.buyer.region,
        "zip": found.buyer.postal_code,
    }
    return {
        "id": found.order_id,
        "name": f"#{1000 + found.number}",
        "number": 1000 + found.number,
        "legacyResourceId": number(found.order_id),
        "createdAt": seconds(found.created_at),
        "updatedAt": seconds(found.updated_at),
        "processedAt": seconds(found.created_at),
        "cancelledAt": seconds(found.cancelled_at) if found.cancelled_at else None,
        "cancelReason": "CUSTOMER" if cancelled else None,
        "closed": False,
        "confirmed": True,
        "test": False,
        "tags": [],
        "sourceName": "web",
        "currencyCode": CURRENCY,
        "presentmentCurrencyCode": CURRENCY,
        "displayFinancialStatus": financial(found).upper(),
        "displayFulfillmentStatus": "FULFILLED" if found.status == "shipped" else "UNFULFILLED",
        "subtotalPriceSet": bag(found.items_minor),
        "totalPriceSet": bag(found.total_minor),
        "originalTotalPriceSet": bag(found.total_minor),
        "totalShippingPriceSet": bag(found.shipping_minor),
        "currentTotalPriceSet": bag(left),
        "currentSubtotalPriceSet": bag(max(0, left - found.shipping_minor)),
        "totalRefundedSet": bag(refunded),
        "totalTaxSet": bag(0),
        "totalDiscountsSet": bag(0),
        "totalReceivedSet": bag(found.total_minor),
        "netPaymentSet": bag(left),
        "shippingAddress": address,
        "billingAddress": address,
        "lineItems": lambda info, first=None, after=None, reverse=False: connection(
            list(enumerate(found.lines)),
            key=lambda pair: (pair[0],),
            node=lambda pair: line(world, found, pair[1]),
            first=first,
            after=after,
            reverse=reverse,
            whole=info.context.bulk,
        ),
    }


def line(world: World, found: Order, one: Line) -> dict[str, Any]:
    item = world.products[one.sku]
    kept = 0 if found.status == "cancelled" else one.quantity - one.returned
    return {
        "id": one.line_id,
        "sku": one.sku,
        "title": item.title,
        "name": item.title,
        "vendor": VENDOR,
        "quantity": one.quantity,
        "currentQuantity": kept,
        "unfulfilledQuantity": kept if found.status == "unshipped" else 0,
        "refundableQuantity": kept,
        "requiresShipping": True,
        "variant": lambda info: variant(world, item),
        "product": lambda info: product(world, item),
        "originalUnitPriceSet": bag(one.price_minor),
        "originalTotalSet": bag(one.total_minor),
        "discountedUnitPriceSet": bag(one.price_minor),
        "discountedTotalSet": bag(one.total_minor),
    }


def product(world: World, item: Product) -> dict[str, Any]:
    return {
        "id": product_id(item),
        "legacyResourceId": _PRODUCT_NO + (item.shop_no or 0),
        "title": item.title,
        "handle": item.sku.lower(),
        "status": "ACTIVE",
        "vendor": VENDOR,
        "productType": item.category.title(),
        "createdAt": seconds(world.start),
        "updatedAt": seconds(changed_at(world, item)),
        "totalInventory": shelf.shown(world, SHOPIFY, item.sku),
        "tags": [],
        "variants": lambda info, first=None, after=None, reverse=False: connection(
            [item],
            key=lambda one: (1,),
            node=lambda one: variant(world, one),
            first=first,
            after=after,
            reverse=reverse,
            whole=info.context.bulk,
        ),
    }


def changed_at(world: World, item: Product) -> datetime:
    return world.shop[item.sku].updated_at


def variant(world: World, item: Product) -> dict[str, Any]:
    units = shelf.shown(world, SHOPIFY, item.sku)
    return {
        "id": variant_id(item),
        "legacyResourceId": _VARIANT_NO + (item.shop_no or 0),
        "sku": item.sku,
        "title": "Default Title",
        "displayName": f"{item.title} - Default Title",
        "price": decimal(world.shop[item.sku].price_minor),
        "position": 1,
        "createdAt": seconds(world.start),
        "updatedAt": seconds(changed_at(world, item)),
        "availableForSale": units > 0,
        "inventoryQuantity": units,
        "inventoryPolicy": "DENY",
        "taxable": True,
        "inventoryItem": lambda info: inventory_item(world, item),
        "product": lambda info: product(world, item),
    }


def inventory_item(world: World, item: Product) -> dict[str, Any]:
    return {
        "id": item_id(item),
        "legacyResourceId": _ITEM_NO + (item.shop_no or 0),
        "sku": item.sku,
        "tracked": True,
        "requiresShipping": True,
        "createdAt": seconds(world.start),
        "updatedAt": seconds(world.stock[item.sku].own_updated_at),
        "unitCost": money(item.cost_minor),
        "variant": lambda info: variant(world, item),
        "inventoryLevel": lambda info, locationId: level(world, item) if locationId == location_id() else None,  # noqa: N803
        "inventoryLevels": lambda info, first=None, after=None, reverse=False: connection(
            [item],
            key=lambda one: (1,),
            node=lambda one: level(world, one),
            first=first,
            after=after,
            reverse=reverse,
            whole=info.context.bulk,
        ),
    }


def committed(world: World) -> Counter[str]:
    """Units of our own that are sold and still here, by SKU."""
    found: Counter[str] = Counter()
    for one in world.ledger.orders.values():
        if not one.is_fba and one.status in ("pending", "unshipped"):
            for sold_line in one.lines:
                found[sold_line.sku] += sold_line.quantity
    return found


def level(world: World, item: Product, promised: Mapping[str, int] | None = None) -> dict[str, Any]:
    """`promised`: what `committed` gives, for those who show many levels."""
    stock = world.stock[item.sku]
    held = (committed(world) if promised is None else promised).get(item.sku, 0)
    units = shelf.shown(world, SHOPIFY, item.sku)
    amounts = {"available": units, "committed": held, "incoming": stock.own_inbound}
    amounts["on_hand"] = units + held
    at = seconds(stock.own_updated_at)

    def quantities(info: Any, names: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {
                "id": f"gid://shopify/InventoryQuantity/{_ITEM_NO + (item.shop_no or 0)}?name={name}",
                "name": name,
                "quantity": amounts.get(name, 0),
                "updatedAt": at,
            }
            for name in names
        ]

    return {
        "id": f"gid://shopify/InventoryLevel/{LOCATION_NO}?inventory_item_id={_ITEM_NO + (item.shop_no or 0)}",
        "isActive": True,
        "createdAt": seconds(world.start),
        "updatedAt": at,
        "item": lambda info: inventory_item(world, item),
        "location": location(),
        "quantities": quantities,
    }


def bulk(run: BulkRun, now: datetime, url: str) -> dict[str, Any]:
    """A bulk operation takes a few seconds; only then has it a file."""
    done = now - run.created_at >= BULK_TAKES
    return {
        "id": run.bulk_id,
        "status": "COMPLETED" if done else "RUNNING" if now > run.created_at else "CREATED",
        "createdAt": seconds(run.created_at),
        "completedAt": seconds(run.created_at + BULK_TAKES) if done else None,
        "objectCount": str(run.objects if done else 0),
        "rootObjectCount": str(run.roots if done else 0),
        "fileSize": str(len(run.jsonl)) if done else None,
        "url": url if done and run.objects else None,
        "query": run.query,
        "type": "QUERY",
    }


def hook(found: HookSubscription) -> dict[str, Any]:
    return {
        "id": found.hook_id,
        "legacyResourceId": found.number,
        "topic": found.topic,
        "uri": found.url,
        "callbackUrl": found.url,
        "format": "JSON",
        "createdAt": seconds(found.created_at),
        "updatedAt": seconds(found.created_at),
    }
