"""One shop's calls to the Open API: its token, its shop cipher, its errors as ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, OutcomeUnknown, ParseFailed, Rejected, TerminalError, TransientError
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared.auth import Token, TokenCache
from platforms._shared.http import Answer, Dialect, Http
from platforms._shared.payload import count, maybe_text, text
from platforms._shared.throttle import Quota
from platforms.tiktok_shop import codes
from platforms.tiktok_shop.door import TOKEN_HEADER, Door
from platforms.tiktok_shop.settings import TikTokShopSettings

NAME: Final = "tiktok_shop"
REFRESH: Final = "refreshToken"
_JSON: Final = {"Content-Type": "application/json"}


class TikTokClient:
    """`run` sends one operation; `parsed` of its answer is the whole envelope, its `code` 0."""

    def __init__(
        self,
        account: AccountId,
        settings: TikTokShopSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.account, self.settings, self.clock, self.quota = account, settings, clock, quota
        self.marketplace = MarketplaceId(settings.shop_id)
        secret, refresh = settings.app_secret.get_secret_value(), settings.refresh_token.get_secret_value()
        self._http = Http(
            Dialect(NAME, TOKEN_HEADER, codes.issues),
            account,
            clock=clock,
            quota=quota,
            secrets=(secret, refresh),
            transport=transport,
            around=lambda inner: Door(inner, clock, settings.app_key, secret, settings.base_url),
        )
        self._secret, self._refresh = settings.app_secret, settings.refresh_token
        self._tokens = TokenCache(self._fetch_token, clock)

    def run(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Mapping[str, str | int | None] | None = None,
        body: Any = None,
        write: bool = False,
    ) -> Answer:
        """Send one operation of the shop. Parts of the query that are None are left out.

        Raises: TransientError, AuthFailed, Rejected (with TikTok's words), TerminalError; OutcomeUnknown for writes.
        """
        asked = {name: str(value) for name, value in (query or {}).items() if value is not None}
        answer = self._http.send(
            method,
            self.settings.base_url.rstrip("/") + path,
            operation=operation,
            write=write,
            tokens=self._tokens,
            query={**asked, "shop_cipher": self.settings.shop_cipher},
            body=body,
            headers=_JSON,
        )
        if not isinstance(answer.parsed, Mapping) or answer.parsed.get("code") != codes.OK:
            what = "an answer of another shape than TikTok's"
            if write:
                raise OutcomeUnknown(NAME, operation, f"{what}: read back")
            raise TransientError(NAME, operation, what)
        return answer

    def masked(self, words: str) -> str:
        return self._http.masked(words)

    def close(self) -> None:
        self._http.close()

    def __repr__(self) -> str:
        return f"TikTokClient({self.account})"

    def _fetch_token(self) -> Token:
        """A refused refresh token is AuthFailed: the seller must authorize the app again."""
        query = {
            "app_key": self.settings.app_key,
            "app_secret": self._secret.get_secret_value(),
            "refresh_token": self._refresh.get_secret_value(),
            "grant_type": "refresh_token",
        }
        url = self.settings.auth_url.rstrip("/") + "/api/v2/token/refresh"
        try:
            answer = self._http.send("GET", url, operation=REFRESH, write=False, query=query)
        except Rejected as error:
            raise AuthFailed(NAME, REFRESH, error.message, error.issues, error.status) from None
        return self._token(answer.parsed)

    def _token(self, body: Any) -> Token:
        try:
            value, ends_at = text(body, "data.access_token"), count(body, "data.access_token_expire_in")
            newer = maybe_text(body, "data.refresh_token")
        except ParseFailed as error:
            raise TerminalError(NAME, REFRESH, f"an answer of another shape ({error}): check AUTH_URL") from None
        if newer is not None:
            self._refresh = type(self._refresh)(newer)
        return Token(value, datetime.fromtimestamp(ends_at, UTC))


def path_of(template: str, **ids: str) -> str:
    """Fill a documented path: no id can lead to another one."""
    return template.format(**{name: quote(value, safe="") for name, value in ids.items()})
