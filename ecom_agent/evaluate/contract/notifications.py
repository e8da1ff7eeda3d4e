"""Part four: the vendors' own examples of what they tell us unasked.

Amazon: each of the `examples` of a notification schema goes through our parser. Of a type we subscribe to, its
record must come out and name what the message names; of another, its type and id must be kept.
Shopify: each example of a topic about orders goes through the connector's webhook reader. A payload that holds the
order must become that order with all its lines; one that only points to it (deleted, edited) must come to nothing,
without a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from ecom_agent.evaluate.contract.signatures import shop
from ecom_agent.evaluate.contract.tally import Tally, crash
from ecom_agent.ids import AccountId
from ecom_agent.records.events import Notification
from ecom_agent.records.orders import Order
from platforms.amazon import parse as amazon
from platforms.amazon.parse.notifications import ANY_OFFER_CHANGED, ORDER_CHANGE, PRICING_HEALTH

_ACCOUNT: Final = AccountId("official")
_SEEN: Final = datetime(2026, 11, 1, tzinfo=UTC)

ReadAmazon = Callable[[bytes], Notification]
ReadShopify = Callable[[str, bytes], Order | None]


def run(specs: Path, *, read_amazon: ReadAmazon | None = None, read_shopify: ReadShopify | None = None) -> Tally:
    """All examples of the folder. The readers hand in other parsers (a test's wrong ones)."""
    tally = Tally("notifications")
    for name, example in amazon_examples(specs):
        tally.count(name, _guarded(lambda: _amazon(example, read_amazon or _read_amazon)))  # noqa: B023  # called at once
    for name, example in shopify_examples(specs):
        tally.count(name, _guarded(lambda: _shopify(example, read_shopify or _read_shopify)))  # noqa: B023  # the same
    return tally


def amazon_examples(specs: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in sorted((specs / "amazon-sp-api" / "schemas" / "notifications").glob("*.json")):
        for number, example in enumerate(orjson.loads(file.read_bytes()).get("examples") or (), start=1):
            yield f"{file.stem} #{number}", example


def shopify_examples(specs: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Topic and payload of each example about orders."""
    for file in sorted((specs / "shopify").glob("webhooks-*/orders__*.example.json")):
        yield file.name.removesuffix(".example.json"), orjson.loads(file.read_bytes())


def _guarded(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        return crash(error)


def _read_amazon(body: bytes) -> Notification:
    return amazon.notification(body, account=_ACCOUNT, seen_at=_SEEN)


def _read_shopify(topic: str, body: bytes) -> Order | None:
    order: Order | None = shop("official").read_webhook(topic, body)
    return order


def _amazon(example: Mapping[str, Any], read: ReadAmazon) -> str | None:
    low = _lower(example)
    found = read(orjson.dumps(example))
    kind, metadata = low["notificationtype"], low.get("notificationmetadata") or {}
    if found.type != kind:
        return f"type {kind!r} was read as {found.type!r}"
    if metadata.get("notificationid") not in (None, found.id):
        return f"id {metadata['notificationid']!r} was read as {found.id!r}"
    if kind not in _NAMED:
        return None
    if found.content is None:
        return f"{kind} gave no record"
    named = {str(value) for value in vars_of(found.content)}
    return next((f"{path} is lost" for path in _NAMED[kind] if str(_at(low, path)) not in named), None)


_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    ANY_OFFER_CHANGED: (
        "payload.anyofferchangednotification.offerchangetrigger.asin",
        "payload.anyofferchangednotification.offerchangetrigger.marketplaceid",
    ),
    ORDER_CHANGE: ("payload.orderchangenotification.amazonorderid",),
    PRICING_HEALTH: (
        "payload.offerchangetrigger.asin",
        "payload.offerchangetrigger.marketplaceid",
        "payload.issuetype",
    ),
}
"""What the record of a subscribed type must hold, by its place in the example (small letters)."""


def vars_of(record: Any) -> list[Any]:
    return [getattr(record, name) for name in record.__dataclass_fields__]


def _lower(part: Any) -> Any:
    """Keys in small letters: Amazon writes them in PascalCase or camelCase, by type."""
    if isinstance(part, Mapping):
        return {str(key).lower(): _lower(value) for key, value in part.items()}
    return [_lower(one) for one in part] if isinstance(part, list) else part


def _at(low: Any, path: str) -> Any:
    for name in path.split("."):
        low = low[name]
    return low


def _shopify(example: Mapping[str, Any], read: ReadShopify) -> str | None:
    payload = example["payload"]
    order = read(example["topic"], orjson.dumps(payload))
    if "line_items" not in payload:
        return None if order is None else f"{example['topic']} holds no order, yet one was read"
    if order is None:
        return "the order in it was not read"
    if payload["admin_graphql_api_id"] != order.order_id:
        return f"order {payload['admin_graphql_api_id']} was read as {order.order_id}"
    lines = len(payload["line_items"])
    return None if len(order.lines) == lines else f"{lines} lines, but {len(order.lines)} were read"
