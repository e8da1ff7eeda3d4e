"""The portfolio of pricing strategies: their names, and their genes with bounds and meaning.

A strategy is a pure function of what is publicly seen, a small memory and its genes (`_strategy.pxi`, compiled;
`_strategy_reference.py`, readable). Floor and ceiling are kept inside it, and the caller's guard comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

MAX_GENES: Final = 16


class Gene(NamedTuple):
    """One whole number that a strategy is tuned by: `low` ≤ value ≤ `high`."""

    name: str
    low: int
    high: int
    default: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Species:
    """A way of pricing. `number` is the compiled code's; `legal_reason` None = may be used."""

    name: str
    number: int
    title: str
    genes: tuple[Gene, ...] = ()
    legal_reason: str | None = None


_KAPPA = Gene("kappa", 20, 120, 60, "how strongly price moves the odds of the Buy Box: −κ·ln(price)")
_FBA = Gene("fba_centi", 0, 500, 240, "what shipping from the marketplace's stock is worth in those odds, × 100")
_CENTS = Gene("below_minor", 0, 500, 1, "how far below the lowest rival, minor units")
_SHARE = Gene("below_bp", 0, 1_000, 0, "how far below the lowest rival, basis points of its price; adds to below_minor")

SPECIES: Final = MappingProxyType(
    {
        s.name: s
        for s in (
            Species("fixed", 0, "Leaves the price as it is."),
            Species("beat", 1, "Just below the lowest rival.", (_CENTS, _SHARE)),
            Species("match", 2, "The Buy Box's price; stays while it holds the Buy Box."),
            Species(
                "oscillate",
                3,
                "Beats down to its floor, then back to its ceiling; and back up at night.",
                (
                    _CENTS,
                    _SHARE,
                    Gene("night_from", 0, 24, 1, "first local hour of the reset; 24 = never"),
                    Gene("night_to", 0, 23, 4, "last local hour of the reset"),
                ),
            ),
            Species(
                "raise_alone",
                4,
                "Raises step by step while it holds the Buy Box; matches when it was lost.",
                (
                    Gene("step_bp", 1, 1_000, 100, "size of a step up, basis points of our price"),
                    Gene("every_min", 1, 1_440, 5, "minutes between two steps up"),
                ),
            ),
            Species("myopic", 5, "Best expected profit per buyer as if no rival ever reacted.", (_KAPPA, _FBA)),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One species with values for all its genes.

    Raises: ValueError naming the species or the gene.
    """

    species: str
    genes: tuple[int, ...]

    def __post_init__(self) -> None:
        wanted = species(self.species).genes
        if len(self.genes) != len(wanted):
            raise ValueError(f"{self.species}: wanted {len(wanted)} genes; found {len(self.genes)}")
        for gene, value in zip(wanted, self.genes, strict=True):
            if type(value) is not int or not gene.low <= value <= gene.high:
                raise ValueError(
                    f"{self.species}.{gene.name}: wanted a whole number {gene.low}–{gene.high}; found {value!r}"
                )

    def padded(self) -> tuple[int, ...]:
        """The genes as the compiled code takes them."""
        return self.genes + (0,) * (MAX_GENES - len(self.genes))


def species(name: str) -> Species:
    """Raises: ValueError for an unknown name."""
    if name not in SPECIES:
        raise ValueError(f"strategy: wanted one of {', '.join(SPECIES)}; found {name!r}")
    return SPECIES[name]


def strategy(name: str, **genes: int) -> Strategy:
    """A strategy with its defaults, but for the genes given by name.

    Raises: ValueError naming the species or the gene.
    """
    wanted = species(name).genes
    if unknown := genes.keys() - {gene.name for gene in wanted}:
        raise ValueError(f"{name}: no gene {', '.join(sorted(unknown))}; it has {', '.join(g.name for g in wanted)}")
    return Strategy(name, tuple(genes.get(gene.name, gene.default) for gene in wanted))
