"""The HTTP face over the fake App."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_app import FakeApp
from fake_door import SIGNATURE
from fastapi.testclient import TestClient

from ecom_agent.api.door import MOST_BYTES
from ecom_agent.api.main import create
from ecom_agent.errors import ConfigError, StoreError

URL = "/webhooks/shopify/shop_main"
GOOD = {SIGNATURE: "good"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create()) as opened:
        yield opened


def test_health_is_200_with_lag_halts_and_version(shop: FakeApp, client: TestClient) -> None:
    shop.halt("all", "ada", "odd prices")
    answer = client.get("/health")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["status"], told["mode"], told["database"]) == ("ok", "sandbox", "ok")
    assert told["version"]
    assert next(s for s in told["streams"] if s["account"] == "amazon_de" and s["stream"] == "orders")["lag_s"] == 1170
    assert told["halts"][0]["reason"] == "odd prices"


def test_health_is_503_when_the_backend_is_broken(wire: Callable[[Any], Any], client: TestClient) -> None:
    wire(FakeApp.broken(StoreError("the database does not answer: start it")))
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["error"] == "the database does not answer: start it"


def test_metrics_show_streams_quotas_processes_and_halts(shop: FakeApp, client: TestClient) -> None:
    text = client.get("/metrics").text
    for line in (
        "ecom_up 1.0",
        'ecom_stream_lag_seconds{account="amazon_de",stream="orders"} 1170.0',
        'ecom_stream_failing{account="amazon_de",stream="orders"} 1.0',
        'ecom_quota_throttled{account="amazon_us",operation="getListingOffersBatch"} 17.0',
        'ecom_process_restarts{name="flows"} 1.0',
        "ecom_halts 0.0",
    ):
        assert line in text
    assert client.get("/metrics").text.count('ecom_stream_lag_seconds{account="amazon_de",stream="orders"}') == 1


def test_metrics_survive_a_broken_backend(wire: Callable[[Any], Any], client: TestClient) -> None:
    wire(FakeApp.broken(StoreError("gone")))
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "ecom_up 0.0" in answer.text


def test_a_signed_webhook_is_kept_as_the_raw_bytes_once(shop: FakeApp, client: TestClient) -> None:
    raw = b'{"id": 1,  "note": "\xc3\xa4"}'
    first, second = (client.post(URL, content=raw, headers=GOOD) for _ in range(2))
    assert (first.status_code, first.json()) == (200, {"status": "accepted"})
    assert (second.status_code, second.json()) == (200, {"status": "duplicate"})
    assert shop.calls[0] == ("webhook", "shopify", "shop_main", raw)


def test_a_wrong_signature_is_401_and_counted(shop: FakeApp, client: TestClient) -> None:
    assert client.post(URL, content=b"{}", headers={SIGNATURE: "forged"}).status_code == 401
    assert 'ecom_webhooks_total{outcome="bad_signature"}' in client.get("/metrics").text
    assert not shop.calls


def test_an_old_webhook_is_401_and_counted_apart(shop: FakeApp, client: TestClient) -> None:
    answer = client.post(URL, content=b"{}", headers={SIGNATURE: "old"})
    assert (answer.status_code, answer.json()) == (401, {"status": "replayed"})
    assert 'ecom_webhooks_total{outcome="replayed"}' in client.get("/metrics").text


def test_what_is_no_webhook_is_400_and_nobody_is_asked_to_send_it_again(shop: FakeApp, client: TestClient) -> None:
    answer = client.post(URL, content=b"no text", headers=GOOD)
    assert (answer.status_code, answer.json()) == (400, {"status": "unreadable"})
    assert "retry-after" not in answer.headers


def test_a_challenge_is_answered_where_one_is_asked_and_its_code_is_nowhere_else(
    shop: FakeApp, client: TestClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG, "ecom_agent"):
        answer = client.get("/webhooks/ebay/ebay_us", params={"challenge_code": "c0de"})
        assert client.get("/webhooks/shopify/shop_main?challenge_code=c0de").status_code == 404
    assert (answer.status_code, answer.json()) == (200, {"challengeResponse": "proof of c0de"})
    assert client.get("/webhooks/ebay/ebay_us").status_code == 400
    said = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert "c0de" not in said + "".join(capsys.readouterr())


def test_a_challenge_that_is_not_set_up_asks_to_come_again(wire: Callable[[Any], Any], client: TestClient) -> None:
    wire(FakeApp.broken(ConfigError("ENDPOINT: not set")))
    answer = client.get("/webhooks/ebay/ebay_us?challenge_code=c")
    assert answer.status_code == 503
    assert "ENDPOINT" not in answer.text


def test_a_chat_s_call_is_kept_once_and_answered_without_a_word(shop: FakeApp, client: TestClient) -> None:
    for _ in range(2):
        answer = client.post("/chat/wecom?sign=good", content=b"<xml/>")
        assert (answer.status_code, answer.content) == (200, b"")
    assert shop.calls == [("chat", "wecom", b"<xml/>")] * 2
    text = client.get("/metrics").text
    assert 'ecom_chat_calls_total{outcome="accepted"}' in text
    assert 'ecom_chat_calls_total{outcome="duplicate"}' in text


def test_challenges_of_chats_are_answered_as_each_wants_it(shop: FakeApp, client: TestClient) -> None:
    feishu = client.post("/chat/feishu", content=b"challenge", headers={"Sign": "good"})
    assert (feishu.json(), feishu.headers["content-type"]) == ({"challenge": "c"}, "application/json")
    wecom = client.get("/chat/wecom", params={"sign": "good", "echostr": "161"})
    assert (wecom.text, wecom.headers["content-type"]) == ("161", "text/plain; charset=utf-8")
    assert client.get("/chat/feishu?sign=good").status_code == 404


@pytest.mark.parametrize(
    ("path", "sign", "content", "status"),
    [
        ("wecom", "forged", b"<xml/>", 401),
        ("wecom", "old", b"<xml/>", 401),
        ("wecom", "good", b"no text", 400),
        ("dingtalk", "good", b"{}", 404),
        ("slack", "good", b"{}", 404),
        ("wecom", "good", b"x" * (MOST_BYTES + 1), 413),
    ],
)
def test_refused_calls_of_chats(
    shop: FakeApp, client: TestClient, path: str, sign: str, content: bytes, status: int
) -> None:
    assert client.post(f"/chat/{path}?sign={sign}", content=content).status_code == status
    assert not shop.calls


@pytest.mark.parametrize("path", ["/webhooks/shopify/nobody", "/webhooks/amazon/shop_main"])
def test_an_unknown_account_is_404(shop: FakeApp, client: TestClient, path: str) -> None:
    assert client.post(path, content=b"{}", headers=GOOD).status_code == 404


def test_a_body_over_the_limit_is_413_however_it_is_sent(shop: FakeApp, client: TestClient) -> None:
    big = b"x" * (MOST_BYTES + 1)
    assert client.post(URL, content=big, headers=GOOD).status_code == 413
    assert client.post(URL, content=(big[n : n + 65536] for n in range(0, len(big), 65536))).status_code == 413
    assert client.post(URL, content=big[:-1], headers=GOOD).status_code == 200


def test_our_own_trouble_asks_the_sender_to_come_again(wire: Callable[[Any], Any], client: TestClient) -> None:
    wire(FakeApp.broken(StoreError("disk full")))
    answer = client.post(URL, content=b"{}", headers=GOOD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


def test_neither_body_nor_headers_are_logged_or_sent_back(
    wire: Callable[[Any], Any], client: TestClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    wire(FakeApp.broken(ZeroDivisionError("buyer@example.org")))
    with caplog.at_level(logging.DEBUG):
        answer = client.post(URL, content=b"buyer@example.org", headers={SIGNATURE: "sesame"})
    seen = "".join(capsys.readouterr()) + caplog.text + answer.text
    assert answer.status_code == 500
    assert "buyer@example.org" not in seen
    assert "sesame" not in seen


def test_there_is_nothing_else(shop: FakeApp, client: TestClient) -> None:
    assert client.put(URL).status_code == 405
    assert client.get("/docs").status_code == 404
    assert client.get("/").status_code == 404
