"""DingTalk robots: one signature for both ways, over the time alone. So a replay is stopped by the message's id."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

import orjson

from ecom_agent.adapters.chatops.callback import OPERATION, Callback, moment, must_equal
from ecom_agent.errors import ParseFailed, Replayed

NAME: Final = "dingtalk"
WINDOW: Final = timedelta(hours=1)


def sign(secret: str, timestamp_ms: str) -> str:
    """Base64 of HMAC-SHA256 over the time and the secret, under the secret."""
    message = f"{timestamp_ms}\n{secret}"
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()).decode()


def outgoing_query(secret: str, timestamp_ms: str) -> str:
    """What is added to a robot's webhook address."""
    return f"timestamp={timestamp_ms}&sign={quote(sign(secret, timestamp_ms), safe='')}"


def read(secret: str, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Callback:
    """A message to our robot. Raises AuthFailed for a wrong signature, Replayed for an old one, ParseFailed else."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp = given.get("timestamp", "")
    must_equal(NAME, sign(secret, stamp), given.get("sign", ""), "the robot's secret")
    signed_at = moment(NAME, stamp, per_s=1000)
    if abs(now - signed_at) > WINDOW:
        raise Replayed(NAME, OPERATION, f"signed more than {WINDOW} from now: check the clock; the call is refused")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed("body", "not JSON") from None
    message_id = body.get("msgId") if isinstance(body, dict) else None
    if not isinstance(message_id, str) or not message_id:
        raise ParseFailed("msgId", "missing: without it a replay cannot be told")
    return Callback(message_id, raw, signed_at)
