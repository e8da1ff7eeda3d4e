"""A week of the lab: same inputs, same week; what is at work stays; SKUs get one strategy each."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.strategies import Stage, StrategyPlace
from native_pricer.strategies import strategy
from pricing.lab import pool
from pricing.lab.assign import strategy_of
from pricing.lab.tournament import RESERVED
from pricing.lab.week import WeekPolicy, run_week, seeds_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
SMALL = WeekPolicy(pool=4, children=3, markets=8, days=1)
FOUNDERS = pool.founders(AT)
MEMBERS = {"one": strategy("beat"), "two": strategy("match"), "three": strategy("oscillate")}
places = st.lists(
    st.builds(
        StrategyPlace,
        st.just(AccountId("us")),
        st.just(MarketplaceId("ATV")),
        st.sampled_from(sorted(MEMBERS)),
        st.sampled_from(Stage),
        st.integers(0, 5).map(lambda n: AT + timedelta(days=n)),
    ),
    unique_by=lambda p: p.member,
)


def test_the_same_week_comes_out_twice():
    weeks = [run_week(FOUNDERS, strategy("match"), (), 3, AT, SMALL) for _ in range(2)]
    assert weeks[0] == weeks[1]
    assert len(weeks[0].scores) == len(FOUNDERS)
    assert len(weeks[0].culled) == len(FOUNDERS) - SMALL.pool
    assert len(weeks[0].born) == SMALL.children


def test_what_is_at_work_is_not_culled():
    everyone = [m.id for m in FOUNDERS]
    assert run_week(FOUNDERS, strategy("match"), everyone, 1, AT, SMALL).culled == ()


@given(st.integers(1, 200), st.integers(1, 200), st.integers(8, 2_000))
def test_no_market_is_played_twice_nor_one_of_the_report(one, other, markets):
    seeds = seeds_of(one, markets)
    assert not set(seeds) & set(RESERVED)
    assert one == other or not set(seeds) & set(seeds_of(other, markets))


@given(places, st.integers(0, 500))
def test_every_sku_has_at_most_one_strategy_and_shadows_price_nothing(standing, number):
    found = strategy_of(Sku(f"SKU-{number}"), standing, MEMBERS, 2_000)
    working = {p.member for p in standing if p.stage in (Stage.CANARY, Stage.LIVE)}
    assert found is None or (found[0] in working and found[1] == MEMBERS[found[0]])


def test_a_canary_has_about_its_share_and_the_live_one_the_rest():
    here = AccountId("us"), MarketplaceId("ATV")
    standing = [StrategyPlace(*here, "one", Stage.LIVE, AT), StrategyPlace(*here, "two", Stage.CANARY, AT)]
    names = [strategy_of(Sku(f"SKU-{n}"), standing, MEMBERS, 100) for n in range(10_000)]
    canaries = sum(found is not None and found[0] == "two" for found in names)
    assert 60 < canaries < 140
    assert all(found is not None for found in names)


@pytest.mark.parametrize("body", [{"pool": 1}, {"markets": "60"}, {"confidence": 1.0}, {"weeks": 2}])
def test_a_policy_that_makes_no_sense_is_refused(body):
    with pytest.raises(BadInput, match=next(iter(body))):
        WeekPolicy.read(body)
