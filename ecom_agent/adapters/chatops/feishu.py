"""Feishu (Lark): the signature of custom robots, and events, which come signed and encrypted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ecom_agent.adapters.chatops.callback import OPERATION, Callback, moment, must_equal, unpadded
from ecom_agent.errors import AuthFailed, ParseFailed

NAME: Final = "feishu"
_BLOCK: Final = 16


def sign_robot(secret: str, timestamp_s: str) -> str:
    """Of a message that we send: base64 of HMAC-SHA256 over nothing, under time and secret."""
    key = f"{timestamp_s}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def sign_event(encrypt_key: str, timestamp: str, nonce: str, raw: bytes) -> str:
    """What stands in X-Lark-Signature: hex SHA-256 over time, nonce, key and the body as received."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + raw).hexdigest()


def read(encrypt_key: str, headers: Mapping[str, str], raw: bytes, *, token: str | None = None) -> Callback:
    """An event. `token` = the app's verification token, checked where it is handed in.

    Raises AuthFailed for a wrong signature or token, ParseFailed for what cannot be read.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if "x-lark-signature" not in given and token is not None:
        return _unsigned_challenge(encrypt_key, raw, token)
    stamp, nonce = given.get("x-lark-request-timestamp", ""), given.get("x-lark-request-nonce", "")
    wanted = sign_event(encrypt_key, stamp, nonce, raw)
    must_equal(NAME, wanted, given.get("x-lark-signature", ""), "the encrypt key")
    signed_at = moment(NAME, stamp)
    plain = decrypt(encrypt_key, _text(_object(raw, "body"), "encrypt"))
    event = _object(plain, "encrypt")
    inner = event.get("header")
    header: Mapping[str, Any] = inner if isinstance(inner, Mapping) else event
    if token is not None:
        must_equal(NAME, token, str(header.get("token", "")), "the verification token")
    if event.get("type") == "url_verification":
        return _challenged(event, plain, signed_at)
    return Callback(_text(header, "event_id"), plain, signed_at)


def _unsigned_challenge(encrypt_key: str, raw: bytes, token: str) -> Callback:
    """Feishu asks a new address before it signs: nothing else is taken so, and only with our token in it.

    Whatever is wrong gets one and the same answer, so that nobody learns from it what is behind the encryption.
    """
    try:
        plain = decrypt(encrypt_key, _text(_object(raw, "body"), "encrypt"))
        event = _object(plain, "encrypt")
        must_equal(NAME, token, _text(event, "token"), "the verification token")
        if event.get("type") == "url_verification":
            return _challenged(event, plain, None)
    except (ParseFailed, AuthFailed):
        pass
    raise AuthFailed(NAME, OPERATION, "without a signature; the call is refused")


def _challenged(event: Mapping[str, Any], plain: bytes, signed_at: datetime | None) -> Callback:
    challenge = _text(event, "challenge")
    return Callback(challenge, plain, signed_at, orjson.dumps({"challenge": challenge}).decode())


def decrypt(encrypt_key: str, encrypt: str) -> bytes:
    """AES-256-CBC under SHA-256 of the key; the first block is the start vector. Raises ParseFailed."""
    try:
        sealed = base64.b64decode(encrypt, validate=True)
    except (binascii.Error, ValueError):
        raise ParseFailed("encrypt", "not base64") from None
    if len(sealed) < 2 * _BLOCK or len(sealed) % _BLOCK:
        raise ParseFailed("encrypt", f"{len(sealed)} bytes are no whole blocks: cut off")
    key, start = hashlib.sha256(encrypt_key.encode()).digest(), sealed[:_BLOCK]
    opened = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    return unpadded(opened.update(sealed[_BLOCK:]) + opened.finalize(), _BLOCK)


def _object(raw: bytes, path: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed(path, "not JSON") from None
    if not isinstance(found, Mapping):
        raise ParseFailed(path, f"wanted an object, found {type(found).__name__}")
    return found


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise ParseFailed(name, "missing")
    return value
