"""One small shop in memory, with every part of the pipeline over it."""

from dataclasses import dataclass, field

import pytest
from actions_kit import ACCOUNT, T0, FakePlatform, shop

from ecom_agent.actions.audit import verify
from ecom_agent.actions.execute import Executor, Writer
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.clock import FrozenClock
from ecom_agent.store.memory import MemoryLedger, Tables


@dataclass
class Bench:
    tables: Tables = field(default_factory=shop)
    platform: FakePlatform = field(default_factory=FakePlatform)
    mode: Mode = Mode.LIVE

    def __post_init__(self):
        self.clock = FrozenClock(T0)
        self.ledger = MemoryLedger(self.tables)
        self.pipeline = Pipeline(self.ledger, all_guards(), self.clock, self.mode)
        self.verifier = Verifier(self.ledger, self.clock, self.mode, {ACCOUNT: self.platform})
        self.locked_out = []

    def executor(self, door=None, claimed_by="process-1"):
        return Executor(
            self.ledger,
            all_guards(),
            self.clock,
            door or Writer(self.mode, {ACCOUNT: self.platform}),
            claimed_by=claimed_by,
            on_auth_failed=lambda account, why: self.locked_out.append((account, why)),
        )

    def get(self, key):
        return self.ledger.tables.actions[key]

    def wait(self, minutes):
        self.clock.sleep(minutes * 60)

    def steps(self, key):
        return [link.event.step for link in self.ledger.tables.chain if link.event.action_key == key]

    def audit(self):
        return verify(self.ledger.tables.chain)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def a_bench():
    return Bench
