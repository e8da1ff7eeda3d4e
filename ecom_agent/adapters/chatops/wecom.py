"""WeCom: callbacks are signed with SHA-1 over sorted parts and encrypted for one receiver."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ecom_agent.adapters.chatops.callback import OPERATION, Callback, moment, must_equal, unpadded
from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed

NAME: Final = "wecom"
_RANDOM, _LENGTH, _BLOCK, _PADDED_TO = 16, 4, 16, 32
_ENCRYPT: Final = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")


def signature(token: str, timestamp: str, nonce: str, encrypt: str) -> str:
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypt))).encode()).hexdigest()


def read(token: str, aes_key: str, receiver: str, query: Mapping[str, str], raw: bytes) -> Callback:
    """A message or event. `query` holds msg_signature, timestamp and nonce; `raw` is the XML around the text.

    It is known by its text, which holds WeCom's id or time: a second try is signed and encrypted anew.
    Raises AuthFailed for a wrong signature or receiver, ParseFailed for what cannot be read, ConfigError for a key
    that is none.
    """
    found = _ENCRYPT.search(raw)
    if found is None:
        raise ParseFailed("Encrypt", "missing")
    plain = _opened(token, aes_key, receiver, query, found[1].decode())
    return Callback(hashlib.sha256(plain).hexdigest(), plain, moment(NAME, query.get("timestamp", "")))


def confirm(token: str, aes_key: str, receiver: str, query: Mapping[str, str]) -> Callback:
    """The check of our address, a GET with `echostr`: what is encrypted in it is the answer.

    A plus that was sent as it is has become a blank on its way through the query; base64 has none.
    """
    plain = _opened(token, aes_key, receiver, query, query.get("echostr", "").replace(" ", "+"))
    signed_at = moment(NAME, query.get("timestamp", ""))
    return Callback(hashlib.sha256(plain).hexdigest(), plain, signed_at, plain.decode("utf-8", "replace"))


def decrypt(aes_key: str, encrypt: str, receiver: str) -> bytes:
    """AES-256-CBC; before the text 16 random bytes and its length, behind it who it is for."""
    key = key_of(aes_key)
    try:
        sealed = base64.b64decode(encrypt, validate=True)
    except (binascii.Error, ValueError):
        raise ParseFailed("Encrypt", "not base64") from None
    if not sealed or len(sealed) % _BLOCK:
        raise ParseFailed("Encrypt", f"{len(sealed)} bytes are no whole blocks: cut off")
    opened = Cipher(algorithms.AES(key), modes.CBC(key[:_BLOCK])).decryptor()
    plain = unpadded(opened.update(sealed) + opened.finalize(), _PADDED_TO)[_RANDOM:]
    length, text = int.from_bytes(plain[:_LENGTH], "big"), plain[_LENGTH:]
    if len(plain) < _LENGTH or length > len(text):
        raise ParseFailed("Encrypt", "shorter than it says: cut off")
    if text[length:] != receiver.encode():
        raise AuthFailed(NAME, OPERATION, "encrypted for another receiver than ours; the call is refused")
    return text[:length]


def _opened(token: str, aes_key: str, receiver: str, query: Mapping[str, str], encrypt: str) -> bytes:
    wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), encrypt)
    must_equal(NAME, wanted, query.get("msg_signature", ""), "the token")
    return decrypt(aes_key, encrypt, receiver)


def key_of(aes_key: str) -> bytes:
    """The key behind the characters that WeCom shows. Raises ConfigError for what is none."""
    try:
        key = base64.b64decode(aes_key + "=")
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ConfigError("EncodingAESKey: wanted the 43 characters that WeCom shows")
    return key
