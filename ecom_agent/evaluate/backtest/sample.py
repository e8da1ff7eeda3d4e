"""The readable Python twin on a sample of the same events: how much slower it is, and that it gives the same sums."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from statistics import median
from typing import Any, Final

import numpy as np

from ecom_agent.evaluate.backtest.recorded import FROM_US, Catalogue
from native_pricer import ListingConfig
from native_pricer.replay import Replay
from native_pricer.ticks import I64, Market, Rivals, State, Ticks, Totals, begin

LISTINGS: Final = 50
PASSES: Final = 7


@dataclass(frozen=True, slots=True)
class Compared:
    """Nanoseconds per event of both, and how many of the final sums differ (0, or something is wrong)."""

    events: int
    twin_ns: float
    compiled_ns: float
    differences: int


def compare(of: Catalogue, configs: Sequence[ListingConfig], ticks: Ticks, opening: I64) -> Compared:
    """Every so many-th listing of the catalogue through both, with its own ticks."""
    rows = np.arange(0, len(of), max(1, len(of) // LISTINGS))[:LISTINGS]
    chosen = [configs[i] for i in rows]
    rivals = Rivals(*(getattr(of.rivals, f.name)[rows] for f in fields(Rivals)))
    per_listing = {f.name: getattr(of.market, f.name) for f in fields(Market)}
    market = replace(of.market, **{n: x[rows] for n, x in per_listing.items() if _is_row(x, len(of))})
    part = _ticks(ticks, rows)

    def fresh() -> tuple[State, Totals]:
        state = begin(of.start_price[rows], market, FROM_US)
        state.book[:] = opening[rows]
        return state, Totals.zero(len(rows))

    found: dict[str, tuple[float, tuple[State, Totals]]] = {}
    for backend, passes in (("cython", PASSES), ("reference", 1)):
        run = Replay(chosen, rivals, market, backend).run
        found[backend] = _timed(run, part, fresh, passes)
    (fast, sums), (slow, same) = found["cython"], found["reference"]
    sides: tuple[tuple[Any, Any], ...] = tuple(zip(sums, same, strict=True))
    differ = sum(not np.array_equal(getattr(a, f.name), getattr(b, f.name)) for a, b in sides for f in fields(a))
    return Compared(len(part), slow / len(part), fast / len(part), differ)


def _timed(
    run: Callable[[Ticks, State, Totals], None], part: Ticks, fresh: Callable[[], tuple[State, Totals]], passes: int
) -> tuple[float, tuple[State, Totals]]:
    laps, ended = [], fresh()
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(passes):
            ended = fresh()
            began = time.thread_time_ns()
            run(part, *ended)
            laps.append(time.thread_time_ns() - began)
    finally:
        if collecting:
            gc.enable()
    return median(laps), ended


def _is_row(value: Any, listings: int) -> bool:
    return isinstance(value, np.ndarray) and value.shape == (listings,)


def _ticks(ticks: Ticks, rows: I64) -> Ticks:
    spans = [slice(int(ticks.start[i]), int(ticks.start[i + 1])) for i in rows]
    start = np.concatenate([[0], np.cumsum([s.stop - s.start for s in spans])]).astype(np.int64)
    columns = (ticks.at, ticks.slot, ticks.landed, ticks.dice)
    return Ticks(start, *(np.concatenate([column[s] for s in spans]) for column in columns))
