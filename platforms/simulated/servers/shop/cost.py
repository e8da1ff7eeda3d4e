"""What a query costs: an object is a point, a connection its size times its node, a mutation ten. Scalars are free.

Connections inside connections count with the square root of their size: the shop does not publish its weights, and
with the full size its own usual example (50 orders with 50 lines each) would be refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MUTATION_COST: Final = 10
MOST: Final = 1000  # a single query may not ask for more
RESTORE_PER_S: Final = 100.0
BUCKET: Final = 2000.0
_FREE: Final = frozenset({"PageInfo", "MoneyBag", "MoneyV2", "MailingAddress", "InventoryQuantity"})


class Pricer:
    """Prices one operation; `of_data` walks the answer and counts only what came."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema, self._variables = schema, variables
        definitions = document.definitions
        self._fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}

    def requested(self, operation: OperationDefinitionNode) -> int:
        mutation = operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if mutation else self._schema.query_type
        fields = list(self._fields(operation.selection_set))
        if mutation:
            return MUTATION_COST * len(fields)
        return sum(self._field(field, root, None, 0) for field in fields)

    def actual(self, operation: OperationDefinitionNode, data: Mapping[str, Any] | None) -> int:
        if data is None or operation.operation is OperationType.MUTATION:
            return MUTATION_COST * len(list(self._fields(operation.selection_set))) if data else 0
        fields = self._fields(operation.selection_set)
        return sum(self._field(f, self._schema.query_type, data.get(_answer_name(f)), 0) for f in fields)

    def _fields(self, selections: SelectionSetNode | None) -> list[FieldNode]:
        found: list[FieldNode] = []
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, InlineFragmentNode):
                found += self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                found += self._fields(self._fragments[node.name.value].selection_set)
        return found

    def _field(self, field: FieldNode, parent: Any, data: Any, depth: int) -> int:
        """The cost of one field; with `data` that of what came, without it that of what was asked."""
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or field.name.value not in parent.fields:
            return 0
        kind = get_named_type(parent.fields[field.name.value].type)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        if kind.name.endswith("Connection"):
            return self._connection(field, kind, data, depth)
        if data is not None:
            items = data if isinstance(data, list) else [data]
            return sum(self._object(field, kind, item, depth) for item in items)
        return self._object(field, kind, None, depth)

    def _object(self, field: FieldNode, kind: Any, data: Any, depth: int) -> int:
        own = 0 if kind.name in _FREE or kind.name.endswith("Edge") else 1
        inner = self._fields(field.selection_set)
        return own + sum(self._field(f, kind, data.get(_answer_name(f)) if data else None, depth) for f in inner)

    def _connection(self, field: FieldNode, kind: Any, data: Any, depth: int) -> int:
        inner = self._fields(field.selection_set)
        if data is not None:
            shown = [(f, data.get(_answer_name(f))) for f in inner]
            return 1 + sum(self._field(f, kind, came, depth + 1) for f, came in shown if came)
        size = self._size(field)
        return 1 + (math.ceil(math.sqrt(size)) if depth else size) * sum(
            self._field(f, kind, None, depth + 1) for f in inner
        )

    def _size(self, field: FieldNode) -> int:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return int(self._variables.get(argument.value.name.value) or 1)
        return 1


def _answer_name(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value
