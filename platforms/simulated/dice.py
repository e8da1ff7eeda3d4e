"""Seeded dice, one stream per purpose, so that a fault drawn does not change a rival's mood."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

STREAMS = ("demand", "rivals", "featured", "orders", "logistics", "ids", "notices", "faults")


class Dice:
    """The world's streams, or one channel's. They are part of the state: a snapshot keeps where each stands."""

    def __init__(self, seed: int | str) -> None:
        self._streams = {name: random.Random(f"{seed}/{name}") for name in STREAMS}

    def __getitem__(self, name: str) -> random.Random:
        return self._streams[name]

    def uuid(self) -> str:
        return str(uuid.UUID(int=self["ids"].getrandbits(128), version=4))


def between(dice: random.Random, bounds: tuple[float, float]) -> float:
    return dice.uniform(*bounds)


def weighted(dice: random.Random, table: Sequence[tuple[T, float]]) -> T:
    """One entry by its weight; the weights sum to 1."""
    at = dice.random()
    for value, weight in table:
        at -= weight
        if at < 0:
            return value
    return table[-1][0]


def poisson(dice: random.Random, rate: float) -> int:
    """A Poisson count (Knuth's product method: meant for rates of a few at most)."""
    limit, product, count = math.exp(-rate), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count
