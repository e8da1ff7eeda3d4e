"""How long from an event's bytes to a guarded decision: compiled, against the same in good Python (`peers.py`).

All contenders decide the same events in one process, so that a noisy machine is noisy for all: quote the ratios. In a
pass each contender in turn decides all events, with an engine of its own that has seen none; the next pass begins
with another one. That is an engine at work: its caches are warm (in its lane an event follows the one before), and the
event's bytes have just been received. The `cold_*` figures let the contenders take turns event by event, so that each
finds the processor's caches full of the others' objects: an engine that wakes up for one event among other work.
Garbage collection waits.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from statistics import median
from typing import Final

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.evaluate.repricer.notices import START, canonical, events, mixed, otherwise
from ecom_agent.evaluate.repricer.peers import Decide, compiled, lean, twin
from native_pricer import backends, epoch_us

PASSES: Final = 9
EVENTS: Final = 250
SIZES: Final = (1, 5, 20)
NO_MSGSPEC: Final = "vs_msgspec_*: msgspec is not installed (`pip install msgspec`; `make bench` does)"

FIGURES: Final = {
    "p50_us_1": "bytes to guarded decision, 1 offer: median of the passes' medians, µs",
    "p50_us_5": "the same for 5 offers, µs",
    "p50_us_20": "the same for 20 offers, µs",
    "p99_us_20": "99th percentile over all passes, 20 offers, µs",
    "p999_us_20": "99.9th percentile over all passes, 20 offers, µs",
    "speedup_1": "orjson + Python with every check (the twin) over the compiled one, the passes' median, 1 offer",
    "speedup_5": "the same for 5 offers",
    "speedup_20": "the same for 20 offers, the vendor's key order",
    "speedup_20_any": "the same for 20 offers, half with shuffled keys, half pretty-printed",
    "speedup_20_mixed": "the same for 20 offers of changing layout: parts left out of every third, lists of any length",
    "vs_lean_1": "a bare orjson + Python decision (no checks, no guard, no trace) over the compiled one, 1 offer",
    "vs_lean_5": "the same for 5 offers",
    "vs_lean_20": "the same for 20 offers",
    "vs_msgspec_20": "msgspec's typed structs + the twin's rule and guard over the compiled one, 20 offers",
    "vs_msgspec_lean_20": "msgspec + a bare decision (no checks, no guard, no trace) over the compiled one, 20 offers",
    "cold_p50_us_1": "bytes to guarded decision, 1 offer, contenders taking turns event by event, µs",
    "cold_p50_us_20": "the same for 20 offers, µs",
    "layout_share_20": "objects read by a layout learned before, of all, 20 offers, the vendor's key order",
    "layout_share_20_any": "the same where half have shuffled keys (no layout comes twice) and half are pretty-printed",
    "layout_share_20_mixed": "the same with changing layouts",
}
BASELINES: Final = {
    **{f"twin_p50_us_{size}": f"orjson + Python twin with every check, offers: {size}, µs" for size in SIZES},
    "twin_p50_us_20_any": "the same for 20 offers, shuffled or pretty-printed, µs",
    "twin_p50_us_20_mixed": "the same for 20 offers of changing layout, µs",
    **{f"lean_p50_us_{size}": f"orjson + a bare Python decision, offers: {size}, µs" for size in SIZES},
    "msgspec_p50_us_20": "msgspec + the twin's rule and guard, 20 offers, µs",
    "msgspec_lean_p50_us_20": "msgspec + a bare Python decision, 20 offers, µs",
    "cold_twin_p50_us_1": "orjson + Python twin, 1 offer, contenders taking turns event by event, µs",
    "cold_twin_p50_us_20": "the same for 20 offers, µs",
}
Makers = Mapping[str, Callable[[], Decide]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Nanoseconds of one contender: the median of each pass, and all samples."""

    medians: Sequence[float]
    samples: Sequence[int]

    @property
    def p50_us(self) -> float:
        return median(self.medians) / 1_000

    def over(self, other: Timing) -> float:
        """How many times the other's time: the median of the passes' ratios, since noise often outlasts a pass."""
        return median(mine / its for mine, its in zip(self.medians, other.medians, strict=True))

    def percentile_us(self, share: float) -> float:
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1_000


def contenders() -> Makers:
    """By name, what makes each of them anew; those with msgspec where it is installed."""
    found = {"compiled": compiled, "twin": twin, "lean": lean}
    if find_spec("msgspec") is not None:
        from ecom_agent.evaluate.repricer import typed

        found |= {"msgspec": typed.checked, "msgspec_lean": typed.lean}
    return found


def measure(seed: int, passes: int, count: int, progress: Callable[[str], None] = lambda _line: None) -> Measured:
    """Raises ConfigError where the compiled backend was not built."""
    if "cython" not in backends():
        raise ConfigError("native_pricer was not compiled here: install the package with a C compiler at hand")
    every, dice = contenders(), random.Random(seed)
    two = {name: every[name] for name in ("compiled", "twin")}
    racing = {"_1": {**two, "lean": every["lean"]}, "_5": {**two, "lean": every["lean"]}, "_20": every}
    notices = {f"_{size}": [canonical(e) for e in events(size, count, seed)] for size in SIZES}
    notices["_20_any"] = [otherwise(e, dice) for e in events(20, count, seed)]
    notices["_20_mixed"] = [canonical(e) for e in mixed(20, count, seed)]
    timed: dict[str, dict[str, Timing]] = {}
    for which, raws in notices.items():
        progress(f"offers: {which.strip('_').replace('_', ', ')}")
        timed[which] = in_blocks(racing.get(which, two), raws, passes)
    figures = {f"p50_us{size}": timed[size]["compiled"].p50_us for size in ("_1", "_5", "_20")}
    baselines = {f"twin_p50_us{which}": t["twin"].p50_us for which, t in timed.items()}
    figures |= {f"speedup{which}": t["twin"].over(t["compiled"]) for which, t in timed.items()}
    fast = timed["_20"]["compiled"]
    figures |= {"p99_us_20": fast.percentile_us(0.99), "p999_us_20": fast.percentile_us(0.999)}
    for which in ("_1", "_5", "_20"):
        for peer in timed[which].keys() - two.keys():
            baselines[f"{peer}_p50_us{which}"] = timed[which][peer].p50_us
            figures[f"vs_{peer}{which}"] = timed[which][peer].over(timed[which]["compiled"])
    for which in ("_1", "_20"):
        progress(f"offers: {which.strip('_')}, taking turns event by event")
        cold = by_turns(two, notices[which], passes)
        figures[f"cold_p50_us{which}"] = cold["compiled"].p50_us
        baselines[f"cold_twin_p50_us{which}"] = cold["twin"].p50_us
    figures |= {f"layout_share{which}": layout_share(notices[which]) for which in ("_20", "_20_any", "_20_mixed")}
    return Measured(
        {name: round(figures[name], 2) if name in figures else None for name in FIGURES},
        {name: round(baselines[name], 2) if name in baselines else None for name in BASELINES},
        f"generated: {passes} passes of {count} ANY_OFFER_CHANGED notifications with 1, 5 and 20 offers",
        {} if "msgspec" in every else {"left out": [NO_MSGSPEC]},
    )


def in_blocks(makers: Makers, notices: Sequence[bytes], passes: int) -> dict[str, Timing]:
    """In a pass each contender decides all events, then the next one does; the first one changes from pass to pass."""
    samples: dict[str, list[list[int]]] = {name: [] for name in makers}
    names, now = list(makers), _moment_after(notices)
    with _NoCollection():
        for turn in range(passes):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                decide = makers[name]()
                samples[name].append([_nanoseconds(decide, raw, now) for raw in _received(notices)])
    return _timings(samples)


def by_turns(makers: Makers, notices: Sequence[bytes], passes: int) -> dict[str, Timing]:
    """Each event is decided by all contenders before the next one is."""
    samples: dict[str, list[list[int]]] = {name: [] for name in makers}
    now = _moment_after(notices)
    with _NoCollection():
        for _ in range(passes):
            ready = {name: make() for name, make in makers.items()}
            lap: dict[str, list[int]] = {name: [] for name in makers}
            for raw in notices:
                for name, decide in ready.items():
                    lap[name].append(_nanoseconds(decide, raw, now))
            for name, nanoseconds in lap.items():
                samples[name].append(nanoseconds)
    return _timings(samples)


def layout_share(notices: Sequence[bytes]) -> float:
    """Of these notifications' objects, the share that a new scanner reads by a layout learned from earlier ones."""
    from native_pricer._engine import Core

    core = Core()
    for raw in notices:
        core.understands(raw)
    whole, whole_missed, parts, parts_missed = core.predicted()
    return (whole + parts) / (whole + whole_missed + parts + parts_missed)


def _received(notices: Sequence[bytes]) -> Iterator[bytes]:
    """Each is looked through once before it is handed on, as bytes are that a socket has just written."""
    for raw in notices:
        assert b"\0" not in raw
        yield raw


def _nanoseconds(decide: Decide, raw: bytes, now: int) -> int:
    before = time.perf_counter_ns()
    decide(raw, now)
    return time.perf_counter_ns() - before


def _timings(samples: Mapping[str, Sequence[Sequence[int]]]) -> dict[str, Timing]:
    return {name: Timing([median(x) for x in laps], [n for x in laps for n in x]) for name, laps in samples.items()}


def _moment_after(notices: Sequence[bytes]) -> int:
    return epoch_us(START + timedelta(seconds=len(notices)))


class _NoCollection:
    """Garbage collection waits."""

    def __enter__(self) -> None:
        self.was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was_on:
            gc.enable()
        gc.collect()


def _run(options: Options) -> Measured:
    return measure(options.seed, PASSES, EVENTS, options.progress)


EVALUATION = Evaluation(
    name="repricer",
    title="Microseconds from an event's bytes to a guarded decision",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
)
