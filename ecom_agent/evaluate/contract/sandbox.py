"""Part one: Amazon's official sandbox cases against our client, over real HTTP on the loopback.

Every case goes through `AmazonClient.call` with the official request, which the server compares with what
arrives. Cases of operations that the connector itself uses also go through the connector's own method (it
asks in its own words, so the server takes any request of that operation). A case is ok when

- 2xx: every field of the official answer is in what `call` gives back; the connector's method keeps it
  whole as its page's raw payload and makes of each entry a record or a poison with a reason;
- else: a typed error that keeps the code, message and details of each of the vendor's error entries.

An exception nobody meant to raise is a miss, never the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import ConfigError, OutcomeUnknown, PlatformError
from ecom_agent.evaluate.contract.official import SandboxCase, sandbox_cases
from ecom_agent.evaluate.contract.server import OfficialServer, running
from ecom_agent.evaluate.contract.tally import Tally, crash
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from platforms import registry
from platforms._shared.throttle import Quota

Open = Callable[[OfficialServer], Any]
Probe = Callable[[Any], Iterator[Any]]

_MARKETPLACE: Final = MarketplaceId("ATVPDKIKX0DER")
_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


def _prices(connector: Any) -> Iterator[Any]:
    yield connector.live_price(Sku("SKU-1"), _MARKETPLACE)
    yield connector.live_stock(Sku("SKU-1"), _MARKETPLACE, "fbm")


def _subscriptions(connector: Any) -> Iterator[Any]:
    """That the official destination is not our queue is for a person to solve, and is said so."""
    try:
        yield connector.subscribe()
    except ConfigError as error:
        yield str(error)


PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("GET", "/orders/2026-01-01/orders"): lambda c: _first(c.pull_orders(None)),
    ("GET", "/listings/2021-08-01/items/{sellerId}"): lambda c: _first(c.pull_listings(None)),
    ("GET", "/listings/2021-08-01/items/{sellerId}/{sku}"): _prices,
    ("GET", "/fba/inventory/v1/summaries"): lambda c: _first(c.pull_stock(None)),
    ("GET", "/notifications/v1/destinations"): _subscriptions,
    ("POST", "/notifications/v1/destinations"): _subscriptions,
    ("POST", "/notifications/v1/subscriptions/{notificationType}"): _subscriptions,
}
"""The connector's own method by the operation it uses: (method, path of the model)."""


def run(specs: Path, *, open_connector: Open | None = None) -> Tally:
    """All cases of the folder. `open_connector` hands in another connector (a test's wrong one)."""
    tally = Tally("sandbox")
    cases = list(sandbox_cases(specs))
    with running() as server, _opened(server, open_connector or _amazon) as connector:
        for case in cases:
            tally.count(case.name, _check(connector, server, case, cases))
    return tally


def _check(connector: Any, server: OfficialServer, case: SandboxCase, cases: list[SandboxCase]) -> str | None:
    """Why this case is a miss, None if it is none."""
    server.expect(case)
    reason = _guarded(case, server, lambda: _through_client(connector, case))
    probe = PROBES.get((case.method, case.template))
    if reason is not None or probe is None:
        return reason
    server.expect(case, beside=[c for c in cases if c.status < 300 and c.model == case.model])
    reason = _guarded(case, server, lambda: _through_connector(connector, case, probe))
    return None if reason is None else f"by the connector's own method: {reason}"


def _guarded(case: SandboxCase, server: OfficialServer, ask: Callable[[], str | None]) -> str | None:
    try:
        reason = ask()
        if reason is None and case.status >= 300 and case.status != 404:
            reason = f"status {case.status} came back as a success"
    except PlatformError as error:
        reason = _kept(error, case)
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        return crash(error)
    if server.complaints:
        return f"the official request did not arrive: {server.complaints[0]}"
    return reason if server.served else "the operation was not called"


def _through_client(connector: Any, case: SandboxCase) -> str | None:
    status, body, _ = connector.client.call(
        case.method,
        case.path,
        operation=case.operation,
        query=case.query,
        body=case.body,
        headers=case.headers,
    )
    if status != case.status:
        return f"status {case.status} came back as {status}"
    return _lost(case.response, body)


def _through_connector(connector: Any, case: SandboxCase, probe: Probe) -> str | None:
    for found in probe(connector):
        raw = getattr(found, "raw", None)
        if raw is None:
            continue
        lost = _lost(case.response, orjson.loads(raw))
        if lost:
            return lost
        entries = next((v for v in case.response.values() if isinstance(v, list)), [])
        read = len(found.records) + len(found.poison)
        if read < len(entries):
            return f"{len(entries)} entries, but only {read} became a record or poison"
        if any(not poison.reason for poison in found.poison):
            return "a poison without a reason"
    return None


def _lost(official: Any, came: Any, where: str = "answer") -> str | None:
    """The first field of the official answer that is missing or changed in what came back."""
    if isinstance(official, Mapping) and isinstance(came, Mapping):
        parts = ((f"{where}.{name}", value, came.get(name, _MISSING)) for name, value in official.items())
    elif isinstance(official, list) and isinstance(came, list) and len(official) == len(came):
        parts = ((f"{where}[{i}]", *pair) for i, pair in enumerate(zip(official, came, strict=True)))
    else:
        same = official == came and type(official) is type(came)
        return None if same else f"{where} was {official!r}, came back as {came!r}"[:500]
    return next(filter(None, (_lost(value, found, name) for name, value, found in parts)), None)


_MISSING: Final = "(missing)"


def _kept(error: PlatformError, case: SandboxCase) -> str | None:
    """Is this the typed error the answer asks for, with all of the vendor's words in it?"""
    if case.status < 300:
        return f"status {case.status} was raised as {type(error).__name__}: {error}"[:500]
    if isinstance(error, OutcomeUnknown):
        return f"status {case.status} is an answer, yet its outcome was called unknown"
    entries = (case.response or {}).get("errors") or []
    kept: tuple[str, ...] = getattr(error, "issues", ())
    if len(kept) < len(entries):
        return f"{len(entries)} error entries, {len(kept)} kept"
    for entry, issue in zip(entries, kept, strict=False):
        for name in ("code", "message", "details"):
            if entry.get(name) and str(entry[name]) not in issue:
                return f"errors[].{name} {entry[name]!r} is lost in {issue!r}"[:500]
    return None


def _first(pages: Iterator[Any]) -> Iterator[Any]:
    """One page: the sandbox gives the same one again and again."""
    yield next(pages)


@contextmanager
def _opened(server: OfficialServer, open_connector: Open) -> Iterator[Any]:
    connector = open_connector(server)
    try:
        yield connector
    finally:
        connector.close()


def _amazon(server: OfficialServer) -> Any:
    """The real connector, its hosts set to `server`, on a clock that does not make us wait for the usage plans."""
    clock = FrozenClock(_NOW)
    values = {
        "refresh_token": "Atzr|official",
        "client_id": "amzn1.application-oa2-client.official",
        "client_secret": "official-secret",
        "seller_id": "A1SELLER",
        "marketplaces": _MARKETPLACE,
        "base_url": server.url,
        "lwa_url": server.token_url,
        "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/official",
    }
    return registry.open("amazon", AccountId("official"), values, clock, Quota(clock))
