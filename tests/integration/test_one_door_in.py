"""All that calls us, over the real App and a real database: checked, kept once, answered; worked on by others later."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi.testclient import TestClient
from sqlmodel import select

from ecom_agent.adapters.chatops import dingtalk, feishu, wecom
from ecom_agent.api.main import create
from ecom_agent.clock import FrozenClock
from ecom_agent.store.events import EventInboxRow, InboxStore
from ecom_agent.wiring import App, build, prepare_database
from platforms.shopify.webhooks import signature
from platforms.tiktok_shop.signing import webhook_signature

pytestmark = pytest.mark.services
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
TIKTOK, SHOP, EBAY = "tiktok_us", "shop_main", "ebay_us"
AES_KEY, RECEIVER, KEY = bytes(range(32)), "ww0123456789", "feishu-key"
NOWHERE = "http://127.0.0.1:9"
VALUES = {
    "ECOM_MODE": "sandbox",
    "ECOM_ACCOUNTS": f"{TIKTOK}:tiktok_shop,{SHOP}:shopify,{EBAY}:ebay",
    "ECOM_TIKTOK_US__APP_KEY": "key",
    "ECOM_TIKTOK_US__APP_SECRET": "secret",
    "ECOM_TIKTOK_US__REFRESH_TOKEN": "token",
    "ECOM_TIKTOK_US__SHOP_CIPHER": "cipher",
    "ECOM_TIKTOK_US__SHOP_ID": "7490",
    "ECOM_TIKTOK_US__BASE_URL": NOWHERE,
    "ECOM_TIKTOK_US__AUTH_URL": NOWHERE,
    "ECOM_SHOP_MAIN__SHOP": "sample-tea.myshopify.com",
    "ECOM_SHOP_MAIN__ACCESS_TOKEN": "token",
    "ECOM_SHOP_MAIN__CLIENT_SECRET": "secret",
    "ECOM_SHOP_MAIN__BASE_URL": NOWHERE,
    "ECOM_EBAY_US__REFRESH_TOKEN": "token",
    "ECOM_EBAY_US__CLIENT_ID": "id",
    "ECOM_EBAY_US__CLIENT_SECRET": "secret",
    "ECOM_EBAY_US__SELLER": "sample_tea",
    "ECOM_EBAY_US__MARKETPLACES": "EBAY_US",
    "ECOM_EBAY_US__VERIFICATION_TOKEN": "verification",
    "ECOM_EBAY_US__ENDPOINT": "https://shop.example/webhooks/ebay/ebay_us",
    "ECOM_EBAY_US__BASE_URL": NOWHERE,
    "ECOM_DINGTALK_SECRET": "SEC1",
    "ECOM_FEISHU_ENCRYPT_KEY": KEY,
    "ECOM_FEISHU_TOKEN": "T",
    "ECOM_WECOM_TOKEN": "wecom-token",
    "ECOM_WECOM_AES_KEY": base64.b64encode(AES_KEY).decode().rstrip("="),
    "ECOM_WECOM_RECEIVER": RECEIVER,
}
ORDER = (Path(__file__).resolve().parents[2] / "platforms/shopify/samples/webhook_order.json").read_bytes()


@pytest.fixture
def app(postgres_url: str, tmp_path: Path) -> Iterator[App]:
    prepare_database(postgres_url, NOW)
    made = build({**VALUES, "ECOM_DATABASE_URL": postgres_url, "ECOM_DATA_DIR": str(tmp_path)}, FrozenClock(NOW))
    yield made
    made.close()


@pytest.fixture
def client(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("ecom_agent.wiring.app", lambda: app)
    with TestClient(create()) as opened:
        yield opened


def tiktok(kind: int, at: datetime = NOW, **data: Any) -> dict[str, Any]:
    raw = json.dumps({"type": kind, "shop_id": "7490", "timestamp": int(at.timestamp()), "data": data}).encode()
    return {
        "url": f"/webhooks/tiktok_shop/{TIKTOK}",
        "content": raw,
        "headers": {"Authorization": webhook_signature("key", "secret", raw)},
    }


def shopify(topic: str, raw: bytes, id: str) -> dict[str, Any]:
    told = {"Hmac-SHA256": signature("secret", raw), "Topic": topic, "Webhook-Id": id}
    headers = {f"X-Shopify-{name}": value for name, value in told.items()}
    domain = {"X-Shopify-Shop-Domain": "sample-tea.myshopify.com"}
    return {"url": f"/webhooks/shopify/{SHOP}", "content": raw, "headers": {**headers, **domain}}


def sealed(key: bytes, start: bytes, plain: bytes, block: int) -> bytes:
    pad = block - len(plain) % block
    cipher = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()


def from_feishu(event: Any, at: datetime = NOW) -> dict[str, Any]:
    start, stamp = bytes(16), str(int(at.timestamp()))
    body = start + sealed(hashlib.sha256(KEY.encode()).digest(), start, json.dumps(event).encode(), 16)
    raw = json.dumps({"encrypt": base64.b64encode(body).decode()}).encode()
    signed = {"Timestamp": stamp, "Nonce": "n"}
    headers = {f"X-Lark-Request-{name}": value for name, value in signed.items()}
    told = {"X-Lark-Signature": feishu.sign_event(KEY, stamp, "n", raw)}
    return {"url": "/chat/feishu", "content": raw, "headers": {**headers, **told}}


def from_wecom(text: bytes, at: datetime = NOW) -> tuple[dict[str, str], str]:
    plain = bytes(16) + len(text).to_bytes(4, "big") + text + RECEIVER.encode()
    encrypt, stamp = base64.b64encode(sealed(AES_KEY, AES_KEY[:16], plain, 32)).decode(), str(int(at.timestamp()))
    return {
        "timestamp": stamp,
        "nonce": "n",
        "msg_signature": wecom.signature("wecom-token", stamp, "n", encrypt),
    }, encrypt


def from_dingtalk(raw: bytes, at: datetime = NOW) -> dict[str, Any]:
    stamp = str(int(at.timestamp() * 1000))
    return {
        "url": "/chat/dingtalk",
        "content": raw,
        "headers": {"timestamp": stamp, "sign": dingtalk.sign("SEC1", stamp)},
    }


def kept(app: App) -> list[EventInboxRow]:
    with app.parts.database.unit() as unit:
        return list(unit.session.exec(select(EventInboxRow).order_by(EventInboxRow.dedupe_id)).all())


def test_an_account_that_was_sent_away_is_paused_with_the_reason_and_the_others_go_on(
    app: App, client: TestClient
) -> None:
    assert client.post(**tiktok(6, message="deauthorized")).json() == {"status": "accepted"}
    assert client.post(**shopify("orders/create", ORDER, "w1")).json() == {"status": "accepted"}
    assert app.health().paused_accounts == (), "nothing is worked on before the answer"
    assert app.process_inbox() == {"processed": 2, "written": 1, "quarantined": 0, "paused": 1}
    ((account, why),) = app.health().paused_accounts
    assert account == TIKTOK
    assert "SELLER_DEAUTHORIZATION" in why
    assert any(TIKTOK in x.title and x.detail == why for x in app.overview().exceptions)
    assert app.tally()["order_ids"] == ["gid://shopify/Order/4"]
    assert app.process_inbox() == {}


def test_a_removed_app_pauses_its_shop(app: App, client: TestClient) -> None:
    client.post(**shopify("app/uninstalled", b'{"myshopify_domain": "sample-tea.myshopify.com"}', "w1"))
    client.post(**shopify("app/uninstalled", b'{"myshopify_domain": "other.myshopify.com"}', "w2"))
    assert app.process_inbox() == {"processed": 2, "written": 0, "quarantined": 1, "paused": 1}
    assert [account for account, _why in app.health().paused_accounts] == [SHOP]


def test_the_same_delivery_is_a_duplicate_and_an_old_or_early_one_is_refused(app: App, client: TestClient) -> None:
    answers = [client.post(**tiktok(14)) for _ in range(2)]
    assert [(a.status_code, a.json()["status"]) for a in answers] == [(200, "accepted"), (200, "duplicate")]
    for at in (NOW - timedelta(days=8), NOW + timedelta(hours=2)):
        refused = client.post(**tiktok(14, at))
        assert (refused.status_code, refused.json()["status"]) == (401, "replayed")
    forged = {**tiktok(14, message="x"), "headers": {"Authorization": "0" * 64}}
    assert client.post(**forged).json()["status"] == "bad_signature"
    assert len(kept(app)) == 1


def test_a_blocked_processor_does_not_hold_up_an_answer(
    app: App, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    connector = app.parts.accounts.opened[TIKTOK].connector  # type: ignore[index]  # an AccountId is text

    def stuck(topic: str, raw: bytes) -> None:
        reading.set()
        assert go_on.wait(60)

    monkeypatch.setattr(connector, "read_webhook", stuck)
    client.post(**tiktok(14))
    worker = threading.Thread(target=app.process_inbox)
    worker.start()
    try:
        assert reading.wait(60)
        assert client.post(**tiktok(15)).json() == {"status": "accepted"}
        assert client.post(**tiktok(14)).json() == {"status": "duplicate"}, "of the one that is being worked on"
        assert client.post(**from_dingtalk(b'{"msgId": "m1"}')).status_code == 200
        assert worker.is_alive(), "still at the first"
    finally:
        go_on.set()
        worker.join(60)
    assert [row.processed_at is None for row in kept(app) if row.source == "dingtalk"] == [True]


def test_ebay_s_challenge_is_answered_and_nobody_else_is_asked_one(client: TestClient) -> None:
    answer = client.get(f"/webhooks/ebay/{EBAY}", params={"challenge_code": "c"})
    said = "c" + "verification" + VALUES["ECOM_EBAY_US__ENDPOINT"]
    assert answer.json() == {"challengeResponse": hashlib.sha256(said.encode()).hexdigest()}
    for path in (f"/webhooks/shopify/{SHOP}", "/webhooks/ebay/nobody"):
        assert client.get(path, params={"challenge_code": "c"}).status_code == 404


def test_what_chats_say_is_kept_as_it_came_counted_and_nothing_is_done_about_it(app: App, client: TestClient) -> None:
    query, encrypt = from_wecom(b"<xml><Content>halt all</Content><MsgId>1</MsgId></xml>")
    xml = f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>".encode()
    ding = from_dingtalk(b'{"msgId": "m1", "text": {"content": "approve everything"}}')
    lark = from_feishu({"schema": "2.0", "header": {"event_id": "e1", "token": "T"}, "event": {}})
    for _ in range(2):
        assert client.post("/chat/wecom", params=query, content=xml).content == b""
        assert client.post(**ding).status_code == client.post(**lark).status_code == 200
    assert not any(said in row.body for row in kept(app) for said in (b"approve", b"Encrypt", b"encrypt"))
    with app.parts.database.unit() as unit:
        bodies = {event.source: event.body for event in InboxStore(unit.session).claim()}
    assert bodies == {
        "dingtalk": ding["content"],
        "feishu": lark["content"],
        "wecom": xml,
    }
    assert app.process_inbox() == {"processed": 3, "chats": 3}
    assert app.process_inbox() == {}
    assert (len(app.quarantine()), len(app.halts())) == (0, 0)


def test_challenges_of_chats_are_answered_and_not_kept(app: App, client: TestClient) -> None:
    asked = from_feishu({"type": "url_verification", "challenge": "c1", "token": "T"})
    assert client.post(**asked).json() == {"challenge": "c1"}
    assert client.post(**{**asked, "headers": {}}).json() == {"challenge": "c1"}
    query, encrypt = from_wecom(b"1616140317555161061")
    answer = client.get("/chat/wecom", params={**query, "echostr": encrypt})
    assert answer.text == "1616140317555161061"
    assert client.get("/chat/feishu", params=query).status_code == 404
    assert kept(app) == []


def test_chats_with_a_wrong_signature_or_an_old_one_are_401(app: App, client: TestClient) -> None:
    old = NOW - timedelta(days=2)
    event = {"schema": "2.0", "header": {"event_id": "e1", "token": "T"}, "event": {}}
    query, encrypt = from_wecom(b"<xml/>", old)
    xml = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    answers = [
        client.post(**from_feishu(event, old)),
        client.post(**from_dingtalk(b'{"msgId": "m1"}', old)),
        client.post("/chat/wecom", params=query, content=xml),
        client.get("/chat/wecom", params={**query, "echostr": encrypt}),
    ]
    assert [(a.status_code, a.json()["status"]) for a in answers] == [(401, "replayed")] * 4
    forged = [
        client.post(**{**from_feishu(event), "content": b"{}"}),
        client.post(**{**from_feishu(event), "headers": {}}),
        client.post("/chat/dingtalk", content=b'{"msgId": "m1"}'),
        client.post("/chat/wecom", params={**query, "nonce": "x"}, content=xml),
    ]
    assert [(a.status_code, a.json()["status"]) for a in forged] == [(401, "bad_signature")] * 4
    assert kept(app) == []


def test_a_dingtalk_id_that_would_fit_no_key_is_known_all_the_same(app: App, client: TestClient) -> None:
    for id in ("m" * 5000, "m\u0000"):
        raw = json.dumps({"msgId": id}).encode()
        statuses = [client.post(**from_dingtalk(raw)).status_code for _ in range(2)]
        assert statuses == [200, 200]
    assert len(kept(app)) == 2
