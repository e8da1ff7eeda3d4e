"""What moves in a catalogue, between two counts: never fewer than there are, and counted anew before it is too old."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.store.guard_facts import Moving
from ecom_agent.store.guard_question import place_of

MANY = 10_000
CHANGE = Action(
    Kind.PRICE_SET, AccountId("a"), MarketplaceId("m"), Sku("s"), None, Money(1, "USD"), "why", "who",
    datetime(2026, 1, 1, tzinfo=UTC), Mode.LIVE, 1,
)  # fmt: skip
PLACE = place_of(CHANGE)


class Watch:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_a_count_is_renewed_only_where_it_is_asked_for_and_grows_old(watch: Watch) -> None:
    moving = Moving(watch)
    moving.keep(PLACE, hour=5, minute=1, catalogue=MANY)
    watch.s += 3
    assert moving.ageing() == []
    assert moving.lately(PLACE) == {"moved_hour": 5, "moved_minute": 1, "catalogue": MANY}
    assert moving.ageing() == [PLACE]
    moving.renew(PLACE, watch.s, hour=6, minute=2, catalogue=MANY)
    assert moving.ageing() == []
    watch.s += 4.9
    assert moving.lately(PLACE) == {"moved_hour": 6, "moved_minute": 2, "catalogue": MANY}
    watch.s += 0.2
    assert moving.lately(PLACE) is None


def test_what_is_counted_in_a_moment_is_always_counted_anew(watch: Watch) -> None:
    moving = Moving(watch)
    moving.keep(PLACE, hour=5, minute=1, catalogue=10)
    assert moving.lately(PLACE) is None


def test_another_catalogue_counts_for_itself(watch: Watch) -> None:
    moving = Moving(watch)
    moving.keep(PLACE, hour=5, minute=1, catalogue=MANY)
    moving.approved([Action(**{**_fields(CHANGE), "marketplace": MarketplaceId("other")})])
    found = moving.lately(PLACE)
    assert found is not None
    assert found["moved_hour"] == 5


@given(
    st.lists(st.floats(0, 8), max_size=30),
    st.floats(0, 4),
    st.floats(0, 1),
    st.floats(0, 0.9),
)
def test_no_approval_is_missed_however_a_count_lies_to_it(
    approvals: list[float], began: float, took: float, commits_after: float
) -> None:
    """Each is in the database some moments after it was told; the count sees what is there when it begins."""
    watch = Watch()
    moving, start = Moving(watch), watch.s
    moving.keep(PLACE, hour=0, minute=0, catalogue=MANY)
    times = sorted(approvals)
    seen = sum(at + commits_after <= began for at in times)
    counted = False
    for at in [*times, 99.0]:
        if not counted and at >= began + took:
            watch.s = start + began + took
            moving.renew(PLACE, start + began, hour=seen, minute=seen, catalogue=MANY)
            found = moving.lately(PLACE)
            assert found is not None
            assert found["moved_hour"] >= sum(t < began + took for t in times)
            counted = True
        if at < 99:
            watch.s = start + at
            moving.approved([CHANGE])
    if (found := moving.lately(PLACE)) is not None:
        assert found["moved_hour"] >= len(times)


def _fields(action: Action) -> dict[str, object]:
    return {name: getattr(action, name) for name in Action.__dataclass_fields__ if name != "_key"}
