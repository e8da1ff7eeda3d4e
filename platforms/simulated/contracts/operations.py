"""One operation of a contract file, Swagger 2 or OpenAPI 3, brought to one shape and made checkable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from jsonschema.protocols import Validator
from referencing import Registry

from platforms.simulated.contracts.problems import OperationInfo
from platforms.simulated.contracts.schemas import ROOT, compiled

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
VARIABLE: Final = re.compile(r"\{([^/{}]+)\}")
_NOT_SCHEMA: Final = {"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"}


@dataclass(frozen=True)
class Parameter:
    """A path, query or header parameter. `name` keeps the contract's spelling."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    deep: bool
    registry: Registry[Any]

    @cached_property
    def validator(self) -> Validator:
        return compiled(self.schema, self.registry)

    @cached_property
    def kind(self) -> tuple[str, str]:
        """(type, type of the items): what the text of a value is read as; "" = text."""
        schema = _followed(self.schema, self.registry)
        return str(schema.get("type", "")), str(_followed(schema.get("items", {}), self.registry).get("type", ""))


@dataclass(frozen=True)
class Body:
    """`types` are the media types the operation takes, lower case; `schemas` by media type."""

    required: bool
    schemas: Mapping[str, Any]
    registry: Registry[Any]
    _validators: dict[str, Validator] = field(default_factory=dict)

    @property
    def types(self) -> Iterable[str]:
        return self.schemas

    def validator(self, media_type: str) -> Validator:
        if media_type not in self._validators:
            self._validators[media_type] = compiled(self.schemas[media_type], self.registry)
        return self._validators[media_type]


@dataclass(frozen=True)
class Operation:
    info: OperationInfo
    parameters: Sequence[Parameter]
    body: Body | None
    produces: frozenset[str]
    credentials: tuple[tuple[str, ...], ...]
    """Header names that must be there, one tuple per alternative; empty = none asked for."""
    answers: Mapping[str, Body]
    """By status as the file prints it ("200", "2XX", "default"); no media types = an answer without a body."""

    @cached_property
    def query_names(self) -> frozenset[str]:
        return frozenset(p.name for p in self.parameters if p.place == "query")


def base_of(document: Mapping[str, Any]) -> str:
    """Path before every path of the file ("/sell/inventory/v1"), "" where there is none."""
    if "swagger" in document:
        return str(document.get("basePath") or "").rstrip("/")
    for server in document.get("servers") or ():
        values = {name: str(v.get("default", "")) for name, v in server.get("variables", {}).items()}
        url = VARIABLE.sub(lambda m, values=values: values.get(m[1], ""), server["url"])  # type: ignore[misc]  # a default holds the loop's value
        return urlsplit(url).path.rstrip("/")
    return ""


def read(document: Mapping[str, Any], spec: str, template: str, method: str, registry: Registry[Any]) -> Operation:
    """The operation `method` of path `template`; a template with a query string is read up to it."""
    item = document["paths"][template]
    raw = item[method]
    declared: dict[tuple[str, str], Mapping[str, Any]] = {}
    for parameter in [*item.get("parameters", ()), *raw.get("parameters", ())]:
        parameter = _followed(parameter, registry)
        declared[(parameter["in"], parameter["name"])] = parameter
    swagger = "swagger" in document
    body = _swagger_body(document, raw, declared, registry) if swagger else _open_body(raw, registry)
    return Operation(
        info=OperationInfo(raw.get("operationId", f"{method} {template}"), spec, template, base_of(document)),
        parameters=[
            _parameter(p, registry) for (place, _), p in declared.items() if place in ("path", "query", "header")
        ],
        body=body,
        produces=_produces(document, raw, registry, swagger),
        credentials=_credentials(document, raw),
        answers={
            str(status): _answer(document, raw, _followed(answer, registry), registry, swagger)
            for status, answer in raw.get("responses", {}).items()
        },
    )


def _followed(part: Mapping[str, Any], registry: Registry[Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        part = registry.resolver(ROOT).lookup(ROOT + part["$ref"].removeprefix(ROOT)).contents
    return part


def _parameter(raw: Mapping[str, Any], registry: Registry[Any]) -> Parameter:
    schema = raw.get("schema") or {k: v for k, v in raw.items() if k not in _NOT_SCHEMA and not k.startswith("x-")}
    return Parameter(
        raw["name"], raw["in"], bool(raw.get("required")), schema, raw.get("style") == "deepObject", registry
    )


def _swagger_body(
    document: Mapping[str, Any],
    raw: Mapping[str, Any],
    declared: Mapping[tuple[str, str], Any],
    registry: Registry[Any],
) -> Body | None:
    for (place, _), parameter in declared.items():
        if place == "body":
            types = raw.get("consumes") or document.get("consumes") or ["application/json"]
            return Body(
                bool(parameter.get("required")), {t.lower(): parameter.get("schema", {}) for t in types}, registry
            )
    return None


def _open_body(raw: Mapping[str, Any], registry: Registry[Any]) -> Body | None:
    if "requestBody" not in raw:
        return None
    body = _followed(raw["requestBody"], registry)
    content = body.get("content", {})
    return Body(bool(body.get("required")), {k.lower(): v.get("schema", {}) for k, v in content.items()}, registry)


def _answer(
    document: Mapping[str, Any],
    raw: Mapping[str, Any],
    answer: Mapping[str, Any],
    registry: Registry[Any],
    swagger: bool,
) -> Body:
    if swagger:
        types = raw.get("produces") or document.get("produces") or ["application/json"]
        schemas = {t.lower(): answer["schema"] for t in types} if "schema" in answer else {}
    else:
        schemas = {t.lower(): media.get("schema", {}) for t, media in answer.get("content", {}).items()}
    return Body(bool(schemas), schemas, registry)


def _produces(
    document: Mapping[str, Any], raw: Mapping[str, Any], registry: Registry[Any], swagger: bool
) -> frozenset[str]:
    if swagger:
        return frozenset(t.lower() for t in raw.get("produces") or document.get("produces") or ())
    answers = (_followed(r, registry) for code, r in raw.get("responses", {}).items() if str(code)[0] == "2")
    return frozenset(t.lower() for answer in answers for t in answer.get("content", {}))


def _credentials(document: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """A scheme that is used and nowhere defined asks for nothing: some vendors' files name such ones."""
    schemes = document.get("securityDefinitions") or document.get("components", {}).get("securitySchemes") or {}
    wanted: list[tuple[str, ...]] = []
    for alternative in raw.get("security", document.get("security")) or ():
        headers = []
        for name in alternative:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                headers.append(scheme["name"])
            elif scheme.get("type") in ("oauth2", "http", "basic", "openIdConnect"):
                headers.append("Authorization")
        wanted.append(tuple(headers))
    return () if () in wanted else tuple(wanted)
