"""The market bench: one product page, 3 to 8 sellers, and a strategy of ours among them. Same seed, same market.

Whatever we do, the dice of one seed fall alike at each moment and for each purpose, so policies are compared on
paired markets. Only public information reaches a strategy: what an offer notification shows, own sales, the clock.
The laws and their sources are in `market_laws.py`; `_twin/market.py` is the readable twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from native_pricer import _market
from native_pricer.market_laws import MIXES, TICK_S, TICKS_PER_DAY, Laws
from native_pricer.strategies import Strategy, species

MAX_SEED: Final = 2**63 - 1
LAWS: Final = Laws()
DEFAULT_MIX: Final = "mixed"
MAX_OWN: Final = 2


class Result(NamedTuple):
    """What a run left us. Times in ticks of half a minute, money in minor units.

    `eligible_ticks`: our offer could have been featured; `held_ticks`: it was. `lowest`/`highest`: live prices of
    ours. `market_units`: what all sellers sold. `events`: changes of the page that a notification would tell.
    `winnable_ticks`: the eligible time in which our own floor would more likely than not have been featured.
    """

    profit_minor: int
    revenue_minor: int
    units: int
    held_ticks: int
    eligible_ticks: int
    writes: int
    lowest_minor: int
    highest_minor: int
    floor_minor: int
    ceiling_minor: int
    last_write_tick: int
    market_units: int
    events: int
    winnable_ticks: int
    held_winnable_ticks: int

    @property
    def share(self) -> float | None:
        """Of the eligible time in which we held the Buy Box; None if we never were eligible."""
        return self.held_ticks / self.eligible_ticks if self.eligible_ticks else None

    @property
    def winnable_share(self) -> float | None:
        """Of the time in which a price above our floor could win the Buy Box, how long we held it."""
        return self.held_winnable_ticks / self.winnable_ticks if self.winnable_ticks else None


def run(policy: Strategy, mix: str, seed: int, days: int, laws: Laws = LAWS) -> Result:
    """One market of `seed` for `days` days. Raises: ValueError for an unknown mix, or a seed or days out of range."""
    return run_many(policy, mix, [seed], days, laws)[0]


def run_many(policy: Strategy, mix: str, seeds: Sequence[int], days: int, laws: Laws = LAWS) -> list[Result]:
    """One market per seed, without the GIL: call it from several threads to use several cores."""
    return [one for (one,) in play([policy], mix, seeds, days * TICKS_PER_DAY, laws)]


def duel(
    ours: Strategy, other: Strategy, mix: str | None, seed: int, days: int, laws: Laws = LAWS
) -> tuple[Result, Result]:
    """Two engines of ours as sellers of one page, among up to six rivals of the mix; None = nobody else."""
    first, second = play([ours, other], mix, [seed], days * TICKS_PER_DAY, laws)[0]
    return first, second


def play(
    policies: Sequence[Strategy], mix: str | None, seeds: Sequence[int], ticks: int, laws: Laws
) -> list[tuple[Result, ...]]:
    """One market per seed with one seller of ours per policy (at most two); `mix` None = nobody else.

    Raises: ValueError for an unknown mix, no or too many policies, or seeds or ticks out of range.
    """
    if not 1 <= len(policies) <= MAX_OWN:
        raise ValueError(f"policies: wanted 1 or {MAX_OWN}; found {len(policies)}")
    if mix is not None and mix not in MIXES:
        raise ValueError(f"mix: wanted one of {', '.join(MIXES)}; found {mix!r}")
    if ticks < 1:
        raise ValueError(f"days: wanted at least 1; found {ticks * TICK_S / 86400:g}")
    if not all(type(seed) is int and 0 <= seed <= MAX_SEED for seed in seeds):
        raise ValueError(f"seeds: wanted whole numbers from 0 to {MAX_SEED}")
    out = np.zeros((len(seeds), len(policies), len(Result._fields)), np.int64)
    _market.run(
        np.array([species(p.species).number for p in policies], np.int32),
        np.array([p.padded() for p in policies], np.int32),
        np.array(MIXES[mix or DEFAULT_MIX], np.float64),
        np.array(seeds, np.uint64),
        ticks,
        laws,
        mix is None,
        out,
    )
    return [tuple(Result(*map(int, row)) for row in rows) for rows in out]
