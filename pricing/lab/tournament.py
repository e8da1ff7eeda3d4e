"""The weekly tournament in simulation: every member against the incumbent, on the same markets with the same dice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from native_pricer import market
from native_pricer.market_laws import MIXES
from native_pricer.strategies import Strategy
from pricing.lab.evidence import Bounds, bounds
from pricing.lab.pool import Member

MIX_NAMES: Final = tuple(MIXES)
RESERVED: Final = range(100, 300)
"""Seeds that `ecom evaluate market` reports on: never played here, or the report would praise what it was bred on."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one member did. `profit_minor`, `writes` and `share` (None = never eligible) are means a day.

    `gain` is its profit minus the incumbent's on the same markets; `worst_mix` where it did worst against it.
    """

    member: str
    profit_minor: float
    share: float | None
    writes: float
    gain: Bounds
    worst_mix: str
    worst_gain: float


def play(
    members: Sequence[Member],
    incumbent: Strategy,
    seeds: Sequence[int],
    days: int,
    *,
    confidence: float,
    look: int = 1,
    tell: Callable[[str], None] = lambda _line: None,
) -> list[Score]:
    """Scores, the best first: by the lower bound of the gain, so that luck does not win.

    Raises ValueError for seeds that are reserved for the report.
    """
    if any(seed in RESERVED for seed in seeds):
        raise ValueError(f"seeds: {RESERVED.start}–{RESERVED.stop - 1} are kept for the evaluation")
    base = {mix: market.run_many(incumbent, mix, seeds, days) for mix in MIX_NAMES}
    scores = []
    for n, member in enumerate(members, 1):
        tell(f"{n} of {len(members)}: {member.id}")
        found = {mix: market.run_many(member.strategy, mix, seeds, days) for mix in MIX_NAMES}
        scores.append(_score(member, found, base, days, confidence, look))
    return sorted(scores, key=lambda s: (-s.gain.lower, -s.gain.mean, s.member))


def _score(
    member: Member,
    found: dict[str, list[market.Result]],
    base: dict[str, list[market.Result]],
    days: int,
    confidence: float,
    look: int,
) -> Score:
    gains = {
        mix: [(ours.profit_minor - theirs.profit_minor) / days for ours, theirs in zip(runs, base[mix], strict=True)]
        for mix, runs in found.items()
    }
    runs = [run for of_mix in found.values() for run in of_mix]
    shares = [run.share for run in runs if run.share is not None]
    worst = min(gains, key=lambda mix: fmean(gains[mix]))
    # one pair a seed, all its mixes together: mixes of one seed share dice and are not independent
    paired = [fmean(of_seed) for of_seed in zip(*gains.values(), strict=True)]
    return Score(
        member=member.id,
        profit_minor=fmean(run.profit_minor / days for run in runs),
        share=fmean(shares) if shares else None,
        writes=fmean(run.writes / days for run in runs),
        gain=bounds(paired, confidence=confidence, look=look),
        worst_mix=worst,
        worst_gain=fmean(gains[worst]),
    )
