"""How requests to TikTok are signed, and how its webhooks are. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

NOT_SIGNED: Final = frozenset({"sign", "access_token"})
MULTIPART: Final = "multipart/form-data"


def request_signature(secret: str, path: str, query: Mapping[str, str], body: bytes, content_type: str = "") -> str:
    """Hex HMAC-SHA256 over secret + path + sorted name and value pairs + body + secret, under the secret.

    `path` is as TikTok documents it, `query` holds values as they are before they are quoted; a multipart body is
    left out.
    """
    pairs = "".join(name + value for name, value in sorted(query.items()) if name not in NOT_SIGNED)
    signed = b"" if content_type.startswith(MULTIPART) else body
    return _hex(secret, (secret + path + pairs).encode() + signed + secret.encode())


def webhook_signature(app_key: str, secret: str, raw: bytes) -> str:
    """What TikTok puts into `Authorization`: hex HMAC-SHA256 over the app's key and the body as received."""
    return _hex(secret, app_key.encode() + raw)


def _hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
