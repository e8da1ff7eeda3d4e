"""A strategy at work on one listing, in plain Python: as `_mind.pyx`, with the same bytes for the same memory."""

from __future__ import annotations

from copy import deepcopy
from struct import Struct
from typing import Final

from native_pricer._twin.strategy import ARMS, SEEN_RIVALS, Known, Memory, Seen, decide
from native_pricer.minds import identity, seal, unseal
from native_pricer.strategies import Strategy

# Memory and Known of seen.pxi, laid out as a C compiler does
_MEMORY: Final = Struct(f"@qqQqQqq6dqi{ARMS}d{ARMS}diii0q")
_KNOWN: Final = Struct("@Q5q4i")


class Mind:
    """Of one listing; its memory is empty when made."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy, self.text = strategy, f"strategy {identity(strategy)}"
        self._memory, self._former = Memory(), Memory()
        self._fresh = False  # `_former` is the memory before the newest event

    def keep(self, former: Mind | None) -> None:
        """Go on where the same strategy was before; another one's memory means nothing here."""
        if former is not None and former.strategy == self.strategy:
            self._memory, self._former, self._fresh = former._memory, former._former, former._fresh

    def memory(self) -> bytes:
        return seal(self.strategy, _packed(self._memory))

    def remember(self, sealed: bytes) -> None:
        """Raises ValueError saying what does not fit."""
        self._memory = _unpacked(unseal(self.strategy, sealed, len(_packed(Memory()))))
        self._fresh = False

    def think(self, seen: Seen) -> int | None:
        """The wished listing price. What it was shown and what it wished are in its memory now."""
        self._former, self._fresh = deepcopy(self._memory), True
        return decide(self.strategy, seen, self._memory)

    def not_sent(self, seen: Seen) -> None:
        """The wish of this `think` was not let through: remember what was seen, and no write."""
        self._memory = deepcopy(self._former)
        decide(self.strategy, seen._replace(pending=1), self._memory)

    def look_on(self) -> None:
        """A newer event came; whether it will be asked about that is not settled yet."""
        self._fresh = False

    def take_back(self) -> None:
        """The newest event is to count as unseen."""
        if self._fresh:
            self._memory, self._fresh = self._former, False


def _packed(m: Memory) -> bytes:
    head = _MEMORY.pack(
        m.raised_us, m.wrote_us, m.sign, m.box, m.holder, m.epoch_us, m.last_us, m.rate, m.got, m.span, m.earned,
        m.lost, m.heat, m.limits, m.offers, *m.tries, *m.mean, m.arm, m.moves, len(m.known),
    )  # fmt: skip
    known = (
        _KNOWN.pack(who, k.landed, k.high, k.floor, k.stop, k.gap, k.fooled, k.changes, k.boxes, k.cuts)
        for who, k in m.known.items()
    )
    return (head + b"".join(known)).ljust(_MEMORY.size + SEEN_RIVALS * _KNOWN.size, b"\0")


def _unpacked(data: bytes) -> Memory:
    *plain, arm, moves, rivals = _MEMORY.unpack_from(data)
    first, tries, mean = plain[: -2 * ARMS], plain[-2 * ARMS : -ARMS], plain[-ARMS:]
    known = {}
    for i in range(rivals):
        who, landed, high, floor, stop, gap, fooled, *counts = _KNOWN.unpack_from(data, _MEMORY.size + i * _KNOWN.size)
        known[who] = Known(landed, high, floor, stop, gap, bool(fooled), *counts)
    fields = (*first, list(tries), list(mean), arm, moves, known)
    return Memory(*fields)
