"""The handed-in cases of every vendor: the checker accepts and refuses what it must."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from platforms.simulated.contracts import Contracts

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def official(shared_dir: Path) -> Contracts:
    return Contracts.load(shared_dir / "specs")


def cases(folder: Path, pattern: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (f.parent.name, case) for f in sorted(folder.glob(f"specs/*/{pattern}")) for case in json.loads(f.read_text())
    ]


def test_requests_of_all_vendors(official: Contracts, shared_dir: Path) -> None:
    checked = cases(shared_dir, "request-cases*.json")
    wrong = []
    for vendor, c in checked:
        problems = official.check_request(vendor, c["method"], c["path"], c["query"], c["headers"], c["body"])
        if (not problems) != (c["expect"] == "accept"):
            wrong.append((vendor, c["id"], problems))
    assert checked
    assert wrong == []


def test_documents(official: Contracts, shared_dir: Path) -> None:
    checked = cases(shared_dir, "graphql-cases*.json")
    wrong = [
        c["id"]
        for _, c in checked
        if (not official.check_document(c["document"], c["variables"])) != (c["expect"] == "valid")
    ]
    assert checked
    assert wrong == []


def test_unknown_query_parameters_are_refused(official: Contracts) -> None:
    query = {"lastUpdatedAfter": "2026-11-01T00:00:00Z", "colour": "red"}
    found = official.check_request(
        "amazon-sp-api", "GET", "/orders/2026-01-01/orders", query, {"x-amz-access-token": "t"}, None
    )
    assert [p.where for p in found] == ["query.colour"]
