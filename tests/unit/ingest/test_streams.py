"""How often a stream is due: policy first, override per account, clear words for nonsense."""

from __future__ import annotations

import pytest

from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId
from ecom_agent.ingest.streams import STREAMS, every_minutes, stream_named
from ecom_agent.store.policies import shipped_policies

US, SHOP = AccountId("amazon_us"), AccountId("shop_main")


def test_what_is_shipped_covers_every_stream_and_orders_are_due_every_five_minutes() -> None:
    policy = shipped_policies()["streams"]
    assert {name: every_minutes(policy, US, name) > 0 for name in STREAMS} == dict.fromkeys(STREAMS, True)
    assert every_minutes(policy, US, "orders") == 5


def test_an_account_can_have_its_own_interval() -> None:
    policy = {"default": 5, "streams": {"fees": 360}, "accounts": {"amazon_us": {"fees": 60, "orders": 0}}}
    assert [every_minutes(policy, account, "fees") for account in (US, SHOP)] == [60, 360]
    assert [every_minutes(policy, account, "orders") for account in (US, SHOP)] == [0, 5]


def test_an_empty_policy_means_five_minutes() -> None:
    assert every_minutes({}, US, "orders") == 5
    assert every_minutes({"streams": None, "accounts": None}, US, "orders") == 5


@pytest.mark.parametrize("minutes", [-1, 2.5, "5", True, None])
def test_an_interval_that_is_no_number_of_minutes_is_refused(minutes: object) -> None:
    with pytest.raises(BadInput, match="stream orders of amazon_us"):
        every_minutes({"streams": {"orders": minutes}}, US, "orders")


def test_an_unknown_stream_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="'moods'; there are: orders, stock, listings, fees, offers"):
        stream_named("moods")
