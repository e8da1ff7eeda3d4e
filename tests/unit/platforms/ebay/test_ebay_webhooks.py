"""Signed notifications: eBay's keys, and those who only pretend."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from vendor_kit import Vendor, is_login

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed, TransientError
from platforms.ebay import SPEC, webhooks

PRIVATE = ec.derive_private_key(4711, ec.SECP256R1())
BODY = json.dumps(
    {
        "metadata": {"topic": "ITEM_AVAILABILITY", "schemaVersion": "1.0"},
        "notification": {"notificationId": "n-1", "publishDate": "2026-11-03T11:00:00.000Z", "data": {}},
    }
).encode()


def published(key: Any = None, *, digest: str = "SHA1", algorithm: str = "ECDSA") -> dict[str, str]:
    pem = (key or PRIVATE.public_key()).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"key": pem.replace("\n", ""), "algorithm": algorithm, "digest": digest}


def signed(raw: bytes = BODY, *, kid: str = "key-1", how: HashAlgorithm | None = None) -> dict[str, str]:
    signature = PRIVATE.sign(raw, ec.ECDSA(how or SHA1()))
    said = {"alg": "ecdsa", "kid": kid, "signature": base64.b64encode(signature).decode(), "digest": "SHA1"}
    return {"X-EBAY-SIGNATURE": base64.b64encode(json.dumps(said).encode()).decode()}


def publishing(answer: httpx.Response | dict[str, str] | None = None) -> Vendor:
    """A vendor whose getPublicKey answers so, for the key id "key-1"; it knows no other."""

    def change(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        if is_login(request):
            return None
        if not request.url.path.endswith("/public_key/key-1"):
            return httpx.Response(404, json={"errors": [{"errorId": 195001, "message": "no such key"}]})
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer or published())

    return Vendor(SPEC, change=change)


def test_a_notification_of_ebays_is_taken_and_its_key_is_fetched_once() -> None:
    vendor = publishing()
    connector = vendor.open()
    for _ in range(3):
        event = connector.verify_webhook(signed(), BODY)
    assert (event.topic, event.dedupe_id, event.body) == ("ITEM_AVAILABILITY", "n-1", BODY)
    assert event.signed_at == datetime(2026, 11, 3, 11, tzinfo=UTC)
    assert "data" not in repr(event)
    assert connector.read_webhook(event.topic, BODY) is None
    assert len(vendor.calls) == 1
    login = next(request for request in vendor.requests if is_login(request))
    assert b"client_credentials" in login.content
    vendor.clock.sleep(3700)
    connector.verify_webhook(signed(), BODY)
    assert len(vendor.calls) == 2


def test_the_digest_is_the_one_that_comes_with_the_key() -> None:
    strong = publishing(published(digest="SHA256"))
    strong.open().verify_webhook(signed(how=SHA256()), BODY)
    with pytest.raises(AuthFailed):
        strong.open().verify_webhook(signed(), BODY)
    with pytest.raises(ParseFailed, match="digest"):
        publishing(published(digest="CRC32")).open().verify_webhook(signed(), BODY)


@pytest.mark.parametrize(
    "header",
    [
        "not base64!",
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"kid":"key-1"}').decode(),
        base64.b64encode(b'{"kid":1,"signature":"AAAA"}').decode(),
        base64.b64encode(b'{"kid":"../../etc","signature":"AAAA"}').decode(),
        base64.b64encode(b'{"kid":"key-1","signature":"not base64!"}').decode(),
        base64.b64encode(b'{"kid":"key-1","signature":"AAAA"}').decode(),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(header: str) -> None:
    vendor = publishing()
    with pytest.raises(AuthFailed):
        vendor.open().verify_webhook({"x-ebay-signature": header}, BODY)
    assert len(vendor.calls) <= 1


def test_a_changed_body_an_unknown_key_and_a_missing_header_are_refused() -> None:
    connector = publishing().open()
    for headers, raw in ((signed(), BODY + b" "), (signed(kid="key-2"), BODY), (signed(b"other"), BODY)):
        with pytest.raises(AuthFailed, match="refused"):
            connector.verify_webhook(headers, raw)
    with pytest.raises(ParseFailed, match="x-ebay-signature"):
        connector.verify_webhook({}, BODY)
    with pytest.raises(ParseFailed):
        connector.verify_webhook(signed(b"{}"), b"{}")


def test_made_up_key_ids_make_us_ask_only_so_often() -> None:
    vendor = publishing()
    connector = vendor.open()
    for number in range(2 * webhooks.MOST_QUESTIONS):
        for _ in range(2):  # the second time it is known to be unknown
            with pytest.raises(AuthFailed):
                connector.verify_webhook(signed(kid=f"made-up-{number}"), BODY)
    assert len(vendor.calls) == webhooks.MOST_QUESTIONS
    vendor.clock.sleep(3700)
    connector.verify_webhook(signed(), BODY)


def test_when_ebay_cannot_be_asked_it_is_said_and_asked_again() -> None:
    with pytest.raises(TransientError):
        publishing(httpx.Response(503)).open().verify_webhook(signed(), BODY)
    with pytest.raises(AuthFailed):
        publishing(httpx.Response(403, json={})).open().verify_webhook(signed(), BODY)


def test_only_keys_of_the_right_kind_are_taken() -> None:
    other = rsa.generate_private_key(65537, 1024).public_key()
    for wrong in (published(other), {**published(), "key": "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"}):
        with pytest.raises(ParseFailed, match="key"):
            publishing(wrong).open().verify_webhook(signed(), BODY)
    with pytest.raises(ParseFailed, match="algorithm"):
        publishing(published(algorithm="RSA")).open().verify_webhook(signed(), BODY)


def revoked(**data: str) -> bytes:
    told = {"notificationId": "n-2", "publishDate": "2026-11-03T11:00:00.000Z", "data": data}
    return json.dumps({"metadata": {"topic": "AUTHORIZATION_REVOCATION"}, "notification": told}).encode()


def test_a_consent_that_was_withdrawn_is_told_with_its_reason() -> None:
    connector = publishing().open()
    raw = revoked(username="Sample_Tea", userId="u-9", revokeReason="PASSWORD_CHANGE")
    event = connector.verify_webhook(signed(raw), raw)
    assert event.signed_at == datetime(2026, 11, 3, 11, tzinfo=UTC)
    assert "changed the password" in connector.read_webhook(event.topic, raw).why
    odd = connector.read_webhook(event.topic, revoked(userId="sample_tea", revokeReason="<b>"))
    assert "do not know" in odd.why
    assert "<b>" not in odd.why


@pytest.mark.parametrize("data", [{"username": "other", "userId": "u"}, {"username": "", "userId": ""}, {}])
def test_another_user_s_consent_is_not_ours(data: dict[str, str]) -> None:
    assert publishing().open().read_webhook("AUTHORIZATION_REVOCATION", revoked(**data)) is None


def test_without_its_settings_a_challenge_is_not_answered() -> None:
    with pytest.raises(ConfigError, match="VERIFICATION_TOKEN"):
        Vendor(SPEC).open(VERIFICATION_TOKEN="").answer_challenge("code")


@pytest.mark.shared
def test_the_published_vectors(shared_dir: Path) -> None:
    vectors = json.loads((shared_dir / "specs/signatures/test-vectors.json").read_text("utf-8"))
    for vector in vectors["ebay_notification"]:

        def change(request: httpx.Request, _facts: Any, vector: Any = vector) -> httpx.Response | None:
            mine = request.url.path.endswith(f"/{vector['kid']}")
            return httpx.Response(200, json=vector["getPublicKey_response"]) if mine else None

        connector = Vendor(SPEC, change=change).open()
        headers, raw = {"x-ebay-signature": vector["x_ebay_signature"]}, vector["raw_body"].encode()
        if vector["expect"] == "valid":
            assert connector.verify_webhook(headers, raw).topic == "MARKETPLACE_ACCOUNT_DELETION"
            raw += b" "
        with pytest.raises(AuthFailed):
            connector.verify_webhook(headers, raw)
    for vector in vectors["ebay_challenge"]:
        connector = Vendor(SPEC).open(VERIFICATION_TOKEN=vector["verification_token"], ENDPOINT=vector["endpoint"])
        assert connector.answer_challenge(vector["challenge_code"]) == {
            "challengeResponse": vector["challengeResponse"]
        }
