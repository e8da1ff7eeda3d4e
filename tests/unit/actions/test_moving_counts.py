"""What moves in a catalogue, between two counts: never fewer than there are, and counted anew before it is too old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.store.guard_question import place_of
from ecom_agent.store.moving import Moving

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
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=MANY)
    watch.s += 6
    assert moving.ageing() == []
    assert moving.lately(PLACE) == {"moved_hour": 5, "moved_minute": 1, "catalogue": MANY}
    assert moving.ageing() == [PLACE]
    moving.renew(PLACE, watch.s, hour=6, minute=2, catalogue=MANY)
    assert moving.ageing() == []
    watch.s += 9.9
    assert moving.lately(PLACE) == {"moved_hour": 6, "moved_minute": 2, "catalogue": MANY}
    watch.s += 0.2
    assert moving.lately(PLACE) is None


def test_what_is_counted_in_a_moment_is_always_counted_anew(watch: Watch) -> None:
    moving = Moving(watch)
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=10)
    assert moving.lately(PLACE) is None


def test_listings_are_counted_once_a_minute_only(watch: Watch) -> None:
    moving = Moving(watch)
    assert moving.catalogue(PLACE) is None
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=MANY)
    watch.s += 59
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=MANY)
    assert moving.catalogue(PLACE) == MANY
    watch.s += 2
    assert moving.catalogue(PLACE) is None, "as old as the count itself, however often it was handed on"
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=MANY + 1)
    assert moving.catalogue(PLACE) == MANY + 1


def test_another_catalogue_counts_for_itself(watch: Watch) -> None:
    moving = Moving(watch)
    moving.renew(PLACE, moving.unseen_since(), hour=5, minute=1, catalogue=MANY)
    moving.approved(Session(), [replace(CHANGE, marketplace=MarketplaceId("other"))])
    found = moving.lately(PLACE)
    assert found is not None
    assert found["moved_hour"] == 5


STEPS = st.tuples(st.sampled_from(["approve", "approve", "commit", "roll back", "begin", "end"]), st.integers(0, 2))


@given(st.lists(STEPS, max_size=60))
def test_no_approval_is_missed_however_units_of_work_and_a_count_lie_to_one_another(
    steps: list[tuple[str, int]],
) -> None:
    """A count sees what is committed when it begins; what it does not see is added when it ends."""
    watch = Watch()
    moving, units = Moving(watch), dict[int, tuple[Session, int]]()
    committed, begun = 0, (moving.unseen_since(), 0)
    moving.renew(PLACE, begun[0], hour=0, minute=0, catalogue=MANY)
    for step, n in steps:
        watch.s += 0.01
        if step == "approve":
            session, approved = units.get(n) or (Session(), 0)
            if not approved:
                session.begin()
            moving.approved(session, [CHANGE])
            units[n] = session, approved + 1
        elif step in ("commit", "roll back") and n in units:
            session, approved = units.pop(n)
            if step == "commit":
                session.commit()
                committed += approved
            else:
                session.rollback()
        elif step == "begin":
            begun = moving.unseen_since(), committed
        elif step == "end":
            moving.renew(PLACE, begun[0], hour=begun[1], minute=begun[1], catalogue=MANY)
        found = moving.lately(PLACE)
        assert found is not None
        assert found["moved_hour"] >= committed + sum(approved for _, approved in units.values())


def test_nothing_is_counted_twice_where_all_was_committed_before(watch: Watch) -> None:
    moving, session = Moving(watch), Session()
    session.begin()
    moving.approved(session, [CHANGE, CHANGE])
    session.commit()
    watch.s += 0.1
    moving.renew(PLACE, moving.unseen_since(), hour=2, minute=2, catalogue=MANY)
    assert moving.lately(PLACE) == {"moved_hour": 2, "moved_minute": 2, "catalogue": MANY}


def test_a_unit_of_work_that_counts_sees_what_it_approved_itself(watch: Watch) -> None:
    moving, session = Moving(watch), Session()
    with session.begin():
        moving.approved(session, [CHANGE])
        watch.s += 0.1
        moving.renew(PLACE, moving.unseen_since(session), hour=1, minute=1, catalogue=MANY)
        assert moving.lately(PLACE) == {"moved_hour": 1, "moved_minute": 1, "catalogue": MANY}


def test_a_count_that_took_too_long_is_not_kept(watch: Watch) -> None:
    moving, session = Moving(watch), Session()
    began = moving.unseen_since()
    session.begin()
    moving.approved(session, [CHANGE])
    session.commit()
    watch.s += 60
    moving.approved(session, [CHANGE])
    moving.renew(PLACE, began, hour=0, minute=0, catalogue=MANY)
    assert moving.lately(PLACE) is None
