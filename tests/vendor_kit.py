"""A stand-in for a vendor: answers requests from the connector's own samples, and counts what was asked."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx

import platforms
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import ConnectorSpec
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
ACCOUNT = AccountId("sample_account")
Change = Callable[[httpx.Request, dict[str, Any]], httpx.Response | None]
LOGINS = ("/auth/o2/token", "/api/v2/token/refresh", "/identity/v1/oauth2/token", "/v3/token")
"""How the paths end that hand out access tokens."""
CURRENCIES = (
    "currencyCode", "CurrencyCode", "currency", "currencyUnit", "Currency", "campaignBudgetCurrencyCode",
)  # fmt: skip


@cache
def sample(platform: str, name: str) -> Any:
    """One file of a connector's samples/, parsed; {} where the connector has none of that name."""
    file = Path(platforms.__path__[0]) / platform / "samples" / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


class Vendor:
    """Answers from the named samples; `change` may answer a request in its own way first (None = as recorded)."""

    def __init__(self, spec: ConnectorSpec, *names: str, change: Change | None = None, at: datetime = NOON) -> None:
        self.spec, self.change = spec, change
        self.requests: list[httpx.Request] = []
        self.clock = FrozenClock(at)
        self.quota = Quota(self.clock)
        self.account = sample(spec.name, "account")
        self._exchanges = [e for name in (*names, "common") for e in sample(spec.name, name).get("exchanges", ())]

    def open(self, **settings: str) -> Any:
        values = {**self.account["settings"], **settings}
        return registry.open(
            self.spec.name, ACCOUNT, values, self.clock, self.quota, transport=httpx.MockTransport(self._answer)
        )

    @property
    def calls(self) -> list[httpx.Request]:
        """What was asked, but for access tokens."""
        return [request for request in self.requests if not is_login(request)]

    def secrets(self) -> list[str]:
        return [self.account["settings"][name] for name in self.account["secrets"]] + [self.account["token"]]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        facts = facts_of(request)
        if self.change is not None and (answer := self.change(request, facts)) is not None:
            return answer
        for exchange in self._exchanges:
            wanted = exchange.get("when", {})
            if (request.method, request.url.path) == (exchange["method"], exchange["path"]) and all(
                facts.get(name) == value for name, value in wanted.items()
            ):
                answer = PACKED.get(exchange.get("as"), _json)(exchange["body"])
                answer.headers.update(exchange.get("headers", {}))
                return answer
        raise AssertionError(f"no sample answers {request.method} {request.url} {facts}")


def _json(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def _csv_gz(rows: list[dict[str, str]], delimiter: str = ",") -> httpx.Response:
    """A report file: lines of CSV under the names of the first one's fields, packed."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return httpx.Response(200, content=gzip.compress(file.getvalue().encode()))


def _json_gz(body: Any) -> httpx.Response:
    return httpx.Response(200, content=gzip.compress(json.dumps(body).encode()))


PACKED: dict[str | None, Callable[[Any], httpx.Response]] = {
    "csv.gz": _csv_gz,
    "tsv.gz": partial(_csv_gz, delimiter="\t"),
    "json.gz": _json_gz,
}
"""How a file is packed, by what its exchange says under `as`."""


def facts_of(request: httpx.Request) -> dict[str, Any]:
    """Query parameters and the fields of a JSON body, of a GraphQL one its variables, in one mapping."""
    facts: dict[str, Any] = dict(request.url.params)
    if "json" in request.headers.get("content-type", "") and request.content:
        body = json.loads(request.content)
        if isinstance(body, dict):
            variables = body.pop("variables", None) or {}
            facts |= {"operationName": None, **body, **variables}
    return facts


def is_login(request: httpx.Request) -> bool:
    return request.url.path.endswith(LOGINS)


def once_answered(*answers: httpx.Response | Exception) -> Change:
    """These answers first, one for each call that is no login, then as recorded."""
    left = list(answers)

    def change(request: httpx.Request, _facts: dict[str, Any]) -> httpx.Response | None:
        if is_login(request) or not left:
            return None
        return _give(left.pop(0))

    return change


def always_answered(answer: httpx.Response | Exception) -> Change:
    def change(request: httpx.Request, _facts: dict[str, Any]) -> httpx.Response | None:
        return None if is_login(request) else _give(answer)

    return change


def _give(answer: httpx.Response | Exception) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def without(field: str) -> Callable[[Any], Any]:
    """A body whose every `field` is gone."""

    def drop(body: Any) -> Any:
        if isinstance(body, dict):
            return {name: drop(value) for name, value in body.items() if name != field}
        return [drop(entry) for entry in body] if isinstance(body, list) else body

    return drop


def with_currency(code: str) -> Callable[[Any], Any]:
    """A body in which every currency is `code`."""

    def swap(body: Any) -> Any:
        if isinstance(body, dict):
            return {n: code if n in CURRENCIES and isinstance(v, str) else swap(v) for n, v in body.items()}
        return [swap(entry) for entry in body] if isinstance(body, list) else body

    return swap


def bodies(vendor: Vendor, twist: Callable[[Any], Any], *, only: str) -> None:
    """Make the vendor's recorded answers of the sample file `only` twisted ones."""
    recorded = [id(exchange) for exchange in sample(vendor.spec.name, only)["exchanges"]]
    vendor._exchanges = [{**e, "body": twist(e["body"])} if id(e) in recorded else e for e in vendor._exchanges]
