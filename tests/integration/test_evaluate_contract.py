"""`ecom evaluate contract`: it counts what agrees, and what does not. A tiny folder of contracts is written here."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from graphql import build_schema, introspection_from_schema

from ecom_agent.connector import Poison
from ecom_agent.errors import AuthFailed, BadInput, ParseFailed, Rejected
from ecom_agent.evaluate.base import Options, evaluations
from ecom_agent.evaluate.contract import notifications, requests, samples, sandbox, signatures
from ecom_agent.evaluate.contract.notifications import _read_amazon, _read_shopify
from platforms._shared.read import Read

SECRET, BODY = "tiny-secret", '{"id": 1}'
ERRORS = {
    "errors": [{"code": "InvalidInput", "message": "no such part", "details": "parts"}, {"code": "E2", "message": "m"}]
}


def static(parameters: Mapping[str, Any], response: Any) -> Mapping[str, Any]:
    given = {name: {"value": value} for name, value in parameters.items()}
    return {"x-amzn-api-sandbox": {"static": [{"request": {"parameters": given}, "response": response}]}}


MODEL = {
    "swagger": "2.0",
    "paths": {
        "/parcels/v1/{parcelId}": {
            "get": {
                "operationId": "getParcel",
                "parameters": [
                    {"name": "parcelId", "in": "path", "required": True, "type": "string"},
                    {"name": "parts", "in": "query", "type": "array", "items": {"type": "string", "enum": ["A", "B"]}},
                ],
                "responses": {
                    "200": static(
                        {"parcelId": "P/1", "parts": ["A", "B"]}, {"id": "P/1", "inside": [{"n": 1, "of": None}]}
                    ),
                    "400": static({"parcelId": "P 2", "parts": ["C"]}, ERRORS),
                },
            },
            "delete": {
                "operationId": "cancelParcel",
                "parameters": [{"name": "parcelId", "in": "path", "required": True, "type": "string"}],
                "responses": {"204": static({"parcelId": "P1"}, {})},
            },
        },
        "/orders/2026-01-01/orders": {
            "get": {
                "operationId": "searchOrders",
                "parameters": [{"name": "lastUpdatedAfter", "in": "query", "type": "string"}],
                "responses": {"200": static({}, {"orders": [{"orderId": 1}], "pagination": {"nextToken": "t"}})},
            }
        },
    },
}
CASES = [
    {"id": "fine", "method": "GET", "path": "/parcels/v1/P1", "query": {"parts": "A"}, "expect": "accept", "why": ""},
    {
        "id": "wrong",
        "method": "GET",
        "path": "/parcels/v1/P1",
        "query": {"parts": "C"},
        "expect": "reject",
        "why": "enum",
    },
]
DOCUMENTS = [
    {"id": "good", "document": "{ shop { name } }", "variables": {}, "expect": "valid", "why": ""},
    {"id": "bad", "document": "{ shop { colour } }", "variables": {}, "expect": "invalid", "why": "no such field"},
]
OFFER = {
    "NotificationType": "ORDER_CHANGE",
    "EventTime": "2026-11-01T00:00:00Z",
    "Payload": {"OrderChangeNotification": {"AmazonOrderId": "123-1", "OrderChangeTrigger": {}, "Summary": {}}},
    "NotificationMetadata": {"NotificationId": "n-1"},
}
OTHER = {"notificationType": "SOMETHING_ELSE", "payload": {}, "notificationMetadata": {"notificationId": "n-2"}}
EDITED = {"topic": "orders/edited", "payload": {"order_edit": {"id": 1}}}


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    signed = base64.b64encode(hmac.new(SECRET.encode(), BODY.encode(), hashlib.sha256).digest()).decode()
    vectors = {
        "shopify_webhook": [{"client_secret": SECRET, "raw_body": BODY, "x_shopify_hmac_sha256": signed}],
        "carrier_pigeon": [{}, {}],
    }
    for name, content in {
        "amazon-sp-api/models/parcels.json": MODEL,
        "amazon-sp-api/request-cases.json": CASES,
        "amazon-sp-api/schemas/notifications/OrderChange.json": {"examples": [OFFER]},
        "amazon-sp-api/schemas/notifications/Other.json": {"examples": [OTHER]},
        "amazon-sp-api/schemas/notifications/None.json": {},
        "etsy/request-cases.json": [{"id": "one"}, {"id": "two"}],
        "shopify/graphql-cases.json": DOCUMENTS,
        "shopify/webhooks-2026-07/orders__edited.example.json": EDITED,
        "signatures/test-vectors.json": vectors,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


def answering(change: Callable[[int, Any], tuple[int, Any]]) -> sandbox.Open:
    """The real connector, but for what its client gives back of a success."""

    def opened(server: Any) -> Any:
        real = sandbox._amazon(server)

        def call(*args: Any, **how: Any) -> tuple[int, Any, Mapping[str, str]]:
            status, body, headers = real.client.call(*args, **how)
            return (*change(status, body), headers)

        return SimpleNamespace(client=SimpleNamespace(call=call), pull_orders=real.pull_orders, close=real.close)

    return opened


def test_the_real_connector_passes_the_tiny_sandbox(specs: Path) -> None:
    tally = sandbox.run(specs)
    assert tally.misses == []
    assert (tally.ok, tally.total) == (4, 4)


def test_a_lost_field_a_wrong_type_and_a_swallowed_status_are_misses(specs: Path) -> None:
    lost = sandbox.run(specs, open_connector=answering(lambda status, _: (status, {"id": "P/1", "inside": [{"n": 1}]})))
    assert any("answer.inside[0].of was None" in miss.reason for miss in lost.misses)
    wrong = sandbox.run(
        specs, open_connector=answering(lambda s, _: (s, {"id": "P/1", "inside": [{"n": True, "of": None}]}))
    )
    assert any("answer.inside[0].n was 1, came back as True" in miss.reason for miss in wrong.misses)
    other = sandbox.run(specs, open_connector=answering(lambda _, body: (202, body)))
    assert any("came back as 202" in miss.reason for miss in other.misses)
    crashed = sandbox.run(specs, open_connector=answering(lambda _, __: {}["no"]))
    assert any("crashed with KeyError" in miss.reason for miss in crashed.misses)
    assert crashed.total == 4


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (lambda: Rejected("amazon", "o", "m", ("InvalidInput: no such part",)), "2 error entries, 1 kept"),
        (lambda: Rejected("amazon", "o", "m", ("InvalidInput: no such part", "E2: m")), "details 'parts' is lost"),
        (lambda: ValueError("boom"), "crashed with ValueError"),
    ],
)
def test_lost_words_of_an_error_are_a_miss(specs: Path, error: Callable[[], Exception], said: str) -> None:
    def opened(server: Any) -> Any:
        real = sandbox._amazon(server)

        def call(*args: Any, **how: Any) -> Any:
            try:
                return real.client.call(*args, **how)
            except Rejected:
                raise error() from None

        return SimpleNamespace(client=SimpleNamespace(call=call), pull_orders=real.pull_orders, close=real.close)

    (miss,) = sandbox.run(specs, open_connector=opened).misses
    assert "getParcel 400" in miss.case
    assert said in miss.reason


def test_a_connector_that_drops_entries_or_asks_another_thing_is_a_miss(specs: Path) -> None:
    def opened(server: Any, pages: Callable[[Any], Any]) -> Any:
        real = sandbox._amazon(server)
        return SimpleNamespace(client=real.client, pull_orders=lambda _: pages(real), close=real.close)

    def dropping(real: Any) -> Any:
        return (replace(page, records=(), poison=()) for page in real.pull_orders(None))

    (miss,) = sandbox.run(specs, open_connector=lambda server: opened(server, dropping)).misses
    assert "1 entries, but only 0" in miss.reason
    (miss,) = sandbox.run(specs, open_connector=lambda server: opened(server, lambda _: iter([None]))).misses
    assert "was not called" in miss.reason


def send(amazon: tuple[int, Any], shopify: tuple[int, Any]) -> requests.Send:
    return lambda _method, path, **_what: shopify if path.endswith("graphql.json") else amazon


REFUSED = {"errors": [{"code": "InvalidInput", "message": "no"}]}


@pytest.mark.parametrize(
    ("amazon", "shopify", "missed"),
    [
        ((200, {}), (200, {"data": {}}), ["amazon-sp-api wrong", "shopify bad"]),
        ((400, REFUSED), (200, {"errors": [{"message": "no"}]}), ["amazon-sp-api fine", "shopify good"]),
        ((400, {"oops": 1}), (500, None), ["amazon-sp-api fine", "amazon-sp-api wrong", "shopify good", "shopify bad"]),
        ((404, REFUSED), (200, {"data": {}}), ["amazon-sp-api fine", "amazon-sp-api wrong", "shopify bad"]),
        ((429, REFUSED), (200, {"data": {}}), ["amazon-sp-api fine", "amazon-sp-api wrong", "shopify bad"]),
    ],
)
def test_a_server_that_takes_or_refuses_the_wrong_thing_is_a_miss(
    specs: Path, amazon: tuple[int, Any], shopify: tuple[int, Any], missed: list[str]
) -> None:
    tally = requests.run(specs, seed=0, send=send(amazon, shopify))
    assert [miss.case for miss in tally.misses] == missed
    assert (tally.ok, tally.total) == (4 - len(missed), 4)
    assert tally.not_built == {"etsy": 2}


def test_what_is_understood_but_not_played_is_not_built(specs: Path) -> None:
    def understands(_method: str, path: str, *, query: Mapping[str, str], **_what: Any) -> tuple[int, Any]:
        if path.endswith("graphql.json"):
            return 200, {"errors": [{"message": "no", "extensions": {"code": "undefinedField"}}]}
        return (400 if query.get("parts") == "C" else 501), REFUSED

    schema = introspection_from_schema(build_schema("type Query { shop: Shop } type Shop { name: String }"))
    (specs / "shopify" / "admin_2026-10.json.gz").write_bytes(gzip.compress(orjson.dumps({"data": schema})))
    tally = requests.run(specs, seed=0, send=understands)
    assert (tally.ok, tally.total, tally.misses) == (2, 2, [])
    assert tally.not_built == {"etsy": 2, "amazon-sp-api getParcel": 1, "shopify good": 1}


def test_signatures(specs: Path) -> None:
    tally = signatures.run(specs)
    assert (tally.ok, tally.total, tally.not_built) == (1, 1, {"carrier_pigeon": 2})

    def refuses(_vector: Mapping[str, Any], _body: bytes) -> None:
        raise AuthFailed("shopify", "webhook", "no")

    takes_all = signatures.run(specs, checks={"shopify_webhook": lambda _vector, _body: None})
    assert [miss.reason for miss in takes_all.misses] == ["a changed body was taken"]
    takes_none = signatures.run(specs, checks={"shopify_webhook": refuses})
    assert [miss.reason for miss in takes_none.misses] == ["the right signature was refused"]


def test_notifications(specs: Path) -> None:
    tally = notifications.run(specs)
    assert tally.misses == []
    assert (tally.ok, tally.total) == (3, 3)
    blind = notifications.run(specs, read_amazon=lambda body: replace(_read_amazon(body), content=None))
    assert [miss.reason for miss in blind.misses] == ["ORDER_CHANGE gave no record"]
    forgetful = notifications.run(specs, read_amazon=lambda body: replace(_read_amazon(body), id="x"))
    assert len(forgetful.misses) == 2
    crashing = notifications.run(specs, read_shopify=lambda _topic, body: orjson.loads(body)["no"])
    assert [miss.reason for miss in crashing.misses] == ["crashed with KeyError: 'no'"]


def test_samples(specs: Path) -> None:
    for name in ("whole", "part", "other", "none", "crash", "unread"):
        (specs / "etsy" / "samples").mkdir(exist_ok=True)
        (specs / "etsy" / "samples" / f"{name}.json").write_text("{}")

    def other(_body: bytes) -> Read[Any]:
        raise ParseFailed("page", "of another shape")

    readers: dict[str, samples.Reader] = {
        "whole": lambda _body: Read(("record",), (), ()),
        "part": lambda _body: Read(("record",), (Poison("1", "no price", {}),), ()),
        "other": other,
        "none": lambda _body: Read((), (), ()),
        "crash": lambda body: orjson.loads(body)["no"],
    }
    (specs / "etsy" / "samples" / "AnyResponse.json").write_text("{}")
    found = samples.run(
        specs,
        readers={f"etsy/samples/{name}.json": read for name, read in readers.items()},
        clients={"etsy/*Response.json": readers["whole"]},
    )
    assert found.parsed == 2
    assert found.quarantined == ["etsy/samples/other.json: page: of another shape", "etsy/samples/part.json: no price"]
    assert [miss.reason for miss in found.crashed] == ["crashed with KeyError: 'no'", "nothing was read"]
    assert found.unread == ["etsy/samples/unread.json"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    contract = evaluations()["contract"]
    with pytest.raises(BadInput, match="--data"):
        contract.run(Options(tmp_path / "none", 0))
    with pytest.raises(BadInput, match="without amazon-sp-api and shopify"):
        contract.run(Options(tmp_path, 0))


@pytest.mark.shared
def test_every_official_case_agrees(shared_dir: Path) -> None:
    contract = evaluations()["contract"]
    said: list[str] = []
    measured = contract.run(Options(shared_dir / "specs", 0, said.append))
    figures = measured.figures
    assert measured.details["misses"] == []
    assert set(figures) == set(contract.figures)
    assert figures["sandbox_ok"] == figures["sandbox_total"] == 204
    assert figures["requests_agree"] == figures["requests_total"] >= 13
    assert figures["signatures_ok"] == figures["signatures_total"] >= 11
    assert figures["notifications_parsed"] == figures["notifications_total"] == 13
    assert figures["samples_parsed"] >= 70
    assert figures["samples_crashed"] == 0
    bare = "walmart/event BuyBoxChanged: eventTime: missing"  # an example of an envelope without what belongs into it
    assert measured.details["quarantined"] == [bare]
    assert len(said) == 5


@pytest.mark.shared
def test_the_shopify_examples_that_hold_an_order_are_read(shared_dir: Path) -> None:
    read = {
        name: _read_shopify(example["topic"], orjson.dumps(example["payload"]))
        for name, example in notifications.shopify_examples(shared_dir / "specs")
    }
    assert {name for name, order in read.items() if order} >= {"orders__create", "orders__cancelled", "orders__paid"}
