"""Bulk operations: a query run without paging, its nodes as JSON lines, children after their parent with __parentId."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from graphql import GraphQLError, execute_sync, parse, validate

from platforms.simulated.servers.shop.schema import schema

AT_ONCE = 5
DEEPEST = 2


class BulkRefused(Exception):
    """The query cannot be run in bulk; the message is the shop's user error."""


def run(context: Any, query: str) -> tuple[str, int, int]:
    """The file, the number of its objects, and of those at the root."""
    from platforms.simulated.servers.shop.reads import QUERIES

    try:
        document = parse(query)
    except GraphQLError as e:
        raise BulkRefused(f"Invalid bulk query: {e.message}") from None
    problems = validate(schema(), document)
    if problems:
        raise BulkRefused(f"Invalid bulk query: {problems[0].message}")
    result = execute_sync(schema(), document, root_value=QUERIES, context_value=replace(context, bulk=True))
    if result.errors or result.data is None:
        raise BulkRefused(f"Invalid bulk query: {result.errors[0].message if result.errors else 'no data'}")
    roots = [value for value in result.data.values() if isinstance(value, dict) and "edges" in value]
    if len(roots) != 1:
        raise BulkRefused("Bulk queries must contain exactly one top-level connection with edges and nodes.")
    lines = list(_lines(roots[0], None, 1))
    return "".join(orjson.dumps(line).decode() + "\n" for line in lines), len(lines), len(roots[0]["edges"])


def _lines(found: dict[str, Any], parent: str | None, depth: int) -> Iterator[dict[str, Any]]:
    if depth > DEEPEST:
        raise BulkRefused(f"Bulk queries may nest connections at most {DEEPEST} levels deep.")
    for edge in found["edges"]:
        node = edge["node"]
        inner = {name: value for name, value in node.items() if isinstance(value, dict) and "edges" in value}
        row = {name: value for name, value in node.items() if name not in inner}
        yield row if parent is None else {**row, "__parentId": parent}
        for value in inner.values():
            yield from _lines(value, str(node.get("id")), depth + 1)
