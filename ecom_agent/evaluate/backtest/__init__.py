"""A year of a catalogue's events through rules, guard, fees and demand: what it left, where, and how fast it ran.

The events are made up (`recorded.py`), the rules are the shipped ones, the decision is the live engine's. Beside it in
the same run: the same events at a fixed price, and the readable Python twin on a sample of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import BadInput, ConfigError
from ecom_agent.evaluate.backtest import chart, programs, segments
from ecom_agent.evaluate.backtest.recorded import DAY_US, EVENTS_A_DAY, FROM, FROM_US, Catalogue, Recording, catalogue
from ecom_agent.evaluate.backtest.sample import Compared, compare
from ecom_agent.evaluate.backtest.segments import Outcome, usd
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from native_pricer import ListingConfig
from native_pricer.replay import Replay, backends
from native_pricer.ticks import Ticks, Totals, begin
from pricing.attribution import FACTORS

LISTINGS: Final = 5_000
CHUNK_DAYS: Final = 7
YEAR: Final = 365

FIGURES: Final = {
    "events": "events replayed",
    "seconds": "replaying them by the rules, by the clock on the wall, s",
    "seconds_year": "the same for 365 days (scaled where --days is another number), time on one core, s",
    "seconds_generate": "making the events up, s; no part of the replay",
    "ns_per_event": "replay per event, time on one core, ns",
    "speedup": "the Python twin's time per event over the compiled one's, on the same sample of events",
    "profit": "after cost, referral and fulfilment fees, expected by the demand model, USD",
    "buy_box_share": "share of the time on sale in which we are featured, expected",
    "units": "units sold, expected",
    "writes": "prices written",
    "writes_per_sku_day": "prices written per listing and day",
    **{f"from_{name}": f"part of the profit above the fixed price's that came from {name}, USD" for name in FACTORS},
}
BASELINES: Final = {
    "profit_fixed": "profit over the same events when no price ever moves, USD",
    "buy_box_share_fixed": "the share then",
    "seconds_fixed": "replaying that, time on one core, s",
    "twin_us_per_event": "the Python twin per event of the sample, µs",
    "twin_differences": "sums in which twin and compiled replay differ on the sample",
}


class Run:
    """One set of rules over the catalogue, chunk after chunk."""

    def __init__(self, configs: list[ListingConfig], of: Catalogue, opening: Any) -> None:
        self.replay = Replay(configs, of.rivals, of.market)
        self.outcome = Outcome(Totals.zero(len(of)), begin(of.start_price, of.market, FROM_US))
        self.outcome.state.book[:] = opening
        self.seconds = self.core_seconds = 0.0
        self.ends: list[Totals] = []

    def take(self, ticks: Ticks, until: int | None) -> None:
        wall, core = time.perf_counter(), time.thread_time()
        self.replay.run(ticks, self.outcome.state, self.outcome.totals, until)
        self.seconds += time.perf_counter() - wall
        self.core_seconds += time.thread_time() - core
        self.ends.append(self.outcome.totals.copy())


def measure(
    days: int, seed: int, listings: int = LISTINGS, progress: Callable[[str], None] = lambda _: None
) -> Measured:
    """Raises ConfigError where the compiled replay was not built."""
    if "cython" not in backends():
        raise ConfigError("native_pricer was not compiled here: install the package with a C compiler at hand")
    progress(f"0 of {days} days: a catalogue of {listings} listings")
    began = time.perf_counter()
    of = catalogue(listings, days, seed)
    recording = Recording(of, seed)
    generate = time.perf_counter() - began
    rules, fixed = (Run(make(of), of, recording.opening()) for make in (programs.by_rules, programs.fixed))
    starts, sampled = [], None
    for day in range(0, days, CHUNK_DAYS):
        some = min(CHUNK_DAYS, days - day)
        progress(f"{day} of {days} days")
        began = time.perf_counter()
        ticks = recording.next_days(some)
        generate += time.perf_counter() - began
        until = FROM_US + days * DAY_US if day + some == days else None
        rules.take(ticks, until)
        fixed.take(ticks, until)
        starts.append((FROM + timedelta(days=day)).date().isoformat())
        if sampled is None:
            sampled = ticks
    assert sampled is not None
    progress(f"{days} of {days} days; now the twin on a sample")
    twin = compare(of, programs.by_rules(of), sampled, Recording(of, seed).opening())
    progress("where the profit came from")
    return _measured(of, rules, fixed, twin, days, generate, starts)


def _measured(
    of: Catalogue, rules: Run, fixed: Run, twin: Compared, days: int, generate: float, starts: list[str]
) -> Measured:
    mine, other, everyone = rules.outcome, fixed.outcome, range(len(of))
    why = segments.attributions(of, mine, other)
    events = int(mine.totals.events.sum())
    whole = segments.figures(mine, other, days, list(everyone))
    figures = {
        "events": events,
        "seconds": round(rules.seconds, 3),
        "seconds_year": round(rules.core_seconds * YEAR / days, 3),
        "seconds_generate": round(generate, 1),
        "ns_per_event": round(rules.core_seconds / events * 1e9, 1),
        "speedup": round(twin.twin_ns / twin.compiled_ns, 1),
        "profit": usd(int(mine.totals.profit.sum())),
        "buy_box_share": whole["buy_box_share"],
        "units": whole["units"],
        "writes": int(mine.totals.moves.sum()),
        "writes_per_sku_day": whole["writes_per_sku_day"],
        **segments.parts(why, list(everyone)),
    }
    baselines = {
        "profit_fixed": whole["profit_fixed"],
        "buy_box_share_fixed": whole["buy_box_share_fixed"],
        "seconds_fixed": round(fixed.core_seconds, 3),
        "twin_us_per_event": round(twin.twin_ns / 1_000, 1),
        "twin_differences": twin.differences,
    }
    data = f"generated: {len(of)} listings × {EVENTS_A_DAY} events a day × {days} days; twin on {twin.events} of them"
    table = segments.table(of, mine, other, days, why)
    return Measured(figures, baselines, data, {"segments": table, "weeks": chart.weeks(rules.ends, fixed.ends, starts)})


def _run(options: Options) -> Measured:
    days = int(options.arguments.get("days", YEAR))
    if not 1 <= days <= 3 * YEAR:
        raise BadInput(f"--days from 1 to {3 * YEAR}", str(days), "choose fewer days")
    found = measure(days, options.seed, progress=options.progress)
    if "chart" in options.arguments:
        shown = chart.page(found.details["weeks"], found.details["segments"])
        try:
            Path(options.arguments["chart"]).write_text(shown, encoding="utf-8")
        except OSError as e:
            raise BadInput("--chart with a file that can be written", str(e), "choose another place") from e
    return found


EVALUATION = Evaluation(
    name="backtest",
    title="A year of events through rules, guard, fees and demand",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
    arguments={"days": "how many days of events, 365 by default", "chart": "an HTML file to draw the outcome into"},
)
__all__ = ["EVALUATION", "measure"]
