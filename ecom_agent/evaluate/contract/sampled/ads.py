"""Amazon Ads' samples: the examples of report answers inside its contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from platforms._shared.read import Read
from platforms.amazon_ads import parse

_FILE: Final = "amazon-ads/openapi/OfflineReport_prod_3p.json"


def examples(specs: Path) -> Iterator[tuple[str, bytes]]:
    """Every example of an answer that was not refused: a name that says of what, and its body."""
    file = specs / _FILE
    document = orjson.loads(file.read_bytes()) if file.is_file() else {"paths": {}}
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, Mapping) and "responses" in operation:
                yield from _of_operation(document, operation)


def _of_operation(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for status, answer in operation["responses"].items():
        for media in _followed(document, answer).get("content", {}).values():
            for one in (media.get("examples") or {}).values():
                if status.startswith("2"):
                    yield f"amazon-ads/{operation['operationId']}", orjson.dumps(_followed(document, one)["value"])


def _followed(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def _report(body: bytes) -> Read[Any]:
    return Read((parse.made(orjson.loads(body)),), (), ())


READERS: Final[Mapping[str, Callable[[bytes], Read[Any]]]] = {
    "amazon-ads/createAsyncReport": _report,
    "amazon-ads/getAsyncReport": _report,
}
