"""Strategies inside the engine: the guard after each of them, what they must know, and their memory."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import MARKET, MINUTE, NOON, OURS, facts, listing, listings, offer, raw, written

from native_pricer import Clause, Code, Engine, Kind, ListingFacts, RivalFilter, Target, backends, epoch_us
from native_pricer.minds import Needs, identity, needs
from native_pricer.strategies import SPECIES, Strategy, strategy

each_backend = pytest.mark.parametrize("backend", sorted(backends()))

SKU = "SKU-1"
BY_STRATEGY = (Clause("s", target=Target.STRATEGY),)
KNOWN = ListingFacts(unit_cost_minor=900, fee_bp=1_500, reference_minor=2_000, elasticity_centi=-200)
USABLE = sorted(name for name, species in SPECIES.items() if species.legal_reason is None)
NOW = NOON + MINUTE


def engine(backend: str, chosen: Strategy | None, told: ListingFacts | None = KNOWN, **changes: Any) -> Engine:
    made = Engine(backend)
    made.configure(listing(clauses=BY_STRATEGY, strategy=chosen, **changes))
    if told is not None:
        made.inform(MARKET, SKU, told)
    return made


def page(*others: dict[str, Any], second: int = 0, **more: Any) -> bytes:
    changed = f"2026-03-01T{12 + second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"
    return raw(offer(OURS, 20.0), *others, changed=changed, event_id=f"e-{second}", **more)


@each_backend
def test_a_strategys_wish_is_a_decision_with_its_name(backend: str) -> None:
    beat = strategy("beat", below_minor=3)
    (d,) = engine(backend, beat).on_event(page(offer("A", 19.0), offer("B", 18.5, 1.0)), NOW)
    assert (d.kind, d.code, d.to_minor, d.wanted_minor, d.target_minor) == (
        Kind.MOVE,
        Code.REPRICED,
        1_897,
        1_897,
        None,
    )
    assert (d.clause, d.rule) == ("s", f"strategy {identity(beat)}")
    assert d.text == f"lowest rival 19.00 USD landed, strategy {identity(beat)}, floor 15.00 USD"


@each_backend
def test_only_rivals_that_pass_the_clauses_filter_are_shown(backend: str) -> None:
    only_b = Clause("s", target=Target.STRATEGY, rivals=RivalFilter(only=frozenset({"B"})))
    everybody, b = RivalFilter(), RivalFilter(only=frozenset({"B"}))
    for clause, rivals, to in (
        (BY_STRATEGY[0], everybody, 1_599),
        (only_b, everybody, 1_899),
        (BY_STRATEGY[0], b, 1_899),
    ):
        made = Engine(backend)
        made.configure(listing(clauses=(clause,), rivals=rivals, strategy=strategy("beat")))
        (d,) = made.on_event(page(offer("A", 16.0), offer("B", 19.0)), NOW)
        assert d.to_minor == to


@each_backend
@pytest.mark.parametrize(
    ("box", "to"),
    [
        ({"box": 19.5}, 1_950),
        ({"box": 20.0}, None),  # ours alone is at that price
        ({}, 1_900),
    ],
)
def test_match_follows_the_holder_and_stays_while_that_is_us(backend: str, box: dict[str, Any], to: int | None) -> None:
    (d,) = engine(backend, strategy("match")).on_event(page(offer("A", 19.0), offer("B", 19.5), **box), NOW)
    assert d.to_minor == to
    assert d.code is (Code.REPRICED if to else Code.STRATEGY_HOLDS)


@each_backend
def test_the_guard_binds_what_a_strategy_wishes(backend: str) -> None:
    cheap = page(offer("A", 10.0))
    (d,) = engine(backend, strategy("beat")).on_event(cheap, NOW)
    assert (d.to_minor, d.wanted_minor) == (1_500, 1_500)
    (d,) = engine(backend, strategy("beat"), max_step_bp=500).on_event(cheap, NOW)
    assert (d.to_minor, d.clamp) == (1_900, "step")
    (d,) = engine(backend, strategy("beat"), floor_minor=None, ceiling_minor=None).on_event(cheap, NOW)
    assert (d.kind, d.code) == (Kind.REJECT, Code.NO_FLOOR)
    halted = engine(backend, strategy("beat"))
    halted.halt("all")
    assert halted.on_event(cheap, NOW)[0].code is Code.HALTED
    (d,) = engine(backend, strategy("beat")).on_event(cheap, NOW + 10**11)
    assert d.code is Code.STALE


@each_backend
def test_a_clause_that_never_lowers_holds_a_strategy_back(backend: str) -> None:
    made = Engine(backend)
    up = (Clause("s", target=Target.STRATEGY, may_lower=False),)
    made.configure(listing(clauses=up, strategy=strategy("beat")))
    assert made.on_event(page(offer("A", 19.0)), NOW)[0].code is Code.NO_LOWER


@each_backend
@pytest.mark.parametrize(
    ("unknown", "code"),
    [
        ({"unit_cost_minor": None}, Code.COST_UNKNOWN),
        ({"fee_bp": None}, Code.FEES_UNKNOWN),
        ({"reference_minor": None}, Code.REFERENCE_UNKNOWN),
        ({"elasticity_centi": None}, Code.ELASTICITY_UNKNOWN),
    ],
)
def test_what_a_strategy_lacks_is_named(backend: str, unknown: dict[str, Any], code: Code) -> None:
    event = page(offer("A", 19.0))
    for name in USABLE:
        (d,) = engine(backend, strategy(name), KNOWN._replace(**unknown)).on_event(event, NOW)
        if needs(strategy(name)) & (Needs.ELASTICITY if code is Code.ELASTICITY_UNKNOWN else Needs.MONEY):
            assert (d.kind, d.code) == (Kind.HOLD, code)
            assert "strategy needs" in d.text
        else:
            assert d.code is not code
    (d,) = engine(backend, strategy("oscillate"), ceiling_minor=None).on_event(event, NOW)
    assert d.code is Code.NO_CEILING
    (d,) = engine(backend, None).on_event(event, NOW)
    assert d.code is Code.NO_STRATEGY


@each_backend
def test_where_our_shipping_is_unknown_nothing_is_wished(backend: str) -> None:
    (d,) = engine(backend, strategy("beat"), shipping_minor=None).on_event(raw(offer("A", 19.0)), NOW)
    assert d.code is Code.SHIPPING_UNKNOWN


@each_backend
def test_while_our_last_change_is_not_live_a_strategy_only_looks_on(backend: str) -> None:
    made = engine(backend, strategy("beat"))
    made.applied(MARKET, SKU, 2_000, NOW)
    (d,) = made.on_event(page(offer("A", 19.0), second=1), NOW + MINUTE)
    assert d.code is Code.NOT_LIVE_YET
    (d,) = made.on_event(page(offer("A", 19.0), second=2), NOW + 2 * MINUTE)
    assert d.to_minor == 1_899


@each_backend
def test_a_configuration_takes_only_strategies_that_are_whole_and_allowed(backend: str) -> None:
    with pytest.raises(ValueError, match="strategy"):
        listing(strategy="beat")
    broken = strategy("beat")
    object.__setattr__(broken, "genes", (10**6, 0))
    with pytest.raises(ValueError, match="below_minor"):
        Engine(backend).configure(listing(strategy=broken))
    coaxing = strategy("price_leader", study=True)
    with pytest.raises(ValueError, match="never for a listing"):
        listing(strategy=coaxing)
    object.__setattr__(coaxing, "study", False)
    with pytest.raises(ValueError, match="Sherman Act"):
        listing(strategy=coaxing)


RAISING = strategy("raise_alone", step_bp=100, every_min=60)
WE_HOLD = {"box": 20.0}


def raises(made: Engine, minute: int, **more: Any) -> Any:
    event = page(offer("A", 25.0), second=60 * minute, **(WE_HOLD | more))
    (d,) = made.on_event(event, NOON + minute * MINUTE)
    return d.to_minor


@each_backend
def test_memory_lasts_while_the_same_strategy_is_configured(backend: str) -> None:
    made = engine(backend, RAISING)
    assert (raises(made, 0), raises(made, 30)) == (2_020, None)
    made.configure(listing(clauses=BY_STRATEGY, strategy=RAISING, floor_minor=1_600))
    assert raises(made, 31) is None
    made.configure(listing(clauses=BY_STRATEGY, strategy=strategy("raise_alone", step_bp=100, every_min=59)))
    assert raises(made, 32) == 2_020
    made.configure(listing(clauses=BY_STRATEGY, strategy=None))
    made.configure(listing(clauses=BY_STRATEGY, strategy=RAISING))
    assert raises(made, 33) == 2_020


@each_backend
def test_memory_goes_on_only_by_events_that_count(backend: str) -> None:
    made = engine(backend, RAISING)
    event = page(offer("A", 25.0), second=1_200, **WE_HOLD)
    assert made.on_event(event, NOON + 20 * MINUTE)[0].to_minor == 2_020
    before = made.memory(MARKET, SKU)
    assert made.on_event(event, NOON + 90 * MINUTE)[0].code is Code.DUPLICATE
    assert made.on_event(page(offer("A", 25.0), second=0, **WE_HOLD), NOON + 90 * MINUTE)[0].code is Code.SUPERSEDED
    made.halt("all")
    assert raises(made, 85) is None
    assert made.memory(MARKET, SKU) == before


@each_backend
def test_an_event_that_was_taken_back_leaves_no_trace(backend: str) -> None:
    made = engine(backend, RAISING)
    empty = made.memory(MARKET, SKU)
    event = page(offer("A", 25.0), **WE_HOLD)
    first = made.on_event(event, NOW)
    made.forget(MARKET, "B0TEST0001", "new")
    assert made.memory(MARKET, SKU) == empty
    assert made.on_event(event, NOW) == first


@each_backend
def test_a_wish_that_is_not_let_through_is_not_remembered_as_a_write(backend: str) -> None:
    made = engine(backend, RAISING, cooldown_s=1_800, last_change_us=NOON)
    (d,) = made.on_event(page(offer("A", 25.0), second=600, **WE_HOLD), NOON + 10 * MINUTE)
    assert (d.code, d.wanted_minor) == (Code.COOLDOWN, 2_020)
    assert raises(made, 31) == 2_020


@each_backend
def test_memory_survives_a_restart_and_belongs_to_one_strategy(backend: str) -> None:
    made = engine(backend, RAISING)
    raises(made, 0)
    kept = made.memory(MARKET, SKU)
    assert kept is not None
    again = engine(backend, RAISING)
    assert again.memory(MARKET, SKU) != kept
    again.remember(MARKET, SKU, kept)
    assert again.memory(MARKET, SKU) == kept
    assert (raises(again, 30), raises(again, 60)) == (None, 2_020)
    assert engine(backend, None).memory(MARKET, SKU) is None
    for other, wrong, why in (
        (strategy("beat"), kept, "another strategy"),
        (RAISING, kept[:-1] + bytes([kept[-1] ^ 1]), "damaged"),
        (RAISING, kept[:-1], "version"),
        (RAISING, b"", "Engine.memory gave"),
        (None, kept, "no strategy"),
    ):
        with pytest.raises(ValueError, match=why):
            engine(backend, other).remember(MARKET, SKU, wrong)
    with pytest.raises(ValueError, match="bytes"):
        again.remember(MARKET, SKU, "text")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        again.memory(MARKET, "SKU-9")


def any_strategy() -> st.SearchStrategy[Strategy]:
    def of(name: str) -> st.SearchStrategy[Strategy]:
        genes = [st.integers(g.low, g.high) for g in SPECIES[name].genes]
        return st.tuples(*genes).map(lambda values: Strategy(name, values))

    return st.sampled_from(USABLE).flatmap(of)


STORIES = st.lists(st.tuples(written(), st.integers(-5, 60), st.booleans(), st.booleans()), min_size=1, max_size=6)


@pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")
@settings(max_examples=60, deadline=None)
@given(listings(), any_strategy(), facts(), STORIES)
def test_no_strategy_gets_a_price_past_a_limit_and_all_ways_agree(
    base: Any, chosen: Strategy, told: ListingFacts, story: list[tuple[bytes, int, bool, bool]]
) -> None:
    cfg = replace(base, clauses=BY_STRATEGY, strategy=chosen)
    one, batch, twin = engines = Engine("cython"), Engine("cython"), Engine("reference")
    for made in engines:
        made.configure(cfg)
        made.inform(MARKET, SKU, told)
    for event, minutes, applies, forgets in story:
        now = NOON + minutes * MINUTE
        before = one.state(MARKET, SKU)
        decisions = one.on_event(event, now)
        assert batch.on_events([event], now) == [decisions]
        assert twin.on_event(event, now) == decisions
        assert batch.memory(MARKET, SKU) == twin.memory(MARKET, SKU) == one.memory(MARKET, SKU)
        for d in decisions:
            if d.to_minor is None:
                continue
            opened = one.state(MARKET, SKU).day_open_minor or 0
            price = before.price_minor or 0
            assert (cfg.floor_minor or 10**15) <= d.to_minor <= (cfg.ceiling_minor or 10**13)
            assert abs(d.to_minor - price) <= price * cfg.max_step_bp // 10_000
            assert abs(d.to_minor - opened) <= opened * cfg.max_day_bp // 10_000
            if applies:
                for made in engines:
                    made.applied(MARKET, SKU, d.to_minor, epoch_us(now))
        if forgets:
            for made in engines:
                made.forget(MARKET, "B0TEST0001", "new")
    kept = twin.memory(MARKET, SKU) or b""
    for made in engines:
        made.remember(MARKET, SKU, kept)
        assert made.memory(MARKET, SKU) == kept


@pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")
@pytest.mark.parametrize("name", USABLE)
def test_the_readable_engine_learns_the_same_from_a_lively_page(name: str) -> None:
    """Four rivals that move, one with two offers, for two days; caps and a cooldown that hold some wishes back."""
    dice = random.Random(name)
    engines = [
        engine(backend, strategy(name), max_step_bp=300, cooldown_s=900, shipping_minor=None)
        for backend in ("cython", "reference")
    ]
    prices, at, moves = [19.5, 20.5, 21.0, 22.0, 20.0], 0, 0
    for _ in range(60):
        at += dice.randrange(60, 5_400)
        i = dice.randrange(5)
        prices[i] = round(min(max(prices[i] + dice.choice([-0.3, -0.05, 0.05, 0.5]), 15.5), 26.0), 2)
        ours = (engines[0].state(MARKET, SKU).price_minor or 0) / 100
        rivals = [offer(s, p, IsFulfilledByAmazon=s != "C") for s, p in zip("ABCDA", prices, strict=True)]
        entries = [offer(OURS, ours), *rivals]
        entries[dice.randrange(5)] |= {"IsBuyBoxWinner": True}
        now = NOON + at * 1_000_000
        changed = datetime.fromtimestamp(now / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        event = raw(*entries, changed=changed, event_id=f"e-{at}")
        (first,), (second,) = (made.on_event(event, now) for made in engines)
        assert first == second
        memories = [made.memory(MARKET, SKU) for made in engines]
        assert memories[0] == memories[1]
        if first.to_minor is not None:
            moves += 1
            for made in engines:
                made.applied(MARKET, SKU, first.to_minor, now)
    assert moves or name in ("fixed", "elasticity")
