"""Days of syncing five platforms with two accounts each, through every fault at once and crashes at random points.

The market, the database and the connectors are what they are live; only the clock is simulated, and the process that
syncs is ended again and again. In the end the market's own books are held against the database, row by row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Number, Options
from ecom_agent.evaluate.sync import cycle, news, watch
from ecom_agent.evaluate.sync.compare import Verdict, compare
from ecom_agent.evaluate.sync.crashes import Cutter, cutting_database
from ecom_agent.evaluate.sync.faithful import Faithful, settle
from ecom_agent.evaluate.sync.intake import intake
from ecom_agent.evaluate.sync.life import Life, Place
from ecom_agent.evaluate.sync.naive import Naive
from ecom_agent.evaluate.sync.setting import START, stage
from ecom_agent.evaluate.sync.truth import books
from ecom_agent.store.line import driver

DAYS: Final = 30
CRASHES: Final = 1_000
MOST_CYCLES: Final = 360
"""Of a run. From a day and a half on the cycles are longer than five minutes, which asks more of overlaps."""
NAIVE_EVERY: Final = 4
"""Cycles between two runs of the naive sync."""

INTAKE_ENDS: Final = 0.05
"""Chance in a cycle that the API is killed; webhooks on their way then are tried again."""
HANDS_EVERY: Final = 3
LISTINGS_TOUCHED: Final = 2
"""Every so many cycles each seller touches so many listings by hand: programs hear of it only by asking."""
COMPARED: Final = (
    "orders", "lines", "stock", "listings", "returns", "messages", "charges", "ad_figures", "search_terms",
)  # fmt: skip
FIGURES: Final = {
    "lost": "rows of all that is compared below, or their newest state, that we have not; wanted 0",
    "doubled": "such rows that we have and the market has not; wanted 0",
    "regressed": "times that a row went back to an older version, an order to an earlier status; wanted 0",
    "orders": "orders that were compared, with total, status and units of each SKU",
    "lines": "their lines, by SKU",
    "stock": "stock levels that were compared",
    "listings": "listings that were compared: page, title, status, price",
    "returns": "returns that were compared, with status",
    "messages": "messages that were compared",
    "charges": "lines of statements that were compared, with order, kind, day, amount and settlement",
    "ad_figures": "days of ad targets that were compared: impressions, clicks, cost, orders, units, sales",
    "search_terms": "the same by what people typed",
    "events": "webhooks and notifications that came and were kept, each once, beside the polls",
    "repaired": "windows that came short of what the platform told and were made whole by a second reading",
    "crashes": "how often the syncing process, or the API that takes events in, was ended at a random point",
    "kills": "of these, by kill -9",
    "pulls": "pulls that were begun",
    "failed_pulls": "pulls that ended with an error of the platform's and were left to their next turn",
    "quarantined": "records that came malformed (a fault) and were set aside",
    "rate_429": "share of all calls that were over a rate; wanted < 0.001",
    "injected_429": "share of all calls that a fault answered with 429 although they were within the rate",
    "cycle_p95_s": "of a five-minute cycle over all accounts, 95th percentile, work and waiting, s; wanted < 60",
    "cycle_in_line_p95_s": "the same if no account's wait for its quota overlapped another's, s",
    "cycle_listings": "listings of all accounts in these cycles",
    "cycles": "how many were timed",
}
BASELINES: Final = {
    "naive_lost": "orders that the naive sync of one seller lost or left in an old state in the same run",
    "naive_doubled": "rows that it holds twice",
}


def measure(
    seed: int, *, days: float = DAYS, crashes: int = CRASHES, cycles: int = cycle.CYCLES,
    products: int = cycle.PRODUCTS, progress: Callable[[str], None],
) -> Measured:  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="ecom-sync-", ignore_cleanup_errors=True) as folder:
        figures, baselines, details = _faithful(Path(folder) / "days", seed, days, crashes, progress)
        paced, more = _cycles(Path(folder) / "cycles", seed, cycles, products, progress)
    return Measured(
        {**figures, **paced},
        baselines,
        f"simulated: {days:g} days, five platforms and ads, two accounts each, all faults, {crashes} crashes wanted",
        {**details, **more},
    )


def _faithful(
    folder: Path, seed: int, days: float, crashes: int, progress: Callable[[str], None]
) -> tuple[dict[str, Number | None], dict[str, Number | None], dict[str, Any]]:
    with (
        stage(folder, seed) as place,
        psycopg.connect(place.database_url, autocommit=True) as connection,
        intake(place, folder / "api") as door,
    ):
        watch.set_up(connection)
        place.market.set_faults("all")
        cutter = Cutter(seed)
        naive = [Naive(account, START, cutter.dice) for account in place.accounts if _sells_first(account)]
        every = max(timedelta(minutes=5), timedelta(days=days) / MOST_CYCLES)
        run = Faithful(place, START + timedelta(days=days), every, crashes, cutter, progress)

        def beside(number: int) -> None:
            if number % HANDS_EVERY == 0:
                place.market.hands(LISTINGS_TOUCHED)
            if cutter.dice.random() < INTAKE_ENDS:
                door.kill()
            if number % NAIVE_EVERY == 0:
                life = Life(place)
                for one in naive:
                    one.run(life, run.told.crashes / max(1, run.told.pulls))
                life.end()

        run.after_cycle = beside
        with cutting_database(cutter):
            run.run()
        calls = place.market.state()["calls"]
        place.market.set_faults("none")
        progress("what is left comes in, and is compared")
        door.wait_ready()
        never = settle(place, door.wait_quiet)
        verdict, beaten = _judge(place, connection, naive)
        backwards, examples = watch.went_back(connection)
        heard = news.heard(connection)
    told, every_call = run.told, max(1, calls["all"])
    figures: dict[str, Number | None] = {
        "lost": verdict.lost.total(),
        "doubled": verdict.doubled.total(),
        "regressed": backwards.total(),
        **{name: verdict.checked[name] for name in COMPARED},
        "events": heard.kept,
        "repaired": heard.repaired,
        "crashes": told.crashes + door.killed,
        "kills": told.kills + door.killed,
        "pulls": told.pulls,
        "failed_pulls": told.failed.total(),
        "quarantined": told.quarantined,
        "rate_429": round(calls.get("over", 0) / every_call, 6),
        "injected_429": round(calls.get("injected", 0) / every_call, 6),
    }
    details = {
        "calls": every_call,
        "minutes between cycles": round(every.total_seconds() / 60, 1),
        "events by source": [f"{count} × {what}" for what, count in heard.by_source.most_common()],
        "records that look-backs and second readings wrote": heard.found_later,
        "webhooks that could not be read": heard.unread,
        "where it was ended": [f"{count} × {where}" for where, count in cutter.where.most_common()],
        "API killed": door.killed,
        "failed": [f"{count} × {what}" for what, count in told.failed.most_common(10)],
        "lost": [f"{count} × {what}" for what, count in verdict.lost.items()],
        "doubled": [f"{count} × {what}" for what, count in verdict.doubled.items()],
        "regressed": [f"{count} × {what}" for what, count in backwards.items()],
        "never came through": never,
        "examples": [*verdict.examples, *examples],
    }
    return figures, beaten, details


def _judge(
    place: Place, connection: psycopg.Connection[Any], naive: list[Naive]
) -> tuple[Verdict, dict[str, Number | None]]:
    truth = {seller: place.market.truth(seller) for seller in {account.seller for account in place.accounts}}
    verdict, lost, doubled = Verdict(), 0, 0
    for account in place.accounts:
        compare(connection, account, books(truth[account.seller], account), verdict)
    for one in naive:
        more_lost, more_doubled = one.judge(books(truth[one.account.seller], one.account))
        lost, doubled = lost + more_lost, doubled + more_doubled
    return verdict, {"naive_lost": lost, "naive_doubled": doubled}


def _cycles(
    folder: Path, seed: int, cycles: int, products: int, progress: Callable[[str], None]
) -> tuple[dict[str, Number | None], dict[str, Any]]:
    progress(f"two sellers with {products} products each open, for {cycles} cycles")
    with stage(folder, seed, products=products) as place:
        pace = cycle.measure(place, cycles, progress)
        database = place.database()
        with database.unit() as unit:
            row = driver(unit.session).execute(b"SELECT count(*) FROM listing").fetchone()
        database.dispose()
    figures: dict[str, Number | None] = {
        "cycle_p95_s": round(cycle.p95(pace.seconds), 2),
        "cycle_in_line_p95_s": round(cycle.p95(pace.in_line), 2),
        "cycle_listings": None if row is None else int(row[0]),
        "cycles": len(pace.seconds),
    }
    return figures, {
        "seconds of each cycle": [round(s, 1) for s in pace.seconds],
        "slowest cycle": pace.slowest,
        "seconds of the first round, which reads everything": round(pace.first, 1),
    }


def _sells_first(account: Any) -> bool:
    return bool(account.seller == 1 and account.platform != "amazon_ads")


def _run(options: Options) -> Measured:
    days = _whole(options, "days", DAYS)
    crashes = _whole(options, "crashes", CRASHES)
    cycles = max(1, _whole(options, "cycles", cycle.CYCLES))
    return measure(options.seed, days=days, crashes=crashes, cycles=cycles, progress=options.progress)


def _whole(options: Options, name: str, usual: int) -> int:
    text = options.arguments.get(name, str(usual))
    if not text.isdigit():
        raise BadInput(f"--{name}: a whole number", repr(text), f"leave it out for {usual}")
    return int(text)


EVALUATION: Final = Evaluation(
    name="sync",
    title="Whether syncing loses, doubles or regresses a row, through all faults and a thousand crashes",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
    arguments={
        "days": "simulated days",
        "crashes": "how often the syncing process is ended",
        "cycles": "five-minute cycles that are timed",
    },
)
