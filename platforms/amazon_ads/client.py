"""Any Amazon Ads operation over our HTTP door: LWA tokens, one profile, versioned media types, its error bodies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import httpx

from ecom_agent.clock import Clock
from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared import grants
from platforms._shared.auth import TokenCache
from platforms._shared.http import Answer, Dialect, Http
from platforms._shared.payload import find
from platforms._shared.throttle import Quota
from platforms.amazon_ads import parse
from platforms.amazon_ads.settings import AmazonAdsSettings

NAME: Final = "amazon_ads"
TOKEN: Final = "lwaToken"  # Login with Amazon
PROFILES: Final = "listProfiles"
HOSTS: Final = {
    "NA": ("https://advertising-api.amazon.com", "https://api.amazon.com/auth/o2/token"),
    "EU": ("https://advertising-api-eu.amazon.com", "https://api.amazon.co.uk/auth/o2/token"),
    "FE": ("https://advertising-api-fe.amazon.com", "https://api.amazon.co.jp/auth/o2/token"),
}
"""By region: where the operations are, and where the tokens."""


def issues(body: Any) -> tuple[str, ...]:
    """Amazon's words: `code` with `message`, `detail` or `details`, its `errors`; `error` of LWA."""
    if not isinstance(body, Mapping):
        return ()
    said = [": ".join(_words(body))]
    errors = body.get("errors")
    said += [reason for error in errors for reason in item_errors(error)] if isinstance(errors, list) else []
    return tuple(word for word in said if word)


def _words(body: Mapping[str, Any]) -> list[str]:
    names = ("code", "error", "message", "detail", "details", "error_description")
    return [str(body[name]) for name in names if body.get(name) and not isinstance(body[name], list | Mapping)]


def item_errors(error: Any) -> tuple[str, ...]:
    """What is wrong with one item: `errorType`, and in `errorValue` reason and message under the type's own name."""
    if not isinstance(error, Mapping):
        return (str(error),)
    value = error.get("errorValue")
    inner = [one for one in value.values() if isinstance(one, Mapping)] if isinstance(value, Mapping) else []
    told = [": ".join(str(one[n]) for n in ("reason", "message") if one.get(n)) for one in inner]
    return tuple(word for word in told if word) or (str(error.get("errorType") or "an error without words"),)


class AmazonAdsClient:
    """One advertiser. `answer` sends any operation; the connector's files say which and why."""

    def __init__(
        self,
        account: AccountId,
        settings: AmazonAdsSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        host, login = HOSTS[settings.region]
        self.account, self.settings, self.clock = account, settings, clock
        self.marketplace = MarketplaceId(settings.marketplace)
        self.base_url = (settings.base_url or host).rstrip("/")
        self.lwa_url = settings.lwa_url or login
        secret, refresh = settings.client_secret.get_secret_value(), settings.refresh_token.get_secret_value()
        dialect = Dialect(NAME, "Authorization", issues, token_prefix="Bearer ")
        self.http = Http(dialect, account, clock=clock, quota=quota, secrets=(secret, refresh), transport=transport)
        grant = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": settings.client_id,
            "client_secret": secret,
        }
        self._tokens = TokenCache(
            lambda: grants.fetch(self.http, self.lwa_url, clock, grant, operation=TOKEN, setting="LWA_URL"),
            clock,
        )

    def answer(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        body: Any = None,
        media: str | None = None,
        accept: str | None = None,
        scoped: bool = True,
        write: bool = False,
    ) -> Answer:
        """Send one operation. `media` is the versioned type of the body, and of the answer unless `accept` tells that.

        Raises: TransientError, AuthFailed, Rejected, TerminalError, and OutcomeUnknown where the operation writes.
        """
        headers = {"Amazon-Advertising-API-ClientId": self.settings.client_id}
        if scoped:
            headers["Amazon-Advertising-API-Scope"] = self.settings.profile_id
        if media is not None:
            headers |= {"Content-Type": media, "Accept": media}
        if accept is not None:
            headers["Accept"] = accept
        return self.http.send(
            method,
            self.base_url + path,
            operation=operation,
            write=write,
            tokens=self._tokens,
            body=body,
            headers=headers,
        )

    @cached_property
    def profile(self) -> parse.Profile:
        """Currency, time zone and kind of our advertiser, asked for once.

        Raises ConfigError where the profile is not among those that the credentials may see, or sells elsewhere.
        """
        answer = self.answer("GET", "/v2/profiles", operation=PROFILES, scoped=False)
        found = parse.profiles(answer.parsed)
        mine = found.get(self.settings.profile_id)
        if mine is None:
            there = ", ".join(f"{one.profile_id} ({one.country})" for one in found.values()) or "none"
            raise ConfigError(
                f"PROFILE_ID: {self.settings.profile_id} of {self.account} is not among the profiles that these"
                f" credentials may see; there are: {there}"
            )
        if mine.marketplace != self.marketplace:
            raise ConfigError(
                f"MARKETPLACE: {self.marketplace} was given for {self.account}, and profile"
                f" {mine.profile_id} advertises in {mine.marketplace}: correct the one that is wrong"
            )
        return mine

    def close(self) -> None:
        self.http.close()

    def __repr__(self) -> str:
        return f"AmazonAdsClient({self.account})"


def next_token(body: Any) -> str | None:
    """None where the page was the last."""
    found = find(body, "nextToken")
    return found if isinstance(found, str) and found else None
