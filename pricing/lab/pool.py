"""The strategy pool: who is in it, whose child it is, and how the next generation comes about. Dice are handed in."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from native_pricer.minds import identity as identity
from native_pricer.strategies import COAXING, SPECIES, Strategy, species, strategy

SPREAD: Final = 0.15
"""Of a gene's range: the usual size of a mutation."""
_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Member:
    """One strategy with its pedigree. Founders have no parents, a mutation has one, a crossing two."""

    strategy: Strategy
    parents: tuple[str, ...]
    born_at: datetime

    @property
    def id(self) -> str:
        return identity(self.strategy)

    @property
    def origin(self) -> str:
        return ("founder", "mutation", "crossing")[len(self.parents)]


def founders(born_at: datetime) -> tuple[Member, ...]:
    """Every species that may be used, with its default genes."""
    return tuple(Member(strategy(name), (), born_at) for name, s in SPECIES.items() if s.legal_reason is None)


def mutate(one: Strategy, dice: random.Random) -> Strategy:
    """One gene moved for certain, each other with even odds; the same strategy where there are no genes.

    What needs a lawyer's word is not for dice to switch on.
    """
    genes = list(one.genes)
    if not genes:
        return one
    certain = dice.randrange(len(genes))
    for n, gene in enumerate(species(one.species).genes):
        if gene.name != COAXING and (n == certain or dice.random() < 0.5):
            moved = round(genes[n] + dice.gauss(0, SPREAD * (gene.high - gene.low)))
            genes[n] = min(max(moved, gene.low), gene.high)
    return Strategy(one.species, tuple(genes))


def cross(one: Strategy, other: Strategy, dice: random.Random) -> Strategy:
    """Each gene from one parent or the other. Raises ValueError for parents of two species."""
    if one.species != other.species:
        raise ValueError(f"cannot cross {one.species} with {other.species}: their genes mean different things")
    return Strategy(one.species, tuple(dice.choice(pair) for pair in zip(one.genes, other.genes, strict=True)))


def breed(ranked: Sequence[Member], wanted: int, dice: random.Random, born_at: datetime) -> tuple[Member, ...]:
    """Up to `wanted` children that are not in the pool yet; the better half (first in `ranked`) has them.

    Fewer come where the genes allow no more new ones.
    """
    parents = [m for m in ranked[: (len(ranked) + 1) // 2] if m.strategy.genes]
    if not parents:
        return ()
    known: set[str] = {m.id for m in ranked}
    children: list[Member] = []
    for child in _tries(parents, wanted * _TRIES, dice, born_at):
        if len(children) == wanted:
            break
        if child.id not in known:
            known.add(child.id)
            children.append(child)
    return tuple(children)


def survivors(ranked: Sequence[Member], keep: int, protected: Collection[str]) -> tuple[Member, ...]:
    """The best `keep`, and whoever is `protected`: what is live or a canary is never culled, only demoted."""
    best = {m.id for m in ranked[:keep]}
    return tuple(m for m in ranked if m.id in best or m.id in protected)


class HasParents(Protocol):
    @property
    def parents(self) -> tuple[str, ...]: ...


Kin = TypeVar("Kin", bound=HasParents)


def pedigree(member: str, pool: Mapping[str, Kin]) -> Iterator[tuple[int, Kin]]:
    """The member and its ancestors, each once, with how many generations back; culled ones too if `pool` has them."""
    back, seen = [(0, member)], set[str]()
    while back:
        generations, one = back.pop(0)
        if one in seen or one not in pool:
            continue
        seen.add(one)
        yield generations, pool[one]
        back.extend((generations + 1, parent) for parent in pool[one].parents)


def _tries(parents: Sequence[Member], most: int, dice: random.Random, born_at: datetime) -> Iterator[Member]:
    for _ in range(most):
        one = dice.choice(parents)
        mates = [m for m in parents if m.strategy.species == one.strategy.species and m.id != one.id]
        if mates and dice.random() < 0.5:
            other = dice.choice(mates)
            yield Member(cross(one.strategy, other.strategy, dice), (one.id, other.id), born_at)
        else:
            yield Member(mutate(one.strategy, dice), (one.id,), born_at)
