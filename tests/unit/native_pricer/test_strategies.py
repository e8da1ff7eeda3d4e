"""The portfolio of strategies: total, within the band, deterministic, and equal to its readable twin."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from native_pricer._twin.strategy import NOBODY, WE, Memory, Rival, Seen, decide
from native_pricer.strategies import SPECIES, Strategy, strategy

pytest.importorskip("native_pricer._market", reason="the compiled backend was not built")
START_US = 1_767_571_200_000_000


def a_page(**changes: object) -> Seen:
    """We ask 25.00 between 20.00 and 30.00; one FBA rival at 24.00 holds the Buy Box."""
    usual = Seen(
        START_US, 2_500, 0, 2_000, 3_000, 1_600, 2_500, 0, 1_500, -200, 720, 1, 97, 1, 0, 0, (Rival(2_400, 7, 1),)
    )
    return usual._replace(**changes)


def wants(policy: Strategy, page: Seen) -> int | None:
    return decide(policy, page, Memory())


@st.composite
def policies(draw: st.DrawFn) -> Strategy:
    kind = draw(st.sampled_from(sorted(SPECIES)))
    return Strategy(kind, tuple(draw(st.integers(g.low, g.high)) for g in SPECIES[kind].genes), study=True)


@st.composite
def pages(draw: st.DrawFn) -> Seen:
    """Anything a page may show, and some that it may not."""
    money = st.one_of(st.integers(1_500, 3_500), st.integers(-2, 10**13))
    n = draw(st.integers(0, 20))
    rivals = tuple(
        Rival(draw(money), draw(st.integers(1, 25)), draw(st.integers(0, 1)), draw(st.integers(-1, 100)), i % 5)
        for i in range(n)
    )
    return a_page(
        now_us=draw(st.integers(0, 4 * 10**18)), price=draw(money), shipping=draw(st.sampled_from((0, 399, -1))),
        floor=draw(money), ceiling=draw(money), unit_cost=draw(money), reference=draw(st.one_of(st.just(0), money)),
        fee_bp=draw(st.integers(0, 10_001)), elasticity_centi=draw(st.integers(-2_000, 1)),
        minute=draw(st.integers(0, 1_440)), fba=draw(st.integers(0, 1)), pending=draw(st.integers(0, 1)),
        holder=draw(st.integers(NOBODY - 1, n)), rivals=rivals,
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(policies(), st.lists(pages(), min_size=1, max_size=5))
def test_any_page_gives_no_wish_or_a_price_in_the_band_as_the_twin_says(policy: Strategy, shown: list[Seen]) -> None:
    from native_pricer._market import Mind

    mind, again, memory = Mind(), Mind(), Memory()
    for page in shown:
        want = mind.decide(SPECIES[policy.species].number, policy.padded(), page)
        assert want == again.decide(SPECIES[policy.species].number, policy.padded(), page)
        assert want == decide(policy, page, memory)
        assert want is None or page.floor <= want <= page.ceiling
        assert want is None or not page.pending


@pytest.mark.parametrize("name", SPECIES)
def test_twin_and_compiled_agree_over_a_long_life(name: str) -> None:
    from native_pricer._market import Mind

    luck, mind, memory, policy = random.Random(name), Mind(), Memory(), strategy(name, study=True)
    now, price = START_US, 2_500
    prices = [luck.randint(2_100, 2_900) for _ in range(6)]
    for _ in range(400):
        now += luck.choice((30, 300, 3_600)) * 1_000_000
        prices = [max(1, p + luck.choice((-25, -1, 0, 0, 30))) for p in prices]
        rivals = tuple(Rival(p, i, i % 2, (-1, 80, 96)[i % 3]) for i, p in enumerate(prices) if luck.random() < 0.95)
        holder = luck.randint(NOBODY, len(rivals) - 1)
        page = a_page(now_us=now, price=price, minute=now // 60_000_000 % 1_440, holder=holder, rivals=rivals)
        want = mind.decide(SPECIES[name].number, policy.padded(), page)
        assert want == decide(policy, page, memory)
        price = want or price


def test_the_rules_do_what_their_names_say() -> None:
    assert wants(strategy("fixed"), a_page()) is None
    assert wants(strategy("beat"), a_page()) == 2_399
    assert wants(strategy("beat", below_minor=0, below_bp=100), a_page()) == 2_376
    assert wants(strategy("match"), a_page()) == 2_400
    assert wants(strategy("match"), a_page(holder=WE)) is None
    assert wants(strategy("oscillate"), a_page(rivals=(Rival(1_990, 7),))) == 3_000
    assert wants(strategy("oscillate"), a_page(minute=120)) == 3_000
    assert wants(strategy("raise_alone"), a_page(holder=WE)) == 2_525
    assert wants(strategy("beat"), a_page(holder=NOBODY, rivals=())) is None
    assert wants(strategy("elasticity"), a_page(elasticity_centi=0)) is None


def test_it_asks_more_than_a_dearer_kind_of_seller() -> None:
    """Shipping from the marketplace's stock is worth about 4 %: against a seller without it no undercut is needed."""
    cheap = Rival(2_200, 8, 0, 80)  # rated too low to be featured, but it has those who buy the cheapest
    want = wants(strategy("rival_model"), a_page(unit_cost=1_900, rivals=(Rival(2_400, 7, 0), cheap)))
    assert want is not None
    assert 2_400 < want < 2_500


def test_it_does_not_chase_whoever_follows_down() -> None:
    """A rival seen to undercut each of our moves by a cent is no reason to go lower."""
    policy, memory, now = strategy("rival_model"), Memory(), START_US
    for ours in (2_500, 2_480, 2_460):
        for theirs in (2_499, ours - 1):
            now += 600_000_000
            decide(policy, a_page(now_us=now, price=ours, pending=1, holder=WE, rivals=(Rival(theirs, 7, 1),)), memory)
    now += 3_600_000_000
    want = decide(policy, a_page(now_us=now, price=2_460, holder=0, rivals=(Rival(2_459, 7, 1),)), memory)
    assert want is None or want > 2_440


def test_share_first_stands_on_its_floor_before_it_gives_up() -> None:
    assert wants(strategy("share_first"), a_page(rivals=(Rival(1_500, 7, 1),))) == 2_000


def test_what_coaxes_rivals_upward_is_switched_off() -> None:
    with pytest.raises(ValueError, match=r"switched off.*Sherman Act"):
        strategy("price_leader")
    assert strategy("price_leader", study=True).study
    for kind in SPECIES.values():
        assert all(gene.default == 0 for gene in kind.genes if gene.name == "follow_up")


def test_genes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"beat\.below_bp"):
        strategy("beat", below_bp=1_001)
    with pytest.raises(ValueError, match="no gene speed"):
        strategy("beat", speed=1)
    with pytest.raises(ValueError, match="wanted one of"):
        strategy("guess")
    with pytest.raises(ValueError, match="wanted 2 genes"):
        Strategy("beat", (1,))
    for kind in SPECIES.values():
        assert all(gene.low <= gene.default <= gene.high and gene.meaning for gene in kind.genes)
