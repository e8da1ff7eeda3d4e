"""eBay's REST over our HTTP door: two kinds of token, one bucket for each API, eBay's errors as ours."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import httpx
import orjson

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, ParseFailed, TerminalError, TransientError
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared import grants
from platforms._shared.auth import Token, TokenCache
from platforms._shared.http import Answer, Dialect, Http
from platforms._shared.payload import find, items, maybe_text
from platforms._shared.throttle import Quota
from platforms.ebay import rates
from platforms.ebay.settings import EbaySettings

NAME: Final = "ebay"
SCOPE: Final = "https://api.ebay.com/oauth/api_scope"
USER_SCOPES: Final = " ".join(
    f"{SCOPE}{part}"
    for part in ("/sell.fulfillment", "/sell.inventory", "/sell.finances", "/commerce.message")
)  # fmt: skip
ADS_SCOPE: Final = f"{SCOPE}/sell.marketing"
"""Asked for apart: a seller who has not consented to it is refused this token only."""
VISITOR: Final = "X-EBAY-C-MARKETPLACE-ID"
FILE: Final = {"Accept": "text/tab-separated-values"}
ROUNDS: Final = 3
"""So often a window is read from its start when it shrinks while we page through it."""


class Operation(NamedTuple):
    """`path` has the API's base path in front; `bucket` is the API whose calls eBay counts together."""

    name: str
    method: str
    path: str
    bucket: str


def issues(body: Any) -> tuple[str, ...]:
    """eBay's words: `errors[]` of REST, `error` and `error_description` of OAuth, `errorMessage` of post-order."""
    if not isinstance(body, Mapping):
        return ()
    if isinstance(body.get("error"), str):
        return (": ".join(str(body[k]) for k in ("error", "error_description") if body.get(k)),)
    errors = body.get("errors")
    nested = body.get("errorMessage")
    if errors is None and isinstance(nested, Mapping):
        errors = nested.get("error")
    return tuple(issue(e) for e in errors if isinstance(e, Mapping)) if isinstance(errors, list) else ()


def issue(error: Mapping[str, Any]) -> str:
    """ "25002: message: long message (field=price)"; the whole entry where it has none of these."""
    words = [str(error[n]) for n in ("errorId", "code", "message", "longMessage", "details") if error.get(n)]
    told = error.get("parameters")
    named = [
        f"{p.get('name')}={p.get('value')}" for p in (told if isinstance(told, list) else ()) if isinstance(p, Mapping)
    ]
    text = ": ".join(dict.fromkeys(words)) or orjson.dumps(error).decode()
    return f"{text} ({', '.join(named)})" if named else text


@contextmanager
def _for_ads_only(operation: Operation) -> Iterator[None]:
    """What is missing for advertising stops advertising, and not the account."""
    try:
        yield
    except AuthFailed as error:
        if error.status not in (400, 403):
            raise
        lacks = f"{error.message}; the seller's consent lacks sell.marketing, or eBay's leave to advertise this way"
        raise TerminalError(NAME, operation.name, lacks, error.issues, error.status) from None


class EbayClient:
    """One seller. `call` sends any operation; the connector's files say which and why."""

    def __init__(
        self,
        account: AccountId,
        settings: EbaySettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.account, self.settings, self.clock, self.quota = account, settings, clock, quota
        secrets = [settings.refresh_token.get_secret_value(), settings.client_secret.get_secret_value()]
        self._basic = base64.b64encode(f"{settings.client_id}:{secrets[1]}".encode()).decode()
        if settings.verification_token is not None:
            secrets.append(settings.verification_token.get_secret_value())
        door: Any = {
            "clock": clock, "quota": quota, "secrets": (*secrets, self._basic), "transport": transport,
        }  # fmt: skip
        self.http = Http(Dialect(NAME, "Authorization", issues, token_prefix="Bearer "), account, **door)
        self._post_order = Http(Dialect(NAME, "Authorization", issues, token_prefix="IAF "), account, **door)
        refresh = {"grant_type": "refresh_token", "refresh_token": secrets[0], "scope": USER_SCOPES}
        self._user = TokenCache(lambda: self._fetch_token(refresh), clock)
        ads = {**refresh, "scope": ADS_SCOPE}
        self._ads = TokenCache(lambda: self._fetch_token(ads), clock)
        grant = {"grant_type": "client_credentials", "scope": SCOPE}
        self._application = TokenCache(lambda: self._fetch_token(grant), clock)

    @property
    def marketplace(self) -> MarketplaceId:
        """Where that is booked which names no marketplace."""
        return MarketplaceId(self.settings.marketplaces[0])

    def call(
        self,
        operation: Operation,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        write: bool = False,
        as_application: bool = False,
        path: Mapping[str, str] | None = None,
        marketplace: str | None = None,
        for_ads: bool = False,
        is_file: bool = False,
    ) -> Answer:
        """Send one operation; `path` fills its template. `as_application` takes the token that belongs to no seller.
        `marketplace` says whose visitor asks, where an operation is for buyers. `for_ads` takes a token of the
        consent to advertise: where that, or eBay's leave, is missing it is a TerminalError, for all else goes on.

        Raises: TransientError, AuthFailed, Rejected, TerminalError; OutcomeUnknown for writes only.
        """
        base = self.settings.finances_url if operation.bucket == rates.FINANCES else self.settings.api_url
        door = self._post_order if operation.bucket == rates.RETURNS else self.http
        visitor = self.marketplace if door is self._post_order else marketplace
        tokens = self._ads if for_ads else self._application if as_application else self._user
        with _for_ads_only(operation) if for_ads else nullcontext():
            return door.send(
                operation.method,
                base + operation.path.format(**{name: quote(value, safe="") for name, value in (path or {}).items()}),
                operation=operation.name,
                bucket=operation.bucket,
                write=write,
                tokens=tokens,
                query=query,
                body=body,
                is_file=is_file,
                headers={**({} if visitor is None else {VISITOR: visitor}), **(FILE if is_file else {})},
            )

    def close(self) -> None:
        self.http.close()
        self._post_order.close()

    def __repr__(self) -> str:
        return f"EbayClient({self.account})"

    def _fetch_token(self, grant: Mapping[str, str]) -> Token:
        return grants.fetch(
            self.http,
            f"{self.settings.api_url}/identity/v1/oauth2/token",
            self.clock,
            grant,
            operation=rates.TOKEN,
            setting="BASE_URL",
            headers={"Authorization": f"Basic {self._basic}"},
        )


def listed(answer: Answer, key: str, total: str = "total") -> Sequence[Any]:
    """The entries of a search. None at all must be said: by 204, an empty list, or a total of 0.

    Raises ParseFailed for anything else, lest an odd answer pass for "nothing happened" and the cursor move on.
    """
    if answer.status == 204 and answer.parsed is None:
        return ()
    if find(answer.parsed, key) is None and find(answer.parsed, total) != 0:
        raise ParseFailed(key, f"missing, and {total} is not 0")
    return items(answer.parsed, key)


def pages(
    client: EbayClient,
    operation: Operation,
    query: Mapping[str, str],
    key: str,
    path: Mapping[str, str] | None = None,
    *,
    for_ads: bool = False,
) -> Iterator[tuple[Answer, bool]]:
    """All pages of a search by offset, with "another page follows"; an empty answer (204) ends it.

    Things can leave the window between two pages: an order that is modified again. All behind it move up, and the
    next offset would skip one. That shows in `total`: then the window is read from its start again.

    Raises TransientError where it shrinks again and again.
    """
    for _ in range(ROUNDS):
        offset, total = 0, None
        while True:
            answer = client.call(operation, query={**query, "offset": str(offset)}, path=path, for_ads=for_ads)
            found = listed(answer, key)
            now, following = find(answer.parsed, "total"), maybe_text(answer.parsed, "next")
            shrunk = type(now) is int and total is not None and now < total
            if following is not None and not found:
                raise ParseFailed("next", f"another page after an empty one of {key}: paging would not end")
            yield answer, following is not None or shrunk
            if shrunk or following is None:
                break
            offset, total = offset + int(query["limit"]), now if type(now) is int else total
        if not shrunk:
            return
    raise TransientError(NAME, operation.name, f"the window of {key} shrank while it was read, {ROUNDS} times over")
