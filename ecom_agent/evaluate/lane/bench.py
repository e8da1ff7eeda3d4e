"""The lane as it runs live, on a PostgreSQL that waits for its disk, between a queue and a stub in their own processes.

Stamped outside the lane: when a message's bytes are in hand, and when the stub's answer to its change was read.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from ecom_agent.actions.door import Claim, Writer
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.clock import SystemClock
from ecom_agent.connector import Rate, Receipt
from ecom_agent.evaluate.lane.goods import MARKET, OURS, RATE_PER_S, set_policies, stock_up
from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.beside import Beside, Keepers
from ecom_agent.runtime.flow import Flow
from ecom_agent.runtime.lane import EventLane
from ecom_agent.runtime.postgres import postgres
from ecom_agent.runtime.traces import TraceKeeper
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.quotas import QuotaStore
from platforms._shared.throttle import Bucket, Quota
from platforms.amazon.connector import Amazon
from platforms.amazon.parse import offers_event
from platforms.amazon.settings import AmazonSettings
from platforms.simulated import credentials as demo
from pricing.repricing import AUTOMATION

PATCH: Final = "patchListingsItem"
_UNTIL: Final = timedelta(seconds=180)


class Stamped:
    """The connector, noting when each event's bytes came in."""

    def __init__(self, amazon: Amazon) -> None:
        self._amazon = amazon
        # kept in what Python's garbage collector need not look through, which the lane would wait for
        self._at, self._bodies = array("d"), list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._amazon, name)

    def receive(self, *, wait_s: int, most: int) -> Sequence[RawEvent]:
        found = self._amazon.receive(wait_s=wait_s, most=most)
        now = time.perf_counter()
        for event in found:
            self._at.append(now)
            self._bodies.append(event.body)
        return found

    def received(self) -> dict[str, float]:
        """When each event came first. Asked for afterwards: looking for ids is work that the lane does itself."""
        first: dict[str, float] = {}
        for at, body in zip(self._at, self._bodies, strict=True):
            if (id := offers_event(body)) is not None:
                first.setdefault(id, at)
        return first

    def begin_anew(self) -> None:
        self._at, self._bodies = array("d"), []


class StampedDoor(Writer):
    """The writer, noting when the answer to each event's change was read."""

    def __init__(self, outlets: Mapping[AccountId, object]) -> None:
        super().__init__(Mode.LIVE, outlets)
        self.accepted: dict[str, float] = {}

    def knock(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        for claim, answer in super().knock(claims):
            if isinstance(answer, Receipt):
                self.accepted[str(claim.record.action.evidence["event_id"])] = time.perf_counter()
            yield claim, answer


@dataclass
class Bench:
    """One database, one stub, one queue. `seat` opens an account with its listings."""

    database: Database
    open_database: Callable[[], Database] = field(repr=False)
    """The same one, for another process."""
    stub_url: str
    queue_url: str
    _began: float = field(default_factory=time.perf_counter)

    def seat(self, name: str, numbers: range) -> Seat:
        return Seat(self, AccountId(name), numbers)

    def taken(self) -> dict[str, list[float]]:
        """Prices that the stub took, by SKU."""
        told: dict[str, list[float]] = httpx.get(f"{self.stub_url}/counts", timeout=60).json()
        return told

    def load(self, numbers: range, events: int, per_s: float, seed: int, moving: float = 1.0) -> subprocess.Popen[str]:
        """Start sending; `wait` of the process tells when all is in the queue. `moving`: what share wants a change."""
        options = {
            "queue": self.queue_url, "key-id": demo.AWS_KEY_ID, "first": numbers.start, "listings": len(numbers),
            "events": events, "per-s": per_s, "moving": moving, "seed": seed,
        }  # fmt: skip
        given = [part for option, value in options.items() for part in (f"--{option}", str(value))]
        command = [sys.executable, "-m", "ecom_agent.evaluate.lane.load", *given]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


class Seat:
    """One account as `wiring` would open it, but for the stamps."""

    def __init__(self, bench: Bench, account: AccountId, numbers: range) -> None:
        clock = SystemClock()
        stock_up(bench.database, account, numbers, clock.now())
        # The bucket as it stands after the stub's first answers: what a platform grants is learnt and kept there.
        quota = Quota(clock, QuotaStore(bench.database, Bucket))
        quota.seed(account, "amazon", {PATCH: Rate(RATE_PER_S, RATE_PER_S)})
        settings = AmazonSettings(
            refresh_token=demo.REFRESH_TOKEN,
            client_id=demo.CLIENT_ID,
            client_secret=demo.CLIENT_SECRET,
            seller_id=OURS,
            marketplaces=(MARKET,),
            base_url=bench.stub_url,
            lwa_url=f"{bench.stub_url}/auth/o2/token",
            queue_url=bench.queue_url,
            queue_endpoint=bench.queue_url.rsplit("/", 2)[0],
            aws_access_key_id=demo.AWS_KEY_ID,
            aws_secret_access_key=demo.AWS_SECRET,
            aws_region=demo.AWS_REGION,
        )
        self.account, self.bench, self.clock, self.numbers = account, bench, clock, numbers
        self.source = Stamped(Amazon(account, settings, clock, quota))
        self.door = StampedDoor({account: self.source})
        ledger = PgLedger(bench.database, [account], {account: "amazon"})
        self.pipeline = Pipeline(ledger, all_guards(), clock, Mode.LIVE)
        self.name = f"lane@{account}"
        self.beside = Beside(partial(_keepers, bench.open_database, account, settings))
        self.executor = Executor(ledger, all_guards(), clock, self.door, claimed_by=self.name)
        policy = dict(AUTOMATION.policy)
        self.lane = EventLane(
            account, "amazon", (MARKET,), self.source, bench.database, ledger, self.pipeline, clock, Mode.LIVE,
            lambda _unit: (1, policy),
        )  # fmt: skip

    def flow(self) -> Flow:
        """To be run by `running`, with a keeper in a process of its own, as live."""
        self.lane.keeper = self.beside.keeper(self.account)
        return Flow(self.lane, self.pipeline, self.executor, self.clock, self.name)

    def latencies_ms(self) -> list[float]:
        """From receipt to accepted, of every event that gave an accepted change, the shortest first."""
        received = self.source.received()
        return sorted((at - received[id]) * 1000 for id, at in self.door.accepted.items() if id in received)

    def kept(self) -> dict[str, int]:
        """What the database knows of this account: events, and Actions by state."""
        with self.bench.database.unit() as unit:
            run = unit.session.connection().exec_driver_sql
            events = run("SELECT count(*) FROM event_seen WHERE account = %s", (self.account,)).scalar_one()
            states = run(
                "SELECT state, count(*) FROM action"
                " WHERE account = %s AND claimed_by IS DISTINCT FROM 'lane@before' GROUP BY state",
                (self.account,),
            ).all()
        return {"events": events, **{str(state): int(many) for state, many in states}}

    def wrong_at_stub(self) -> int:
        """Listings whose newest change was not what the stub took last, or that it took more than once."""
        taken = self.bench.taken()
        with self.bench.database.unit() as unit:
            newest = unit.session.connection().exec_driver_sql(
                "SELECT DISTINCT ON (target) target, (after->>'minor')::bigint, state FROM action"
                " WHERE account = %s AND state <> 'denied' AND claimed_by <> 'lane@before' ORDER BY target, slot DESC",
                (self.account,),
            )
            return sum(
                state != "applied" or [round(price * 100) for price in taken.get(target, [])][-1:] != [minor]
                for target, minor, state in newest
            )


@contextmanager
def running(seat: Seat, flow: Flow) -> Iterator[threading.Thread]:
    """The flow in a thread of its own, until the block ends; then it finishes what it has."""
    seat.beside.start()
    thread = threading.Thread(target=flow.run, name="flow")
    thread.start()
    try:
        yield thread
    finally:
        flow.stop.set()
        thread.join()
        seat.beside.close()


def wait_for(done: Callable[[], bool], alive: threading.Thread) -> None:
    """Until it is so. Raises RuntimeError where the lane ended, or where it takes too long."""
    until = time.monotonic() + _UNTIL.total_seconds()
    while not done():
        if not alive.is_alive() or time.monotonic() > until:
            raise RuntimeError("the lane did not get there")
        time.sleep(0.02)


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres(folder / "postgres"))
        open_database = partial(_opened, server.url, secrets.token_bytes(32))
        database = open_database()
        database.migrate()
        set_policies(database, SystemClock().now())
        stub = stack.enter_context(_process("ecom_agent.evaluate.lane.stub"))
        queue = stack.enter_context(_process("platforms.simulated.queue_alone"))
        yield Bench(database, open_database, stub, f"{queue}/sqs/{demo.AWS_ACCOUNT}/{demo.QUEUE}")
        database.dispose()


def _opened(url: str, key: bytes) -> Database:
    return Database(url, pool_size=10, vault=lambda: Vault(key))


def _keepers(open_database: Callable[[], Database], account: AccountId, settings: AmazonSettings) -> Keepers:
    """What keeps this account's events, in a process of its own."""
    clock, database = SystemClock(), open_database()
    ledger = PgLedger(database, [account], {account: "amazon"})
    pipeline = Pipeline(ledger, all_guards(), clock, Mode.LIVE)
    amazon = Amazon(account, settings, clock, Quota(clock))
    return {account: TraceKeeper(account, amazon, Mode.LIVE, database, ledger, pipeline)}


@contextmanager
def _process(module: str) -> Iterator[str]:
    """A process that says where it listens; ended with the block."""
    process = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        if not ready:
            raise RuntimeError(f"{module} ended with {process.wait()}")
        yield str(orjson.loads(ready)["url"])
    finally:
        process.terminate()
        process.wait(timeout=30)
