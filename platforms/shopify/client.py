"""Admin GraphQL over our HTTP door: cost points, THROTTLED, and GraphQL's errors as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import httpx
import orjson
from shopify.utils.shop_url import sanitize_shop_domain

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, ConfigError, EcomError, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared.auth import FixedToken
from platforms._shared.http import TRIES, Answer, Dialect, Http
from platforms._shared.payload import find
from platforms._shared.throttle import PATIENCE_S, Quota
from platforms.shopify.documents import Document
from platforms.shopify.settings import ShopifySettings

NAME: Final = "shopify"
BUCKET: Final = "graphql"
_RECOVERS_S: Final = 60.0
_PASSING: Final = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})


def issues(body: Any) -> tuple[str, ...]:
    """Shopify's words: `errors` is a text, a list of GraphQL errors, or an object by field."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if isinstance(errors, str):
        return (errors,)
    if isinstance(errors, Mapping):
        return tuple(f"{name}: {words}" for name, words in errors.items())
    return tuple(_issue(error) for error in errors) if isinstance(errors, list) else ()


def _issue(error: Any) -> str:
    code, message = _code(error), find(error, "message") if isinstance(error, Mapping) else str(error)
    return f"{code}: {message}" if code else str(message)


def _code(error: Any) -> str | None:
    code = find(error, "extensions.code") if isinstance(error, Mapping) else None
    return code if isinstance(code, str) else None


class ShopifyClient:
    """One shop. `run` sends a document and gives its `data`."""

    def __init__(
        self,
        account: AccountId,
        settings: ShopifySettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if settings.base_url is None and sanitize_shop_domain(settings.shop) is None:
            raise ConfigError(f"SHOP: wanted <name>.myshopify.com, the shop's own domain; found {settings.shop}")
        self.account, self.settings, self.clock = account, settings, clock
        self.marketplace = MarketplaceId(settings.shop)
        self._quota = quota
        token = settings.access_token.get_secret_value()
        secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
        self._tokens = FixedToken(token)
        dialect = Dialect(NAME, "X-Shopify-Access-Token", issues)
        self.http = Http(dialect, account, clock=clock, quota=quota, secrets=(token, secret), transport=transport)
        self._prices: dict[str, float] = {}

    def run(self, document: Document, variables: Mapping[str, Any], *, write: bool = False) -> Answer:
        """Send `document`; `parsed` of the answer is its `data`. THROTTLED is waited for and tried again.

        Raises: TransientError, AuthFailed, Rejected (with GraphQL's errors), TerminalError; OutcomeUnknown for writes.
        """
        until = self.clock.now() + timedelta(seconds=PATIENCE_S)
        for _ in range(TRIES):
            answer = self.http.send(
                "POST",
                self.settings.graphql_url,
                operation=document.name,
                write=write,
                tokens=self._tokens,
                body={"query": document.text, "variables": variables, "operationName": document.name},
                bucket=BUCKET,
                cost=self._prices.get(document.name, document.cost),
            )
            self._learn(document, answer.parsed)
            errors = _errors(answer.parsed)
            if not any(_code(error) == "THROTTLED" for error in errors):
                return self._data(document, answer, errors, write)
            if self.clock.now() >= until:
                break
        raise TransientError(NAME, document.name, "throttled: the shop's points stay used up", _RECOVERS_S)

    def close(self) -> None:
        self.http.close()

    def __repr__(self) -> str:
        return f"ShopifyClient({self.account})"

    def _learn(self, document: Document, body: Any) -> None:
        """Every answer tells what it cost and what is left: nobody knows the bucket better."""
        asked = _number(body, "extensions.cost.requestedQueryCost")
        if asked is not None:
            self._prices[document.name] = asked
        if any(_code(error) == "THROTTLED" for error in _errors(body)):
            self._quota.throttled(self.account, BUCKET, retry_after_s=1.0)
        status = "extensions.cost.throttleStatus"
        self._quota.learn(
            self.account,
            BUCKET,
            per_s=_number(body, f"{status}.restoreRate"),
            burst=_number(body, f"{status}.maximumAvailable"),
            tokens=_number(body, f"{status}.currentlyAvailable"),
        )

    def _data(self, document: Document, answer: Answer, errors: Sequence[Any], write: bool) -> Answer:
        data = find(answer.parsed, "data") if isinstance(answer.parsed, Mapping) else None
        if errors:
            raise self._error(document, answer.parsed, errors, write)
        if not isinstance(data, Mapping):
            what = "an answer without data"
            raise OutcomeUnknown(NAME, document.name, what) if write else TransientError(NAME, document.name, what)
        return Answer(answer.status, answer.headers, answer.raw, data)

    def _error(self, document: Document, body: Any, errors: Sequence[Any], write: bool) -> EcomError:
        """A write that gave data beside its errors, or failed inside Shopify, may have been done."""
        codes = {_code(error) for error in errors}
        words = tuple(self.http.masked(issue) for issue in issues(body))
        message = "; ".join(words)
        data = find(body, "data")
        done = isinstance(data, Mapping) and any(value is not None for value in data.values())
        if write and (done or codes & _PASSING):
            return OutcomeUnknown(NAME, document.name, f"{message}; it may have been done: read back")
        if codes & _PASSING:
            return TransientError(NAME, document.name, message)
        if "ACCESS_DENIED" in codes:
            return AuthFailed(NAME, document.name, f"{message}; grant the app that scope", words, 200)
        return Rejected(NAME, document.name, message, words, 200)


def refused(document: Document, payload: Any, mask: Http) -> None:
    """Raise Rejected where a mutation's payload has userErrors."""
    errors = find(payload, "userErrors") or ()
    if not errors:
        return
    words = tuple(mask.masked(_user_error(error)) for error in errors)
    raise Rejected(NAME, document.name, "; ".join(words), words, 200)


def _user_error(error: Any) -> str:
    field = ".".join(str(part) for part in find(error, "field") or ())
    return ": ".join(str(part) for part in (find(error, "code"), field, find(error, "message")) if part)


def user_error_codes(payload: Any) -> frozenset[str]:
    return frozenset(str(find(error, "code")) for error in find(payload, "userErrors") or ())


def search_text(value: str) -> str:
    """A value inside a search query, quoted so that nothing in it is read as an operator."""
    return orjson.dumps(value).decode()


def _errors(body: Any) -> Sequence[Any]:
    errors = body.get("errors") if isinstance(body, Mapping) else None
    return errors if isinstance(errors, list) else () if errors is None else (errors,)


def _number(body: Any, path: str) -> float | None:
    value = find(body, path) if isinstance(body, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
