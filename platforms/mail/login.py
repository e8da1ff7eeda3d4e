"""How a mailbox lets us in: by its password, or by an access token (OAuth 2, SASL XOAUTH2) that is renewed."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Final, Protocol

import httpx
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId
from platforms._shared import grants
from platforms._shared.auth import Token, TokenCache
from platforms._shared.http import Dialect, Http
from platforms._shared.payload import hints
from platforms._shared.throttle import Quota
from platforms.mail.settings import MailSettings, TokenGrant

TOKEN: Final = "mailToken"
NAME: Final = "mail"


class Login(Protocol):
    """`secret` names the setting to renew where a server refuses."""

    @property
    def secret(self) -> str: ...
    def imap(self, client: IMAPClient) -> None:
        """Raises LoginError where it is refused."""
        ...

    def smtp(self, client: smtplib.SMTP) -> None:
        """Raises SMTPAuthenticationError where it is refused."""
        ...

    def close(self) -> None: ...


class ByPassword:
    secret = "PASSWORD"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def imap(self, client: IMAPClient) -> None:
        client.login(*self._settings.login)

    def smtp(self, client: smtplib.SMTP) -> None:
        client.login(*self._settings.smtp_login)

    def close(self) -> None:
        """Nothing is held open."""


class ByToken:
    """One token for both servers. One that is refused before its end is renewed once."""

    secret = "REFRESH_TOKEN"

    def __init__(
        self,
        account: AccountId,
        settings: MailSettings,
        grant: TokenGrant,
        clock: Clock,
        quota: Quota,
        transport: httpx.BaseTransport | None,
    ) -> None:
        self._account, self._settings, self._grant, self._clock = account, settings, grant, clock
        dialect = Dialect(NAME, "Authorization", lambda body: tuple(hints(body, "error")))
        secrets = tuple(secret for secret in (grant.refresh_token, grant.client_secret) if secret)
        self._http = Http(dialect, account, clock=clock, quota=quota, secrets=secrets, transport=transport)
        self._tokens = TokenCache(self._fetch, clock)

    def imap(self, client: IMAPClient) -> None:
        self._twice(lambda token: client.oauth2_login(self._settings.login_name, token), LoginError)

    def smtp(self, client: smtplib.SMTP) -> None:
        self._twice(lambda token: self._smtp(client, token), smtplib.SMTPAuthenticationError)

    def close(self) -> None:
        self._http.close()

    def _fetch(self) -> Token:
        asked = self._grant
        try:
            return grants.fetch(self._http, asked.url, self._clock, asked.form, operation=TOKEN, setting="TOKEN_URL")
        except AuthFailed as error:
            ended = "CLIENT_SECRET" if "invalid_client" in error.issues else self.secret
            told = ", ".join(error.issues) or error.message
            why = f"no token is given ({told}): set a new ECOM_{self._account.upper()}__{ended}"
            raise AuthFailed(NAME, TOKEN, why, error.issues, error.status) from None

    def _smtp(self, client: smtplib.SMTP, token: str) -> None:
        said = f"user={self._settings.smtp_login_name}\1auth=Bearer {token}\1\1"
        # Asked again, the server has refused and tells why: an empty line lets it end.
        client.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")

    def _twice(self, attempt: Callable[[str], object], refused: type[Exception]) -> None:
        token = self._tokens.get()
        try:
            attempt(token)
        except refused:
            self._tokens.refused(token)
            attempt(self._tokens.get())


def login(
    account: AccountId,
    settings: MailSettings,
    clock: Clock,
    quota: Quota,
    transport: httpx.BaseTransport | None = None,
) -> Login:
    """As the settings have it."""
    grant = settings.grant
    if grant is None:
        return ByPassword(settings)
    return ByToken(account, settings, grant, clock, quota, transport)
