"""What the contract tests over all connectors do not reach: Retry-After as a date, downloads, a write's 5xx."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import TerminalError, TransientError
from ecom_agent.ids import AccountId
from platforms._shared.http import TRIES, Dialect, Http
from platforms._shared.throttle import Quota

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def door(*answers: httpx.Response | Exception) -> tuple[FrozenClock, Http]:
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    clock = FrozenClock(NOON)
    dialect = Dialect("northwind", "x-token", lambda body: ())
    transport = httpx.MockTransport(answer)
    return clock, Http(dialect, AccountId("a"), clock=clock, quota=Quota(clock), transport=transport)


def read(http: Http) -> object:
    return http.send("GET", "https://northwind.test/x", operation="getThing", write=False).parsed


@pytest.mark.parametrize("told", ["30", "Tue, 03 Nov 2026 12:00:30 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_as_seconds_and_as_a_date(status: int, told: str) -> None:
    clock, http = door(httpx.Response(status, headers={"Retry-After": told}), httpx.Response(200, json=1))
    assert read(http) == 1
    assert clock.now() == NOON + timedelta(seconds=30)


def test_a_retry_after_that_makes_no_sense_is_passed_over() -> None:
    clock, http = door(httpx.Response(503, headers={"Retry-After": "soon"}), httpx.Response(200, json=1))
    assert read(http) == 1
    assert clock.now() == NOON + timedelta(seconds=1)


def test_a_pause_longer_than_our_patience_is_handed_on_at_once() -> None:
    clock, http = door(httpx.Response(503, headers={"Retry-After": "9999"}))
    with pytest.raises(TransientError) as caught:
        read(http)
    assert caught.value.retry_after_s == 9999
    assert clock.now() == NOON


def test_a_token_that_is_tried_again_takes_no_try_from_the_call_it_is_for() -> None:
    down = [httpx.Response(503)] * (TRIES - 1)
    clock, http = door(*down, httpx.Response(200, json="token"), *down, httpx.Response(200, json=1))

    class Fetched:
        token = ""

        def get(self) -> str:
            self.token = self.token or str(read(http))
            return self.token

    called = http.send("GET", "https://northwind.test/y", operation="getOther", write=False, tokens=Fetched())
    assert called.parsed == 1
    assert clock.now() == NOON + timedelta(seconds=2 * (1 + 2 + 4))


def test_an_answer_without_a_body_is_none() -> None:
    assert read(door(httpx.Response(204))[1]) is None


def test_a_redirect_is_not_followed_with_our_token() -> None:
    _, http = door(httpx.Response(302, headers={"Location": "https://elsewhere.test"}))
    with pytest.raises(TerminalError, match="302"):
        read(http)


def test_a_download_gives_lines_and_takes_no_token() -> None:
    _, http = door(httpx.Response(200, text="one\ntwo\n"))
    assert list(http.lines("https://files.test/x?sig=1", operation="file")) == ["one", "two"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(403), TerminalError),
        (httpx.Response(500), TransientError),
        (httpx.ReadError("cut"), TransientError),
    ],
)
def test_a_download_that_fails_is_a_typed_error(answer: httpx.Response | Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        list(door(answer)[1].lines("https://files.test/x", operation="file"))
