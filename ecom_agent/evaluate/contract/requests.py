"""Part two: the handed-in requests and GraphQL documents against the simulated servers, contracts switched on.

The servers run in this process, one simulated world for all cases. Who asks is no matter of the contract, so the
made-up identity of a case is replaced by the simulated seller's: the access token where one is given, the shop's
token, and the sellerId of a path. Everything else is sent as it stands. A case agrees when

- accept: the answer is 2xx; or 404 in the vendor's error shape, of an operation that the server plays: the case
  asks for a thing (a SKU, an order) that this world does not hold, and was understood;
- reject: the answer is 4xx in the vendor's error shape, but neither 429 nor a 404 about a thing;
- valid: 200 without `errors` (`userErrors` about things that this world does not hold are an answer);
- invalid: `errors` that say what is wrong.

Cases of platforms that have no simulated server yet are counted as not built, by platform; so are, by operation, cases
that must be accepted but ask for something that no simulated server plays (it says 501, or that it knows no such field
of a document that the official schema takes). Wrong requests of such operations must be refused all the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.tally import Tally, crash
from platforms.simulated import credentials as demo
from platforms.simulated.contracts import Contracts
from platforms.simulated.opening import SELLER_ID
from platforms.simulated.servers import app, sp
from platforms.simulated.simulation import Simulation

Send = Callable[..., tuple[int, Any]]


class NotPlayed(Exception):
    """The servers understood the request and have no such part of the vendor's world: what it asks for."""


_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_BETWEEN: Final = timedelta(minutes=10)
"""World time between two cases: the usage plans let each one through."""
_AMAZON: Final = "amazon-sp-api"
_PLAYED: Final = frozenset(operation.name for operation in sp.OPERATIONS)
_NO_SUCH_FIELD: Final = "undefinedField"
_GRAPHQL: Final = f"/shopify/{demo.SHOP}/admin/api/2026-10/graphql.json"


def run(specs: Path, *, seed: int, send: Send | None = None) -> Tally:
    """All cases of the folder. `send` hands in another server (a test's wrong one)."""
    tally = Tally("requests")
    contracts = Contracts.load(specs)
    with _world(contracts, seed) as own:
        for vendor, name, case in _cases(specs, "request-cases*.json"):
            check = partial(_request, contracts, send or own, case) if vendor == _AMAZON else None
            _count(tally, vendor, name, check)
        for vendor, name, case in _cases(specs, "graphql-cases*.json"):
            check = partial(_document, contracts, send or own, case) if vendor == "shopify" else None
            _count(tally, vendor, name, check)
    return tally


def _count(tally: Tally, vendor: str, name: str, check: Callable[[], str | None] | None) -> None:
    if check is None:
        tally.not_built[vendor] += 1
        return
    try:
        reason = check()
    except NotPlayed as what:
        tally.not_built[f"{vendor} {what}"] += 1
        return
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        reason = crash(error)
    tally.count(name, reason)


def _cases(specs: Path, pattern: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for file in sorted(specs.glob(f"*/{pattern}")):
        vendor = file.parent.name
        for case in orjson.loads(file.read_bytes()):
            yield vendor, f"{vendor} {case['id']}", case


def _request(contracts: Contracts, send: Send, case: Mapping[str, Any]) -> str | None:
    operation = contracts.operation(_AMAZON, case["method"], case["path"], case.get("query") or {})
    status, body = send(
        case["method"],
        "/sp-api" + _ours(case["path"], operation.template if operation else ""),
        query=case.get("query") or {},
        headers=case.get("headers") or {},
        body=case.get("body"),
    )
    said = f"status {status}: {orjson.dumps(body).decode()}"[:400]
    errors = body.get("errors") if isinstance(body, Mapping) else None
    in_shape = isinstance(errors, list) and bool(errors) and all("code" in e and "message" in e for e in errors)
    if case["expect"] == "accept":
        if status == 501 and operation is not None and operation.operation_id not in _PLAYED:
            raise NotPlayed(operation.operation_id)
        missing_thing = status == 404 and in_shape and operation is not None and operation.operation_id in _PLAYED
        return None if 200 <= status < 300 or missing_thing else f"must be accepted, was answered with {said}"
    about_a_thing = status == 404 and operation is not None
    refused = 400 <= status < 500 and status != 429 and in_shape and not about_a_thing
    return None if refused else f"must be refused ({case['why']}), was answered with {said}"


def _document(contracts: Contracts, send: Send, case: Mapping[str, Any]) -> str | None:
    status, body = send(
        "POST",
        _GRAPHQL,
        query={},
        headers={"X-Shopify-Access-Token": demo.SHOP_TOKEN, "Content-Type": "application/json"},
        body={"query": case["document"], "variables": case.get("variables") or {}},
    )
    said = f"status {status}: {orjson.dumps(body).decode()}"[:400]
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if case["expect"] == "valid":
        codes = {(error.get("extensions") or {}).get("code") for error in errors or ()}
        if codes == {_NO_SUCH_FIELD} and not contracts.check_document(case["document"], case.get("variables") or {}):
            raise NotPlayed(case["id"])
        return None if status == 200 and not errors else f"must be valid, was answered with {said}"
    return None if status in (200, 400) and errors else f"must be invalid ({case['why']}), was answered with {said}"


def _ours(path: str, template: str) -> str:
    """The path with our seller where the case names another one."""
    parts, names = path.split("/"), template.split("/")
    if len(parts) != len(names):
        return path
    return "/".join(SELLER_ID if name == "{sellerId}" else part for part, name in zip(parts, names, strict=True))


@contextmanager
def _world(contracts: Contracts, seed: int) -> Iterator[Send]:
    with tempfile.TemporaryDirectory() as folder:
        sim = Simulation(Path(folder), seed=seed, start=_START)
        try:
            client = TestClient(app.build(sim, contracts=contracts), raise_server_exceptions=False)
            yield lambda method, path, **what: _send(client, sim, method, path, **what)
        finally:
            sim.close()


def _send(
    client: TestClient,
    sim: Simulation,
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: Any,
) -> tuple[int, Any]:
    sim.advance(sim.now() + _BETWEEN)
    named = {name: _token(client) if name.lower() == "x-amz-access-token" else text for name, text in headers.items()}
    content = None if body is None else orjson.dumps(body)
    answer = client.request(method, path, params=dict(query), headers=named, content=content)
    return answer.status_code, orjson.loads(answer.content) if answer.content.strip() else None


def _token(client: TestClient) -> str:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": demo.REFRESH_TOKEN,
        "client_id": demo.CLIENT_ID,
        "client_secret": demo.CLIENT_SECRET,
    }
    return str(client.post("/lwa/auth/o2/token", data=form).json()["access_token"])
