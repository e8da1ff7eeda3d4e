"""Shopify's search text: `updated_at:>='2026-11-01T00:00:00Z' AND sku:MUG`, as far as a sync needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from platforms.simulated.wire.text import read_moment

_TERM = re.compile(r"""(?P<field>\w+):(?P<op>>=|<=|>|<|)(?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]+)""")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: bool(a >= b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    "<": lambda a, b: bool(a < b),
    "": lambda a, b: bool(a == b),
}


def matches(text: str | None, known: Mapping[str, Any]) -> bool:
    """Whether all terms hold for a record with the fields `known`. A field that is not known is passed over."""
    return all(_holds(term, known) for term in _TERM.finditer(text or ""))


def _holds(term: re.Match[str], known: Mapping[str, Any]) -> bool:
    if term["field"] not in known:
        return True
    mine, value = known[term["field"]], _bare(term["value"])
    if isinstance(mine, datetime):
        try:
            return _COMPARE[term["op"]](mine, read_moment(value))
        except ValueError:
            return True
    if isinstance(mine, int):
        return _COMPARE[term["op"]](mine, int(value)) if value.lstrip("-").isdigit() else False
    return str(mine).lower() == value.lower()


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "'\"" else value
