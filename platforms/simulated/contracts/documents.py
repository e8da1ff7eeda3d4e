"""GraphQL documents against an introspected schema."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from ecom_agent.errors import BadInput
from platforms.simulated.contracts.problems import Problem


class Documents:
    """Checks documents once each (the same text is asked again and again), their variables every time."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._checked = lru_cache(maxsize=512)(self._check)

    @classmethod
    def load(cls, introspection: Path) -> Documents:
        """Raises BadInput where the introspection file is missing or is none."""
        try:
            raw = orjson.loads(gzip.decompress(introspection.read_bytes()))
            # Assumed valid: Shopify's own schema breaks a rule on deprecated fields of interfaces.
            return cls(build_client_schema(raw.get("data", raw), assume_valid=True))
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise BadInput(
                "a gzipped GraphQL introspection", f"{introspection.name}: {error}", "name another folder of contracts"
            ) from error

    def check(self, document: str, variables: Mapping[str, Any]) -> list[Problem]:
        problems, operation = self._checked(document)
        if problems or operation is None:
            return list(problems)
        coerced = get_variable_values(self._schema, operation.variable_definitions or (), dict(variables))
        return [_problem(e) for e in coerced] if isinstance(coerced, list) else []

    def _check(self, document: str) -> tuple[tuple[Problem, ...], OperationDefinitionNode | None]:
        try:
            tree = parse(document)
        except GraphQLError as error:
            return (_problem(error),), None
        errors = validate(self._schema, tree)
        operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
        if not operations and not errors:
            return (Problem("document", "holds no operation"),), None
        return tuple(map(_problem, errors)), operations[0] if operations else None


def _problem(error: GraphQLError) -> Problem:
    place = f"line {error.locations[0].line} column {error.locations[0].column}" if error.locations else "variables"
    return Problem(place, error.message)
