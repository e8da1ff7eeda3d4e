"""A mailbox that takes no passwords: an access token opens both servers, is renewed, and never shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from mail_kit import CARE, GRANT, PASSWORD, MailServers, a_mail, mail_servers

from ecom_agent.errors import AuthFailed, TerminalError
from ecom_agent.records.messages import Message

pytestmark = pytest.mark.services
KEY = "k" * 64
GOOD = PASSWORD
"""What both servers take for a valid access token."""


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServers]:
    with mail_servers(tmp_path / "mailbox") as made:
        yield made


class Endpoint:
    """A provider's token endpoint that gives one token after the other, the last one for ever."""

    def __init__(self, *tokens: str) -> None:
        self.tokens, self.asked = list(tokens), list[dict[str, str]]()

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == GRANT["TOKEN_URL"]
        self.asked.append(dict(parse_qsl(request.content.decode())))
        token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
        return httpx.Response(200, json={"access_token": token, "expires_in": 3600, "token_type": "Bearer"})


def pulled(connector: Any) -> Sequence[Message]:
    return [one for page in connector.pull_messages(None) for one in page.records]


def test_one_token_opens_the_mailbox_and_sends_the_answer(mail: MailServers) -> None:
    mail.deliver(a_mail())
    endpoint = Endpoint(GOOD)
    connector = mail.connector_by_token(endpoint.transport())
    (letter,) = pulled(connector)
    connector.send_message(letter, "It is on its way.", idempotency_key=KEY)
    assert [(sender, to) for sender, to, _ in mail.letters.taken] == [(CARE, ["jane@buyer.example"])]
    assert endpoint.asked == [
        {
            "grant_type": "refresh_token",
            "client_id": GRANT["CLIENT_ID"],
            "refresh_token": GRANT["REFRESH_TOKEN"],
            "scope": GRANT["SCOPE"],
        }
    ], "one token for both servers and all sessions"
    connector.close()


def test_a_token_that_is_refused_before_its_end_is_renewed_once(mail: MailServers) -> None:
    mail.deliver(a_mail())
    endpoint = Endpoint("withdrawn", GOOD)
    assert len(pulled(mail.connector_by_token(endpoint.transport()))) == 1
    assert len(endpoint.asked) == 2


def test_the_mail_out_renews_a_refused_token_too(mail: MailServers) -> None:
    mail.deliver(a_mail())
    endpoint = Endpoint(GOOD)
    connector = mail.connector_by_token(endpoint.transport())
    (letter,) = pulled(connector)
    mail.letters.mood = "forgot"
    connector.send_message(letter, "It is on its way.", idempotency_key=KEY)
    assert (len(mail.letters.taken), len(endpoint.asked)) == (1, 2)


def test_a_refused_token_stops_before_anything_is_sent_and_names_what_to_renew(mail: MailServers) -> None:
    mail.deliver(a_mail())
    (letter,) = pulled(mail.connector())
    endpoint = Endpoint("withdrawn")
    with pytest.raises(AuthFailed, match="ECOM_CARE_DESK__REFRESH_TOKEN") as told:
        mail.connector_by_token(endpoint.transport()).send_message(letter, "On its way.", idempotency_key=KEY)
    assert "withdrawn" not in str(told.value)
    assert (mail.letters.taken, len(endpoint.asked)) == ([], 2)


@pytest.mark.parametrize(
    ("status", "error", "ended"), [(400, "invalid_grant", "REFRESH_TOKEN"), (401, "invalid_client", "CLIENT_SECRET")]
)
def test_where_no_token_is_given_it_is_said_what_to_renew(
    mail: MailServers, status: int, error: str, ended: str
) -> None:
    refusing = httpx.MockTransport(lambda _request: httpx.Response(status, json={"error": error}))
    with pytest.raises(AuthFailed, match=rf"\({error}\): set a new ECOM_CARE_DESK__{ended}") as told:
        pulled(mail.connector_by_token(refusing))
    assert GRANT["REFRESH_TOKEN"] not in str(told.value)


def test_an_answer_that_is_no_token_names_the_setting(mail: MailServers) -> None:
    page = httpx.MockTransport(lambda _request: httpx.Response(200, json={"welcome": "to our portal"}))
    with pytest.raises(TerminalError, match="check TOKEN_URL"):
        pulled(mail.connector_by_token(page))
