"""A token is fetched late, kept while it is good, and dropped once when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ecom_agent.clock import FrozenClock
from platforms._shared.auth import Token, TokenCache

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def cache() -> tuple[FrozenClock, TokenCache, list[str]]:
    clock, fetched = FrozenClock(NOON), list[str]()

    def fetch() -> Token:
        fetched.append(f"token-{len(fetched)}")
        return Token(fetched[-1], clock.now() + timedelta(hours=1))

    return clock, TokenCache(fetch, clock), fetched


def test_a_token_is_fetched_with_the_first_use_and_kept() -> None:
    clock, tokens, fetched = cache()
    assert fetched == []
    assert tokens.get() == tokens.get() == "token-0"
    clock.sleep(58 * 60)
    assert tokens.get() == "token-0"


def test_it_is_renewed_a_minute_before_it_ends() -> None:
    clock, tokens, _ = cache()
    tokens.get()
    clock.sleep(59 * 60)
    assert tokens.get() == "token-1"


def test_a_refused_token_is_dropped_but_not_the_one_that_came_after_it() -> None:
    _, tokens, fetched = cache()
    tokens.refused(tokens.get())
    assert tokens.get() == "token-1"
    tokens.refused("token-0")
    assert tokens.get() == "token-1"
    assert len(fetched) == 2


def test_a_token_does_not_show() -> None:
    assert "hunter2" not in repr(Token("hunter2", NOON))
