"""Connections: a sorted list cut into pages. The cursor holds the sort key, so a record that moves is not met twice."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from graphql import GraphQLError

T = TypeVar("T")
MOST = 250


def connection(
    found: Sequence[T],
    *,
    key: Callable[[T], tuple[Any, ...]],
    node: Callable[[T], Any],
    first: int | None,
    after: str | None,
    reverse: bool = False,
    whole: bool = False,
) -> dict[str, Any]:
    """`whole` = no paging (bulk operations). Keys are compared as text or numbers and are unique."""
    if first is None and not whole:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if first is not None and not 0 <= first <= MOST:
        raise GraphQLError(f"first must be from 0 to {MOST}", extensions={"code": "BAD_REQUEST"})
    keyed = sorted(((key(item), item) for item in found), key=lambda pair: pair[0], reverse=reverse)
    if after is not None:
        at = _read(after)
        keyed = [pair for pair in keyed if (pair[0] < at if reverse else pair[0] > at)]
    page = keyed if whole or first is None else keyed[:first]
    edges = [{"cursor": _cursor(at), "node": node(item)} for at, item in page]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": len(page) < len(keyed),
            "hasPreviousPage": after is not None,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _cursor(key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode()


def _read(cursor: str) -> tuple[Any, ...]:
    try:
        return tuple(orjson.loads(base64.urlsafe_b64decode(cursor)))
    except (binascii.Error, ValueError, TypeError):
        raise GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}) from None
