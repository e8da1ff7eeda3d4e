"""Is this webhook really Walmart's, and what is it about?

Two signatures are known. Performance webhooks carry WM_SEC.SIGNATURE over method, path, time and body. All others are
signed as the subscription says: of its three ways HMAC over the body is taken (authMethod HMAC, authHeaderName as in
WEBHOOK_HEADER, clientSecret as in WEBHOOK_SECRET); BASIC_AUTH and OAUTH say nothing of the body and are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed, Replayed
from platforms._shared.webhooks import WebhookEvent
from platforms.walmart import parse
from platforms.walmart.client import NAME
from platforms.walmart.settings import WalmartSettings

OPERATION: Final = "webhook"
SIGNATURE: Final = "wm_sec.signature"
TIMESTAMP: Final = "wm_sec.timestamp"
TOLERANCE: Final = timedelta(hours=1)
"""A signed time further off than this, either way, is a replay or a wrong clock."""
_MILLISECONDS: Final = 100_000_000_000
"""A number of seconds above this lies in the year 5138: it is milliseconds."""


def signature(secret: str, path_and_query: str, timestamp: str, raw: bytes, *, method: str = "POST") -> str:
    """What Walmart puts into WM_SEC.SIGNATURE."""
    signed = "\n".join((method, path_and_query, timestamp, hashlib.sha256(raw).hexdigest()))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()).decode()


def verify(settings: WalmartSettings, headers: Mapping[str, str], raw: bytes, now: datetime) -> WebhookEvent:
    """Check the signature. Raises AuthFailed for a wrong one, Replayed for an old one, ParseFailed without a header."""
    if settings.webhook_secret is None:
        raise ConfigError("WEBHOOK_SECRET: not set, so no webhook can be checked; all are refused")
    given = {name.lower(): value for name, value in headers.items()}
    secret = settings.webhook_secret.get_secret_value()
    if SIGNATURE in given:
        _check_performance(settings, secret, given, raw, now)
    else:
        _check_subscribed(settings, secret, given, raw)
    said = parse.event(raw)
    return WebhookEvent(said.type, said.id, said.at, raw)  # WM_SEC.TIMESTAMP was judged before


def _check_performance(
    settings: WalmartSettings, secret: str, given: Mapping[str, str], raw: bytes, now: datetime
) -> None:
    if settings.webhook_url is None:
        raise ConfigError("WEBHOOK_URL: not set, and its path is part of the signature; the webhook is refused")
    stamp = _header(given, TIMESTAMP)
    parts = urlsplit(settings.webhook_url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _same(signature(secret, target, stamp, raw), given[SIGNATURE]):
        raise AuthFailed(NAME, OPERATION, "the signature does not fit: check WEBHOOK_SECRET and WEBHOOK_URL")
    if abs(now - _moment(stamp)) > TOLERANCE:
        raise Replayed(NAME, OPERATION, f"signed at {stamp[:40]}, too far from now: a replay, or a wrong clock")


def _check_subscribed(settings: WalmartSettings, secret: str, given: Mapping[str, str], raw: bytes) -> None:
    """Walmart does not say how the digest is written: base64 or hex are taken."""
    found = _header(given, settings.webhook_header.lower())
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    if not _same(base64.b64encode(digest).decode(), found) and not _same(digest.hex(), found.lower()):
        raise AuthFailed(NAME, OPERATION, "the signature does not fit: subscribe with HMAC and WEBHOOK_SECRET")


def _same(wanted: str, found: str) -> bool:
    return hmac.compare_digest(wanted.encode(), found.encode())


def _header(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise ParseFailed(f"header {name}", "missing")
    return given[name]


def _moment(stamp: str) -> datetime:
    """Seconds, or milliseconds, since 1970."""
    if not (stamp.isascii() and stamp.isdigit()):
        raise AuthFailed(NAME, OPERATION, "WM_SEC.TIMESTAMP is no time")
    value = int(stamp)
    try:
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    except (OverflowError, OSError, ValueError):
        raise AuthFailed(NAME, OPERATION, "WM_SEC.TIMESTAMP is no time") from None
