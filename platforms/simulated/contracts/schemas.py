"""JSON Schema as Swagger 2 and OpenAPI 3 mean it, on `jsonschema`.

Both dialects grew out of draft 4. Three things differ and are added here: `nullable` (also
`x-nullable`), number formats (`int32`, `int64`), and patterns that were written for another regular
expression engine, which are skipped rather than failing every request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT4

ROOT: Final = "urn:contract"

FORMATS: Final = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if len(value) < 20 or value[10] not in "Tt ":
        raise ValueError("no date-time")
    return datetime.fromisoformat(value.upper()).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def _date(value: object) -> bool:
    if isinstance(value, str):
        date.fromisoformat(value)
        return len(value) == 10
    return True


def _fits(bits: int) -> Any:
    return lambda value: not isinstance(value, int) or -(1 << (bits - 1)) <= value < 1 << (bits - 1)


FORMATS.checks("int32")(_fits(32))
FORMATS.checks("int64")(_fits(64))


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    return schema.get("nullable") is True or schema.get("x-nullable") is True


def _type(validator: Any, wanted: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if value is not None or not _may_be_null(schema):
        yield from Draft4Validator.VALIDATORS["type"](validator, wanted, value, schema)


def _enum(validator: Any, wanted: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if value is not None or not _may_be_null(schema):
        yield from Draft4Validator.VALIDATORS["enum"](validator, wanted, value, schema)


def _pattern(_validator: Any, wanted: str, value: Any, _schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if not isinstance(value, str):
        return
    try:
        found = re.search(wanted, value)
    except re.error:
        return
    if found is None:
        yield ValidationError(f"{value!r} does not match {wanted!r}")


def _one_of(validator: Any, schemas: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Read as anyOf: the vendors' alternatives overlap, and their services take what fits any of them."""
    yield from Draft4Validator.VALIDATORS["anyOf"](validator, schemas, value, schema)


_extend: Any = extend
Dialect: type[Validator] = _extend(
    Draft4Validator, {"type": _type, "enum": _enum, "pattern": _pattern, "oneOf": _one_of}
)


def registry_of(document: Mapping[str, Any]) -> Registry[Any]:
    """Lets `$ref: "#/…"` of any schema in `document` be followed."""
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(ROOT, DRAFT4.create_resource(document))
    return filled


def absolute(schema: Any) -> Any:
    """`schema` with its local references made to point into the document, wherever it is lifted out of."""
    if isinstance(schema, dict):
        return {
            key: ROOT + value if key == "$ref" and isinstance(value, str) and value.startswith("#") else absolute(value)
            for key, value in schema.items()
        }
    return [absolute(part) for part in schema] if isinstance(schema, list) else schema


def compiled(schema: Any, registry: Registry[Any]) -> Validator:
    return Dialect(absolute(schema), registry=registry, format_checker=FORMATS)


def explain(error: ValidationError) -> tuple[str, str]:
    """Place and reason of the innermost disagreement, values cut short."""
    while error.context:
        error = min(error.context, key=lambda e: -len(e.absolute_path))
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    message = error.message
    return path, message if len(message) <= 200 else message[:197] + "..."


def undeclared(value: Any, schema: Any, registry: Registry[Any], path: str = "") -> Iterator[str]:
    """Places of fields that the schema does not name: misspelt ones, where next to nothing is required.

    An object whose schema names no fields at all, or allows others in so many words, may hold anything.
    """
    known = list(_alternatives(schema, registry))
    if isinstance(value, list):
        inner = [part["items"] for part in known if "items" in part]
        for number, entry in enumerate(value if inner else ()):
            yield from undeclared(entry, {"anyOf": inner}, registry, f"{path}[{number}]")
        return
    if not isinstance(value, Mapping):
        return
    named: dict[str, list[Any]] = {}
    for part in known:
        for name, inside in part.get("properties", {}).items():
            named.setdefault(name, []).append(inside)
    if not named or any(part.get("additionalProperties") for part in known):
        return
    for name, entry in value.items():
        if name not in named:
            yield f"{path}.{name}"
        else:
            yield from undeclared(entry, {"anyOf": named[name]}, registry, f"{path}.{name}")


def _alternatives(schema: Any, registry: Registry[Any]) -> Iterator[Mapping[str, Any]]:
    """The schema with every part that it is composed of."""
    while "$ref" in schema:
        schema = registry.resolver(ROOT).lookup(ROOT + schema["$ref"].removeprefix(ROOT)).contents
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            yield from _alternatives(part, registry)
