"""One mailbox: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

_PORTS: Final = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
_ADDRESS: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")


class Server(NamedTuple):
    """`tls` from the first byte on; `starttls` before anything else is said; neither only on this machine."""

    host: str
    port: int
    tls: bool
    starttls: bool


class TokenGrant(NamedTuple):
    """What is asked of `url` for an access token. `client_secret` None = an app without one."""

    url: str
    client_id: str
    refresh_token: str
    client_secret: str | None
    scope: str | None

    @property
    def form(self) -> dict[str, str]:
        told = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": self.refresh_token,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        return {name: value for name, value in told.items() if value is not None}


class MailSettings(BaseModel):
    """`address` is ours: mail from it is our own answer. `user` None = the address.

    The way in is `password`, or OAuth 2: `token_url`, `client_id`, `refresh_token`, with `client_secret` and `scope`
    where the provider wants them; for both servers.

    `imap` and `smtp` are imaps://host:993 (TLS) or imap://host:143 (STARTTLS, and nothing without it), smtps:// and
    smtp:// alike; only a server on this machine may do without TLS. `smtp_user`, `smtp_password` None = as for IMAP.
    `folder` is read, `sent` too; every answer is kept in `sent`. `order_pattern` finds an order's number in a
    subject: its first group, else all of it. `marketplace` is under which name the messages are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = Field(None, min_length=1)
    scope: str | None = None
    password: SecretStr | None = Field(None, min_length=1, validate_default=True)
    imap: str
    smtp: str
    user: str | None = None
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    folder: str = "INBOX"
    sent: str = "Sent"
    marketplace: str = "mail"
    order_pattern: str | None = None

    @field_validator("address")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("wanted an e-mail address such as care@shop.example")
        return value.lower()

    @field_validator("token_url")
    @classmethod
    def _a_safe_place(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        host = parts.hostname or ""
        if not host or (parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host))):
            raise ValueError("wanted https://host/…, for secrets are sent there")
        return value

    @field_validator("password")
    @classmethod
    def _one_way_in(cls, value: SecretStr | None, given: ValidationInfo) -> SecretStr | None:
        grant = [given.data.get(name) for name in ("token_url", "client_id", "refresh_token")]
        if value is None and not any(grant):
            raise PydanticCustomError("missing", "wanted, or token_url with client_id and refresh_token")
        if value is None and not all(grant):
            raise ValueError("wanted, or token_url, client_id and refresh_token together; one of these is missing")
        if value is not None and any(grant):
            raise ValueError("wanted this or a refresh_token, found both")
        return value

    @field_validator("smtp_password")
    @classmethod
    def _for_passwords_only(cls, value: SecretStr | None, given: ValidationInfo) -> SecretStr | None:
        if value is not None and given.data.get("refresh_token") is not None:
            raise ValueError("wanted no password beside a refresh_token, found both")
        return value

    @field_validator("order_pattern")
    @classmethod
    def _a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no pattern: {error}") from None
        return value

    @model_validator(mode="after")
    def _servers(self) -> Self:
        if self.folder == self.sent:
            raise ValueError("sent: wanted another folder than the one that buyers' mail comes into")
        server(self.imap, "imap")
        server(self.smtp, "smtp")
        return self

    @property
    def grant(self) -> TokenGrant | None:
        """None where the password is the way in."""
        if self.token_url is None or self.client_id is None or self.refresh_token is None:
            return None
        secret = None if self.client_secret is None else self.client_secret.get_secret_value()
        return TokenGrant(self.token_url, self.client_id, self.refresh_token.get_secret_value(), secret, self.scope)

    @property
    def login_name(self) -> str:
        return self.user or self.address

    @property
    def smtp_login_name(self) -> str:
        return self.smtp_user or self.login_name

    @property
    def login(self) -> tuple[str, str]:
        """Name and password for IMAP."""
        return self.login_name, _told(self.password)

    @property
    def smtp_login(self) -> tuple[str, str]:
        return self.smtp_login_name, _told(self.smtp_password or self.password)


def server(url: str, kind: str) -> Server:
    """Raises ValueError for what is no address of such a server."""
    parts: Any = urlsplit(url)
    if parts.scheme not in (kind, f"{kind}s") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise ValueError(f"{kind}: wanted {kind}s://host:{_PORTS[f'{kind}s']} or {kind}://host:{_PORTS[kind]}")
    tls = parts.scheme.endswith("s")
    return Server(parts.hostname, parts.port or _PORTS[parts.scheme], tls, not tls and not _is_here(parts.hostname))


def _told(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
