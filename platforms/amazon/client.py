"""Any SP-API operation over our HTTP door: LWA tokens, usage plans, typed errors that keep all of Amazon's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import httpx
import orjson

from ecom_agent.clock import Clock
from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId
from platforms._shared import grants
from platforms._shared.auth import Token, TokenCache
from platforms._shared.http import Answer, Dialect, Http
from platforms._shared.throttle import Quota
from platforms.amazon.regions import live_host
from platforms.amazon.settings import AmazonSettings

NAME: Final = "amazon"
TOKEN: Final = "lwaToken"  # Login with Amazon
GRANTLESS: Final = "sellingpartnerapi::notifications"
_READS: Final = ("get", "list", "search")
"""Operations whose name starts so change nothing, whatever their method: the batches are POST."""

Query = Mapping[str, str | int | bool | Sequence[str] | None]


def issues(body: Any) -> tuple[str, ...]:
    """Amazon's words: `errors[]` of SP-API, or `error` and `error_description` of LWA."""
    if not isinstance(body, Mapping):
        return ()
    if isinstance(body.get("error"), str):
        return (": ".join(str(body[k]) for k in ("error", "error_description") if body.get(k)),)
    errors = body.get("errors")
    return tuple(_issue(e) for e in errors if isinstance(e, Mapping)) if isinstance(errors, list) else ()


def _issue(error: Mapping[str, Any]) -> str:
    words = [str(error[name]) for name in ("code", "message", "details") if error.get(name)]
    return ": ".join(dict.fromkeys(words)) or orjson.dumps(error).decode()


def _stale_token(status: int, body: Any) -> bool:
    """401, or the 403 that says the token has expired; a missing role is a 403 too and no token cures it."""
    return status == 401 or (status == 403 and any("expired" in issue.lower() for issue in issues(body)))


def _learn(quota: Quota, account: AccountId, operation: str, headers: httpx.Headers) -> None:
    try:
        quota.learn(account, operation, per_s=float(headers["x-amzn-ratelimit-limit"]))
    except (KeyError, ValueError):
        return


class AmazonClient:
    """One seller account. `call` sends any operation; the connector's files say which and why."""

    def __init__(
        self,
        account: AccountId,
        settings: AmazonSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        host = live_host(settings.marketplaces)
        self.account, self.settings, self.clock = account, settings, clock
        self.base_url = (settings.base_url or host).rstrip("/")
        secrets = [settings.refresh_token.get_secret_value(), settings.client_secret.get_secret_value()]
        if settings.aws_secret_access_key is not None:
            secrets.append(settings.aws_secret_access_key.get_secret_value())
        dialect = Dialect(NAME, "x-amz-access-token", issues, _stale_token, _learn)
        self.quota = quota
        self._http = Http(dialect, account, clock=clock, quota=quota, secrets=tuple(secrets), transport=transport)
        refresh = {"grant_type": "refresh_token", "refresh_token": secrets[0]}
        self._tokens = TokenCache(lambda: self._fetch_token(refresh), clock)
        scope = {"grant_type": "client_credentials", "scope": GRANTLESS}
        self._grantless = TokenCache(lambda: self._fetch_token(scope), clock)

    def call(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Send one operation: `path` as the model prints it, filled in by `path_of`. Gives (status, JSON, headers)."""
        answer = self.answer(method, path, operation=operation, query=query, body=body, headers=headers)
        return answer.status, answer.parsed, dict(answer.headers)

    def answer(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        grantless: bool = False,
        write: bool | None = None,
    ) -> Answer:
        """The same with the body as received. `grantless` takes the token for operations without a seller.

        `write` None = told from the method and the operation's name.

        Raises: TransientError, AuthFailed, Rejected, TerminalError, and OutcomeUnknown where the operation writes.
        """
        return self._http.send(
            method,
            self.base_url + path,
            operation=operation,
            write=changes(method, operation) if write is None else write,
            tokens=self._grantless if grantless else self._tokens,
            query=None if query is None else {k: _as_text(v) for k, v in query.items() if v is not None},
            body=body,
            headers=headers,
        )

    def upload(self, url: str, content: bytes, *, operation: str, content_type: str) -> None:
        """Put a document where a signed link of Amazon's says. Raises as `Http.upload` does."""
        self._http.upload(url, content, operation=operation, content_type=content_type)

    def download(self, url: str, *, operation: str) -> bytes:
        """A document from a signed link of Amazon's. Raises as `Http.download` does."""
        return self._http.download(url, operation=operation)

    def close(self) -> None:
        self._http.close()

    def __repr__(self) -> str:
        return f"AmazonClient({self.account})"

    def _fetch_token(self, grant: Mapping[str, str]) -> Token:
        client = {
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret.get_secret_value(),
        }
        return grants.fetch(
            self._http,
            self.settings.lwa_url,
            self.clock,
            {**grant, **client},
            operation=TOKEN,
            setting="LWA_URL",
        )


def changes(method: str, operation: str) -> bool:
    """Does this operation write? Then no answer means an unknown outcome."""
    return method.upper() != "GET" and not operation.startswith(_READS)


def path_of(template: str, **values: str) -> str:
    """Fill a path of the model; a SKU may hold slashes, spaces and percent signs."""
    filled = {name: quote(value, safe="") for name, value in values.items()}
    try:
        return template.format(**filled)
    except KeyError as error:
        raise ConfigError(f"path {template} wants a value for {error.args[0]}") from None


def _as_text(value: str | int | bool | Sequence[str] | None) -> str:
    """Arrays are comma separated in one parameter."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) or value is None else ",".join(value)
