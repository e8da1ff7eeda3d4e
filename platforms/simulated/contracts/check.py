"""One request against one operation. Pure: values in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from platforms.simulated.contracts.operations import Operation, Parameter
from platforms.simulated.contracts.problems import Problem
from platforms.simulated.contracts.schemas import explain, undeclared

_ELSEWHERE: Final = frozenset({"authorization", "accept", "content-type"})
"""Header parameters that the media types and the security schemes speak for."""
_BODILESS: Final[tuple[Mapping[str, Any], ...]] = ({}, {"type": "object"})
"""Schemas that say nothing: some files print one where the service answers without a body."""


def credentials(operation: Operation, headers: Mapping[str, str], extra: tuple[str, ...]) -> Iterator[Problem]:
    """Are the headers that carry the caller's credentials there? Their value is the server's matter."""
    for name in extra:
        if not headers.get(name.lower()):
            yield Problem(f"header.{name}", "missing", 403)
    missing = [[n for n in names if not headers.get(n.lower())] for names in operation.credentials]
    if missing and all(missing):
        yield Problem(f"header.{min(missing, key=len)[0]}", "missing", 401)


def parameters(
    operation: Operation,
    path: Mapping[str, str],
    query: Mapping[str, str],
    headers: Mapping[str, str],
    fixed_query: Mapping[str, str],
) -> Iterator[Problem]:
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.place == "header":
            if name.lower() not in _ELSEWHERE:
                yield from _one(parameter, headers.get(name.lower()))
        elif parameter.deep:
            if parameter.required and not any(given.startswith(f"{name}[") for given in query):
                yield Problem(f"query.{name}", "missing")
        else:
            yield from _one(parameter, (path if parameter.place == "path" else query).get(name))
    deep = tuple(f"{p.name}[" for p in operation.parameters if p.deep)
    for name in query:
        if name not in operation.query_names and name not in fixed_query and not name.startswith(deep or ("\0",)):
            yield Problem(f"query.{name}", f"{operation.info.operation_id} knows no such parameter")


def content(operation: Operation, headers: Mapping[str, str], body: Any) -> Iterator[Problem]:
    """Media types both ways, and the body against its schema."""
    yield from _accept(operation, headers.get("accept", ""))
    declared = operation.body
    if declared is None:
        return
    if body is None:
        if declared.required:
            yield Problem("body", "missing")
        return
    sent = _bare(headers.get("content-type", ""))
    fitting = next((t for t in declared.types if _bare(t) == sent or _bare(t) == "*/*"), None)
    if fitting is None:
        wanted = " or ".join(declared.types)
        yield Problem("header.Content-Type", f"wanted {wanted}; found {sent or 'none'}", 415)
        return
    if isinstance(body, bytes | str) and not sent.endswith("json"):
        return
    for error in declared.validator(fitting).iter_errors(body):
        where, why = explain(error)
        yield Problem(f"body{where}", why)


def answer(operation: Operation, status: int, body: Any) -> Iterator[Problem]:
    """An answer of ours against what the vendor says it answers, misspelt fields too."""
    name = f"{operation.info.operation_id} {status}"
    declared = operation.answers
    found = declared.get(str(status)) or declared.get(f"{status // 100}XX") or declared.get("default")
    if found is None:
        yield Problem("status", f"{name} is not declared: {', '.join(sorted(declared))} are")
        return
    media = next((t for t in found.types if t == "*/*" or t.endswith("json")), None)
    if body is None or media is None:
        if body is not None:
            yield Problem("body", f"{name} has none")
        elif media is not None and found.schemas[media] not in _BODILESS:
            yield Problem("body", "missing")
        return
    for error in found.validator(media).iter_errors(body):
        where, why = explain(error)
        yield Problem(f"body{where}", why)
    for where in undeclared(body, found.schemas[media], found.registry):
        yield Problem(f"body{where}", f"{name} has no such field")


def _one(parameter: Parameter, text: str | None) -> Iterator[Problem]:
    where = f"{parameter.place}.{parameter.name}"
    if text is None or (text == "" and parameter.required):
        if parameter.required:
            yield Problem(where, "missing")
        return
    for error in parameter.validator.iter_errors(_value(parameter, text)):
        yield Problem(where + explain(error)[0], explain(error)[1])


def _value(parameter: Parameter, text: str) -> Any:
    """The text as its declared type; text that cannot be read stays text, and the schema then says so."""
    kind, items = parameter.kind
    if kind == "array":
        return [_scalar(items, part) for part in text.split(",")] if text else []
    return _scalar(kind, text)


def _scalar(kind: str, text: str) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _accept(operation: Operation, accept: str) -> Iterator[Problem]:
    wanted = [_bare(part) for part in accept.split(",") if part.strip()]
    if not wanted or not operation.produces:
        return
    offered = {_bare(t) for t in operation.produces}
    for one in wanted:
        family = one.partition("/")[0]
        if (
            one in offered
            or one == "*/*"
            or (one == f"{family}/*" and any(o.startswith(family + "/") for o in offered))
        ):
            return
    yield Problem("header.Accept", f"answers are {' or '.join(sorted(operation.produces))}; asked for {accept}", 406)


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
