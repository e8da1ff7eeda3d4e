"""What no rule, fact, event or clock may bring about, over random stories, on every backend."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import MARKET, MINUTE, MOMENTS, NOON, OURS, facts, listing, listings, notices, offer, raw, written

from native_pricer import Clamp, Clause, Code, Decision, Engine, Kind, Level, ListingConfig, Target, Without, backends

BACKENDS = sorted(backends())
each_backend = pytest.mark.parametrize("backend", BACKENDS)
NOW = NOON + MINUTE


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(BACKENDS),
    listings(),
    facts(),
    st.lists(st.tuples(notices().flatmap(written), MOMENTS, st.sampled_from([None, "reduce", "halt", "resume"]))),
)
def test_no_story_breaks_a_limit(
    backend: str, cfg: ListingConfig, known: Any, story: list[tuple[bytes, int, str | None]]
) -> None:
    engine = Engine(backend)
    engine.configure(cfg)
    engine.inform(cfg.marketplace, cfg.sku, known)
    for event, now, brake in story:
        if brake is not None:
            getattr(engine, brake)(f"marketplace:{MARKET}")
        for decision in (*engine.on_event(event, now), engine.on_own(MARKET, cfg.sku, now)):
            if decision.kind is Kind.MOVE:
                check(engine, cfg, decision, now)
                assert decision.to_minor is not None
                engine.applied(MARKET, cfg.sku, decision.to_minor, now)
            else:
                assert decision.to_minor is None


def check(engine: Engine, cfg: ListingConfig, decision: Decision, now: int) -> None:
    price, changed, opened, _ = engine.state(MARKET, cfg.sku)
    to = decision.to_minor
    assert to is not None
    assert price is not None
    assert opened is not None
    assert cfg.floor_minor is not None
    assert cfg.floor_minor <= to
    assert cfg.ceiling_minor is None or to <= cfg.ceiling_minor
    assert abs(to - price) * 10_000 <= price * cfg.max_step_bp
    assert abs(to - opened) * 10_000 <= opened * cfg.max_day_bp
    assert changed is None or now - changed >= cfg.cooldown_s * 1_000_000
    level = engine.halts().get(f"marketplace:{MARKET}")
    assert level is not Level.HALTED
    assert level is None or to > price
    in_band = cfg.floor_minor <= price and (cfg.ceiling_minor is None or price <= cfg.ceiling_minor)
    if in_band:
        clause = next(c for c in cfg.clauses if c.name == decision.clause and str(c) == decision.rule)
        assert to > price or clause.target is not Target.HOLD
        assert to == cfg.floor_minor or abs(to - price) >= min(c.min_move_minor for c in cfg.clauses)
        if decision.target_minor is None:
            assert to >= price, "without a price to follow it never falls"
        if decision.clamp is Clamp.FLOOR:
            assert decision.target_minor is not None, "at the minimum only because of a price that was seen"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BACKENDS), listings(), facts(), st.lists(written(), max_size=8), MOMENTS)
def test_a_batch_is_as_one_by_one(backend: str, cfg: ListingConfig, known: Any, events: list[bytes], now: int) -> None:
    batch, single = Engine(backend), Engine(backend)
    for engine in (batch, single):
        engine.configure(cfg)
        engine.configure(listing(sku="SKU-2"))
        engine.inform(cfg.marketplace, cfg.sku, known)
    assert batch.on_events(events, now) == [single.on_event(event, now) for event in events]
    assert batch.state(MARKET, cfg.sku) == single.state(MARKET, cfg.sku)


@each_backend
def test_reducing_lets_prices_rise_only(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    engine.reduce("all")
    (down,) = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (down.kind, down.code, down.wanted_minor, down.to_minor) == (Kind.HOLD, Code.REDUCING, 1_889, None)
    engine.configure(listing(price_minor=3_500))
    assert engine.on_event(raw(offer(OURS, 35.0), event_id="b", changed="2026-03-01T12:00:01Z"), NOW)[0].code is (
        Code.REDUCING
    ), "down into the band neither"
    engine.configure(listing(price_minor=1_450))
    (up,) = engine.on_event(raw(offer("R", 14.0), event_id="c", changed="2026-03-01T12:00:02Z"), NOW)
    assert (up.code, up.to_minor, up.clamp) == (Code.REPRICED, 1_500, Clamp.FLOOR)


@each_backend
def test_the_stricter_brake_holds_and_resume_lifts_its_scope(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    engine.halt("all")
    engine.reduce("all")
    engine.reduce(f"sku:{MARKET}/SKU-1")
    assert engine.halts() == {"all": Level.HALTED, f"sku:{MARKET}/SKU-1": Level.REDUCING}
    assert engine.on_own(MARKET, "SKU-1", NOW).code is Code.HALTED
    engine.resume("all")
    engine.configure(listing(clauses=(Clause(target=Target.OWN, offset_bp=-100),)))
    assert engine.on_own(MARKET, "SKU-1", NOW).code is Code.REDUCING
    engine.resume(f"sku:{MARKET}/SKU-1")
    assert engine.on_own(MARKET, "SKU-1", NOW).to_minor == 1_980


@each_backend
def test_a_step_up_without_rivals_stops_at_the_ceiling_and_the_day(backend: str) -> None:
    up = Clause(without=Without.RAISE, step_bp=900)
    engine = Engine(backend)
    engine.configure(listing(clauses=(up,), max_step_bp=1_000, max_day_bp=2_000, ceiling_minor=2_350))
    seen = []
    for minute in range(4):
        now = NOON + minute * MINUTE
        d = engine.on_own(MARKET, "SKU-1", now)
        seen.append((d.to_minor, d.clamp))
        if d.to_minor is not None:
            engine.applied(MARKET, "SKU-1", d.to_minor, now)
    assert seen == [(2_180, Clamp.NONE), (2_350, Clamp.CEILING), (None, Clamp.CEILING), (None, Clamp.CEILING)]


@each_backend
def test_a_change_before_a_restart_counts_for_cooldown_and_day(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(cooldown_s=300, max_day_bp=1_000))
    engine.recall(MARKET, "SKU-1", 2_150, NOON - 3 * MINUTE)
    engine.recall(MARKET, "SKU-1", 2_050, NOON - 2 * MINUTE)
    assert engine.state(MARKET, "SKU-1")[:3] == (2_000, NOON - 2 * MINUTE, 2_150)
    event = raw(offer("R", 18.0))
    assert engine.on_event(event, NOW)[0].code is Code.COOLDOWN
    engine.forget(MARKET, "B0TEST0001", "new")
    (d,) = engine.on_event(event, NOON + 5 * MINUTE)
    assert (d.to_minor, d.clamp) == (1_935, Clamp.DAY)


@each_backend
def test_engines_in_threads_answer_as_alone(backend: str) -> None:
    events = [
        raw(offer("R", 18.0 + i / 100), event_id=f"e-{i}", changed=f"2026-03-01T12:00:{i:02d}Z") for i in range(50)
    ] * 20
    engines = [Engine(backend) for _ in range(2)]
    answers: list[list[tuple[Decision, ...]]] = [[], []]

    def work(which: int) -> None:
        engines[which].configure(listing())
        answers[which] = engines[which].on_events(events, NOW)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = Engine(backend)
    alone.configure(listing())
    assert answers[0] == answers[1] == [alone.on_event(event, NOW) for event in events]


@each_backend
def test_a_batch_is_of_bytes(backend: str) -> None:
    with pytest.raises(TypeError):
        Engine(backend).on_events(["{}"], NOW)  # type: ignore[list-item]  # what an untyped caller might hand in


@each_backend
def test_many_pages_are_told_apart(backend: str) -> None:
    engine = Engine(backend)
    for i in range(500):
        engine.configure(listing(asin=f"B{i:09d}", sku=f"SKU-{i}"))
    for i in range(0, 500, 7):
        event = raw(offer("R", 18.99)).replace(b"B0TEST0001", f"B{i:09d}".encode())
        (d,) = engine.on_event(event, NOW)
        assert (d.sku, d.asin, d.to_minor) == (f"SKU-{i}", f"B{i:09d}", 1_889)
    assert engine.on_event(raw(offer("R", 18.99)), NOW) == ()
