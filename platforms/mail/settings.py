"""One mailbox: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_PORTS: Final = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
_ADDRESS: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")


class Server(NamedTuple):
    """`tls` from the first byte on; `starttls` before anything else is said; neither only on this machine."""

    host: str
    port: int
    tls: bool
    starttls: bool


class MailSettings(BaseModel):
    """`address` is ours: mail from it is our own answer. `user` None = the address.

    `imap` and `smtp` are imaps://host:993 (TLS) or imap://host:143 (STARTTLS, and nothing without it), smtps:// and
    smtp:// alike; only a server on this machine may do without TLS. `smtp_user`, `smtp_password` None = as for IMAP.
    `folder` is read, `sent` too; every answer is kept in `sent`. `order_pattern` finds an order's number in a
    subject: its first group, else all of it. `marketplace` is under which name the messages are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str
    password: SecretStr = Field(min_length=1)
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
    def login(self) -> tuple[str, str]:
        return self.user or self.address, self.password.get_secret_value()

    @property
    def smtp_login(self) -> tuple[str, str]:
        secret = self.smtp_password or self.password
        return self.smtp_user or self.user or self.address, secret.get_secret_value()


def server(url: str, kind: str) -> Server:
    """Raises ValueError for what is no address of such a server."""
    parts: Any = urlsplit(url)
    if parts.scheme not in (kind, f"{kind}s") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise ValueError(f"{kind}: wanted {kind}s://host:{_PORTS[f'{kind}s']} or {kind}://host:{_PORTS[kind]}")
    tls = parts.scheme.endswith("s")
    return Server(parts.hostname, parts.port or _PORTS[parts.scheme], tls, not tls and not _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
