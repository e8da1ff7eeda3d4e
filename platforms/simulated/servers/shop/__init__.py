"""Shopify Admin GraphQL 2026-10 of one shop: token, contract, cost, faults, execution, and the files of bulk runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated import credentials as demo
from platforms.simulated import sellers
from platforms.simulated.servers.base import Dropped, Servers
from platforms.simulated.servers.shop import cost
from platforms.simulated.servers.shop.reads import QUERIES
from platforms.simulated.servers.shop.schema import schema
from platforms.simulated.servers.shop.writes import MUTATIONS
from platforms.simulated.simulation import Simulation
from platforms.simulated.world import World

VERSION = "2026-10"


@dataclass(frozen=True, slots=True)
class Context:
    """What resolvers see. `bulk` = connections come whole."""

    sim: Simulation
    world: World
    now: datetime
    bulk_url: Callable[[str], str]
    bulk: bool = False


class ShopRefused(Exception):
    """The request is not run. `errors` is a text (transport level) or a list of GraphQL errors (status 200)."""

    def __init__(self, errors: Any, status: int = 200, extensions: Mapping[str, Any] | None = None) -> None:
        super().__init__(str(errors))
        self.errors, self.status, self.extensions = errors, status, extensions


def routes(servers: Servers) -> list[Route]:
    async def graphql(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        try:
            content, wrote = _run(servers, request, raw)
        except ShopRefused as refused:
            extensions = {"extensions": refused.extensions} if refused.extensions else {}
            return _send({"errors": refused.errors, **extensions}, refused.status)
        except OSError:
            return _send({"errors": "Internal Server Error"}, 500)
        if wrote and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        return _send(content)

    async def bulk_file(request: Request) -> Response:
        found = servers.sim.world.bulk_runs.get(f"gid://shopify/BulkOperation/{request.path_params['number']}")
        if found is None:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, media_type="application/xml")
        return Response(found.jsonl, media_type="application/jsonl")

    return [
        Route("/{shop}/admin/api/{version}/graphql.json", graphql, methods=["POST"]),
        Route("/{shop}/files/bulk-{number:int}.jsonl", bulk_file, methods=["GET"]),
    ]


def _run(servers: Servers, request: Request, raw: bytes) -> tuple[dict[str, Any], bool]:
    _check_door(servers, request)
    text, variables, name = _decode(raw)
    document = _checked(servers, text, variables)
    operation = get_operation_ast(document, name)
    if operation is None:
        raise ShopRefused(
            [{"message": "An operation name is required" if name is None else f'No operation named "{name}"'}]
        )
    writes = operation.operation is OperationType.MUTATION
    if servers.faults.strikes("server_error_on_write" if writes else "server_error"):
        raise ShopRefused("Internal Server Error", 500)
    pricer = cost.Pricer(schema(), document, variables)
    asked = _afford(servers, pricer, operation)
    world = servers.sim.world
    context = Context(servers.sim, world, servers.sim.now(), lambda bulk_id: _bulk_url(servers, bulk_id))
    result = execute_sync(
        schema(),
        document,
        root_value=MUTATIONS if writes else QUERIES,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
    )
    for error in result.errors or ():
        if isinstance(error.original_error, OSError):
            raise error.original_error
    spent = pricer.actual(operation, result.data)
    bucket = _bucket(servers)
    bucket.tokens = max(0.0, bucket.tokens - spent)
    content: dict[str, Any] = {"data": result.data} if result.data is not None else {}
    if result.errors:
        content["errors"] = [_graphql_error(error) for error in result.errors]
    content["extensions"] = _cost(servers, asked, spent)
    return content, writes and not result.errors


def _check_door(servers: Servers, request: Request) -> None:
    if request.path_params["shop"] != shop_of(servers) or request.path_params["version"] != VERSION:
        raise ShopRefused("Not Found", 404)
    if request.headers.get("x-shopify-access-token") != servers.mine(demo.SHOP_TOKEN):
        raise ShopRefused("[API] Invalid API key or access token (unrecognized login or wrong password)", 401)


def shop_of(servers: Servers) -> str:
    """The domain of this seller's shop."""
    return sellers.shop(demo.SHOP, servers.seller)


def _decode(raw: bytes) -> tuple[str, Mapping[str, Any], str | None]:
    try:
        body = orjson.loads(raw)
        text, variables, name = body["query"], body.get("variables") or {}, body.get("operationName")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise ShopRefused({"query": "Required parameter missing or invalid"}, 400) from None
    if not isinstance(text, str) or not isinstance(variables, dict):
        raise ShopRefused({"query": "Required parameter missing or invalid"}, 400)
    return text, variables, name


def _checked(servers: Servers, text: str, variables: Mapping[str, Any]) -> DocumentNode:
    """The document, valid against the official schema where it is there, and against the part that runs here."""
    if servers.contracts is not None and servers.contracts.has("shopify"):
        problems = servers.contracts.check_document(text, variables)
        if problems:
            raise ShopRefused(
                [{"message": f"{p.why} ({p.where})", "extensions": {"code": "invalidDocument"}} for p in problems]
            )
    try:
        document = parse(text)
    except GraphQLError as e:
        raise ShopRefused([_graphql_error(e)]) from None
    errors = validate(schema(), document)
    if errors:
        raise ShopRefused([{**_graphql_error(e), "extensions": {"code": "undefinedField"}} for e in errors])
    return document


def _bucket(servers: Servers) -> Any:
    return servers.bucket("shopify-graphql", cost.RESTORE_PER_S, cost.BUCKET)


def _afford(servers: Servers, pricer: cost.Pricer, operation: OperationDefinitionNode) -> int:
    """The requested cost, which must be in the bucket; only the actual one is taken out."""
    asked = pricer.requested(operation)
    bucket = _bucket(servers)
    if asked > cost.MOST:
        message = f"Query cost is {asked}, which exceeds the single query max cost limit ({cost.MOST})."
        extensions = {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": cost.MOST}
        raise ShopRefused([{"message": message, "extensions": extensions}])
    if servers.refuses(bucket, asked, take=False):
        extensions = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
        raise ShopRefused([{"message": "Throttled", "extensions": extensions}], 200, _cost(servers, asked, None))
    return asked


def _cost(servers: Servers, asked: int, spent: int | None) -> dict[str, Any]:
    status = {
        "maximumAvailable": cost.BUCKET,
        "currentlyAvailable": int(_bucket(servers).tokens),
        "restoreRate": cost.RESTORE_PER_S,
    }
    return {"cost": {"requestedQueryCost": asked, "actualQueryCost": spent, "throttleStatus": status}}


def _bulk_url(servers: Servers, bulk_id: str) -> str:
    return f"{servers.base_url()}/shopify/{shop_of(servers)}/files/bulk-{bulk_id.rsplit('/', 1)[1]}.jsonl"


def _graphql_error(error: GraphQLError) -> dict[str, Any]:
    return dict(error.formatted)


def _send(content: Any, status: int = 200) -> Response:
    headers = {"X-Shopify-API-Version": VERSION}
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
