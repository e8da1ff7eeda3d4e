"""Breeding keeps to the genes' bounds, culling spares what is at work, and a tournament compares like with like."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native_pricer.strategies import COAXING, SPECIES, Strategy, species, strategy
from pricing.lab import pool
from pricing.lab.tournament import RESERVED, play

BORN = datetime(2026, 1, 5, tzinfo=UTC)
FOUNDERS = pool.founders(BORN)
dice = st.integers(0, 10_000).map(random.Random)


@st.composite
def any_strategy(draw, name=None):
    name = name or draw(st.sampled_from(sorted(m.strategy.species for m in FOUNDERS)))
    return Strategy(name, tuple(draw(st.integers(g.low, g.high)) for g in species(name).genes))


def test_founders_are_all_species_that_may_be_used():
    assert {m.strategy.species for m in FOUNDERS} == {n for n, s in SPECIES.items() if s.legal_reason is None}
    assert all(m.origin == "founder" for m in FOUNDERS)


@given(any_strategy(), dice)
def test_a_mutation_is_a_valid_strategy_of_the_same_species(one, dice):
    child = pool.mutate(one, dice)  # Strategy itself refuses genes out of bounds
    assert child.species == one.species
    names = [gene.name for gene in species(one.species).genes]
    assert COAXING not in names or child.genes[names.index(COAXING)] == one.genes[names.index(COAXING)]


@given(st.data(), dice)
def test_a_crossing_takes_every_gene_from_a_parent(data, dice):
    one, other = data.draw(any_strategy("oscillate")), data.draw(any_strategy("oscillate"))
    child = pool.cross(one, other, dice)
    assert all(gene in pair for gene, pair in zip(child.genes, zip(one.genes, other.genes, strict=True), strict=True))


def test_two_species_cannot_be_crossed():
    with pytest.raises(ValueError, match="cannot cross"):
        pool.cross(strategy("beat"), strategy("match"), random.Random(1))


@given(st.integers(0, 30), dice)
def test_children_are_new_and_know_their_parents(wanted, dice):
    children = pool.breed(FOUNDERS, wanted, dice, BORN)
    ids = {m.id for m in FOUNDERS}
    assert len(children) <= wanted
    assert len({m.id for m in children} - ids) == len(children)
    assert all(1 <= len(m.parents) <= 2 and set(m.parents) <= ids for m in children)


@given(st.permutations(FOUNDERS), st.integers(0, 4), st.sets(st.sampled_from([m.id for m in FOUNDERS])))
def test_culling_keeps_the_best_and_the_protected(ranked, keep, protected):
    left = pool.survivors(ranked, keep, protected)
    assert {m.id for m in left} == {m.id for m in ranked[:keep]} | protected
    assert [m for m in ranked if m in left] == list(left)


def test_the_pedigree_goes_back_to_the_founders_and_names_each_once():
    children = pool.breed(FOUNDERS, 10, random.Random(1), BORN)
    grandchildren = pool.breed(children, 10, random.Random(2), BORN)
    known = {m.id: m for m in (*grandchildren, *children, *FOUNDERS)}  # bred again, it keeps its first pedigree
    for member in map(known.__getitem__, (m.id for m in grandchildren)):
        found = list(pool.pedigree(member.id, known))
        assert found[0] == (0, member)
        ids = {m.id for _, m in found}
        assert len(ids) == len(found)
        assert all(set(m.parents) <= ids for _, m in found)
        assert any(m.origin == "founder" for _, m in found)


def test_same_dice_same_children():
    assert pool.breed(FOUNDERS, 8, random.Random(3), BORN) == pool.breed(FOUNDERS, 8, random.Random(3), BORN)


def test_a_tournament_ranks_and_the_incumbent_gains_nothing_on_itself():
    incumbent = strategy("match")
    scores = play(FOUNDERS, incumbent, range(12), 1, confidence=0.95)
    own = next(s for s in scores if s.member == pool.identity(incumbent))
    assert (own.gain.mean, own.gain.lower, own.gain.upper) == (0, 0, 0)
    assert [s.gain.lower for s in scores] == sorted((s.gain.lower for s in scores), reverse=True)
    assert all(s.worst_gain <= s.gain.mean for s in scores)


def test_the_reports_seeds_are_not_played():
    with pytest.raises(ValueError, match="kept for the evaluation"):
        play(FOUNDERS, strategy("match"), [RESERVED.start], 1, confidence=0.95)
