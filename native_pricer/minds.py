"""A strategy at work on a listing: its name, what it must know, and its memory as bytes that outlive a restart.

Both engines use this; the thinking is in `_mind.pyx`. Amounts in minor units, times in µs.
"""

from __future__ import annotations

import hashlib
import struct
from enum import IntFlag
from typing import Final

from native_pricer.market_laws import APPLY_S, Laws
from native_pricer.strategies import Strategy

NOT_LIVE_US: Final = APPLY_S[1] * 1_000_000
"""So long a price of ours may take until buyers see it ([CMW] in `market_laws`: 1.5 to 2 minutes)."""

USUAL_ELASTICITY_CENTI: Final = round(-100 * Laws().elasticity)
"""Taken for a listing whose own is not known ([ELA] in `market_laws`)."""

REACH: Final = 4
"""Strategies that weigh prices look no higher than this many reference prices: they try some dozens between floor and
ceiling, and a ceiling of thousands for a mug would leave none of them near its price."""

LEAST_ELASTICITY_CENTI, MOST_SHOWN = -2_000, 10**12
"""What strategies reckon with at most: beyond, they wish for nothing (`readable` in `_twin/strategy`)."""

UNKNOWN_RATING, USUAL_HANDLING_DAYS = -1, 2
"""Of an offer that does not show them. Handling of two days moves the Buy Box neither way (`market_laws`)."""

MEMORY_VERSION: Final = 1
_HEAD: Final = struct.Struct("<4sI8s16s")
_MAGIC: Final = b"mind"


class Needs(IntFlag):
    """What a strategy cannot do without, beside the page."""

    NOTHING = 0
    CEILING = 1
    MONEY = 2  # unit cost, fees and reference price
    ELASTICITY = 4


_NEEDS: Final = {
    "fixed": Needs.NOTHING, "beat": Needs.NOTHING, "match": Needs.NOTHING,
    "oscillate": Needs.CEILING, "raise_alone": Needs.CEILING,
    "elasticity": Needs.CEILING | Needs.MONEY | Needs.ELASTICITY,
}  # fmt: skip


def needs(strategy: Strategy) -> Needs:
    """Of a species that is not named here: a ceiling and money; its elasticity may be the usual one."""
    return _NEEDS.get(strategy.species, Needs.CEILING | Needs.MONEY)


def identity(strategy: Strategy) -> str:
    """The same genes are the same strategy, whenever they are bred: "beat-1f3a09c2"."""
    return f"{strategy.species}-{_digest(strategy).hex()[:8]}"


def seal(strategy: Strategy, memory: bytes) -> bytes:
    """A strategy's memory as bytes to be stored: whose it is, in which form, and a sum over it."""
    return _HEAD.pack(_MAGIC, MEMORY_VERSION, _digest(strategy)[:8], _sum(memory)) + memory


def unseal(strategy: Strategy, sealed: bytes, size: int) -> bytes:
    """The way back, for this strategy and a memory of `size` bytes. Raises ValueError saying what does not fit."""
    if type(sealed) is not bytes or len(sealed) < _HEAD.size:
        raise ValueError("memory: wanted bytes that Engine.memory gave")
    magic, version, whose, total = _HEAD.unpack_from(sealed)
    memory = sealed[_HEAD.size :]
    if magic != _MAGIC or version != MEMORY_VERSION or len(memory) != size:
        raise ValueError("memory: wanted one of this version of the engine")
    if whose != _digest(strategy)[:8]:
        raise ValueError(f"memory: wanted that of {identity(strategy)}; found another strategy's")
    if total != _sum(memory):
        raise ValueError("memory: it was damaged")
    return memory


def _sum(memory: bytes) -> bytes:
    return hashlib.sha256(memory).digest()[:16]


def _digest(strategy: Strategy) -> bytes:
    return hashlib.sha256(f"{strategy.species}:{','.join(map(str, strategy.genes))}".encode()).digest()
