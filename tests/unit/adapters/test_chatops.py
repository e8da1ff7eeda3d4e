"""Signatures and encryption of the work chats: what was sealed is opened, what was changed is refused."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.adapters.chatops import dingtalk, feishu, wecom
from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed, Replayed

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
STAMP_MS = str(int(NOW.timestamp() * 1000))
KEY = "feishu-encrypt-key"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
TOKEN, RECEIVER = "wecom-token", "ww0123456789"


def sealed(key: bytes, start: bytes, plain: bytes, block: int) -> bytes:
    pad = block - len(plain) % block
    cipher = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()


def feishu_event(event: Any) -> tuple[dict[str, str], bytes]:
    start = bytes(16)
    body = start + sealed(hashlib.sha256(KEY.encode()).digest(), start, json.dumps(event).encode(), 16)
    raw = json.dumps({"encrypt": base64.b64encode(body).decode()}).encode()
    headers = {"X-Lark-Request-Timestamp": "1", "X-Lark-Request-Nonce": "n"}
    return {**headers, "X-Lark-Signature": feishu.sign_event(KEY, "1", "n", raw)}, raw


def wecom_encrypt(text: bytes, receiver: str = RECEIVER) -> str:
    key = bytes(range(32))
    plain = bytes(16) + len(text).to_bytes(4, "big") + text + receiver.encode()
    return base64.b64encode(sealed(key, key[:16], plain, 32)).decode()


def wecom_query(encrypt: str) -> dict[str, str]:
    return {"timestamp": "1", "nonce": "n", "msg_signature": wecom.signature(TOKEN, "1", "n", encrypt)}


def test_dingtalk_takes_its_own_signature_for_an_hour_and_no_other() -> None:
    headers = {"Timestamp": STAMP_MS, "Sign": dingtalk.sign("SEC1", STAMP_MS)}
    assert dingtalk.read("SEC1", headers, b'{"msgId": "m1"}', now=NOW + timedelta(minutes=59)).dedupe_id == "m1"
    for late in (timedelta(minutes=61), timedelta(minutes=-61)):
        with pytest.raises(Replayed, match="clock"):
            dingtalk.read("SEC1", headers, b'{"msgId": "m1"}', now=NOW + late)
    with pytest.raises(AuthFailed):
        dingtalk.read("SEC2", headers, b'{"msgId": "m1"}', now=NOW)
    for body in (b"{}", b"[]", b"no"):
        with pytest.raises(ParseFailed):
            dingtalk.read("SEC1", headers, body, now=NOW)


def test_dingtalk_s_outgoing_signature_survives_the_query() -> None:
    query = parse_qs(dingtalk.outgoing_query("SEC1", STAMP_MS))
    assert query == {"timestamp": [STAMP_MS], "sign": [dingtalk.sign("SEC1", STAMP_MS)]}


def test_a_feishu_event_is_opened_and_its_challenge_answered() -> None:
    headers, raw = feishu_event({"schema": "2.0", "header": {"event_id": "e1", "token": "T"}, "event": {"x": "库存"}})
    event = feishu.read(KEY, headers, raw, token="T")
    assert (event.dedupe_id, event.answer) == ("e1", None)
    assert json.loads(event.body)["event"] == {"x": "库存"}
    assert "库存" not in repr(event)
    headers, raw = feishu_event({"type": "url_verification", "challenge": "c1", "token": "T"})
    assert json.loads(feishu.read(KEY, headers, raw, token="T").answer or "") == {"challenge": "c1"}
    with pytest.raises(AuthFailed, match="verification token"):
        feishu.read(KEY, headers, raw, token="U")
    with pytest.raises(AuthFailed):
        feishu.read(KEY, headers, raw + b" ")


def test_feishu_s_first_question_may_come_unsigned_with_our_token_and_nothing_else_may() -> None:
    _, asked = feishu_event({"type": "url_verification", "challenge": "c1", "token": "T"})
    answered = feishu.read(KEY, {}, asked, token="T")
    assert (json.loads(answered.answer or ""), answered.signed_at) == ({"challenge": "c1"}, None)
    events: list[Any] = [
        {"schema": "2.0", "header": {"event_id": "e1", "token": "T"}, "event": {}},
        {"type": "event_callback", "token": "T", "uuid": "u"},
        {"type": "url_verification", "challenge": "c1", "token": "U"},
        {"type": "url_verification", "challenge": "c1"},
        {"type": "url_verification", "token": "T"},
        ["url_verification"],
    ]
    said = set()
    for raw in (*(feishu_event(event)[1] for event in events), b"{}", b"no", b'{"encrypt": "QUJD"}'):
        with pytest.raises(AuthFailed) as caught:
            feishu.read(KEY, {}, raw, token="T")
        said.add(str(caught.value))
    assert len(said) == 1, "one and the same answer, whatever was wrong"
    with pytest.raises(AuthFailed):
        feishu.read(KEY, {}, asked)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "١", "9" * 30])
def test_a_signed_time_that_is_none_is_refused(stamp: str) -> None:
    encrypt = wecom_encrypt(b"<xml/>")
    query = {**wecom_query(encrypt), "timestamp": stamp}
    query["msg_signature"] = wecom.signature(TOKEN, stamp, "n", encrypt)
    with pytest.raises(AuthFailed, match="time"):
        wecom.read(TOKEN, AES_KEY, RECEIVER, query, f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode())
    headers = {"timestamp": stamp, "sign": dingtalk.sign("SEC1", stamp)}
    with pytest.raises(AuthFailed, match="time"):
        dingtalk.read("SEC1", headers, b'{"msgId": "m1"}', now=NOW)


@pytest.mark.parametrize("encrypt", ["", "no base64!", "QUJD", base64.b64encode(bytes(32)).decode()])
def test_what_feishu_could_not_have_encrypted_is_refused(encrypt: str) -> None:
    with pytest.raises(ParseFailed):
        feishu.decrypt(KEY, encrypt)


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_wecom_opens_what_was_sealed(text: str) -> None:
    encrypt = wecom_encrypt(text.encode())
    xml = f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>".encode()
    assert wecom.read(TOKEN, AES_KEY, RECEIVER, wecom_query(encrypt), xml).body == text.encode()
    for sent in (encrypt, encrypt.replace("+", " ")):  # a plus that nobody escaped arrives as a blank
        confirmed = wecom.confirm(TOKEN, AES_KEY, RECEIVER, {**wecom_query(encrypt), "echostr": sent})
        assert confirmed.answer == text


def test_wecom_s_second_try_is_the_same_message() -> None:
    def sent(nonce: str, text: bytes) -> str:
        encrypt = wecom_encrypt(text)
        query = {"timestamp": "1", "nonce": nonce, "msg_signature": wecom.signature(TOKEN, "1", nonce, encrypt)}
        return wecom.read(
            TOKEN, AES_KEY, RECEIVER, query, f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
        ).dedupe_id

    assert sent("n1", b"<xml><MsgId>1</MsgId></xml>") == sent("n2", b"<xml><MsgId>1</MsgId></xml>")
    assert sent("n1", b"<xml><MsgId>1</MsgId></xml>") != sent("n1", b"<xml><MsgId>2</MsgId></xml>")


def test_wecom_refuses_another_token_another_receiver_and_what_is_cut_off() -> None:
    encrypt = wecom_encrypt(b"<xml/>")
    xml = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    with pytest.raises(AuthFailed, match="token"):
        wecom.read("other", AES_KEY, RECEIVER, wecom_query(encrypt), xml)
    with pytest.raises(AuthFailed, match="receiver"):
        wecom.read(TOKEN, AES_KEY, "ww9", wecom_query(encrypt), xml)
    with pytest.raises(ConfigError, match="43 characters"):
        wecom.decrypt("short", encrypt, RECEIVER)
    with pytest.raises(ParseFailed):
        wecom.read(TOKEN, AES_KEY, RECEIVER, wecom_query(encrypt), b"<xml/>")
    for cut in (encrypt[:-24], "", "####"):
        with pytest.raises((ParseFailed, AuthFailed)):
            wecom.decrypt(AES_KEY, cut, RECEIVER)
