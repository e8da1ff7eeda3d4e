"""How fast an event becomes an accepted price change, through everything: queue, engine, gate, database, connector.

Five processes beside ours: PostgreSQL (durable settings), the lane's own keeper of events, the queue (the simulated
market's SQS endpoint), the load, and a stub that takes every patch at once. Each event of the steady load is the first
one for its listing, and one in four asks for a change: a listing's next change waits for the read-back of the one
before, three minutes later.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Number, Options
from ecom_agent.evaluate.lane.bench import Seat, bench, running, wait_for
from ecom_agent.evaluate.lane.disk import SLOW_S, waits
from ecom_agent.runtime.flow import Flow

PER_S: Final = 500
SECONDS: Final = 60
MOVING: Final = 0.25
"""Share of the steady load's events that ask for a change, as in the simulated market (26 % of its events)."""
BACKLOG: Final = 100_000
BACKLOG_LISTINGS: Final = 2_000
ALONE: Final = 300
MOST_PROBED_S: Final = 30
WARM: Final = 500

FIGURES: Final = {
    "p50_ms": "from an event's bytes out of the queue to the platform's answer to its change, median, ms",
    "p99_ms": "the same, 99th percentile; wanted ≤ 25",
    "max_ms": "the same, the slowest",
    "lost": "events that left no trace, and changes that the platform did not take once and as decided; wanted 0",
    "events_per_s": "events of the steady load a second, from the first received to the last accepted",
    "events": "events of the steady load",
    "changes": "of these, how many gave an accepted change",
    "drain_s": "seconds until a backlog of 100,000 events is decided and its newest changes are accepted; wanted < 60",
    "drain_events": "events of the backlog",
    "drain_writes": "changes that the backlog made the platform take: the newest of each listing",
    "drain_lost": "as `lost`, for the backlog",
}
BASELINES: Final = {
    "one_by_one_p50_ms": "each event decided, committed, claimed, sent and settled by itself, quiet queue: median, ms",
    "one_by_one_p99_ms": "the same, 99th percentile",
    "one_by_one_per_s": "events a second that this way keeps up with",
    "disk_p50_ms": "a lone write of 8 kB until it is on the disk, nothing else at work: median, ms",
    "disk_max_ms": "the same, the slowest",
    "disk_slow_share": "share of the time in which the disk let such a write wait for more than 10 ms",
}
Say = Callable[[str], None]


def measure(seconds: int, backlog: int, seed: int, say: Say, *, listings: int = BACKLOG_LISTINGS) -> Measured:
    """`listings`: over so many the backlog goes. Raises RuntimeError where the lane stops."""
    events = PER_S * seconds
    with tempfile.TemporaryDirectory(prefix="ecom-lane-") as folder, bench(Path(folder)) as world:
        gc.collect()
        gc.freeze()
        try:
            probed_s = min(seconds, MOST_PROBED_S)
            say(f"the disk by itself: {probed_s} s")
            disk = waits(Path(folder), probed_s)
            say(f"one by one: {ALONE} events")
            alone, alone_per_s = _one_by_one(world.seat("alone", range(ALONE)), seed)
            say(f"steady: {events} events, {PER_S} a second, over {events} listings")
            seat = world.seat("steady", range(10_000_000, 10_000_000 + WARM + events))
            steady, told = _steady(seat, events, seed, say)
            say(f"backlog: putting {backlog} events over {listings} listings into the queue")
            other = world.seat("backlog", range(20_000_000, 20_000_000 + listings))
            drained = _drain(other, backlog, seed, say)
        finally:
            gc.unfreeze()
    figures = steady | drained
    baselines = {
        "one_by_one_p50_ms": round(_percentile(alone, 0.5), 2),
        "one_by_one_p99_ms": round(_percentile(alone, 0.99), 2),
        "one_by_one_per_s": round(alone_per_s, 1),
        "disk_p50_ms": round(_percentile(disk, 0.5) * 1000, 2),
        "disk_max_ms": round(disk[-1] * 1000, 1),
        "disk_slow_share": round(sum(took for took in disk if took > SLOW_S) / probed_s, 4),
    }
    what = (
        f"generated: {events} events at {PER_S}/s, each the first of its listing, {MOVING:.0%} asking for a change;"
        f" then {backlog} at once"
    )
    return Measured(figures, baselines, what, told)


def _one_by_one(seat: Seat, seed: int) -> tuple[list[float], float]:
    """The same code one event at a time: what every step costs by itself."""
    _loaded(seat.bench.load(seat.numbers, ALONE, 0, seed))
    began, alone = time.perf_counter(), [seat.account]
    while events := seat.source.receive(wait_s=0, most=1):
        seat.lane.engine_room.learn_writes()
        seat.lane.handle(events)
        seat.executor.run_once(1, alone)
        seat.source.acknowledge(events)
    return seat.latencies_ms(), ALONE / (time.perf_counter() - began)


def _steady(seat: Seat, events: int, seed: int, say: Say) -> tuple[dict[str, Number], dict[str, Any]]:
    warm, measured = seat.numbers[:WARM], seat.numbers[WARM:]
    flow = seat.flow()
    with running(seat, flow) as thread:
        _loaded(seat.bench.load(warm, WARM, PER_S / 2, seed))
        wait_for(lambda: len(seat.door.accepted) >= WARM and flow.counts["kept"] >= WARM, thread)
        seat.source.begin_anew()
        seat.door.accepted.clear()
        load = seat.bench.load(measured, events, PER_S, seed + 1, MOVING)
        while load.poll() is None:
            say(f"{len(seat.door.accepted)} of {events}: accepted")
            time.sleep(1)
        sent = _loaded(load)
        wait_for(lambda: _finished(seat, flow, WARM + events), thread)
    received, accepted = seat.source.received(), seat.door.accepted
    latencies = seat.latencies_ms()
    kept = seat.kept()
    span = max(accepted.values()) - min(received.values())
    figures: dict[str, Number] = {
        "p50_ms": round(_percentile(latencies, 0.5), 2),
        "p99_ms": round(_percentile(latencies, 0.99), 2),
        "max_ms": round(latencies[-1], 1),
        "lost": WARM + events - kept["events"] + seat.wrong_at_stub(),
        "events_per_s": round(events / span, 1),
        "events": events,
        "changes": len(latencies),
    }
    states = {state: count for state, count in sorted(kept.items()) if state != "events"}
    return figures, {"steady: Actions by state": states, "steady: counts": dict(flow.counts), "load": sent}


def _drain(seat: Seat, backlog: int, seed: int, say: Say) -> dict[str, Number]:
    _loaded(seat.bench.load(seat.numbers, backlog, 0, seed + 2))
    flow, began = seat.flow(), time.perf_counter()
    with running(seat, flow) as thread:
        while not _finished(seat, flow, backlog):
            say(f"{flow.counts['kept']} of {backlog}: kept")
            if not thread.is_alive():
                raise RuntimeError("the lane ended")
            time.sleep(0.5)
        took = time.perf_counter() - began
    kept = seat.kept()
    return {
        "drain_s": round(took, 1),
        "drain_events": backlog,
        "drain_writes": len(seat.door.accepted),
        "drain_lost": backlog - kept["events"] + seat.wrong_at_stub(),
    }


def _finished(seat: Seat, flow: Flow, events: int) -> bool:
    """All events decided, and nothing on its way to the platform."""
    if flow.counts["kept"] < events or seat.lane.behind:
        return False
    kept = seat.kept()
    return not any(kept.get(state, 0) for state in ("approved", "executing"))


def _loaded(load: Any) -> dict[str, Any]:
    out, _ = load.communicate(timeout=600)
    if load.returncode:
        raise RuntimeError(f"the load ended with {load.returncode}")
    told: dict[str, Any] = orjson.loads(out)
    return told


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _run(options: Options) -> Measured:
    seconds, backlog = (_whole(options, name, usual) for name, usual in (("seconds", SECONDS), ("events", BACKLOG)))
    return measure(seconds, backlog, options.seed, options.progress)


def _whole(options: Options, name: str, usual: int) -> int:
    told = options.arguments.get(name, str(usual))
    if not told.isdigit() or int(told) < 1:
        raise BadInput(f"--{name} with a whole number", repr(told), "leave it out for the usual one")
    return int(told)


EVALUATION = Evaluation(
    name="lane",
    title="Milliseconds from a notification to an accepted price change, through everything",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
    arguments={"seconds": "how long the steady load lasts", "events": "how many events the backlog holds"},
)
