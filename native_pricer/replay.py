"""Replay: what our clauses and limits would have done over recorded changes of the market, and what it would have left.

The decision is the live engine's own (`rule.pxi`), with guard, caps and cooldowns. Prices that it gives are live from
that moment on. Sales are expected ones by the demand model (`demand.py`), so two runs differ only by their rules.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from native_pricer._twin import replay as twin
from native_pricer.clauses import Target
from native_pricer.config import ListingConfig
from native_pricer.demand import SPAN, STEPS
from native_pricer.rivals import Channel, RivalFilter
from native_pricer.ticks import HOUR_US, SLOTS, Market, Rivals, State, Ticks, Totals
from native_pricer.words import MAX_MINOR

MOST_LISTINGS: Final = 10_000_000


def backends() -> dict[str, ModuleType]:
    """The backends that can run here, the best first."""
    try:
        from native_pricer import _replay
    except ImportError:
        return {twin.NAME: twin}
    return {_replay.NAME: _replay, twin.NAME: twin}


class Replay:
    """A catalogue with its rules; `run` leads it through ticks, chunk after chunk.

    `configs` and the rows of `rivals` and `market` are the same listings in the same order. The seller of slot s is
    known to clauses and filters as "R<s>". Raises ValueError naming what does not fit.
    """

    def __init__(
        self, configs: Sequence[ListingConfig], rivals: Rivals, market: Market, backend: str | None = None
    ) -> None:
        have, wanted = backends(), backend or os.environ.get("NATIVE_PRICER")
        if wanted is not None and wanted not in have:
            raise ValueError(f"NATIVE_PRICER: wanted one of {', '.join(have)}; found {wanted!r}")
        chosen = next(iter(have)) if wanted is None else wanted
        self.backend, self._n, self._market = chosen, len(configs), market
        _check_rows(len(configs), rivals, market)
        for cfg in configs:
            if cfg.shipping_minor is None:
                raise ValueError(f"shipping_minor: wanted for a replay; {cfg.sku} has none")
            if any(clause.target is Target.STRATEGY for clause in cfg.clauses):
                raise ValueError(f"clauses: strategies are played on the market bench, not in a replay; {cfg.sku}")
        self._core = have[chosen].Replay(configs, rivals, market, masks(configs, rivals), sellers(configs))

    def run(self, ticks: Ticks, state: State, totals: Totals, until: int | None = None) -> None:
        """Carry `state` and `totals` through the ticks, which are later than all before. However a year is cut into
        chunks, the sums are the same. `until` (epoch µs), with the last chunk: count the time after the last tick too.

        Raises ValueError naming what does not fit.
        """
        self._check(ticks, state, totals, until)
        self._core.run(ticks, state, totals, until)

    def _check(self, ticks: Ticks, state: State, totals: Totals, until: int | None) -> None:
        if len(ticks.start) != self._n + 1:
            raise ValueError(f"ticks: wanted those of {self._n} listings; found {len(ticks.start) - 1}")
        for name, rows in (("state", state), ("totals", totals)):
            _check_types(name, rows, {f.name: np.int64 for f in fields(rows)})
            if any(len(getattr(rows, f.name)) != self._n for f in fields(rows)):
                raise ValueError(f"{name}: wanted {self._n} rows")
        if state.book.shape != (self._n, SLOTS) or np.any(state.price < 1) or np.any(state.velocity < 1):
            raise ValueError(f"state: wanted {SLOTS} slots, and prices and velocities above 0")
        some = np.diff(ticks.start) > 0
        firsts, lasts = ticks.at[ticks.start[:-1][some]], ticks.at[ticks.start[1:][some] - 1]
        if np.any(firsts < state.clock[some]):
            raise ValueError("ticks.at: wanted ticks after those before")
        latest = max([int(state.clock.max()), *([int(lasts.max())] if len(lasts) else [])])
        if until is not None and until < latest:
            raise ValueError("until: wanted a moment after the last tick")
        end = self._market.season_from + (len(self._market.season) - 1) * HOUR_US
        if state.clock.min() < self._market.season_from or max(latest, until or 0) >= end:
            raise ValueError("season: wanted an entry for every hour of the ticks")


def masks(configs: Sequence[ListingConfig], rivals: Rivals) -> NDArray[np.uint8]:
    """Which slots pass: for each listing (row) by its own filter, then by each clause's; bit s = slot s."""
    most = max((len(c.clauses) for c in configs), default=0)
    found: dict[RivalFilter, NDArray[np.uint8]] = {}
    out = np.zeros((len(configs), most + 1), np.uint8)
    for i, cfg in enumerate(configs):
        for k, rule in enumerate((cfg.rivals, *(c.rivals or cfg.rivals for c in cfg.clauses))):
            if rule not in found:
                found[rule] = _passing(rule, rivals)
            out[i, k] = found[rule][i]
    return out


def sellers(configs: Sequence[ListingConfig]) -> NDArray[np.int8]:
    """By listing and clause the slot of the seller that the clause follows; −1: none that is here."""
    most = max((len(c.clauses) for c in configs), default=0)
    out = np.full((len(configs), most + 1), -1, np.int8)
    slot = {twin.seller(s): s for s in range(SLOTS)}
    for i, cfg in enumerate(configs):
        for k, clause in enumerate(cfg.clauses):
            if clause.seller is not None:
                out[i, k] = slot.get(clause.seller, -1)
    return out


def _passing(rule: RivalFilter, rivals: Rivals) -> NDArray[np.uint8]:
    """The twin's `passes` for all slots at once. What ticks do not tell (Prime, country, sub-condition) is unknown."""
    ok = np.full(
        rivals.is_fba.shape, not (rule.prime_only or rule.featured_only or rule.ships_from or rule.sub_conditions)
    )
    if rule.channel is not Channel.ANY:
        ok &= rivals.is_fba == (rule.channel is Channel.FBA)
    if rule.min_feedback_count:
        ok &= rivals.count >= rule.min_feedback_count
    if rule.max_feedback_count is not None:
        ok &= (rivals.count >= 0) & (rivals.count <= rule.max_feedback_count)
    if rule.min_feedback_percent:
        ok &= rivals.percent >= rule.min_feedback_percent
    if rule.max_handling_hours is not None:
        ok &= (rivals.hours >= 0) & (rivals.hours <= rule.max_handling_hours)
    for s in range(SLOTS):
        name = twin.seller(s)
        ok[:, s] &= name not in rule.exclude and (not rule.only or name in rule.only)
    bits: NDArray[np.uint8] = (ok.astype(np.uint8) << np.arange(SLOTS, dtype=np.uint8)).sum(axis=1).astype(np.uint8)
    return bits


def _check_rows(n: int, rivals: Rivals, market: Market) -> None:
    per_slot = {"is_fba": np.int64, "percent": np.int64, "count": np.int64, "hours": np.int64, "quality": np.float64}
    _check_types("rivals", rivals, per_slot)
    if not 0 < n <= MOST_LISTINGS or any(getattr(rivals, name).shape != (n, SLOTS) for name in per_slot):
        raise ValueError(f"rivals: wanted {n} × {SLOTS}, for at least one listing")
    floats = {"demand", "own_quality"}
    per_listing = {
        name: np.float64 if name in floats else np.int64
        for name in (
            "reference", "unit_cost", "referral_bp", "referral_min", "fulfilment", "demand", "elasticity",
            "own_quality", "own_fba", "order_up_to", "restock_days", "utc_offset",
        )
    }  # fmt: skip
    _check_types("market", market, {**per_listing, "weights": np.float64, "levels": np.float64, "season": np.float64})
    if any(getattr(market, name).shape != (n,) for name in per_listing):
        raise ValueError(f"market: wanted {n} rows")
    if np.any((market.reference < 1) | (market.reference > MAX_MINOR)) or np.any(market.restock_days < 0):
        raise ValueError("market: wanted references above 0 and restock_days of 0 or more")
    size = SPAN * STEPS + 2
    if market.weights.shape != (size,) or market.levels.ndim != 2 or market.levels.shape[1] != size:
        raise ValueError(f"market: wanted tables of {size} entries, see demand.power")
    if np.any((market.elasticity < 0) | (market.elasticity >= len(market.levels))):
        raise ValueError("market.elasticity: wanted a row of levels")


def _check_types(what: str, rows: object, wanted: Mapping[str, type]) -> None:
    for name, kind in wanted.items():
        array = getattr(rows, name)
        if array.dtype != kind or not array.flags.c_contiguous:
            raise ValueError(f"{what}.{name}: wanted a contiguous array of {np.dtype(kind)}; found {array.dtype}")
