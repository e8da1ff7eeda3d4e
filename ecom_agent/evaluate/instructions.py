"""How many processor instructions an event costs, counted by callgrind: a figure that no other load can disturb.

A Python under valgrind decides N events, another one 2 N of the same: the difference is N events without start and
imports. Beside it the repricer's peers (`repricer/peers.py`), counted alike. Takes a minute or two.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from typing import Final

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.evaluate.repricer.notices import START, canonical, events
from ecom_agent.evaluate.repricer.peers import compiled, lean, twin
from native_pricer import backends, epoch_us

OFFERS: Final = 20
EVENTS: Final = 50
CONTENDERS: Final = {"compiled": compiled, "twin": twin, "lean": lean}
MISSING: Final = "valgrind is not installed here (Debian, Ubuntu: apt-get install valgrind): nothing was counted"
COLLECTED: Final = re.compile(r"Collected\s*:\s*(\d+)")


def count(contender: str, number: int, seed: int) -> int:
    """Instructions of a Python that decides this many events. Raises ConfigError when valgrind cannot run it."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", __name__]
    command += [contender, str(number), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    found = COLLECTED.search(done.stderr)
    if done.returncode or found is None:
        raise ConfigError(f"valgrind could not count: {done.stderr[-500:]}")
    return int(found[1])


def decide(contender: str, number: int, seed: int) -> None:
    """What runs under valgrind: twice `EVENTS` are prepared, `number` of them decided."""
    notices = [canonical(event) for event in events(OFFERS, 2 * EVENTS, seed)]
    now = epoch_us(START + timedelta(seconds=len(notices)))
    decide_one = CONTENDERS[contender]()
    for raw in notices[:number]:
        decide_one(raw, now)


def _run(options: Options) -> Measured:
    if "cython" not in backends():
        raise ConfigError("native_pricer was not compiled here: install the package with a C compiler at hand")
    data = f"generated: {EVENTS} ANY_OFFER_CHANGED notifications with {OFFERS} offers"
    if shutil.which("valgrind") is None:
        figures, baselines = dict.fromkeys(EVALUATION.figures), dict.fromkeys(EVALUATION.baselines)
        return Measured(figures, baselines, data, {"left out": [MISSING]})
    each: dict[str, int] = {}
    for done, name in enumerate(CONTENDERS):
        options.progress(f"{done} of {len(CONTENDERS)}: {name} under callgrind")
        each[name] = (count(name, 2 * EVENTS, options.seed) - count(name, EVENTS, options.seed)) // EVENTS
    return Measured(
        {
            "instructions_20": each["compiled"],
            "fewer_than_twin_20": round(each["twin"] / each["compiled"], 1),
            "fewer_than_lean_20": round(each["lean"] / each["compiled"], 1),
        },
        {f"{name}_instructions_20": each[name] for name in ("twin", "lean")},
        data,
    )


EVALUATION = Evaluation(
    name="instructions",
    title="Processor instructions from an event's bytes to a guarded decision (needs valgrind)",
    figures={
        "instructions_20": "instructions for one event of 20 offers, compiled; None where valgrind is missing",
        "fewer_than_twin_20": "those of orjson + Python with every check (the twin), over these",
        "fewer_than_lean_20": "those of orjson + a bare Python decision (no checks, no guard, no trace), over these",
    },
    baselines={
        "twin_instructions_20": "orjson + Python with every check, one event of 20 offers",
        "lean_instructions_20": "orjson + a bare Python decision, one event of 20 offers",
    },
    run=_run,
)


if __name__ == "__main__":
    gc.disable()
    decide(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
