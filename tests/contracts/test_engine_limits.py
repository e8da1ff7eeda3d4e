"""The engine's limits cannot be passed around: every public way in is listed here and tried in long random lives."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest

import native_pricer
from ecom_agent.evaluate.guard.fuzz import World
from native_pricer import Clause, Engine, ListingConfig, Target, backends

# What an engine offers. Whoever adds to it says here whether it can lead to a price, and has it tried below.
LEADS_TO_A_PRICE = {"on_event", "on_events", "observe", "on_news", "on_offers", "on_own"}
CHANGES_WHAT_IS_KNOWN = {
    "configure", "remove", "inform", "applied", "recall", "halt", "reduce", "resume", "seen", "forget", "remember",
}  # fmt: skip
ANSWERS_A_QUESTION = {"backend", "halts", "state", "newest", "explain", "memory"}
# What the package offers beside it: values, and functions that know no listing.
VALUES = {
    "Channel", "Clamp", "Clause", "Code", "Condition", "Decision", "Feature", "Kind", "Level", "ListingConfig",
    "ListingFacts", "ListingState", "ListingStatus", "Missed", "ParseProblem", "ParsedEvent", "ParsedOffer",
    "RivalFilter", "Target", "Why", "Without",
}  # fmt: skip
FUNCTIONS = {"amount", "backends", "epoch_us", "parse_event"}

each_backend = pytest.mark.parametrize("backend", backends())


def test_no_public_name_is_unaccounted_for() -> None:
    public = {name for name in dir(Engine) if not name.startswith("_")}
    assert public == LEADS_TO_A_PRICE | CHANGES_WHAT_IS_KNOWN | ANSWERS_A_QUESTION
    assert set(native_pricer.__all__) == {"Engine"} | VALUES | FUNCTIONS


@each_backend
def test_no_sequence_of_public_calls_leads_to_a_price_that_breaks_a_limit(backend: str) -> None:
    called: Counter[str] = Counter()

    class Watched(Engine):
        """Notes which public names are used."""

        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("_"):
                called[name] += 1
            return super().__getattribute__(name)

    approved = 0
    for n in range(3):
        world = World(f"{backend}/{n}", lambda: Watched(backend))
        assert world.engine.backend == backend
        world.run(8_000)
        assert not world.oracle.found, f"seed {backend}/{n}"
        approved += world.counts["approved"]
    assert approved > 500
    assert called.keys() == LEADS_TO_A_PRICE | CHANGES_WHAT_IS_KNOWN | ANSWERS_A_QUESTION


def sane(**changes: Any) -> dict[str, Any]:
    known = {f.name: f.default for f in fields(ListingConfig)}
    return known | {
        "marketplace": "M", "asin": "A", "condition": "new", "sku": "S", "seller_id": "US", "currency": "USD",
        "price_minor": 2_000, "shipping_minor": 0, "floor_minor": 1_500, "ceiling_minor": 3_000,
        "clauses": (Clause(target=Target.OWN, offset_bp=-9_000),),
    } | changes  # fmt: skip


SABOTAGE = (
    {"floor_minor": -5}, {"floor_minor": 0}, {"floor_minor": 1.5}, {"floor_minor": True}, {"floor_minor": float("nan")},
    {"ceiling_minor": 100}, {"max_step_bp": 10**6}, {"max_day_bp": -1}, {"cooldown_s": -10**9},
    {"price_minor": "20.00"}, {"currency": "usd"}, {"max_event_age_s": 2**62},
)  # fmt: skip


@each_backend
@pytest.mark.parametrize("odd", SABOTAGE, ids=str)
def test_limits_that_no_configuration_may_have_are_refused_however_they_came_about(
    backend: str, odd: dict[str, Any]
) -> None:
    """By the class itself, as a look-alike, changed by force after the check, and by a class that checks nothing."""

    class Unchecked(ListingConfig):
        __slots__ = ()

        def __post_init__(self) -> None:
            """Nothing."""

    forced = ListingConfig(**sane())
    for name, value in odd.items():
        object.__setattr__(forced, name, value)
    engine = Engine(backend)
    with pytest.raises(ValueError, match=next(iter(odd))):
        ListingConfig(**sane(**odd))
    for made in (SimpleNamespace(**sane(**odd)), forced, Unchecked(**sane(**odd))):
        with pytest.raises(ValueError, match=f"listing|{next(iter(odd))}"):
            engine.configure(made)
    with pytest.raises(KeyError):
        engine.state("M", "S")


@each_backend
def test_what_is_configured_right_moves_only_as_far_as_its_limits(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(ListingConfig(**sane()))
    assert engine.on_own("M", "S", 10**15).to_minor == 1_800
