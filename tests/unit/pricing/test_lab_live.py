"""A canary is measured against its own past and the others' days: what is alike on both sides is not its doing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.ids import Sku
from pricing.lab.live import differences, lost

BEGAN = date(2026, 3, 1)
TODAY = BEGAN + timedelta(days=10)
OURS, OTHERS = [Sku("A"), Sku("B")], [Sku("C"), Sku("D"), Sku("E")]
DAYS = [BEGAN + timedelta(days=n) for n in range(-28, 10)]


def shop(weather, gain=0):
    """Every listing has its own level; each day's weather moves all; the canary gains from when it began."""
    levels = dict(zip([*OURS, *OTHERS], (900, 500, 40, 300, 70), strict=True))
    return {
        sku: {
            day: level + w + (gain if sku in OURS and day >= BEGAN else 0) for day, w in zip(DAYS, weather, strict=True)
        }
        for sku, level in levels.items()
    }


weathers = st.lists(st.integers(-500, 500), min_size=len(DAYS), max_size=len(DAYS))


@given(weathers, st.integers(-400, 400))
def test_only_the_canarys_own_gain_is_left(weather, gain):
    found = differences(shop(weather, gain), OURS, OTHERS, BEGAN, TODAY)
    assert len(found) == 9  # whole days: neither the first nor today
    assert found == pytest.approx([gain] * 9)


@given(weathers)
def test_a_loss_counts_over_all_canaries_and_a_gain_is_no_loss(weather):
    worse = differences(shop(weather, -100), OURS, OTHERS, BEGAN, TODAY)
    assert lost(worse, len(OURS)) == pytest.approx(9 * 100 * 2, abs=1)
    assert lost(differences(shop(weather, 100), OURS, OTHERS, BEGAN, TODAY), len(OURS)) == 0


@pytest.mark.parametrize(("ours", "others"), [([], OTHERS), (OURS, [])])
def test_without_both_sides_nothing_is_known(ours, others):
    assert differences(shop([0] * len(DAYS)), ours, others, BEGAN, TODAY) == []


def test_listings_that_sold_nothing_earned_nothing():
    assert differences({}, OURS, OTHERS, BEGAN, TODAY) == [0] * 9
