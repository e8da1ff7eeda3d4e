"""From a method and a path to the operation of a vendor's contract files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import orjson
import yaml
from referencing import Registry

from platforms.simulated.contracts import operations
from platforms.simulated.contracts.operations import Operation
from platforms.simulated.contracts.schemas import registry_of

_FOLDERS: Final = (".", "models", "openapi")


class SpecFile:
    """One contract file, read when its vendor is first asked about; its operations when they are."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name, self.document = name, document
        self._operations: dict[tuple[str, str], Operation] = {}

    @cached_property
    def registry(self) -> Registry[Any]:
        return registry_of(self.document)

    @cached_property
    def base(self) -> str:
        return operations.base_of(self.document)

    def operation(self, template: str, method: str) -> Operation:
        key = (template, method)
        if key not in self._operations:
            self._operations[key] = operations.read(self.document, self.name, template, method, self.registry)
        return self._operations[key]


@dataclass(frozen=True)
class Route:
    spec: SpecFile
    template: str
    pattern: re.Pattern[str]
    fixed_query: Mapping[str, str]
    methods: frozenset[str]
    order: tuple[int, int, int]
    """Of two that fit, the one with base path, then with a fixed query, then with fewer variables goes first."""


@dataclass(frozen=True)
class Match:
    route: Route
    path_values: Mapping[str, str]


class Routes:
    """All paths of one vendor. Where two files declare the same path, the first file by name answers."""

    def __init__(self, folder: Path) -> None:
        self._routes = sorted(
            (route for spec in _spec_files(folder) for route in _routes_of(spec)), key=lambda route: route.order
        )

    def find(self, path: str, query: Mapping[str, str]) -> list[Match]:
        """Every route that fits, best first."""
        found = []
        for route in self._routes:
            fits = route.pattern.fullmatch(path)
            if fits and all(query.get(k) == v for k, v in route.fixed_query.items()):
                names = operations.VARIABLE.findall(route.template)
                found.append(Match(route, dict(zip(names, map(unquote, fits.groups()), strict=True))))
        return found


def _spec_files(folder: Path) -> list[SpecFile]:
    specs = []
    for place in _FOLDERS:
        files = sorted(f for f in (folder / place).glob("*") if f.suffix in (".json", ".yaml", ".yml"))
        for file in files:
            if "cases" in file.name or "asyncapi" in file.name:
                continue
            raw = file.read_bytes()
            document = orjson.loads(raw) if file.suffix == ".json" else yaml.load(raw, yaml.CSafeLoader)
            if isinstance(document, dict) and "paths" in document and ("swagger" in document or "openapi" in document):
                specs.append(SpecFile(file.relative_to(folder).as_posix(), document))
    return specs


def _routes_of(spec: SpecFile) -> list[Route]:
    routes = []
    for template, item in spec.document["paths"].items():
        path, _, query = template.partition("?")
        fixed = dict(parse_qsl(query))
        methods = frozenset(m for m in item if m in operations.METHODS)
        variables = len(operations.VARIABLE.findall(path))
        for rank, base in enumerate(dict.fromkeys((spec.base, ""))):
            routes.append(
                Route(
                    spec,
                    template,
                    _pattern(base + path),
                    fixed,
                    methods,
                    (rank if spec.base else 0, -len(fixed), variables),
                )
            )
    return routes


def _pattern(path: str) -> re.Pattern[str]:
    parts = operations.VARIABLE.split(path)
    return re.compile("([^/]+)".join(re.escape(part) for part in parts[::2]) + "/?")
