"""Walmart's samples: the examples inside its contracts, of answers and of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared.read import Read
from platforms.walmart import parse

_WHERE: Final[Mapping[str, Any]] = {"account": AccountId("official"), "marketplace": MarketplaceId("WALMART_US")}
_SEEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
_ANSWERS: Final = ("get", "post", "put", "delete")
_EVENTS: Final = "notifications.asyncapi.yml"


def examples(specs: Path) -> Iterator[tuple[str, bytes]]:
    """Every example of an answer or a webhook: a name that says of what, and its body."""
    for file in sorted((specs / "walmart").glob("*.openapi.json")):
        document = orjson.loads(file.read_bytes())
        for path, item in document["paths"].items():
            for method in _ANSWERS:
                yield from _of_operation(file.name.partition(".")[0], path, method, item.get(method) or {})
    events = specs / "walmart" / _EVENTS
    messages = yaml.safe_load(events.read_text("utf-8"))["components"]["messages"] if events.is_file() else {}
    for name, message in messages.items():
        for example in message.get("examples", ()):
            yield f"walmart/event {name}", orjson.dumps(example["payload"])


def _of_operation(file: str, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for status, answer in operation.get("responses", {}).items():
        content = (answer.get("content") or {}).get("application/json") or {}
        several = [one.get("value") for one in (content.get("examples") or {}).values() if isinstance(one, Mapping)]
        if status.startswith("2"):
            for body in several or [content[name] for name in ("example",) if name in content]:
                yield f"walmart/{file} {operation.get('operationId') or f'{method} {path}'}", orjson.dumps(body)


def _item(body: bytes) -> Read[Any]:
    """One item, as a list of one."""
    return parse.listings(orjson.loads(body), **_WHERE, seen_at=_SEEN)


def _event(body: bytes) -> Read[Any]:
    """The envelope, and of a changed Buy Box what changed."""
    said = parse.event(body)
    found = parse.buy_box_change(said) if said.type == "BUY_BOX_CHANGED" else said
    return Read((found,), (), ())


def _settlement(body: bytes) -> Read[Any]:
    return parse.ReportRows("official", **_WHERE).page(orjson.loads(body))


READERS: Final[Mapping[str, Callable[[bytes], Read[Any]]]] = {
    "walmart/order-management getAllOrders": lambda body: parse.orders(orjson.loads(body), **_WHERE),
    "walmart/returns-management getReturns": lambda body: parse.returns(orjson.loads(body), **_WHERE),
    "walmart/item-management getAnItem": _item,
    "walmart/payment-reports getAvailableV1ReconReportAsJson": _settlement,
    **dict.fromkeys(
        (
            f"walmart/event {name}"
            for name in (
                "OfferPublished", "OfferUnpublished", "BuyBoxChanged", "InventoryOos", "PoCreated",
                "PoLineAutocancelled", "OrderIntentToCancel", "OrderManagementEvent", "DriverStatusNotification",
                "ReturnNotification", "ReportStatus", "AssortmentRecommendations", "SellerPerformanceNotification",
            )
        ),
        _event,
    ),
}  # fmt: skip
