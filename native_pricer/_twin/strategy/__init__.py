"""The pricing strategies in plain Python: what `_parts/strategy` does, readably. Tests hold both equal to the last bit.

Sums of floats are written in the same order as there, so that rounding is the same. Units: minor units, epoch µs,
basis points; landed = listing + shipping. What each species and gene means is said in `strategies.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from native_pricer._twin.strategy.odds import myopic
from native_pricer._twin.strategy.rival_model import best_against, model, observe, share_first
from native_pricer._twin.strategy.rules import beat, lead, match_box, oscillate, raise_alone
from native_pricer._twin.strategy.seen import (
    ARMS,
    MINUTE_US,
    MOST,
    NOBODY,
    SEEN_RIVALS,
    WE,
    Genes,
    Known,
    Memory,
    Rival,
    Seen,
)
from native_pricer._twin.strategy.selection import account, adaptive, select
from native_pricer.strategies import SPECIES, Strategy

__all__ = ["ARMS", "NOBODY", "SEEN_RIVALS", "WE", "Known", "Memory", "Rival", "Seen", "decide"]


def readable(s: Seen) -> bool:
    return (
        1 <= s.floor <= s.ceiling <= MOST
        and 1 <= s.price <= MOST
        and all(0 <= value <= MOST for value in (s.shipping, s.reference, s.unit_cost))
        and 0 <= s.fee_bp <= 10000
        and -2000 <= s.elasticity_centi <= 0
        and 0 <= s.minute <= 1439
        and -1 <= s.rating <= 100
        and len(s.rivals) <= SEEN_RIVALS
        and NOBODY <= s.holder < len(s.rivals)
        and 0 <= s.now_us <= 4 * 10**18
        and all(1 <= rival.landed <= MOST and -1 <= rival.rating <= 100 for rival in s.rivals)
    )


def wish(strategy: Strategy, s: Seen, m: Memory, g: Genes) -> int | None:
    first: Sequence[int] = strategy.genes
    match strategy.species:
        case "beat":
            return beat(s, first[0], first[1])
        case "match":
            return match_box(s)
        case "oscillate":
            return oscillate(s, first[0], first[1], first[2], first[3])
        case "raise_alone":
            return raise_alone(s, m, first[0], first[1])
        case "price_leader":
            return lead(s, m, first[0], first[1])
        case "myopic":
            return myopic(s, g)
        case "adaptive":
            return adaptive(s, m, g)
    if s.now_us - m.wrote_us < g["pace_min"] * MINUTE_US:
        return None
    match strategy.species:
        case "elasticity" if s.elasticity_centi < 0:
            return best_against(s, m, g, False)
        case "rival_model":
            return model(s, m, g)
        case "share_first":
            return share_first(s, m, g)
    return None


def decide(strategy: Strategy, s: Seen, m: Memory) -> int | None:
    """The listing price that the strategy wants, within floor and ceiling; None = leave it."""
    if not readable(s):
        return None
    g, minds = Genes(strategy), SPECIES[strategy.species].number >= SPECIES["rival_model"].number
    if minds:
        observe(s, m, g)
    if strategy.species == "adaptive":
        account(s, m, g)
        select(s, m, g)
    want = None if s.pending else wish(strategy, s, m, g)
    if want is None:
        return None
    want = min(max(want, s.floor), s.ceiling)
    if want == s.price:
        return None
    if minds:
        m.heat += 1.0
    m.wrote_us = s.now_us
    return want
