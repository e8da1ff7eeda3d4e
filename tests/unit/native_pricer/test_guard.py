"""What no event and no configuration may bring about, on every backend."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import ASIN, MARKET, MINUTE, NOON, listing, listings, notices, offer, raw, written

from native_pricer import Clamp, Clause, Code, Engine, Kind, ListingConfig, RivalFilter, backends

BACKENDS = sorted(backends())
each_backend = pytest.mark.parametrize("backend", BACKENDS)
NOW = NOON + MINUTE


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(BACKENDS),
    listings(),
    st.lists(st.tuples(notices().flatmap(written), st.integers(0, 48)), max_size=4),
)
def test_no_move_ever_breaks_a_limit(backend: str, cfg: ListingConfig, events: list[tuple[bytes, int]]) -> None:
    engine = Engine(backend)
    engine.configure(cfg)
    now = NOON
    for event, hours in events:
        now += hours * 60 * MINUTE
        for decision in engine.on_event(event, now):
            if decision.kind is not Kind.MOVE:
                assert decision.to_minor is None
                continue
            price, changed, opened, _ = engine.state(cfg.marketplace, cfg.sku)
            to = decision.to_minor
            assert to is not None
            assert price is not None
            assert opened is not None
            assert cfg.floor_minor is not None
            assert to >= cfg.floor_minor
            assert cfg.ceiling_minor is None or to <= cfg.ceiling_minor
            assert abs(to - price) * 10_000 <= price * cfg.max_step_bp
            assert abs(to - opened) * 10_000 <= opened * cfg.max_day_bp
            assert changed is None or now - changed >= cfg.cooldown_s * 1_000_000
            assert decision.changed_at_us is not None
            assert now - decision.changed_at_us <= cfg.max_event_age_s * 1_000_000
            assert decision.currency == cfg.currency
            assert to != price
            engine.applied(cfg.marketplace, cfg.sku, to, now)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BACKENDS), listings(), notices().flatmap(written), st.integers(0, 2))
def test_nothing_moves_while_halted(backend: str, cfg: ListingConfig, event: bytes, which: int) -> None:
    engine = Engine(backend)
    engine.configure(cfg)
    engine.halt(("all", f"marketplace:{MARKET}", f"sku:{MARKET}/{cfg.sku}")[which])
    assert all(d.kind is not Kind.MOVE for d in engine.on_event(event, NOW))


@each_backend
def test_without_a_minimum_no_price_is_ever_written(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(floor_minor=None))
    (decision,) = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (decision.kind, decision.code, decision.to_minor) == (Kind.REJECT, Code.NO_FLOOR, None)


@each_backend
def test_an_old_event_moves_nothing(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(max_event_age_s=59))
    (decision,) = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (decision.kind, decision.code) == (Kind.HOLD, Code.STALE)


@each_backend
def test_an_event_from_the_future_is_refused_and_does_not_silence_the_next(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    (early,) = engine.on_event(raw(offer("R", 18.99), changed="2026-03-01T12:30:00Z"), NOW)
    assert (early.kind, early.code) == (Kind.REJECT, Code.FUTURE)
    assert engine.newest(MARKET, ASIN, "new") is None
    assert engine.on_event(raw(offer("R", 18.99)), NOW)[0].kind is Kind.MOVE


@each_backend
def test_steps_and_the_day_are_capped(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(floor_minor=100, max_step_bp=1_000, max_day_bp=1_500))
    prices = []
    for minute in range(1, 4):
        event = raw(offer("R", 5.0), changed=f"2026-03-01T12:0{minute}:00Z", event_id=f"e-{minute}")
        (d,) = engine.on_event(event, NOON + minute * MINUTE)
        prices.append((d.to_minor, d.clamp, d.code))
        if d.to_minor is not None:
            engine.applied(MARKET, "SKU-1", d.to_minor, NOON + minute * MINUTE)
    assert prices == [
        (1_800, Clamp.STEP, Code.REPRICED),
        (1_700, Clamp.DAY, Code.REPRICED),
        (None, Clamp.DAY, Code.AT_LIMIT),
    ]
    tomorrow = NOON + 1_440 * MINUTE
    (d,) = engine.on_event(raw(offer("R", 5.0), changed="2026-03-02T12:00:00Z"), tomorrow)
    assert (d.to_minor, d.clamp) == (1_530, Clamp.STEP)


@each_backend
def test_a_change_too_soon_waits(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(cooldown_s=300))
    engine.applied(MARKET, "SKU-1", 2_000, NOON - MINUTE)
    (decision,) = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (decision.kind, decision.code) == (Kind.HOLD, Code.COOLDOWN)


@each_backend
@pytest.mark.parametrize(("price", "to"), [(1_400, 1_500), (3_200, 3_000)])
def test_a_price_outside_its_band_comes_back_though_no_rival_is_there(backend: str, price: int, to: int) -> None:
    engine = Engine(backend)
    engine.configure(listing(price_minor=price, max_step_bp=1_000))
    (decision,) = engine.on_event(raw(offer("AOURSELLER", price / 100)), NOW)
    assert (decision.kind, decision.code, decision.to_minor) == (Kind.MOVE, Code.BACK_IN_BAND, to)


@each_backend
def test_a_price_further_outside_than_a_step_waits_for_a_person(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing(price_minor=1_000, max_step_bp=1_000))
    (decision,) = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (decision.kind, decision.code) == (Kind.HOLD, Code.NO_ROOM)


@each_backend
def test_another_currency_is_refused(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    (decision,) = engine.on_event(raw(offer("R", 18.99, currency="EUR")), NOW)
    assert (decision.kind, decision.code) == (Kind.REJECT, Code.CURRENCY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("floor_minor", 3_001),
        ("floor_minor", 0),
        ("floor_minor", 12.5),
        ("ceiling_minor", -1),
        ("price_minor", True),
        ("currency", "usd"),
        ("sku", ""),
        ("asin", "B\x00"),
        ("max_step_bp", 10_001),
        ("cooldown_s", -1),
        ("day_open_minor", 2_000),
    ],
)
def test_a_wrong_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        listing(**{field: value})


def test_a_rule_has_one_offset() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Clause(offset_bp=-50, offset_minor=-1)
    with pytest.raises(ValueError, match="exactly one"):
        Clause(offset_bp=None)
    with pytest.raises(ValueError, match="exclude"):
        RivalFilter(exclude={"A"})  # type: ignore[arg-type]  # what an untyped caller might hand in


@pytest.mark.parametrize("scope", ["", "everything", "marketplace:", "sku:nothing", "automation:x"])
def test_a_scope_that_means_nothing_is_refused(scope: str) -> None:
    with pytest.raises(ValueError, match="scope"):
        Engine().halt(scope)
