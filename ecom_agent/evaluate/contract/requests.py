"""Part two: the handed-in requests and GraphQL documents against the simulated servers, contracts switched on.

The servers run in this process, one simulated world for all cases. Who asks is no matter of the contract, so the
made-up identity of a case is replaced by the simulated seller's (`doors`). Everything else is sent as it stands. A
case agrees when

- accept: the answer is a success; or, of an operation that the server plays, says in the vendor's error shape that
  this world does not hold the thing (a SKU, an order) that the case asks for: it was understood;
- reject: the answer refuses in the vendor's error shape, neither for too many calls nor for a missing thing;
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

from ecom_agent.evaluate.contract.doors import DOORS, Asked, Door, Said
from ecom_agent.evaluate.contract.tally import Tally, crash
from platforms.simulated import credentials as demo
from platforms.simulated.contracts import Contracts, OperationInfo
from platforms.simulated.servers import app
from platforms.simulated.simulation import Simulation

Send = Callable[..., tuple[int, Any]]


class NotPlayed(Exception):
    """The servers understood the request and have no such part of the vendor's world: what it asks for."""


_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_BETWEEN: Final = timedelta(minutes=10)
"""World time between two cases: the usage plans let each one through."""
_NO_SUCH_FIELD: Final = "undefinedField"
_GRAPHQL: Final = f"/shopify/{demo.SHOP}/admin/api/2026-10/graphql.json"


def run(specs: Path, *, seed: int, send: Send | None = None) -> Tally:
    """All cases of the folder. `send` hands in another server (a test's wrong one)."""
    tally = Tally("requests")
    contracts = Contracts.load(specs)
    with _world(contracts, seed) as own:
        for vendor, name, case in _cases(specs, "request-cases*.json"):
            check = partial(_request, contracts, send or own, vendor, case) if vendor in DOORS else None
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


def _request(contracts: Contracts, send: Send, vendor: str, case: Mapping[str, Any]) -> str | None:
    door = DOORS[vendor]
    operation = contracts.operation(vendor, case["method"], case["path"], case.get("query") or {})
    status, body = send(
        case["method"],
        door.prefix + door.ours(_whole(case["path"], operation), operation.template if operation else ""),
        query=case.get("query") or {},
        headers=case.get("headers") or {},
        body=case.get("body"),
        door=door,
    )
    said, shown = door.says(status, body), f"status {status}: {orjson.dumps(body).decode()}"[:400]
    played = operation is not None and operation.operation_id in door.played
    if case["expect"] == "accept":
        if said is Said.NOT_PLAYED and operation is not None and not played:
            raise NotPlayed(operation.operation_id)
        agrees = said is Said.DONE or (said is Said.NO_SUCH_THING and played)
        return None if agrees else f"must be accepted, was answered with {shown}"
    agrees = said is Said.REFUSED or (said is Said.NO_SUCH_THING and operation is None)
    return None if agrees else f"must be refused ({case['why']}), was answered with {shown}"


def _whole(path: str, operation: OperationInfo | None) -> str:
    """The path as it goes out: some cases leave out what stands before every path of their contract file."""
    if operation is None or path.startswith(operation.base + "/"):
        return path
    return operation.base + path


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
    door: Door | None = None,
) -> tuple[int, Any]:
    """With a door, the request goes out as our seller's own."""
    sim.advance(sim.now() + _BETWEEN)
    asked = Asked(path.removeprefix(door.prefix if door else ""), query, headers, content_of(body))
    if door is not None:
        asked = door.dress(client, sim, asked)
    answer = client.request(
        method, path, params=dict(asked.query), headers=dict(asked.headers), content=asked.content or None
    )
    return answer.status_code, orjson.loads(answer.content) if answer.content.strip() else None


def content_of(body: Any) -> bytes:
    """A case's body as it goes out; nothing where it has none."""
    return b"" if body is None else orjson.dumps(body)
