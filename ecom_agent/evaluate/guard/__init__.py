"""Can any price get out that breaks a limit? Millions of hostile events and configurations, judged by an oracle.

The engine's decisions are judged by `oracle.py`, prices that reach a platform by `lives.py`; neither shares code with
the guards. The baseline is the same without guards: it shows that the oracles do find what there is to find.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Final

from ecom_agent import telemetry
from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.evaluate.guard.fuzz import World
from ecom_agent.evaluate.guard.lives import Lives
from ecom_agent.evaluate.guard.naive import OPEN_GATE, Naive
from ecom_agent.evaluate.guard.oracle import KINDS

EVENTS: Final = 10_000_000
CHUNK: Final = 100_000
NAIVE_SHARE: Final = 50
EVENTS_A_LIFE: Final = 25_000
ROUNDS: Final = 20
WORKERS: Final = 2
MORE_KINDS: Final = ("sent_twice", "audit_broken", "stuck")

FIGURES: Final = {
    "events": "notifications decided on, one in seventeen of them broken or in another currency",
    "configurations": "listing configurations told to the engine, one in four with a corrupt value",
    "refused_configs": "of them refused with the field's name",
    "approved": "prices the engine approved; each was judged",
    "engine_crashes": "engines lost and built anew from what was stored",
    "pipeline_lives": "Action pipelines over a ledger in memory, each with hostile limits, halts and answers",
    "pipeline_crashes": "times one was killed at a commit or during a call, and went on",
    "prices_sent": "prices that reached the platform there; each was judged",
    "violations": "limits broken by any of these prices, and Actions sent twice, stuck or not in the audit",
    **{kind: f"of them {kind.replace('_', ' ')}" for kind in (*KINDS, *MORE_KINDS)},
    "fuzz_s": "seconds for all of it, baselines included",
}
BASELINES: Final = {
    "naive_prices": "prices of an unguarded rule (a cent below the lowest rival) on events of the same kind",
    "naive_violations": "limits they broke, by the same oracle",
    "open_gate_prices": "prices that reached the platform through a gate that allows everything",
    "open_gate_violations": "limits they broke, by the same oracle",
}


def chunk(kind: str, seed: str, size: int) -> Counter[str]:
    """One worker's piece: counts, and each broken limit under "broken_<kind>"."""
    if kind in ("lives", "open"):
        lives = Lives(seed, OPEN_GATE if kind == "open" else None)
        broken = lives.run(size)
        counts = Counter(
            pipeline_lives=1, pipeline_crashes=lives.crashes, prices_sent=sum(lives.platform.sent.values())
        )
    else:
        world = (Naive if kind == "naive" else World)(seed)
        world.run(size)
        counts, broken = world.counts, world.oracle.found
    return counts + Counter({f"broken_{name}": n for name, n in broken.items()})


def run(options: Options) -> Measured:
    began, events = time.monotonic(), asked(options)
    totals = {kind: Counter[str]() for kind in ("fuzz", "naive", "lives", "open")}
    for kind, counts in _all(plan(events, options.seed)):
        totals[kind].update(counts)
        options.progress(f"{totals['fuzz']['events']} of {events} events; {totals['lives']['pipeline_lives']} lives")
    found = totals["fuzz"] + totals["lives"]
    kinds = {kind: found[f"broken_{kind}"] for kind in (*KINDS, *MORE_KINDS)}
    figures = {
        **{name: found[name] for name in ("events", "configurations", "refused_configs", "approved")},
        "engine_crashes": found["crashes"],
        **{name: found[name] for name in ("pipeline_lives", "pipeline_crashes", "prices_sent")},
        "violations": sum(n for name, n in found.items() if name.startswith("broken_")),
        **kinds,
        "fuzz_s": round(time.monotonic() - began, 1),
    }
    baselines = {
        "naive_prices": totals["naive"]["approved"],
        "naive_violations": _broken(totals["naive"]),
        "open_gate_prices": totals["open"]["prices_sent"],
        "open_gate_violations": _broken(totals["open"]),
    }
    without = {
        title: {name.removeprefix("broken_"): n for name, n in totals[kind].items() if name.startswith("broken_")}
        for kind, title in (("naive", "the unguarded rule broke"), ("open", "the open gate let out"))
    }
    return Measured(figures, baselines, f"{events} events drawn from seed {options.seed}", without)


def plan(events: int, seed: int) -> Iterator[tuple[str, str, int]]:
    """(kind, seed, size) of every piece: the same for the same seed, however many work on it."""
    for n, start in enumerate(range(0, events, CHUNK)):
        yield "fuzz", f"{seed}/fuzz/{n}", min(CHUNK, events - start)
        if n % NAIVE_SHARE == 0:
            yield "naive", f"{seed}/naive/{n}", min(CHUNK, events)
    for n in range(max(2, events // EVENTS_A_LIFE)):
        yield "lives", f"{seed}/lives/{n}", ROUNDS
        if n % NAIVE_SHARE == 0:
            yield "open", f"{seed}/open/{n}", ROUNDS


def asked(options: Options) -> int:
    """How many events. Raises BadInput for a number that is none."""
    told = options.arguments.get("events", str(EVENTS))
    if not told.isascii() or not told.isdigit() or not 0 < int(told) <= 10**9:
        raise BadInput("--events with a number above 0", told, f"leave it out for {EVENTS}")
    return int(told)


def _all(pieces: Iterator[tuple[str, str, int]]) -> Iterator[tuple[str, Counter[str]]]:
    """All pieces, as they are done: small plans here, others by workers of their own."""
    work = list(pieces)
    if len(work) < 2 * WORKERS + 4:
        for piece in work:
            yield piece[0], chunk(*piece)
        return
    workers = min(WORKERS, os.cpu_count() or 1)
    spawn = multiprocessing.get_context("spawn")
    # What fails on purpose is no news: workers are told to log nothing of it.
    with ProcessPoolExecutor(workers, spawn, telemetry.set_up, ("CRITICAL",)) as pool:
        doing = {pool.submit(chunk, *piece): piece[0] for piece in work}
        for done in as_completed(doing):
            yield doing[done], done.result()


def _broken(counts: Counter[str]) -> int:
    return sum(n for name, n in counts.items() if name.startswith("broken_"))


EVALUATION = Evaluation(
    name="guard",
    title="Can any price get out that breaks a limit?",
    figures=FIGURES,
    baselines=BASELINES,
    run=run,
    arguments={"events": f"how many events; left out = {EVENTS}"},
)
