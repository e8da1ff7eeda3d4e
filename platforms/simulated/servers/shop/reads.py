"""The shop's queries. Each is called with `info` and the field's arguments under their own names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from platforms.simulated.servers.shop import nodes
from platforms.simulated.servers.shop.paging import connection
from platforms.simulated.servers.shop.search import matches
from platforms.simulated.state import SHOPIFY, HookSubscription, Order, Product
from platforms.simulated.wire.shop_rest import financial, number
from platforms.simulated.wire.text import seconds


def _orders(
    info: Any,
    first: int | None = None,
    after: str | None = None,
    query: str | None = None,
    reverse: bool = False,
    sortKey: str = "PROCESSED_AT",  # noqa: N803
) -> dict[str, Any]:
    world = info.context.world

    def key(order: Order) -> tuple[Any, ...]:
        no = number(order.order_id)
        if sortKey == "UPDATED_AT":
            return (seconds(order.updated_at), no)
        return (no,) if sortKey in ("ID", "ORDER_NUMBER") else (seconds(order.created_at), no)

    return connection(
        [o for o in world.ledger.orders.values() if o.channel == SHOPIFY and matches(query, _order_terms(o))],
        key=key,
        node=lambda order: nodes.order(world, order),
        first=first,
        after=after,
        reverse=reverse,
        whole=info.context.bulk,
    )


def _order_terms(order: Order) -> dict[str, Any]:
    return {
        "updated_at": order.updated_at.replace(microsecond=0),
        "created_at": order.created_at.replace(microsecond=0),
        "processed_at": order.created_at.replace(microsecond=0),
        "id": number(order.order_id),
        "name": f"#{1000 + order.number}",
        "financial_status": financial(order),
        "fulfillment_status": "shipped" if order.status == "shipped" else "unshipped",
        "status": "cancelled" if order.status == "cancelled" else "open",
    }


def _order(info: Any, id: str) -> dict[str, Any] | None:
    found = info.context.world.ledger.orders.get(id)
    return nodes.order(info.context.world, found) if found else None


def _of_products(
    render: Callable[[Any, Product], dict[str, Any]], terms: Callable[[Any, Product], dict[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """Products, variants and inventory items: one of each per product, paged alike."""

    def pages(
        info: Any,
        first: int | None = None,
        after: str | None = None,
        query: str | None = None,
        reverse: bool = False,
        sortKey: str = "ID",  # noqa: N803
    ) -> dict[str, Any]:
        world = info.context.world
        return connection(
            [p for p in nodes.sold(world) if matches(query, terms(world, p))],
            key=lambda p: (_sort_text(world, p, sortKey), p.shop_no or 0),
            node=lambda p: render(world, p),
            first=first,
            after=after,
            reverse=reverse,
            whole=info.context.bulk,
        )

    return pages


def _sort_text(world: Any, product: Product, key: str) -> str:
    if key == "UPDATED_AT":
        return seconds(nodes.changed_at(world, product))
    return {"TITLE": product.title, "SKU": product.sku}.get(key, "")


def _terms(world: Any, product: Product) -> dict[str, Any]:
    changed = nodes.changed_at(world, product).replace(microsecond=0)
    return {"sku": product.sku, "updated_at": changed, "title": product.title, "status": "active"}


def _item_terms(world: Any, product: Product) -> dict[str, Any]:
    changed = world.stock[product.sku].own_updated_at.replace(microsecond=0)
    return {"sku": product.sku, "updated_at": changed, "id": number(nodes.item_id(product))}


def _one(kind: str, render: Callable[[Any, Product], dict[str, Any]]) -> Callable[..., dict[str, Any] | None]:
    def find(info: Any, id: str) -> dict[str, Any] | None:
        found = nodes.find(info.context.world, id) if f"/{kind}/" in id else None
        return render(info.context.world, found) if found else None

    return find


def _level(info: Any, id: str) -> dict[str, Any] | None:
    world = info.context.world
    return next((found for p in nodes.sold(world) if (found := nodes.level(world, p))["id"] == id), None)


def _location(info: Any, id: str | None = None) -> dict[str, Any] | None:
    return nodes.location() if id in (None, nodes.location_id()) else None


def _locations(info: Any, first: int | None = None, after: str | None = None, **_: Any) -> dict[str, Any]:
    here = [nodes.location()]
    return connection(here, key=lambda _: (1,), node=lambda x: x, first=first, after=after, whole=info.context.bulk)


def _bulk(info: Any, id: str) -> dict[str, Any] | None:
    context = info.context
    found = context.world.bulk_runs.get(id)
    return nodes.bulk(found, context.now, context.bulk_url(id)) if found else None


def _newest_bulk(info: Any, type: str = "QUERY") -> dict[str, Any] | None:
    runs = info.context.world.bulk_runs
    return _bulk(info, next(reversed(runs))) if runs and type == "QUERY" else None


def _hooks(
    info: Any,
    first: int | None = None,
    after: str | None = None,
    reverse: bool = False,
    topics: Sequence[str] | None = None,
) -> dict[str, Any]:
    found: list[HookSubscription] = list(info.context.world.hooks.subscriptions.values())
    return connection(
        [one for one in found if not topics or one.topic in topics],
        key=lambda one: (one.number,),
        node=nodes.hook,
        first=first,
        after=after,
        reverse=reverse,
    )


QUERIES: Final[dict[str, Any]] = {
    "shop": lambda info: nodes.shop(info.context.world),
    "order": _order,
    "orders": _orders,
    "product": _one("Product", nodes.product),
    "products": _of_products(nodes.product, _terms),
    "productVariant": _one("ProductVariant", nodes.variant),
    "productVariants": _of_products(nodes.variant, _terms),
    "inventoryItem": _one("InventoryItem", nodes.inventory_item),
    "inventoryItems": _of_products(nodes.inventory_item, _item_terms),
    "inventoryLevel": _level,
    "location": _location,
    "locations": _locations,
    "bulkOperation": _bulk,
    "currentBulkOperation": _newest_bulk,
    "webhookSubscriptions": _hooks,
}
