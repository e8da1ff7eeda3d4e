"""Duplicate, reordered, late and lost events leave the same final state, the lost ones repaired by the sweep.

Each story of rivals' prices is told twice to a seller on a real PostgreSQL: once in order and whole, once as a queue
may tell it. Then both sellers' sweeps see the pages as they are. Prices at the platform and the
engine's belief must agree.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from actions_kit import ACCOUNT, MARKET, FakePlatform, limits, shop, usd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ledger_kit import fill
from postgres_kit import VAULT, fresh_database
from seller_kit import notice

from ecom_agent.actions.door import Writer
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.automation import Run
from ecom_agent.clock import FrozenClock
from ecom_agent.ids import Sku
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.runtime.lane import EventLane
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.offers import OfferStore
from platforms.amazon import parse
from platforms.simulated.opening import SELLER_ID
from pricing.repricing import AUTOMATION
from pricing.repricing.propose import propose

pytestmark = pytest.mark.services
SKUS = ("S0", "S1", "S2")
START = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


@dataclass(frozen=True)
class Event:
    """A rival's price on one page at a second of the story. `body` and `receipt` as a connector gives them."""

    sku: str
    second: int
    rival: int

    tries = 1
    receipt = ""

    @property
    def body(self) -> bytes:
        id = f"{self.sku}-{self.second}"
        at = START + timedelta(seconds=self.second)
        text = notice(f"ASIN-{self.sku}", id, at, ours=20, rival=self.rival / 100)
        return text.replace("ATVPDKIKX0DER", MARKET).encode()


class Told:
    """A connector that tells what it is given, in bundles."""

    seller_id = SELLER_ID

    def __init__(self, platform: FakePlatform) -> None:
        self.platform, self.left = platform, list[Event]()

    def receive(self, *, wait_s: int, most: int) -> Sequence[Event]:
        return [self.left.pop(0) for _ in range(min(most, len(self.left)))]

    def acknowledge(self, events: Sequence[Event]) -> None:
        return None

    def offers_event(self, event: Event) -> str | None:
        return parse.offers_event(event.body)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nothing else of a connector is needed: {name}")


@dataclass
class Shop:
    """One seller with three listings, whose pages are as the events say."""

    url: str
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(START))

    def __post_init__(self) -> None:
        tables = shop(*SKUS)
        for place, listing in list(tables.listings.items()):
            seen = {"external_id": f"ASIN-{listing.sku}", "seen_at": START, "updated_at": START}
            tables.listings[place] = replace(listing, **seen)
            tables.limits[place] = limits(listing.sku, hard_min=usd("15.00"), unit_cost=None, min_margin=None)
        self.database = Database(self.url, vault=lambda: VAULT)
        fill(self.database, tables)
        self.platform = FakePlatform()
        self.source, ledger, guards = Told(self.platform), PgLedger(self.database), all_guards()
        # One cent below: a price between that and the rival's is at rest too, and with a share there would be many.
        policy = {name: value for name, value in AUTOMATION.policy.items() if name != "offset_bp"}
        self.policy = {**policy, "offset_minor": -1, "seller_ids": {ACCOUNT: SELLER_ID}, "max_event_age_s": 86_400}
        self.pipeline = Pipeline(ledger, guards, self.clock, Mode.LIVE)
        door = Writer(Mode.LIVE, {ACCOUNT: self.platform})
        self.executor = Executor(ledger, guards, self.clock, door, claimed_by="test")
        self.verifier = Verifier(ledger, self.clock, Mode.LIVE, {ACCOUNT: self.platform})
        self.lane = EventLane(
            ACCOUNT, "amazon", (MARKET,), self.source, self.database, ledger, self.pipeline, self.clock, Mode.LIVE,
            lambda _unit: (1, self.policy),
        )  # fmt: skip

    def hear(self, events: Sequence[Event], most: int) -> None:
        """All that was told, in bundles of `most`; what may leave does, between bundles."""
        self.source.left = list(events)
        while self.source.left:
            self.lane.round(wait_s=0, most=most)
            self.executor.run_once()
            self.pass_time(minutes=0.25)

    def pass_time(self, minutes: float) -> None:
        self.clock.sleep(minutes * 60)
        self.verifier.run_once()
        self.pipeline.judge_again()
        self.executor.run_once()

    def settle(self, newest: dict[str, Event]) -> None:
        """Sweeps see each page as it is, again and again, until nothing moves."""
        before: object = None
        for _ in range(12):
            for _ in range(4):
                self.pass_time(minutes=5)
            with self.database.unit() as unit:
                pages = [self._page(event) for event in newest.values()]
                OfferStore(unit.session).upsert(pages)
                run = Run(ACCOUNT, MARKET, self.clock.now(), Mode.LIVE, FactStore(unit.session), self.policy, 1)
                wishes = list(propose(run))
            for action in wishes:
                self.pipeline.propose(action)
            self.executor.run_once()
            if not wishes and before == self.platform.prices:
                break
            before = dict(self.platform.prices)
        else:
            pytest.fail("the prices never came to rest")

    def _page(self, event: Event) -> OfferSnapshot:
        now = self.clock.now()
        told = parse.notification(event.body, account=ACCOUNT, seen_at=now).content
        assert isinstance(told, OfferSnapshot)
        live = self.platform.live_price(Sku(event.sku), MARKET)
        offers = tuple(replace(o, listing_price=live) if o.seller_id == SELLER_ID else o for o in told.offers)
        return replace(told, offers=offers, changed_at=now, source="getItemOffersBatch", event_id=None)

    def state(self) -> dict[str, Any]:
        """Prices at the platform, what the engine believes, and which wishes still wait."""
        self.clock.sleep(60)  # the engine's facts are refreshed
        self.lane.prepare()
        self.lane.engine_room.learn_writes()
        engine = self.lane.engine_room.lane.engine
        return {
            sku: (
                self.platform.live_price(Sku(sku), MARKET),
                engine.state(MARKET, sku).price_minor,
                self.pipeline.judge_again(),
            )
            for sku in SKUS
        }


def disturbed(events: Sequence[Event], dice: random.Random) -> list[Event]:
    """Some twice or thrice, some never, some much later, the rest shuffled."""
    kept = [e for e in events if dice.random() > 0.25]
    doubled = [e for e in kept for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    dice.shuffle(doubled)
    late = [e for e in doubled if dice.random() < 0.2]
    return [e for e in doubled if e not in late] + late


EVENTS = st.lists(st.builds(Event, st.sampled_from(SKUS), st.integers(0, 30), st.integers(1850, 2150)), max_size=10)


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example is two databases: shrinking takes too long
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=EVENTS, seed=st.integers(0, 10**6), most=st.sampled_from([1, 3, 10]))
def test_what_a_queue_does_to_events_changes_nothing_in_the_end(
    postgres_cluster: Any, events: list[Event], seed: int, most: int
) -> None:
    story = sorted({(e.sku, e.second): e for e in events}.values(), key=lambda e: e.second)
    newest = {e.sku: e for e in story}
    with fresh_database(postgres_cluster) as one, fresh_database(postgres_cluster) as other:
        calm, rough = Shop(one), Shop(other)
        for shop_, told, bundle in (
            (calm, story, 1), (rough, disturbed(story, random.Random(seed)), most),
        ):  # fmt: skip
            shop_.clock.sleep(60)
            shop_.hear(told, bundle)
            shop_.settle(newest)
        assert rough.state() == calm.state()
        calm.database.dispose()
        rough.database.dispose()
