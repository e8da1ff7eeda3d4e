"""A mailbox's settings: no password over an open line, and clear words for what is wrong."""

from __future__ import annotations

import pytest

from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId
from platforms import registry
from platforms.mail.settings import Server, server

GOOD = {
    "ADDRESS": "Care@Shop.example",
    "PASSWORD": "sample-mail-password",
    "IMAP": "imaps://imap.shop.example",
    "SMTP": "smtp://smtp.shop.example",
}


def checked(**changed: str) -> object:
    return registry.settings("mail", AccountId("care_desk"), {**GOOD, **changed})


@pytest.mark.parametrize(
    ("url", "kind", "found"),
    [
        ("imaps://mail.example", "imap", Server("mail.example", 993, True, False)),
        ("imap://mail.example", "imap", Server("mail.example", 143, False, True)),
        ("smtp://mail.example:2525", "smtp", Server("mail.example", 2525, False, True)),
        ("smtps://mail.example", "smtp", Server("mail.example", 465, True, False)),
        ("imap://localhost:1143", "imap", Server("localhost", 1143, False, False)),
        ("smtp://127.0.0.1:25", "smtp", Server("127.0.0.1", 25, False, False)),
        ("smtp://localhost.evil.example", "smtp", Server("localhost.evil.example", 587, False, True)),
    ],
)
def test_a_password_goes_over_tls_or_stays_on_this_machine(url: str, kind: str, found: Server) -> None:
    assert server(url, kind) == found
    assert found.tls or found.starttls or found.host in ("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADDRESS", "shop.example", "an e-mail address"),
        ("IMAP", "https://mail.example", "imaps://host:993"),
        ("SMTP", "smtps://user:secret-word@mail.example", "smtps://host:465"),
        ("SENT", "INBOX", "another folder"),
        ("ORDER_PATTERN", "(", "no pattern"),
    ],
)
def test_what_is_wrong_is_told_without_its_value(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        checked(**{name: value})
    assert "secret-word" not in str(caught.value)
    assert "sample-mail-password" not in str(caught.value)


def test_the_address_is_the_login_unless_another_is_named() -> None:
    settings: object = checked()
    assert getattr(settings, "login", None) == ("care@shop.example", "sample-mail-password")
    other: object = checked(USER="u1", SMTP_USER="u2", SMTP_PASSWORD="p2")
    assert getattr(other, "login", None) == ("u1", "sample-mail-password")
    assert getattr(other, "smtp_login", None) == ("u2", "p2")
    assert "sample-mail-password" not in repr(settings)


BY_TOKEN = {
    **{name: value for name, value in GOOD.items() if name != "PASSWORD"},
    "TOKEN_URL": "https://login.example/token",
    "CLIENT_ID": "our-app",
    "REFRESH_TOKEN": "sample-refresh-token",
}


def by_token(**changed: str | None) -> object:
    told = {name: value for name, value in {**BY_TOKEN, **changed}.items() if value is not None}
    return registry.settings("mail", AccountId("care_desk"), told)


def test_a_grant_stands_in_the_passwords_place() -> None:
    grant = getattr(by_token(), "grant", None)
    assert grant is not None
    assert grant.form == {
        "grant_type": "refresh_token", "client_id": "our-app", "refresh_token": "sample-refresh-token",
    }  # fmt: skip
    assert getattr(checked(), "grant", "missing") is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"REFRESH_TOKEN": None}, "one of these is missing"),
        ({"TOKEN_URL": None}, "one of these is missing"),
        ({"CLIENT_ID": None}, "one of these is missing"),
        ({"PASSWORD": "sample-mail-password"}, "found both"),
        ({"SMTP_PASSWORD": "sample-mail-password"}, "found both"),
        ({"TOKEN_URL": "http://login.example/token"}, "wanted https"),
        ({"TOKEN_URL": "login.example/token"}, "wanted https"),
        ({"TOKEN_URL": "https:///token"}, "wanted https"),
    ],
)
def test_half_a_grant_or_two_ways_in_are_refused_without_their_values(
    changed: dict[str, str | None], said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        by_token(**changed)
    assert "sample-" not in str(caught.value)
