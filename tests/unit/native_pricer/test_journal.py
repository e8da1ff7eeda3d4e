"""The journal: whoever makes its calls again, from any beginning in it, gets the same decisions."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import ASIN, MARKET, NOON, OURS, facts, listing, listings, notices, offer, raw, written

from native_pricer import Clause, Engine, ListingFacts, ParseProblem, Target, backends, parse_event
from native_pricer.journal import MOST_WAITING, Call, Chunk, Recorder, again, pack, unpack
from native_pricer.strategies import strategy

DAY = 86_400_000_000
READS = {"backend", "explain", "halts", "memory", "newest", "state"}
SKUS = ("SKU-1", "SKU-2")


def test_no_call_that_changes_the_engine_goes_unwritten() -> None:
    public = {name for name, _ in inspect.getmembers(Engine) if not name.startswith("_")}
    assert {name for name in public if name in vars(Recorder)} == public - READS


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[object, ...]]:
    """What may happen to an engine, in any order; each step with the seconds that pass before it."""
    one = st.one_of(
        st.tuples(st.just("configure"), st.sampled_from(SKUS).flatmap(lambda sku: listings(sku))),
        st.tuples(st.just("inform"), st.sampled_from(SKUS), facts()),
        st.tuples(st.just("applied"), st.sampled_from(SKUS), st.integers(1, 10_000)),
        st.tuples(st.just("recall"), st.sampled_from(SKUS), st.integers(1, 10_000)),
        st.tuples(st.just("remove"), st.sampled_from(SKUS)),
        st.tuples(st.sampled_from(["halt", "reduce", "resume"]), st.sampled_from(["all", f"sku:{MARKET}/SKU-1"])),
        st.tuples(st.just("event"), notices().flatmap(written)),
        st.tuples(st.sampled_from(["news", "offers"]), notices().flatmap(written)),
        st.tuples(st.just("seen"), st.integers(-100, 100)),
        st.tuples(st.sampled_from(["forget", "keep", "fail", "same again"])),
    )
    found = draw(st.lists(st.tuples(st.sampled_from([0, 1, 400, 50_000]), one), min_size=4, max_size=40))
    return [(seconds, *step) for seconds, step in found]


def lead(engine: Recorder, told: Sequence[tuple[object, ...]]) -> list[Chunk]:
    """Do it all; gives what was kept."""
    now, kept = NOON, []
    for seconds, name, *rest in told:
        now += int(str(seconds)) * 1_000_000
        match name, *rest:
            case "configure", cfg:
                engine.configure(cfg)
            case "same again":
                for cfg in list(engine._configs.values()):
                    engine.configure(cfg)
            case ("inform" | "applied" | "recall") as verb, sku, value:
                if (MARKET, sku) in engine._configs:
                    given = (value,) if verb == "inform" else (value, now)
                    getattr(engine, verb)(MARKET, sku, *given)
            case "remove", sku:
                engine.remove(MARKET, sku)
            case ("halt" | "reduce" | "resume") as verb, scope:
                getattr(engine, verb)(scope)
            case "event", body:
                engine.observe(body, now)
            case ("news" | "offers") as verb, body:
                read = parse_event(body)
                if not isinstance(read, ParseProblem):
                    engine.on_news(read, now) if verb == "news" else engine.on_offers(read, now, now)
            case "seen", seconds_ago:
                engine.seen(MARKET, ASIN, "new", now + seconds_ago * 1_000_000, None)
            case ("forget",):
                engine.forget(MARKET, ASIN, "new")
            case ("fail",):
                engine.take(now)
            case ("keep",):
                kept += engine.take(now).chunks()
                engine.kept(kept[-1:])
    kept += engine.take(now + DAY).chunks()
    return kept


@settings(max_examples=150, deadline=None)
@given(steps())
def test_the_calls_again_give_the_decisions_again_from_every_beginning(told: list[tuple[object, ...]]) -> None:
    chunks = lead(Recorder(), told)
    assert [c.seq for c in chunks] == list(range(len(chunks)))
    assert not chunks or chunks[0].starts
    for n, chunk in enumerate(chunks):
        if not chunk.starts:
            continue
        engine = Engine()
        for later in chunks[n:]:
            if later.starts and later is not chunk:
                continue  # a checkpoint says nothing new to an engine that was there
            for call in unpack(later.body):
                assert again(call, engine) == call.decisions, (n, call.name)


def test_a_chunk_tells_what_is_in_it() -> None:
    engine = Recorder()
    engine.configure(listing())
    engine.on_event(raw(offer("A1", 9.0)), NOON)
    (chunk,) = engine.take(NOON + 5).chunks()
    assert (chunk.starts, chunk.seq, chunk.events, chunk.decisions, chunk.moves) == (True, 0, 1, 1, 1)
    assert (chunk.first_us, chunk.last_us) == (NOON, NOON + 5)
    assert set(chunk.about) == {f"s:{MARKET}/SKU-1", f"p:{MARKET}/{ASIN}/new"}
    names = [call.name for call in unpack(chunk.body)]
    assert names == ["configure", "observe"]


def test_what_changes_nothing_is_not_written() -> None:
    engine = Recorder()
    engine.configure(listing())
    engine.kept(engine.take(NOON).chunks())
    engine.configure(listing())
    engine.forget(MARKET, "B0OTHER", "new")
    assert engine.remove(MARKET, "nobody") is False
    assert engine.take(NOON + 1).chunks() == ()
    engine.applied(MARKET, "SKU-1", 1_500, NOON)
    engine.configure(listing())  # says the old price again
    (chunk,) = engine.take(NOON + 2).chunks()
    assert [call.name for call in unpack(chunk.body)] == ["applied", "configure"]


def test_what_was_not_stored_is_handed_out_again() -> None:
    engine = Recorder()
    engine.configure(listing())
    first = engine.take(NOON).chunks()
    engine.on_event(raw(offer("A1", 9.0)), NOON)
    (again_,) = engine.take(NOON).chunks()
    assert [c.name for c in unpack(again_.body)] == ["configure", "observe"]
    assert first[0].seq == again_.seq


def test_what_was_taken_stays_as_it_was_while_the_engine_goes_on() -> None:
    """It is packed once the engine is free again."""
    engine = Recorder()
    engine.configure(listing())
    taken = engine.take(NOON)
    engine.on_event(raw(offer("A1", 9.0)), NOON)
    (chunk,) = taken.chunks()
    assert [call.name for call in unpack(chunk.body)] == ["configure"]
    engine.kept([chunk])
    (following,) = engine.take(NOON).chunks()
    assert [call.name for call in unpack(following.body)] == ["observe"]
    assert following.seq == chunk.seq + 1


def test_a_new_day_brings_a_checkpoint() -> None:
    engine = Recorder()
    engine.configure(listing())
    engine.kept(engine.take(NOON).chunks())
    engine.halt("all")
    calls, checkpoint = engine.take(NOON + DAY).chunks()
    assert (calls.starts, checkpoint.starts, checkpoint.events) == (False, True, 0)
    assert [c.name for c in unpack(checkpoint.body)] == ["configure", "halt"]
    engine.kept((calls, checkpoint))
    assert engine.take(NOON + DAY + 1).chunks() == ()


def test_calls_that_can_never_be_stored_are_dropped_and_the_hole_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("native_pricer.journal.MOST_WAITING", 3)
    assert MOST_WAITING > 1_000
    engine = Recorder()
    engine.configure(listing())
    engine.kept(engine.take(NOON).chunks())
    for n in range(4):
        engine.applied(MARKET, "SKU-1", 1_000 + n, NOON)
    calls, checkpoint = engine.take(NOON).chunks()
    assert (calls.seq, calls.starts, checkpoint.seq, checkpoint.starts) == (2, False, 3, True)
    (cfg,) = next(unpack(checkpoint.body)).given
    assert cfg.price_minor == 1_003


def test_an_unknown_format_is_refused_and_new_fields_are_none() -> None:
    chunk = pack([Call("halt", ("all",), ("*",))], run="r", seq=0, starts=True, at=NOON)
    assert next(unpack(chunk.body)) == Call("halt", ("all",), ("*",))
    other = replace_in(chunk.body, b'"format":1', b'"format":9')
    with pytest.raises(ValueError, match="format 1"):
        next(unpack(other))


def replace_in(body: bytes, old: bytes, new: bytes) -> bytes:
    return zlib.compress(zlib.decompress(body).replace(old, new))


@settings(max_examples=30, deadline=None)
@given(listings())
def test_a_configuration_comes_back_as_it_was(cfg: object) -> None:
    chunk = pack([Call("configure", (cfg,), ())], run="r", seq=0, starts=True, at=NOON)
    assert next(unpack(chunk.body)).given == (cfg,)
    assert replace(cfg) == cfg  # type: ignore[type-var]


@pytest.mark.skipif("cython" not in backends(), reason="strategies run in the compiled backend")
def test_what_a_strategy_has_learned_is_in_the_checkpoint() -> None:
    engine = Recorder("cython")
    known = ListingFacts(unit_cost_minor=900, fee_bp=1_500, reference_minor=2_000, elasticity_centi=-200)
    for name in ("raise_alone", "oscillate"):
        clauses = (Clause("s", target=Target.STRATEGY),)
        engine.configure(listing(sku=name, clauses=clauses, strategy=strategy(name), floor_minor=1_000))
        engine.inform(MARKET, name, known)
    kept: list[Chunk] = []
    for n in range(40):
        at = NOON + n * 7_200_000_000
        changed = datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        shown = [offer(OURS, 20.0), offer("A", 19.0 + n % 3), offer("B", 18.5 + n % 5)]
        for decision in engine.on_event(raw(*shown, changed=changed, event_id=f"e-{n}"), at):
            if decision.to_minor is not None:
                engine.applied(MARKET, decision.sku or "", decision.to_minor, at)
        chunks = engine.take(at).chunks()
        engine.kept(chunks)
        kept += chunks
    begins = [n for n, chunk in enumerate(kept) if chunk.starts]
    assert len(begins) == 4
    for n in begins:
        other = Engine("cython")
        for chunk in [kept[n], *(c for c in kept[n + 1 :] if not c.starts)]:
            for call in unpack(chunk.body):
                assert again(call, other) == call.decisions
