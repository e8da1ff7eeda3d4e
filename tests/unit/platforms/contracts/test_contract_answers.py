"""Answers of our servers against contracts of both dialects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from platforms.simulated.contracts import Contracts

SHELF: dict[str, Any] = {"type": "object", "properties": {"of": {"$ref": "#/definitions/Tin"}}}
TIN: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "inside": {"type": "array", "items": {"$ref": "#/definitions/Tin"}},
        "notes": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object"},
        "aspects": {"type": "string"},
    },
}


def written(document: Any, refs: str) -> Any:
    return json.loads(json.dumps(document).replace("#/definitions/", refs))


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    folder = tmp_path_factory.mktemp("answers")
    schema = {"allOf": [{"$ref": "#/definitions/Tin"}, SHELF]}
    swagger = {
        "swagger": "2.0",
        "paths": {"/tins": {"get": {"operationId": "tins", "responses": {"200": {"schema": schema}, "204": {}}}}},
        "definitions": {"Tin": TIN},
    }
    content = {"application/json": {"schema": written(schema, "#/components/schemas/")}}
    openapi = {
        "openapi": "3.0.0",
        "paths": {"/tins": {"get": {"operationId": "tins", "responses": {"200": {"content": content}, "204": {}}}}},
        "components": {"schemas": {"Tin": written(TIN, "#/components/schemas/")}},
    }
    for vendor, document in (("old", swagger), ("new", openapi), ("ebay", openapi)):
        (folder / vendor).mkdir()
        (folder / vendor / "tins.json").write_text(json.dumps(document))
    return Contracts.load(folder)


@pytest.mark.parametrize("vendor", ["old", "new"])
@pytest.mark.parametrize(
    ("status", "body", "where"),
    [
        (200, {"id": "1", "of": {"id": "2"}, "inside": [{"id": "3"}]}, []),
        (200, {"id": "1", "notes": {"any": "text"}, "free": {"of": 1}}, []),
        (200, {"of": {"id": "2"}}, ["body"]),
        (200, {"id": "1", "inside": [{"id": "3"}, {"id": "4", "lidd": 1}]}, ["body.inside[1].lidd"]),
        (200, {"id": "1", "of": {"id": 2}, "colour": "red"}, ["body.of.id", "body.colour"]),
        (200, {"id": "1", "aspects": {"Brand": ["x"]}}, ["body.aspects"]),
        (204, None, []),
        (204, {"id": "1"}, ["body"]),
        (200, None, ["body"]),
        (418, None, ["status"]),
    ],
)
def test_what_an_answer_may_be(contracts: Contracts, vendor: str, status: int, body: Any, where: list[str]) -> None:
    found = contracts.check_answer(vendor, "GET", "/tins", {}, status, body)
    assert sorted(problem.where for problem in found) == sorted(where)


def test_a_vendors_known_misprint_is_no_problem(contracts: Contracts) -> None:
    assert contracts.check_answer("ebay", "GET", "/tins", {}, 200, {"id": "1", "aspects": {"Brand": ["x"]}}) == []


def test_an_answer_of_nothing_the_vendor_knows(contracts: Contracts, tmp_path: Path) -> None:
    assert [p.where for p in contracts.check_answer("new", "GET", "/cans", {}, 200, {})] == ["path"]
