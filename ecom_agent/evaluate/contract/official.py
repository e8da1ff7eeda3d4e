"""Amazon's own sandbox cases: request and answer of one operation, out of the models' x-amzn-api-sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_STAND_IN: Final = "ANY"
"""Value of a path parameter that a case leaves out: it must be something to form a path at all."""


@dataclass(frozen=True, slots=True)
class SandboxCase:
    """`template` is the path as the model prints it; `response` None = an answer without a body."""

    name: str
    model: str
    operation: str
    method: str
    template: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int
    response: Any

    @property
    def pattern(self) -> re.Pattern[str]:
        """Every path of this operation."""
        return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^/{}]+\}", self.template))))


def sandbox_cases(specs: Path) -> Iterator[SandboxCase]:
    """Every static case of every model, in the order of the files."""
    for file in sorted((specs / "amazon-sp-api" / "models").glob("*.json")):
        model = orjson.loads(file.read_bytes())
        for template, item in model.get("paths", {}).items():
            for method in _METHODS:
                if method in item:
                    yield from _of_operation(file.stem, template, method, item[method], _declared(model, item, method))


def _declared(model: Mapping[str, Any], item: Mapping[str, Any], method: str) -> dict[str, str]:
    """Where each declared parameter goes: name → path, query, header or body."""
    listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
    whole = [model["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]
    return {p["name"]: p["in"] for p in whole}


def _of_operation(
    file: str, template: str, method: str, operation: Mapping[str, Any], places: Mapping[str, str]
) -> Iterator[SandboxCase]:
    for status, answer in operation.get("responses", {}).items():
        for number, case in enumerate((answer.get("x-amzn-api-sandbox") or {}).get("static", ()), start=1):
            given = case.get("request", {}).get("parameters", {})
            sent: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "body": {}}
            for name, holder in given.items():
                if "value" in holder:
                    sent[places.get(name, "body" if name == "body" else "query")][name] = holder["value"]
            yield SandboxCase(
                name=f"{file} {operation['operationId']} {status} #{number}",
                model=file,
                operation=operation["operationId"],
                method=method.upper(),
                template=template,
                path=_filled(template, sent["path"]),
                query={name: _text(value) for name, value in sent["query"].items()},
                headers={name: _text(value) for name, value in sent["header"].items()},
                body=next(iter(sent["body"].values()), None),
                status=int(status),
                response=case.get("response") if status != "204" else None,
            )


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return re.sub(
        r"\{([^/{}]+)\}", lambda found: quote(_text(values.get(found[1], _STAND_IN)) or _STAND_IN, safe=""), template
    )


def _text(value: Any) -> str:
    """As it stands in a query: lists comma separated, true and false in small letters."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
