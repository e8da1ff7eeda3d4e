"""The keeper in a process of its own: what it is handed arrives as it was, and no trouble of its stays there."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions.model import Mode
from ecom_agent.errors import AuthFailed, StoreError
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.batch import Batch, Carried, Heard
from ecom_agent.runtime.beside import Beside, Keepers
from ecom_agent.runtime.traces import Traces
from ecom_agent.store.kept_events import Recorded
from native_pricer.clauses import Clause
from native_pricer.config import ListingConfig
from native_pricer.journal import Recorder
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane

US, PLACE, NOON = AccountId("us"), "ATVPDKIKX0DER", datetime(2026, 3, 1, 12, tzinfo=UTC)
FAILS, DIES, FAILS_ODDLY = 1, 2, 3
"""Said by the days of what is recorded, which a keeper that keeps nothing has no other use for."""


class Untold(Exception):
    """Cannot be carried anywhere: it holds a function without a name."""


class Fake:
    """Keeps nothing, and tells what it was given and by which process."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []

    def keep(self, traces: Traces) -> Counter[str]:
        if traces.recorded.days == FAILS:
            raise AuthFailed("amazon", "keep", "refused there")
        if traces.recorded.days == FAILS_ODDLY:
            raise Untold("a text", lambda: None)
        if traces.recorded.days == DIES:
            os._exit(9)
        return Counter(heard=len(traces.batch), acknowledged=len(self.acknowledged), process=os.getpid())

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        assert not any(event.body for event in events), "a receipt is enough"
        self.acknowledged += [event.receipt for event in events]


def opened() -> Keepers:
    return {US: Fake()}


def never_opened() -> Keepers:
    raise StoreError("the database is gone")


@pytest.fixture
def beside() -> Iterator[Beside]:
    beside = Beside(opened)
    yield beside
    beside.close()


def traces(*batch: Any, days: int = 90) -> Traces:
    return Traces(Batch(batch), {}, Recorded((), {}, NOON, days))


def test_it_keeps_and_acknowledges_in_another_process_and_its_errors_are_raised_here(beside: Beside) -> None:
    keeper = beside.keeper(US)
    keeper.acknowledge([Carried(b"the body", "one", 1), Carried(b"another", "two", 3)])
    found = keeper.keep(traces())
    assert (found["heard"], found["acknowledged"]) == (0, 2)
    assert found["process"] != os.getpid()
    with pytest.raises(AuthFailed, match="refused there"):
        keeper.keep(traces(days=FAILS))
    with pytest.raises(RuntimeError, match="Untold"):
        keeper.keep(traces(days=FAILS_ODDLY))
    assert keeper.keep(traces())["process"] == found["process"], "an error ends nothing"


def test_one_that_dies_is_an_error_of_the_store_and_another_takes_its_place(beside: Beside) -> None:
    keeper = beside.keeper(US)
    first = keeper.keep(traces())["process"]
    with pytest.raises(StoreError, match="started anew"):
        keeper.keep(traces(days=DIES))
    assert keeper.keep(traces())["process"] != first


def test_one_that_cannot_be_opened_is_an_error_of_the_store() -> None:
    beside = Beside(never_opened)
    with pytest.raises(StoreError):
        beside.keeper(US).keep(traces())
    beside.close()


def notice(id: str, price: float, at: str) -> bytes:
    money = {"Amount": price, "CurrencyCode": "USD"}
    free = {"Amount": 0.0, "CurrencyCode": "USD"}
    trigger = {"MarketplaceId": PLACE, "ASIN": "B1", "ItemCondition": "new", "TimeOfOfferChange": at}
    page = {"OfferChangeTrigger": trigger, "Offers": [{"SellerId": "R", "ListingPrice": money, "Shipping": free}]}
    told = {"NotificationMetadata": {"NotificationId": id}, "Payload": {"AnyOfferChangedNotification": page}}
    return orjson.dumps({"NotificationType": "ANY_OFFER_CHANGED", **told})


BODIES = st.one_of(
    st.binary(max_size=30),
    st.builds(
        notice,
        st.text(max_size=8),
        st.integers(1_000, 3_000).map(lambda minor: minor / 100),
        st.integers(0, 59).map(lambda s: f"2026-03-01T11:59:{s:02d}Z"),
    ),
)


@given(st.lists(BODIES, max_size=8))
def test_a_batch_says_the_same_after_its_way(bodies: list[bytes]) -> None:
    engine = Recorder()
    engine.configure(
        ListingConfig(PLACE, "B1", "new", "SKU", "OURS", "USD", 2_000, 0, 1_000, 4_000, (Clause(offset_bp=-50),))
    )
    lane = Lane(US, "OURS", Mode.LIVE, RepricePolicy.read({}), 1, engine)
    batch = Batch(
        [
            (Heard(Carried(body, f"receipt {n}", 1), f"id {n}", NOON), lane.on_event(body, NOON))
            for n, body in enumerate(bodies)
        ]
    )
    arrived = pickle.loads(pickle.dumps(batch))
    assert [result for _, result in arrived] == [result for _, result in batch]
    assert (arrived.ids, [e.body for e in arrived.events]) == (batch.ids, bodies)
    assert [r.page for r in arrived.newest()] == [r.page for r in batch.newest()]
    assert arrived.settled(US, Mode.LIVE) == batch.settled(US, Mode.LIVE)
    assert arrived.wishes(US, Mode.LIVE) == batch.wishes(US, Mode.LIVE)
    assert {Sku(subject[-1]) for subject in batch.wishes(US, Mode.LIVE)} <= {Sku("SKU")}
    assert {MarketplaceId(subject[-2]) for subject in batch.wishes(US, Mode.LIVE)} <= {MarketplaceId(PLACE)}
