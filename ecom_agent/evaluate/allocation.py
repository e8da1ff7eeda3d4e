"""Units sold that are not there, and sales lost while they were: our sharing out against simple ways, on one market.

One product behind five channels of different demand, goods twice a week, orders read every quarter of an hour. Every
channel sells whatever it shows. The dice of a seed fall alike for every way. Buyers who find nothing on their channel
are lost; some of them while units lie on the shelf, which is what sharing out costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

import numpy as np

from ecom_agent.economics.allocation_policy import NAME, AllocationPolicy
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.pools import Outlet, PoolBook, Shelf
from ecom_agent.store.policies import shipped_policies
from inventory.allocation.decide import decide
from inventory.allocation.inputs import AllocationInputs, Publish

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
STEP, SYNC, GOODS = timedelta(minutes=5), timedelta(minutes=15), timedelta(days=3.5)
A_DAY: Final[Mapping[str, float]] = {"amazon": 6.0, "ebay": 3.0, "shop": 4.0, "tiktok": 2.0, "walmart": 1.0}
DELIVERED: Final = 50
MOODS: Final = {"quiet": 1, "busy": 10}
"""Buyers and goods, times so many: 16 buyers a day, and 160."""
DEFAULT_DAYS, DEFAULT_SEEDS = 28, 10
MUG: Final = Sku("MUG")


@dataclass
class Market:
    """`there` units lie on the shelf and are promised to nobody."""

    shown: dict[str, int] = field(default_factory=lambda: dict.fromkeys(A_DAY, 0))
    there: int = 0
    ordered: int = 0
    oversold: int = 0
    lost: int = 0
    writes: int = 0

    def buyers(self, coming: Mapping[str, int]) -> None:
        for channel, buyers in coming.items():
            for _ in range(buyers):
                if self.shown[channel] > 0:
                    self.shown[channel] -= 1
                    self.ordered += 1
                    self.oversold += self.there <= 0
                    self.there = max(0, self.there - 1)
                elif self.there > 0:
                    self.lost += 1

    def tell(self, units: Mapping[str, int]) -> None:
        changed = {channel: n for channel, n in units.items() if n != self.shown[channel]}
        self.writes += len(changed)
        self.shown.update(changed)


Way = Callable[[Market, datetime, bool], None]
"""What a seller does at a sync; the flag says that goods came since the last one."""


def everything(market: Market, _now: datetime, goods: bool) -> None:
    """Each channel is told all there is when goods come, and left alone."""
    if goods:
        market.tell(dict.fromkeys(A_DAY, market.there))


def everything_synced(market: Market, _now: datetime, _goods: bool) -> None:
    """Each channel is told all there is at every sync."""
    market.tell(dict.fromkeys(A_DAY, market.there))


def equal_split(market: Market, _now: datetime, goods: bool) -> None:
    """Each channel gets a fifth when goods come, and is left alone."""
    if goods:
        market.tell(dict.fromkeys(A_DAY, market.there // len(A_DAY)))


def ours(**lines: object) -> Way:
    """Sharing out by the room's own decision, under the shipped policy with these lines."""
    policy = AllocationPolicy.read({**shipped_policies()[NAME], **lines})
    sold = {channel: round(rate * 14) for channel, rate in A_DAY.items()}

    resting: set[tuple[int, ...]] = set()  # what was found to need nothing needs nothing again

    def way(market: Market, now: datetime, _goods: bool) -> None:
        state = (market.there, *market.shown.values())
        if state in resting:
            return
        outlets = tuple(
            Outlet(AccountId(c), MarketplaceId("US"), MUG, MUG, "main", ListingStatus.ACTIVE, n, now, orders_at=now,
                   sold=sold[c])
            for c, n in market.shown.items()
        )  # fmt: skip
        book = PoolBook({MUG: Shelf(MUG, market.there, 0, now)}, outlets)
        found = decide(AllocationInputs(book, now), policy)
        told = {str(key[0]): answer.to for key, answer in found.items() if isinstance(answer, Publish)}
        market.tell(told)
        if not told:
            resting.add(state)

    return way


WAYS: Final[Mapping[str, Way]] = {
    "split": ours(),
    "split_by_sales": ours(weigh_by="sales"),
    "shared": ours(mode="shared", overlap=str(len(A_DAY)), keep_units=2),
    "everything": everything,
    "everything_synced": everything_synced,
    "equal_split": equal_split,
}
COLUMNS: Final = {
    "oversold": "units sold that were not there, per 1,000 units ordered",
    "lost": "buyers lost while units lay on the shelf, per 1,000 units ordered",
    "writes": "writes a day, all channels",
}
OURS: Final = ("split", "split_by_sales", "shared")


def live(way: Way, times: int, seed: int, days: int) -> Market:
    """One market's life under one way."""
    market, goods = Market(), True
    for number, (now, coming) in enumerate(_buyers(times, seed, days)):
        if number % (GOODS // STEP) == 0:
            market.there += DELIVERED * times
            goods = True
        if number % (SYNC // STEP) == 0:
            way(market, now, goods)
            goods = False
        market.buyers(coming)
    return market


def _buyers(times: int, seed: int, days: int) -> Iterator[tuple[datetime, Mapping[str, int]]]:
    steps = int(timedelta(days=days) / STEP)
    rates = [times * rate * (STEP / timedelta(days=1)) for rate in A_DAY.values()]
    dice = np.random.default_rng(seed).poisson(rates, (steps, len(rates)))
    for number, row in enumerate(dice):
        yield START + number * STEP, dict(zip(A_DAY, map(int, row), strict=True))


def measure(seeds: Sequence[int], days: int, progress: Callable[[str], None] = lambda _line: None) -> Measured:
    found: dict[str, float] = {}
    for number, (name, mood) in enumerate(product(WAYS, MOODS), start=1):
        progress(f"{number} of {len(WAYS) * len(MOODS)}: {name}, {mood}")
        lives = [live(WAYS[name], MOODS[mood], seed, days) for seed in seeds]
        thousand = sum(one.ordered for one in lives) / 1000
        found[f"{name}.{mood}.oversold"] = round(sum(one.oversold for one in lives) / thousand, 3)
        found[f"{name}.{mood}.lost"] = round(sum(one.lost for one in lives) / thousand, 3)
        found[f"{name}.{mood}.writes"] = round(sum(one.writes for one in lives) / len(lives) / days, 2)
    return Measured(
        {name: value for name, value in found.items() if name.split(".")[0] in OURS},
        {name: value for name, value in found.items() if name.split(".")[0] not in OURS},
        f"generated: {len(seeds)} markets × {days} days, {len(A_DAY)} channels",
    )


def _run(options: Options) -> Measured:
    return measure(range(options.seed, options.seed + DEFAULT_SEEDS), DEFAULT_DAYS, options.progress)


def _declared(ways: Iterable[str]) -> dict[str, str]:
    every = product(ways, MOODS, COLUMNS.items())
    return {f"{way}.{mood}.{name}": f"{way}, {mood} market: {says}" for way, mood, (name, says) in every}


EVALUATION = Evaluation(
    name="allocation",
    title="Overselling and lost sales of one stock behind five channels, against simple ways of sharing it out",
    figures=_declared(OURS),
    baselines=_declared(way for way in WAYS if way not in OURS),
    run=_run,
)
