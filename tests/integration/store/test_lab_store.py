"""The pool keeps its pedigree, one strategy at most is live in a place, and scores come back as they were."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from sqlalchemy.exc import IntegrityError

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.strategies import Stage, StrategyPlace, StrategyRecord, StrategyScore
from ecom_agent.store.db import Database
from ecom_agent.store.lab import LabStore

pytestmark = pytest.mark.services
AT = datetime(2026, 1, 5, tzinfo=UTC)
HERE = AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER")
MATCH = StrategyRecord("match-1", "match", (), (), AT)
BEAT = StrategyRecord("beat-1", "beat", (1, 0), (), AT)
CHILD = StrategyRecord("beat-2", "beat", (7, 0), ("beat-1",), AT + timedelta(days=7))


def score(member: str, low: float, at: datetime = AT) -> StrategyScore:
    return StrategyScore(member, "match-1", at, 120.5, None, 3.0, 10.0, low, inf, 3, "mixed", -2.0)


def test_a_culled_member_leaves_the_pool_but_not_the_pedigree(database: Database) -> None:
    with database.unit() as unit:
        lab = LabStore(unit.session)
        lab.add([MATCH, BEAT, CHILD])
        lab.cull(["beat-1"], AT + timedelta(days=14))
        assert lab.members() == [MATCH, CHILD]
        assert [m.id for m in lab.members(culled=True)] == ["beat-1", "match-1", "beat-2"]


def test_bred_again_it_comes_back_as_it_was_first(database: Database) -> None:
    with database.unit() as unit:
        lab = LabStore(unit.session)
        lab.add([BEAT, CHILD])
        lab.cull(["beat-2"], AT + timedelta(days=14))
        lab.add([StrategyRecord("beat-2", "beat", (7, 0), (), AT + timedelta(days=21))])
        assert lab.members() == [BEAT, CHILD]


def test_scores_are_those_of_the_last_tournament_best_first(database: Database) -> None:
    with database.unit() as unit:
        lab = LabStore(unit.session)
        lab.add([MATCH, BEAT])
        lab.keep_scores([score("beat-1", 9.0, AT - timedelta(days=7))])
        lab.keep_scores([score("match-1", -inf), score("beat-1", 2.0)])
        assert lab.newest_scores("match-1") == [score("beat-1", 2.0), score("match-1", -inf)]
        assert lab.newest_scores("beat-1") == []
        assert lab.weeks() == 2


def test_a_new_live_strategy_sends_the_former_back_to_shadow(database: Database) -> None:
    later = AT + timedelta(days=30)
    with database.unit() as unit:
        lab = LabStore(unit.session)
        lab.add([MATCH, BEAT])
        lab.put(StrategyPlace(*HERE, "match-1", Stage.LIVE, AT))
        lab.put(StrategyPlace(*HERE, "beat-1", Stage.CANARY, AT))
        lab.put(StrategyPlace(*HERE, "beat-1", Stage.LIVE, later))
        assert lab.places(*HERE) == [
            StrategyPlace(*HERE, "beat-1", Stage.LIVE, later),
            StrategyPlace(*HERE, "match-1", Stage.SHADOW, later),
        ]
        assert lab.place(*HERE, "nobody") is None


def test_a_strategy_nobody_bred_has_no_place(database: Database) -> None:
    with pytest.raises(IntegrityError), database.unit() as unit:
        LabStore(unit.session).put(StrategyPlace(*HERE, "made-up", Stage.SHADOW, AT))
