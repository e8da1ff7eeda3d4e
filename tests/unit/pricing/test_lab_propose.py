"""The lab's wishes: down at once, up one canary at a time, each with its evidence; policy checked when written."""

from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest
from pricing_facts import ACCOUNT, MARKET, NOON, FakeFacts

from ecom_agent.actions.model import HOUSE, Kind, Mode
from ecom_agent.automation import Run
from ecom_agent.errors import BadInput
from ecom_agent.records.strategies import Stage, StrategyRecord, StrategyScore, StrategyStanding, StrategyTrial
from pricing.lab import AUTOMATION
from pricing.lab.inputs import DEFAULTS, LabPolicy

LONG_AGO = NOON - timedelta(days=60)


def score(member, low):
    return StrategyScore(member, "match-0", NOON, 100.0, 0.5, 4.0, low + 5, low, low + 10, 60, "mixed", -1.0)


def trial(member, source, low, **more):
    return StrategyTrial(ACCOUNT, MARKET, member, "match-0", source, NOON, low + 5, low, low + 10, 30, 1, **more)


def a_standing(name="beat-1", stage=Stage.SHADOW, simulated=5.0, recorded=5.0, live=None, **more):
    member = StrategyRecord(name, "beat", (3, 0), ("beat-0",), LONG_AGO)
    return StrategyStanding(
        member, stage, LONG_AGO, "match-0",
        None if simulated is None else score(name, simulated),
        None if recorded is None else trial(name, "recorded", recorded),
        None if live is None else trial(name, "live", live, **more),
    )  # fmt: skip


def wishes(*standings, policy=DEFAULTS):
    run = Run(ACCOUNT, MARKET, NOON, Mode.SANDBOX, FakeFacts(standings=standings), policy, 3)
    return list(AUTOMATION.propose(run))


def test_what_is_surely_better_asks_for_the_canary_and_says_why():
    (wish,) = wishes(a_standing())
    assert (wish.kind, wish.account, wish.marketplace) == (Kind.STRATEGY_STAGE, HOUSE, f"{ACCOUNT}/{MARKET}")
    assert (wish.target, wish.before, wish.after) == ("beat-1", Stage.SHADOW, Stage.CANARY)
    assert wish.reason.startswith("shadow → canary: better by simulation")
    assert wish.evidence["genes"] == "3,0"
    assert wish.evidence["live"] is None


def test_one_canary_at_a_time_the_surest_first():
    (wish,) = wishes(a_standing("beat-1", simulated=2.0), a_standing("beat-2", simulated=9.0))
    assert wish.target == "beat-2"
    assert wishes(a_standing("beat-1"), a_standing("beat-3", Stage.CANARY, live=-5.0)) == []


def test_a_canary_that_earns_more_asks_to_go_live():
    (wish,) = wishes(a_standing(stage=Stage.CANARY, live=3.0))
    assert wish.after == Stage.LIVE


@pytest.mark.parametrize(
    ("standing", "to"),
    [
        (a_standing(stage=Stage.CANARY, live=5.0, lost_minor=10**6), Stage.SHADOW),
        (a_standing(stage=Stage.CANARY, live=5.0, violations=1), Stage.RETIRED),
        (a_standing(stage=Stage.LIVE, live=-30.0), Stage.SHADOW),
        (a_standing(simulated=-30.0), Stage.RETIRED),
    ],
)
def test_bad_news_bring_it_down(standing, to):
    assert [w.after for w in wishes(standing)] == [to]


def test_everyone_who_must_goes_down_at_once():
    bad = [a_standing(f"beat-{n}", Stage.CANARY, live=-30.0) for n in range(3)]
    assert len(wishes(*bad)) == 3


def test_unknown_gains_are_no_gains():
    unknown = a_standing(simulated=None)
    wide = replace(unknown, simulated=replace(score("beat-1", 0.0), gain_low=-inf, gain_high=inf))
    assert wishes(unknown) == []
    assert wishes(wide) == []


def test_the_same_slot_wishes_the_same():
    assert [w.key for w in wishes(a_standing())] == [w.key for w in wishes(a_standing())]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"incumbent": "luck"}, "incumbent"),
        ({"stages": 3}, "stages"),
        ({"stages": {"canary_share_bp": 9_999}}, "canary_share_bp"),
        ({"week": {"pool": 0}}, "pool"),
        ({"speed": 1}, "speed"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(body, named):
    with pytest.raises(BadInput, match=named):
        LabPolicy.read(body)
