"""A strategy's stage is an Action like any other: up waits for a person, down goes alone, both are read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from actions_kit import policy

from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import HOUSE, Action, Kind, Mode, State
from ecom_agent.actions.modes import writer_for
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.clock import FrozenClock
from ecom_agent.errors import Rejected
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.strategies import Stage, StrategyPlace, StrategyRecord
from ecom_agent.store.db import Database
from ecom_agent.store.desk import Desk
from ecom_agent.store.lab import LabStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.policies import PolicyStore

pytestmark = pytest.mark.services
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLACE = MarketplaceId("amazon_us/ATVPDKIKX0DER")
HERE = AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER")


class House:
    """The whole way of an Action that concerns only ourselves, on a real database."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, FrozenClock(AT)
        with database.unit() as unit:
            for name in ("guards", "autonomy", "breakers", "sending"):
                PolicyStore(unit.session).set(name, policy(name), "anna", at=AT)
            LabStore(unit.session).add([StrategyRecord("match-1", "match", (), (), AT)])
        desk, ledger, guards = Desk(database, self.clock), PgLedger(database, []), all_guards()
        self.pipeline = Pipeline(ledger, guards, self.clock, Mode.LIVE)
        door = writer_for(Mode.LIVE, {}, desk)
        self.executor = Executor(ledger, guards, self.clock, door, claimed_by="test")
        self.verifier = Verifier(ledger, self.clock, Mode.LIVE, {HOUSE: desk})

    def wish(self, before: int, after: int, strategy: str = "match-1") -> Action:
        return Action(
            Kind.STRATEGY_STAGE, HOUSE, PLACE, Sku(strategy), before, after, "evidence", "pricing.lab",
            self.clock.now(), Mode.LIVE, 1,
        )  # fmt: skip

    def stage(self) -> int | None:
        with self.database.unit() as unit:
            return LabStore(unit.session).stage_of("match-1", PLACE)

    def stand(self, stage: Stage) -> None:
        with self.database.unit() as unit:
            LabStore(unit.session).put(StrategyPlace(*HERE, "match-1", stage, AT))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def test_up_waits_for_a_person_is_carried_out_and_read_back(house: House) -> None:
    record = house.pipeline.propose(house.wish(Stage.SHADOW, Stage.CANARY))
    assert record.state is State.HELD
    assert house.executor.run_once() == {}
    house.pipeline.approve(record.key, "anna", "the evidence convinces me")
    assert house.executor.run_once() == {"applied": 1}
    assert house.stage() == Stage.CANARY
    house.clock.move_to(AT + timedelta(hours=2))
    assert house.verifier.run_once() == {"verified": 1}


def test_down_goes_alone_though_the_automation_may_only_suggest(house: House) -> None:
    house.stand(Stage.LIVE)
    assert house.pipeline.propose(house.wish(Stage.LIVE, Stage.SHADOW)).state is State.APPROVED
    assert house.executor.run_once() == {"applied": 1}
    assert house.stage() == Stage.SHADOW


@pytest.mark.parametrize(
    ("before", "after", "strategy"),
    [
        (Stage.SHADOW, Stage.LIVE, "match-1"),  # two steps at once
        (Stage.SHADOW, Stage.SHADOW, "match-1"),
        (Stage.SHADOW, 7, "match-1"),
        (Stage.SHADOW, Stage.CANARY, "made-up"),
        (Stage.CANARY, Stage.LIVE, "match-1"),  # decided on another stage than it has
    ],
)
def test_what_makes_no_sense_is_denied(house: House, before: int, after: int, strategy: str) -> None:
    assert house.pipeline.propose(house.wish(before, after, strategy)).state is State.DENIED


def test_the_desk_refuses_what_it_does_not_know(house: House) -> None:
    desk = Desk(house.database, house.clock)
    for strategy, place, stage in (("made-up", PLACE, 2), ("match-1", "nowhere", 2), ("match-1", PLACE, 9)):
        with pytest.raises(Rejected):
            desk.set_stage(strategy, place, stage, idempotency_key="k" * 20)
    assert house.stage() == Stage.SHADOW
