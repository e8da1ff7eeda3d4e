"""Is this notification really eBay's? And the answer to the question that eBay asks a new endpoint.

eBay signs with keys that it publishes by id; a key is fetched once and kept an hour. Whoever sends us made-up ids
must not make us ask eBay for each: refused ids are kept too, and there are so many questions an hour and no more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed, TerminalError
from platforms._shared.payload import text
from platforms._shared.webhooks import WebhookEvent
from platforms.ebay import parse, rates
from platforms.ebay.client import NAME, EbayClient, Operation
from platforms.ebay.settings import EbaySettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

OPERATION: Final = "webhook"
GET_PUBLIC_KEY: Final = Operation(
    "getPublicKey", "GET", "/commerce/notification/v1/public_key/{key_id}", rates.NOTIFICATION
)
KEPT_FOR: Final = timedelta(hours=1)
MOST_QUESTIONS: Final = 30
"""Keys we ask eBay for in an hour. eBay has a handful."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PEM: Final = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----|\s")


@dataclass(frozen=True, slots=True)
class Key:
    """One of eBay's keys, and the digest that it is used with ("SHA1")."""

    public: EllipticCurvePublicKey
    digest: str


class Keys:
    """eBay's public keys by id. Safe between threads."""

    def __init__(self, client: EbayClient) -> None:
        self._client = client
        self._known: dict[str, tuple[datetime, Key | None]] = {}
        self._asked: list[datetime] = []
        self._lock = threading.Lock()

    def get(self, key_id: str) -> Key | None:
        """None where eBay has no such key. Raises what the call raises, AuthFailed where too many were asked for."""
        with self._lock:
            now = self._client.clock.now()
            self._known = {name: kept for name, kept in self._known.items() if now - kept[0] < KEPT_FOR}
            if key_id not in self._known:
                self._asked = [at for at in self._asked if now - at < KEPT_FOR]
                if len(self._asked) >= MOST_QUESTIONS:
                    raise _refused("too many unknown key ids within an hour")
                self._asked.append(now)
                self._known[key_id] = (now, self._fetch(key_id))
            return self._known[key_id][1]

    def _fetch(self, key_id: str) -> Key | None:
        try:
            answer = self._client.call(GET_PUBLIC_KEY, as_application=True, path={"key_id": key_id})
        except AuthFailed:
            raise
        except TerminalError as error:
            if error.status in (400, 404):
                return None
            raise
        return read_key(answer.parsed)


def read_key(body: Any) -> Key:
    """The answer of `getPublicKey`: a PEM key in one line. Raises ParseFailed for anything but an ECDSA key."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if text(body, "algorithm") != "ECDSA":
        raise ParseFailed("algorithm", f"wanted ECDSA, found {text(body, 'algorithm')[:20]!r}")
    try:
        found = load_der_public_key(base64.b64decode(_PEM.sub("", text(body, "key")), validate=True))
    except ValueError as error:
        raise ParseFailed("key", f"not a public key ({type(error).__name__})") from None
    if not isinstance(found, EllipticCurvePublicKey):
        raise ParseFailed("key", f"wanted an elliptic curve, found {type(found).__name__}")
    return Key(found, text(body, "digest"))


def verify(keys: Keys, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
    """Check the signature over the body as received.

    Raises AuthFailed for a wrong one, ParseFailed where the header is missing or the body is no notification.
    """
    given = {name.lower(): value for name, value in headers.items()}.get("x-ebay-signature")
    if not given:
        raise ParseFailed("header x-ebay-signature", "missing")
    key_id, signature = _signature(given)
    key = keys.get(key_id)
    if key is None:
        raise _refused("eBay has no such key")
    if not _fits(key, signature, raw):
        raise _refused("the signature does not fit")
    heading = parse.heading(raw)
    return WebhookEvent(heading.topic, heading.notification_id, heading.published_at, raw)


def challenge_response(settings: EbaySettings, code: str) -> str:
    """What eBay wants to hear from a new endpoint: hex SHA-256 of code, verification token and endpoint."""
    if settings.verification_token is None or settings.endpoint is None:
        raise ConfigError("VERIFICATION_TOKEN and ENDPOINT: not set, so eBay's challenge cannot be answered")
    said = code + settings.verification_token.get_secret_value() + settings.endpoint
    return hashlib.sha256(said.encode()).hexdigest()


def _signature(header: str) -> tuple[str, bytes]:
    """(key id, signature) out of the header, which is base64 of JSON: {alg, kid, signature, digest}."""
    try:
        said = orjson.loads(base64.b64decode(header, validate=True))
        key_id, signature = said["kid"], base64.b64decode(said["signature"], validate=True)
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise _refused("the header x-ebay-signature cannot be read") from None
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise _refused("the key id in the header makes no sense")
    return key_id, signature


def _fits(key: Key, signature: bytes, raw: bytes) -> bool:
    """The digest is the one that came with the key from eBay, never the one that the caller names."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    known: Mapping[str, hashes.HashAlgorithm] = {
        "SHA1": hashes.SHA1(),  # eBay's choice
        "SHA256": hashes.SHA256(),
        "SHA512": hashes.SHA512(),
    }
    if key.digest not in known:
        raise ParseFailed("digest", f"a word we do not know: {key.digest[:20]!r}")
    try:
        key.public.verify(signature, raw, ECDSA(known[key.digest]))
    except InvalidSignature:
        return False
    return True


def _refused(why: str) -> AuthFailed:
    return AuthFailed(NAME, OPERATION, f"{why}; the notification is refused")
