"""The shop's mutations: prices, stock by compare-and-swap, bulk runs, webhook subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson
from graphql import GraphQLError, GraphQLResolveInfo

from platforms.simulated import shelf
from platforms.simulated.servers.shop import bulk, nodes
from platforms.simulated.state import SHOPIFY, Product
from platforms.simulated.wire.text import seconds

_HIGHEST_QUANTITY = 1_000_000_000
_REASONS = frozenset(
    [
        "correction",
        "cycle_count_available",
        "damaged",
        "movement_canceled",
        "movement_created",
        "movement_received",
        "movement_updated",
        "other",
        "promotion",
        "quality_control",
        "received",
        "reservation_created",
        "reservation_deleted",
        "reservation_updated",
        "restock",
        "safety_stock",
        "shrinkage",
    ]
)


def _error(code: str, message: str, *field: str) -> dict[str, Any]:
    return {"code": code, "message": message, "field": list(field) or None}


def _update_prices(
    info: Any,
    productId: str,  # noqa: N803
    variants: Sequence[Mapping[str, Any]],
    allowPartialUpdates: bool = False,  # noqa: N803
) -> dict[str, Any]:
    world = info.context.world
    product = nodes.find(world, productId) if "/Product/" in productId else None
    if product is None:
        errors = [_error("PRODUCT_DOES_NOT_EXIST", "Product does not exist", "productId")]
        return {"product": None, "productVariants": None, "userErrors": errors}
    errors, changes = [], []
    for at, wanted in enumerate(variants):
        price = _money(wanted.get("price"))
        error = _price_error(product, wanted, price, str(at))
        if error:
            errors.append(error)
        elif price is not None:
            changes.append((product.sku, int(price * 100)))
    if changes and (allowPartialUpdates or not errors):
        info.context.sim.do("shop_price", changes=changes)
    done = changes and (allowPartialUpdates or not errors)
    shown = [nodes.variant(world, product)] if done else ([] if allowPartialUpdates else None)
    return {"product": nodes.product(world, product), "productVariants": shown, "userErrors": errors}


def _money(value: Any) -> Decimal | None:
    """The scalar Money: a decimal as text or number. Anything else is an error of the document, not of the shop."""
    if value is None:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        raise GraphQLError(f"invalid money '{value}'", extensions={"code": "INVALID_VARIABLE"})
    return found


def _price_error(product: Product, wanted: Mapping[str, Any], price: Decimal | None, at: str) -> dict[str, Any] | None:
    if not wanted.get("id"):
        return _error("PRODUCT_VARIANT_ID_MISSING", "Product variant is missing ID attribute", "variants", at)
    if wanted["id"] != nodes.variant_id(product):
        return _error("PRODUCT_VARIANT_DOES_NOT_EXIST", "Product variant does not exist", "variants", at, "id")
    if price is not None and price < 0:
        message = "Price must be greater than or equal to 0"
        return _error("GREATER_THAN_OR_EQUAL_TO", message, "variants", at, "price")
    if price is not None and price * 100 != (price * 100).to_integral_value():
        return _error("INVALID_VALUE", "Price has more decimals than the currency", "variants", at, "price")
    return None


def _idempotency_key(info: GraphQLResolveInfo[Any]) -> str:
    """The key of @idempotent(key:), which the schema lets one leave out and the service does not."""
    for directive in info.field_nodes[0].directives or ():
        if directive.name.value == "idempotent":
            for argument in directive.arguments or ():
                value: Any = argument.value
                name = getattr(value, "name", None)
                key = info.variable_values.coerced.get(name.value) if name else getattr(value, "value", None)
                if key:
                    return str(key)
    raise GraphQLError("The @idempotent directive is required for this mutation.", extensions={"code": "BAD_REQUEST"})


def _set_stock(info: Any, input: Mapping[str, Any]) -> dict[str, Any]:
    world, key = info.context.world, _idempotency_key(info)
    fingerprint = orjson.dumps(input, option=orjson.OPT_SORT_KEYS).decode()
    if key in world.answers:
        before, answer = world.answers[key]
        if before != fingerprint:
            message = "The idempotency key was used before with other parameters"
            return _stock_refused([_error("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", message)])
        return _stock_done(world, answer, input)
    for row in input["quantities"]:
        if "changeFromQuantity" not in row:
            message = "changeFromQuantity must be provided; pass null to opt out of the check"
            raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    errors, sets = _stock_errors(world, input)
    if errors:
        return _stock_refused(errors)
    answer = info.context.sim.do("shop_stock", sets=sets, key=key, fingerprint=fingerprint)
    return _stock_done(world, answer, input)


def _stock_errors(world: Any, input: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[tuple[str, int]]]:
    errors: list[dict[str, Any]] = []
    sets: list[tuple[str, int]] = []
    if input["name"] != "available":
        errors.append(_error("INVALID_NAME", "The quantity name must be 'available'", "input", "name"))
    if input["reason"] not in _REASONS:
        errors.append(_error("INVALID_REASON", "The specified reason is invalid", "input", "reason"))
    for at, row in enumerate(input["quantities"]):
        where = ("input", "quantities", str(at))
        product = nodes.find(world, row["inventoryItemId"])
        if product is None:
            errors.append(
                _error("INVALID_INVENTORY_ITEM", "The inventory item was not found", *where, "inventoryItemId")
            )
            continue
        expected, quantity = row["changeFromQuantity"], row["quantity"]
        if row["locationId"] != nodes.location_id():
            errors.append(_error("INVALID_LOCATION", "The location was not found", *where, "locationId"))
        elif any(sku == product.sku for sku, _ in sets):
            code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
            errors.append(_error(code, "The item appears twice for one location", *where))
        elif quantity < 0:
            errors.append(_error("INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative", *where, "quantity"))
        elif quantity > _HIGHEST_QUANTITY:
            errors.append(_error("INVALID_QUANTITY_TOO_HIGH", "The quantity is too high", *where, "quantity"))
        elif expected is not None and expected != shelf.shown(world, SHOPIFY, product.sku):
            message = "The changeFromQuantity value does not match the current quantity"
            errors.append(_error("CHANGE_FROM_QUANTITY_STALE", message, *where, "changeFromQuantity"))
        else:
            sets.append((product.sku, quantity))
    return errors, sets


def _stock_refused(errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inventoryAdjustmentGroup": None, "userErrors": errors}


def _stock_done(world: Any, answer: Mapping[str, Any], input: Mapping[str, Any]) -> dict[str, Any]:
    changes = [
        {
            "name": "available",
            "delta": change["delta"],
            "quantityAfterChange": change["after"],
            "item": nodes.inventory_item(world, world.products[change["sku"]]),
            "location": nodes.location(),
        }
        for change in answer["changes"]
    ]
    group = {
        "id": answer["id"],
        "createdAt": seconds(answer["at"]),
        "reason": input["reason"],
        "referenceDocumentUri": input.get("referenceDocumentUri"),
        "changes": changes,
    }
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def _run_bulk(info: Any, query: str, groupObjects: bool = False) -> dict[str, Any]:  # noqa: N803
    context = info.context
    running = [run for run in context.world.bulk_runs.values() if context.now - run.created_at < nodes.BULK_TAKES]
    if len(running) >= bulk.AT_ONCE:
        message = "A bulk query operation for this app and shop is already in progress"
        return {"bulkOperation": None, "userErrors": [_error("OPERATION_IN_PROGRESS", message)]}
    try:
        jsonl, objects, roots = bulk.run(context, query)
    except bulk.BulkRefused as e:
        return {"bulkOperation": None, "userErrors": [_error("INVALID", str(e), "query")]}
    bulk_id = context.sim.do("bulk_run", query=query, jsonl=jsonl, objects=objects, roots=roots)
    made = context.world.bulk_runs[bulk_id]
    return {"bulkOperation": nodes.bulk(made, context.now, context.bulk_url(bulk_id)), "userErrors": []}


def _subscribe(info: Any, topic: str, webhookSubscription: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
    url = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl") or ""
    if not str(url).startswith(("http://", "https://")):
        error = {"field": ["webhookSubscription", "uri"], "message": "Address is not a web address"}
        return {"webhookSubscription": None, "userErrors": [error]}
    world = info.context.world
    if any(s.topic == topic and s.url == url for s in world.hooks.subscriptions.values()):
        error = {"field": ["webhookSubscription", "uri"], "message": "Address for this topic has already been taken"}
        return {"webhookSubscription": None, "userErrors": [error]}
    hook_id = info.context.sim.do("hook_subscribe", topic=topic, url=url)
    return {"webhookSubscription": nodes.hook(world.hooks.subscriptions[hook_id]), "userErrors": []}


def _unsubscribe(info: Any, id: str) -> dict[str, Any]:
    if id not in info.context.world.hooks.subscriptions:
        error = {"field": ["id"], "message": "Webhook subscription does not exist"}
        return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
    info.context.sim.do("hook_unsubscribe", hook_id=id)
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


MUTATIONS: Final[dict[str, Any]] = {
    "productVariantsBulkUpdate": _update_prices,
    "inventorySetQuantities": _set_stock,
    "bulkOperationRunQuery": _run_bulk,
    "webhookSubscriptionCreate": _subscribe,
    "webhookSubscriptionDelete": _unsubscribe,
}
