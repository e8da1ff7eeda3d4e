"""Any Marketplace operation over our HTTP door: tokens of 15 minutes, Walmart's headers, its error bodies."""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import httpx
import orjson

from ecom_agent.clock import Clock
from ecom_agent.errors import ParseFailed, TerminalError
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared import grants
from platforms._shared.auth import Token, TokenCache
from platforms._shared.http import Answer, Dialect, Http
from platforms._shared.throttle import Quota
from platforms.walmart.parse.buyers import without_buyer
from platforms.walmart.rates import RATES
from platforms.walmart.settings import MARKETPLACE, WalmartSettings

NAME: Final = "walmart"
SERVICE: Final = "Walmart Marketplace"
TOKEN: Final = "tokenAPI"  # an operation's name
_WORDS: Final = ("code", "field", "message", "description", "info", "details", "title", "detail")
_NOTHING: Final = "CONTENT_NOT_FOUND"
"""Some lists answer 404 with this code where they are empty."""


def issues(body: Any) -> tuple[str, ...]:
    """Walmart's words: `errors` or `error`, a list, at times wrapped once more; or a problem+json's title."""
    if not isinstance(body, Mapping):
        return ()
    if "title" in body or "detail" in body:
        return (_issue(body),)
    for name in ("errors", "error"):
        found = body.get(name)
        if isinstance(found, str):
            return (": ".join(str(body[k]) for k in (name, "error_description") if body.get(k)),)
        if isinstance(found, Mapping):
            return issues(found) or (_issue(found),)
        if isinstance(found, Sequence) and found:
            return tuple(_issue(error) if isinstance(error, Mapping) else str(error) for error in found)
    return ()


def _issue(error: Mapping[str, Any]) -> str:
    words = [str(error[name]) for name in _WORDS if error.get(name)]
    return ": ".join(dict.fromkeys(words)) or "an error without words"


class WalmartClient:
    """One seller account. `answer` sends any operation; the connector's files say which and why."""

    marketplace: Final = MarketplaceId(MARKETPLACE)

    def __init__(
        self,
        account: AccountId,
        settings: WalmartSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.account, self.settings, self.clock = account, settings, clock
        self.base_url = settings.base_url.rstrip("/")
        secret = settings.client_secret.get_secret_value()
        self._basic = base64.b64encode(f"{settings.client_id}:{secret}".encode()).decode()
        hook = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        dialect = Dialect(NAME, "WM_SEC.ACCESS_TOKEN", issues, learn=self._learn)
        secrets = (secret, self._basic, hook)
        self.http = Http(dialect, account, clock=clock, quota=quota, secrets=secrets, transport=transport)
        self._tokens = TokenCache(self._fetch_token, clock)
        self._new_id = new_id

    def answer(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        query: Mapping[str, str | None] | None = None,
        body: Any = None,
        write: bool = False,
    ) -> Answer:
        """Send one operation. `path` begins with /v3, filled in by `path_of`; parameters that are None are left out.

        Raises: TransientError, AuthFailed, Rejected, TerminalError, and OutcomeUnknown where the operation writes.
        """
        return self.http.send(
            method,
            self.base_url + path,
            operation=operation,
            write=write,
            tokens=self._tokens,
            query=None if query is None else {k: v for k, v in query.items() if v is not None},
            body=body,
            headers=self._headers(),
        )

    def listed(self, path: str, *, operation: str, query: Mapping[str, str | None]) -> Answer | None:
        """A list's page as it may be kept, without its buyers; None where Walmart says by 404 that there is nothing."""
        try:
            answer = self.answer("GET", path, operation=operation, query=query)
        except TerminalError as error:
            if error.status == 404 and any(issue.startswith(_NOTHING) for issue in error.issues):
                return None
            raise
        body = without_buyer(answer.parsed)
        return Answer(answer.status, answer.headers, orjson.dumps(body), body)

    def close(self) -> None:
        self.http.close()

    def __repr__(self) -> str:
        return f"WalmartClient({self.account})"

    def _headers(self) -> dict[str, str]:
        return {"WM_SVC.NAME": SERVICE, "WM_QOS.CORRELATION_ID": self._new_id()}

    def _fetch_token(self) -> Token:
        return grants.fetch(
            self.http,
            f"{self.base_url}/v3/token",
            self.clock,
            {"grant_type": "client_credentials"},
            operation=TOKEN,
            setting="BASE_URL",
            headers={**self._headers(), "Authorization": f"Basic {self._basic}"},
        )

    def _learn(self, quota: Quota, account: AccountId, operation: str, headers: httpx.Headers) -> None:
        """Tokens that are left; with none left, below zero by as much as fills up until more come."""
        left = _number(headers.get("x-current-token-count"))
        if left is None:
            return
        comes = _number(headers.get("x-next-replenishment-time"))
        if left < 1 and comes is not None and operation in RATES:
            wait_s = (_from_ms(comes) - self.clock.now()).total_seconds()
            left = min(left, 1.0 - wait_s * RATES[operation].per_s)
        quota.learn(account, operation, tokens=left)


def path_of(template: str, **values: str) -> str:
    """Fill a path; a SKU may hold slashes, spaces and percent signs."""
    return template.format(**{name: quote(value, safe="") for name, value in values.items()})


def query_of(cursor: str) -> dict[str, str]:
    """The parameters of a `nextCursor`: Walmart gives a whole query string, to be asked for as it is.

    Raises ParseFailed for one that holds none: asked for without, the first page would come for ever.
    """
    query = dict(parse_qsl(cursor.removeprefix("?"), keep_blank_values=True))
    if not query:
        raise ParseFailed("meta.nextCursor", f"wanted a query string, found {cursor[:60]!r}")
    return query


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


def _from_ms(value: float) -> datetime:
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)
