"""Backfill of orders by a bulk operation: start, wait, then read the file it wrote as it comes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed, TerminalError, TransientError
from ecom_agent.records.orders import Order
from platforms._shared import paging
from platforms._shared.payload import find, maybe_text, need, text
from platforms.shopify import parse
from platforms.shopify.client import NAME, ShopifyClient, refused, search_text, user_error_codes
from platforms.shopify.documents import BULK_START, BULK_STATE, bulk_orders

PAGE: Final = 250
LONGEST: Final = timedelta(hours=6)
_FIRST_WAIT_S: Final = 2.0
_LONGEST_WAIT_S: Final = 30.0
_BUSY: Final = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
_ENDED: Final = frozenset({"FAILED", "CANCELED", "EXPIRED"})


def pull(client: ShopifyClient, start: datetime, end: datetime) -> Iterator[Page[Order]]:
    """Orders created in [start, end). Pages leave the stream's cursor alone: the sweep goes on from where it was."""
    query = f"created_at:>='{paging.stamp(start)}' AND created_at:<'{paging.stamp(end)}'"
    url = _wait(client, _start(client, query))
    if url is None:
        return
    held: list[tuple[Any, str]] = []
    for node, raw in joined(client.http.lines(url, operation="bulkResult")):
        if len(held) == PAGE:
            yield _page(client, held, more=True)
            held = []
        held.append((node, raw))
    if held:
        yield _page(client, held, more=False)


def joined(lines: Iterable[str]) -> Iterator[tuple[Any, str]]:
    """Orders with their lines, from JSONL in which children follow their parent and name it; with the text of both.

    Raises ParseFailed for a child whose parent is not the last one seen, and for a line that is no JSON object.
    """
    parent: dict[str, Any] | None = None
    texts: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            node = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise ParseFailed(f"bulk file, line {number}", "not JSON: the file is cut off") from None
        above = maybe_text(node, "__parentId")
        if above is None:
            if parent is not None:
                yield parent, "\n".join(texts)
            parent, texts = {**node, "lineItems": {"nodes": []}}, [line]
        elif parent is None or find(parent, "id") != above:
            raise ParseFailed(f"bulk file, line {number}", f"a child of {above}, which is not the order before it")
        else:
            parent["lineItems"]["nodes"].append(node)
            texts.append(line)
    if parent is not None:
        yield parent, "\n".join(texts)


def _start(client: ShopifyClient, query: str) -> str:
    """Starting one changes nothing in the shop: a start without an answer is simply tried again."""
    data = client.run(BULK_START, {"query": bulk_orders(search_text(query))}).parsed
    payload = need(data, BULK_START.name)
    if user_error_codes(payload) & _BUSY:
        raise TransientError(NAME, BULK_START.name, "another bulk operation of this app is running", 60.0)
    refused(BULK_START, payload, client.http)
    return text(payload, "bulkOperation.id")


def _wait(client: ShopifyClient, operation: str) -> str | None:
    """The address of the finished file; None where it would be empty."""
    until, wait_s = client.clock.now() + LONGEST, _FIRST_WAIT_S
    while client.clock.now() < until:
        state = need(client.run(BULK_STATE, {"id": operation}).parsed, BULK_STATE.name)
        status = text(state, "status")
        if status == "COMPLETED":
            return maybe_text(state, "url")
        if status in _ENDED:
            why = maybe_text(state, "errorCode") or status
            raise TerminalError(NAME, BULK_STATE.name, f"the bulk operation ended as {status} ({why})")
        client.clock.sleep(wait_s)
        wait_s = min(_LONGEST_WAIT_S, wait_s * 1.5)
    raise TransientError(NAME, BULK_STATE.name, f"the bulk operation is not done after {LONGEST}")


def _page(client: ShopifyClient, held: list[tuple[Any, str]], *, more: bool) -> Page[Order]:
    read = parse.orders([node for node, _ in held], account=client.account, marketplace=client.marketplace)
    raw = "\n".join(raw for _, raw in held).encode()
    return Page(read.records, None, more, "bulkOrders", raw, read.poison, read.unknown_fields)
