"""What strategies are shown and what they remember, in plain Python. Fields as in `seen.pxi`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from native_pricer.strategies import SPECIES, Strategy

SEEN_RIVALS: Final = 20
ARMS: Final = 6
STEPS: Final = 40
WE: Final = -1
NOBODY: Final = -2
MOST: Final = 10**12
PROVOKED_US: Final = 3_600_000_000
MINUTE_US: Final = 60_000_000
WORD: Final = 2**64 - 1


class Rival(NamedTuple):
    """An offer of another seller as a notification shows it. `rating` in percent, −1 = unknown; `handling` in days."""

    landed: int
    who: int
    fba: int = 0
    rating: int = 95
    handling: int = 1


class Seen(NamedTuple):
    """What is publicly shown of a page, our own numbers, and the clock. Fields as in `seen.pxi`."""

    now_us: int
    price: int
    shipping: int
    floor: int
    ceiling: int
    unit_cost: int
    reference: int
    units: int
    fee_bp: int
    elasticity_centi: int
    minute: int
    fba: int
    rating: int
    handling: int
    pending: int
    holder: int
    rivals: tuple[Rival, ...]

    @property
    def landed(self) -> int:
        return self.price + self.shipping

    @property
    def lowest(self) -> int:
        return min(rival.landed for rival in self.rivals)


@dataclass(slots=True)
class Known:
    """What one rival's moves have shown; see `seen.pxi`."""

    landed: int
    high: int
    floor: int = 0
    stop: int = 0
    gap: int = 0
    fooled: bool = False
    changes: int = 0
    boxes: int = 0
    cuts: int = 0

    @property
    def follows_box(self) -> bool:
        return self.boxes > self.cuts


@dataclass(slots=True)
class Memory:
    raised_us: int = 0
    wrote_us: int = 0
    sign: int = 0
    box: int = 0
    holder: int = 0
    epoch_us: int = 0
    last_us: int = 0
    rate: float = 0.0
    got: float = 0.0
    span: float = 0.0
    earned: float = 0.0
    lost: float = 0.0
    heat: float = 0.0
    limits: int = 0
    offers: int = 0
    tries: list[float] = field(default_factory=lambda: [0.0] * ARMS)
    mean: list[float] = field(default_factory=lambda: [0.0] * ARMS)
    arm: int = 0
    moves: int = 0
    known: dict[int, Known] = field(default_factory=dict)


@dataclass(slots=True)
class Field:
    """The rivals at certain landed prices, as odds of being featured (0 = cannot be) and demand."""

    landed: list[int]
    weight: list[float]
    drawn: list[float]
    chance: float = 0.0

    def copy(self) -> Field:
        return Field(list(self.landed), list(self.weight), list(self.drawn))


@dataclass(slots=True)
class Plan:
    now: Field
    then: Field
    stick: float
    known: list[Known | None]  # None: it never moved


class Genes:
    """A strategy's genes by name."""

    def __init__(self, strategy: Strategy) -> None:
        names = [gene.name for gene in SPECIES[strategy.species].genes]
        self._values = dict(zip(names, strategy.genes, strict=True))

    def __getitem__(self, name: str) -> int:
        return self._values.get(name, 0)
