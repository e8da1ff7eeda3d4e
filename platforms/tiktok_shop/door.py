"""The last step before the wire: each attempt is signed with its own time, and a business error gets its status.

Everything above it (retries, renewing a token, unknown outcomes, waiting) is then the same as for other vendors.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
import orjson

from ecom_agent.clock import Clock
from platforms._shared.wire import Ask, Told, Wire
from platforms.tiktok_shop import codes
from platforms.tiktok_shop.signing import request_signature

TOKEN_HEADER: Final = "x-tts-access-token"
_RATES_ARE_PER_S: Final = "1"


class Door:
    """Around the real wire. Requests without an access token (those that fetch one) are not signed."""

    def __init__(self, inner: Wire, clock: Clock, app_key: str, secret: str, base_url: str) -> None:
        self._inner, self._clock = inner, clock
        self._app_key, self._secret = app_key, secret
        self._prefix = httpx.URL(base_url).path.rstrip("/")

    def exchange(self, ask: Ask) -> Told:
        told = self._inner.exchange(self._signed(ask) if TOKEN_HEADER in ask.headers else ask)
        code = _code(told.body)
        if not 200 <= told.status < 300 or code in (None, codes.OK):
            return told
        status = codes.status_of(code)
        return Told(status, httpx.Headers({"Retry-After": _RATES_ARE_PER_S} if status == 429 else {}), told.body)

    def close(self) -> None:
        self._inner.close()

    def _signed(self, ask: Ask) -> Ask:
        """Anew each time: TikTok refuses a timestamp that is older than a few minutes."""
        url = httpx.URL(ask.url)
        query = {name: value for name, value in url.params.items() if name not in ("sign", "timestamp")}
        query |= {"app_key": self._app_key, "timestamp": str(int(self._clock.now().timestamp()))}
        path, content_type = url.path.removeprefix(self._prefix), ask.headers.get("Content-Type", "")
        query["sign"] = request_signature(self._secret, path, query, ask.body, content_type)
        return ask._replace(url=str(url.copy_with(params=query)))


def _code(raw: bytes) -> int | None:
    """The business code of an answer; None where it has none."""
    try:
        body: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if type(code) is int else None
