"""Accounts and their lanes are pulled beside one another: who waits or fails holds up nobody but itself."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecom_agent.errors import AuthFailed, StoreError, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.beside import AGAIN, Line, Pulled, is_due, pull_beside
from ecom_agent.records.sync import Lane
from ecom_agent.records.views import PullReport
from ecom_agent.store.pulls import PullRun

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
PATIENCE_S = 20.0
"""A test that would have to wait so long has failed."""
Due = Mapping[Line, Sequence[str]]


def report(account: AccountId, stream: str) -> PullReport:
    return PullReport(account, stream, 1, 1, 1, 0, 0, None, 0.0)


def each(*rounds: dict[str, list[str]]) -> list[Due]:
    return [{(AccountId(name), Lane.ORDERS): streams for name, streams in one.items()} for one in rounds]


class Looks:
    """What is due, look by look; nothing after the last."""

    def __init__(self, *rounds: dict[str, list[str]]) -> None:
        self.left = each(*rounds)

    def __call__(self) -> Due:
        return self.left.pop(0) if self.left else {}


def test_an_account_that_waits_holds_up_no_other_and_those_go_on() -> None:
    freed = threading.Event()
    pulled: dict[str, list[str]] = defaultdict(list)

    def pull(account: AccountId, stream: str) -> PullReport:
        if account == "slow":
            assert freed.wait(PATIENCE_S), "the quick one was held up"
        pulled[account].append(stream)
        if pulled["quick"] == ["orders", "stock", "orders"]:
            freed.set()
        return report(account, stream)

    looks = Looks({"slow": ["orders"], "quick": ["orders", "stock"]}, {}, {"slow": ["orders"]}, {"quick": ["orders"]})
    done: list[Pulled] = []

    def due() -> Due:
        """The quick one's next turn comes once its first is through, while the slow one waits still."""
        if len(looks.left) < 4 and len(pulled["quick"]) < 2:
            return {}
        return looks()

    pull_beside(due, pull, done.append, look_every_s=0.01)
    assert pulled == {"slow": ["orders"], "quick": ["orders", "stock", "orders"]}
    assert all(one.error is None for one in done)
    assert len(done) == 4


def test_an_account_whose_reports_wait_goes_on_with_its_orders() -> None:
    account, freed, pulled = AccountId("a"), threading.Event(), list[str]()
    looks: list[Due] = [
        {(account, Lane.REPORTS): ["fees"], (account, Lane.ORDERS): ["orders"]},
        {(account, Lane.ORDERS): ["orders"]},
    ]

    def pull(name: AccountId, stream: str) -> PullReport:
        if stream == "fees":
            assert freed.wait(PATIENCE_S), "orders waited for fees"
        pulled.append(stream)
        if pulled == ["orders", "orders"]:
            freed.set()
        return report(name, stream)

    def due() -> Due:
        """The second turn of orders comes once the first is through."""
        return {} if not looks or (len(looks) == 1 and not pulled) else looks.pop(0)

    pull_beside(due, pull, lambda _one: None, look_every_s=0.01)
    assert pulled == ["orders", "orders", "fees"]


def test_what_is_urgent_begins_first() -> None:
    account, pulled = AccountId("a"), list[str]()

    def pull(name: AccountId, stream: str) -> PullReport:
        pulled.append(stream)
        return report(name, stream)

    looks: list[Due] = [
        {(account, Lane.REPORTS): ["fees"], (account, Lane.STOCK): ["stock"], (account, Lane.ORDERS): ["orders"]}
    ]
    pull_beside(lambda: looks.pop() if looks else {}, pull, lambda _one: None, most=1)
    assert pulled == ["orders", "stock", "fees"]


def test_streams_of_one_line_are_taken_in_order() -> None:
    at_once, most, seen = 0, 0, list[str]()

    def pull(account: AccountId, stream: str) -> PullReport:
        nonlocal at_once, most
        at_once, most = at_once + 1, max(most, at_once + 1)
        seen.append(stream)
        at_once -= 1
        return report(account, stream)

    pull_beside(Looks({"a": ["orders", "stock", "fees"]}), pull, lambda _one: None)
    assert (seen, most) == (["orders", "stock", "fees"], 1)


def test_a_failure_is_told_and_the_other_streams_and_accounts_go_on() -> None:
    def pull(account: AccountId, stream: str) -> PullReport:
        if account == "lost":
            raise AuthFailed("amazon", "token", "refused")
        if stream == "stock":
            raise TransientError("amazon", stream, "throttled")
        if stream == "fees":
            raise ZeroDivisionError
        return report(account, stream)

    done: list[Pulled] = []
    every = ["stock", "fees", "orders"]
    pull_beside(Looks({"lost": every, "well": every}), pull, done.append)
    told = {(one.account, one.stream): type(one.error) for one in done}
    assert told == {
        ("lost", "stock"): AuthFailed,
        ("well", "stock"): TransientError,
        ("well", "fees"): ZeroDivisionError,
        ("well", "orders"): type(None),
    }, "an account whose credentials are refused is not asked for its other streams"


def test_more_accounts_than_may_be_pulled_at_once_have_their_turn() -> None:
    pulled: list[str] = []

    def pull(account: AccountId, stream: str) -> PullReport:
        pulled.append(account)
        return report(account, stream)

    pull_beside(Looks({str(n): ["orders"] for n in range(9)}), pull, lambda _one: None, most=2)
    assert sorted(pulled) == [str(n) for n in range(9)]


def test_a_database_that_is_away_ends_it_when_those_at_work_are_through() -> None:
    ready, pulled = threading.Event(), list[str]()

    def due() -> Due:
        if ready.is_set():
            raise StoreError("the database does not answer")
        ready.set()
        return {(AccountId("a"), Lane.ORDERS): ["orders", "stock"]}

    def pull(account: AccountId, stream: str) -> PullReport:
        pulled.append(stream)
        return report(account, stream)

    with pytest.raises(StoreError):
        pull_beside(due, pull, lambda _one: None, look_every_s=0.01)
    assert pulled == ["orders", "stock"]


RUN = PullRun(1, AccountId("a"), "fees", NOW, NOW, 1, 1, 1, 0, 0, (), None, None)


@pytest.mark.parametrize(
    ("after", "error", "due"),
    [
        (timedelta(minutes=359), None, False),
        (timedelta(minutes=359, seconds=40), None, True),
        (timedelta(minutes=360), None, True),
        (AGAIN - timedelta(minutes=1), "throttled", False),
        (AGAIN, "throttled", True),
    ],
)
def test_a_stream_is_due_by_its_interval_and_sooner_after_a_failure(
    after: timedelta, error: str | None, due: bool
) -> None:
    assert is_due(timedelta(hours=6), replace(RUN, error=error), NOW + after) is due


def test_a_run_whose_process_is_gone_does_not_cost_a_whole_interval() -> None:
    cut = replace(RUN, finished_at=None)
    assert not is_due(timedelta(hours=6), cut, NOW + AGAIN - timedelta(minutes=1))
    assert is_due(timedelta(hours=6), cut, NOW + AGAIN)


def test_a_stream_that_never_ran_is_due() -> None:
    assert is_due(timedelta(hours=6), None, NOW)
