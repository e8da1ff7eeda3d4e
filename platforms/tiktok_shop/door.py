"""The last step before the wire: each attempt is signed with its own time, and a business error gets its status.

Everything above it (retries, renewing a token, unknown outcomes, waiting) is then the same as for other vendors.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
import orjson

from ecom_agent.clock import Clock
from platforms.tiktok_shop import codes
from platforms.tiktok_shop.signing import request_signature

TOKEN_HEADER: Final = "x-tts-access-token"
_RATES_ARE_PER_S: Final = "1"


class Door(httpx.BaseTransport):
    """Around the real transport. Requests without an access token (those that fetch one) are not signed."""

    def __init__(self, inner: httpx.BaseTransport, clock: Clock, app_key: str, secret: str, base_url: str) -> None:
        self._inner, self._clock = inner, clock
        self._app_key, self._secret = app_key, secret
        self._prefix = httpx.URL(base_url).path.rstrip("/")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if TOKEN_HEADER in request.headers:
            self._sign(request)
        response = self._inner.handle_request(request)
        response.read()
        code = _code(response)
        if not response.is_success or code in (None, codes.OK):
            return response
        status = codes.status_of(code)
        headers = {"Retry-After": _RATES_ARE_PER_S} if status == 429 else {}
        return httpx.Response(status, headers=headers, content=response.content, request=request)

    def close(self) -> None:
        self._inner.close()

    def _sign(self, request: httpx.Request) -> None:
        """Anew each time: TikTok refuses a timestamp that is older than a few minutes."""
        query = {name: value for name, value in request.url.params.items() if name not in ("sign", "timestamp")}
        query |= {"app_key": self._app_key, "timestamp": str(int(self._clock.now().timestamp()))}
        path = request.url.path.removeprefix(self._prefix)
        content_type = request.headers.get("content-type", "")
        query["sign"] = request_signature(self._secret, path, query, request.read(), content_type)
        request.url = request.url.copy_with(params=query)


def _code(response: httpx.Response) -> int | None:
    """The business code of an answer; None where it has none."""
    try:
        body: Any = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if type(code) is int else None
