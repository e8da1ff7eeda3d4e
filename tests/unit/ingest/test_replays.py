"""A call that is rightly signed and not of now is refused; one without a time has nothing to be told by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import AuthFailed, Replayed
from ecom_agent.ingest.replays import AHEAD, WEBHOOKS, refuse_replay

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-30), timedelta(days=30))


@settings(max_examples=40)
@given(SPANS, st.timedeltas(timedelta(hours=1), timedelta(days=8)))
def test_only_times_within_the_limits_are_let_through(age: timedelta, limit: timedelta) -> None:
    fits = -AHEAD <= age <= limit
    try:
        refuse_replay("shop", "webhook", NOW - age, NOW, limit)
    except Replayed:
        assert not fits
    else:
        assert fits


def test_the_edges_and_the_unknown() -> None:
    for age in (WEBHOOKS, -AHEAD):
        refuse_replay("shop", "webhook", NOW - age, NOW, WEBHOOKS)
    refuse_replay("shop", "webhook", None, NOW, WEBHOOKS)
    with pytest.raises(AuthFailed, match="2026-10-01T00:00Z"):
        refuse_replay("shop", "webhook", datetime(2026, 10, 1, tzinfo=UTC), NOW, WEBHOOKS)
