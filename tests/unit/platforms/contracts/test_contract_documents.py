"""GraphQL documents against an introspected schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_agent.errors import BadInput
from platforms.simulated.contracts import Contracts

PUT = "mutation($i: ItemInput!) { put(item: $i) { id } }"


@pytest.mark.parametrize(
    ("document", "variables", "where", "why"),
    [
        ("{ item(id: 1) { id price } }", {}, None, None),
        (PUT, {"i": {"id": "1", "price": "9.90"}}, None, None),
        ("{ item(id: 1) { colour } }", {}, "line 1 column 17", "Cannot query field 'colour'"),
        ("{ item { id } }", {}, "line 1 column 3", "is required"),
        ("{ item(", {}, "line 1 column 8", "Syntax Error"),
        (PUT, {}, "line 1 column 10", "'$i'"),
        (PUT, {"i": {"id": "1", "colour": "red"}}, "line 1 column 10", "colour"),
        ("fragment f on Item { id }", {}, "line 1 column 1", "never used"),
    ],
)
def test_documents_and_variables(
    contracts: Contracts, document: str, variables: dict[str, object], where: str | None, why: str | None
) -> None:
    for _ in range(2):  # the second answer comes from the cache and is the same
        problems = contracts.check_document(document, variables)
        if where is None:
            assert problems == []
        else:
            assert [p.where for p in problems] == [where]
            assert why is not None
            assert why in problems[0].why


def test_a_missing_introspection_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="introspection"):
        Contracts.load(tmp_path).check_document("{ a }", {})
