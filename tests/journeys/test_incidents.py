"""What went wrong at others, one test each: the real pipeline over a ledger in memory, the real engine.

2012's blank minimum is in tests/integration/test_incident_blank_minimum.py: it comes in through the whole system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from actions_kit import ACCOUNT, AUTOMATION, MARKET, Bench, FakePlatform, limits, listing, policy, shop, usd, wish

from ecom_agent.actions.halts import HaltLevel
from ecom_agent.actions.model import State
from ecom_agent.errors import BadInput
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from native_pricer import Clause, Code, Engine, Kind, ListingConfig, ParsedEvent, ParsedOffer, RivalFilter, Target
from native_pricer.clauses import Without

CATALOGUE = tuple(f"S{n:03d}" for n in range(60))
FLOOR = usd("10.00")
NOON = 1_772_366_400_000_000
MINUTE = 60_000_000


def careless(**breakers: Any) -> Bench:
    """A catalogue at 20.00 with floors of 10.23 (cost, fees and margin), whose owner widened every cap on changes.

    `breakers` are lines of their policy: part → changed lines.
    """
    body = policy("guards")
    wide = {"step_share": "1", "day_share": "1", "cooldown_s": 0, "catalogue_free": 10_000}
    body["change_rate"] = {**body["change_rate"], **wide}
    tables = shop(*CATALOGUE, guards=body)
    for part, lines in breakers.items():
        tables.policies["breakers"][part] = {**tables.policies["breakers"][part], **lines}
    return Bench(tables, FakePlatform())


def wished_by_a_wrong_rule(bench: Bench, price: Mapping[str, Money]) -> None:
    """One wave over the whole catalogue, sent and read back."""
    for sku, to in price.items():
        now = bench.platform.prices.get(sku, usd("20.00"))
        bench.pipeline.propose(wish(now, to, sku=sku, slot=bench.clock.now()))
    bench.executor().run_once(10_000)


def lowest(prices: Iterable[Money]) -> Money | None:
    return min(prices, default=None)


def test_2014_a_rule_that_wishes_a_penny_for_thousands_changes_nothing() -> None:
    bench = careless()
    for _ in range(3):
        wished_by_a_wrong_rule(bench, dict.fromkeys(CATALOGUE, usd("0.01")))
        bench.wait(20)
    assert not bench.platform.sent
    assert {r.state for r in bench.ledger.tables.actions.values()} == {State.DENIED}


def test_2014_a_fall_of_the_whole_catalogue_stops_after_a_known_number_of_moves() -> None:
    """The rule is wrong in small lawful steps: no single one of them would stop it."""
    bench = careless()
    for sku in CATALOGUE:
        wished_by_a_wrong_rule(bench, {sku: usd("19.00")})
    assert len(bench.platform.sent) == 41, "more than forty within a minute trip"
    for _ in range(3):
        bench.wait(5)
        bench.verifier.run_once()
        wished_by_a_wrong_rule(bench, {s: usd("18.00") for s in CATALOGUE[:20]})
    assert len(bench.platform.sent) == 41, "and it does not go on by itself"
    (halt,) = bench.ledger.tables.halts.values()
    assert (halt.scope, halt.level, halt.by) == (f"account:{ACCOUNT}", HaltLevel.HALTED, "system:breaker")
    assert "moved within a minute" in halt.reason
    assert [e.event.detail["breaker"] for e in bench.ledger.tables.chain if e.event.step == "halted"] == ["moved"]


def test_2014_a_slow_fall_ends_in_raises_only_and_never_under_a_floor() -> None:
    """Few at a time, for hours: the share of the catalogue at its floor is what trips."""
    bench = careless()
    floor = floors(bench)
    for n in range(0, len(CATALOGUE), 10):
        down = {s: usd("12.00") for s in CATALOGUE[n : n + 10]}
        wished_by_a_wrong_rule(bench, down)
        bench.wait(4)
        bench.verifier.run_once()
        wished_by_a_wrong_rule(bench, {s: usd("9.99") for s in down})  # under the floor: never
        wished_by_a_wrong_rule(bench, {s: floor[s] for s in down})
        bench.wait(4)
        bench.verifier.run_once()
    at_floor = [s for s, price in bench.platform.prices.items() if price == floor[s]]
    assert len(at_floor) == len(CATALOGUE) // 2 + 1, "half of the catalogue may be there, one more trips"
    assert lowest(bench.platform.prices.values()) == floor[CATALOGUE[0]]
    (halt,) = bench.ledger.tables.halts.values()
    assert (halt.scope, halt.level) == (f"account:{ACCOUNT}", HaltLevel.REDUCING)

    up, still = at_floor[0], CATALOGUE[-1]
    wished_by_a_wrong_rule(bench, {up: usd("13.00"), still: usd("15.00")})
    assert bench.platform.prices[up] == usd("13.00"), "raises go on"
    assert still not in bench.platform.prices, "nothing else falls"

    with pytest.raises(BadInput), bench.ledger.unit() as book:
        book.halts.lift(halt.scope, "system:breaker", bench.clock.now())
    with bench.ledger.unit() as book:
        book.halts.lift(halt.scope, "anna", bench.clock.now())
    bench.wait(1)
    wished_by_a_wrong_rule(bench, {still: usd("15.00")})
    assert bench.platform.prices[still] == usd("15.00"), "a person's reset starts the counts anew"


def floors(bench: Bench) -> dict[str, Money]:
    with bench.ledger.unit() as book:
        facts = book.facts.of([wish(sku=s) for s in CATALOGUE], bench.clock.now(), bench.mode)
    return {s: found.floor.price for s, found in zip(CATALOGUE, facts, strict=True) if found.floor.price is not None}


def test_the_23_million_dollar_book_two_repricers_that_answer_one_another_do_not_run_away() -> None:
    """A asks a bit less than B, B asks 1.27 times A: each step lawful, together without end."""
    bench = careless()
    book, no_ceiling = CATALOGUE[0], {"ceiling": None}
    bench.ledger.tables.limits[ACCOUNT, MARKET, Sku(book)] = limits(book, **no_ceiling)
    rival = usd("20.00")
    for _ in range(40):  # two a day
        ours = rival.share(Decimal("0.998"))
        wished_by_a_wrong_rule(bench, {book: ours})
        bench.wait(5)
        bench.verifier.run_once()
        rival = bench.platform.prices.get(book, usd("20.00")).share(Decimal("1.0952"))
        bench.wait(12 * 60 - 5)
        bench.tables.listings[ACCOUNT, MARKET, Sku(book)] = listing(book, bench.platform.prices.get(book, usd("20.00")))
        refresh(bench, book)
    assert usd("30.00") < bench.platform.prices[book] < usd("44.00"), "it went up, and stopped about where it doubled"
    halt = bench.ledger.tables.halts[f"sku:{ACCOUNT}/{MARKET}/{book}"]
    assert halt.by == "system:breaker"
    assert halt.reason.startswith("runaway: ")
    assert len(bench.ledger.tables.halts) == 1, "the others go on"


def test_the_23_million_dollar_book_a_ceiling_holds_whatever_the_rival_asks() -> None:
    bench = careless(runaway={"factor": "1000"})
    book = CATALOGUE[0]
    for minor in (2_100, 2_600, 3_900, 4_000, 4_001, 2_369_865_593):
        wished_by_a_wrong_rule(bench, {book: Money(minor, "USD")})
        bench.wait(4)
        bench.verifier.run_once()
    assert bench.platform.prices[book] == usd("40.00")


def refresh(bench: Bench, sku: str) -> None:
    """The sweep reads our listing and its fees again."""
    now, place = bench.clock.now(), (ACCOUNT, MARKET, Sku(sku))
    tables = bench.ledger.tables
    tables.listings[place] = replace(tables.listings[place], seen_at=now, price=bench.platform.prices.get(sku))
    tables.fees[place] = replace(tables.fees[place], quoted_at=now)


def test_a_price_in_another_currency_or_for_another_marketplace_never_leaves() -> None:
    bench = careless()
    a, b, c, d = CATALOGUE[:4]
    tables = bench.ledger.tables
    tables.limits[ACCOUNT, MARKET, Sku(b)] = replace(limits(b), currency="EUR", hard_min=Money(1_000, "EUR"))
    tables.listings[ACCOUNT, MARKET, Sku(c)] = listing(c, Money(2_000, "JPY"))
    elsewhere = replace(wish(sku=d), marketplace=MarketplaceId("A1PA6795UKMFR9"))
    wished = [
        wish(usd("20.00"), Money(1_900, "EUR"), sku=a), wish(sku=b), wish(sku=c),
        wish(Money(2_000, "JPY"), Money(1_900, "JPY"), sku=c), elsewhere,
    ]  # fmt: skip
    assert {bench.pipeline.propose(action).state for action in wished} == {State.DENIED}
    bench.executor().run_once()
    assert not bench.platform.sent


# The engine: what a rule makes of a market that behaves oddly.


def offer(seller: str, minor: int, **more: Any) -> ParsedOffer:
    known = dict.fromkeys(ParsedOffer._fields[2:])
    return ParsedOffer(**{**known, "seller_id": seller, "listing_minor": minor, "shipping_minor": 0, **more})


def page(number: int, *offers: ParsedOffer, currency: str = "USD") -> ParsedEvent:
    return ParsedEvent(f"e{number}", "M", "B00", "new", NOON + number * MINUTE, currency, None, offers)


def config(sku: str = "S", **changes: Any) -> ListingConfig:
    known: dict[str, Any] = {
        "marketplace": "M", "asin": "B00", "condition": "new", "sku": sku, "seller_id": "US", "currency": "USD",
        "price_minor": 2_000, "shipping_minor": 0, "floor_minor": 1_500, "ceiling_minor": 3_000, "cooldown_s": 0,
        "max_step_bp": 1_000, "max_day_bp": 10_000,
    }  # fmt: skip
    return ListingConfig(**{**known, **changes})


def test_an_event_in_another_currency_is_refused_and_the_price_stays() -> None:
    engine = Engine()
    engine.configure(config())
    (decision,) = engine.on_news(page(1, offer("RIVAL", 180_000), currency="JPY"), NOON + MINUTE)
    assert (decision.kind, decision.code) == (Kind.REJECT, Code.CURRENCY)


def test_stuck_at_max_a_price_that_was_raised_while_alone_comes_down_when_a_rival_returns() -> None:
    engine, price = Engine(), 2_000
    engine.configure(config(clauses=(Clause(without=Without.RAISE, step_bp=1_000),)))
    prices = []
    for number in range(1, 20):
        rivals = () if number < 8 else (offer("RIVAL", 1_900),)
        now = NOON + number * MINUTE
        (decision,) = engine.on_news(page(number, offer("US", price), *rivals), now)
        if decision.to_minor is not None:
            price = decision.to_minor
            engine.applied("M", "S", price, now)
        prices.append(price)
    assert max(prices) == prices[6] == 3_000
    assert prices[-1] == 1_890, "half a percent below the rival, not parked at the maximum"


def test_two_skus_on_one_asin_keep_their_own_prices_limits_and_actions() -> None:
    """Ours by FBA at 20 and by ourselves at 26: neither is the other's rival, each keeps its own floor."""
    engine = Engine()
    engine.configure(config("FBA"))
    engine.configure(config("FBM", price_minor=2_600, floor_minor=2_500, ceiling_minor=4_000, shipping_minor=399))
    event = page(1, offer("US", 2_000), offer("US", 2_600, shipping_minor=399), offer("RIVAL", 1_800))
    fba, fbm = engine.on_news(event, NOON + MINUTE)
    assert (fba.sku, fba.before_minor, fba.to_minor) == ("FBA", 2_000, 1_800), "a step of ten percent towards 17.91"
    assert (fbm.sku, fbm.before_minor, fbm.to_minor, fbm.clamp) == ("FBM", 2_600, 2_500, "floor")

    bench = careless()
    one, other = CATALOGUE[:2]
    bench.ledger.tables.limits[ACCOUNT, MARKET, Sku(other)] = limits(other, hard_min=usd("19.50"))
    for sku in (one, other):  # both on B00MUG0001
        bench.pipeline.propose(wish(usd("20.00"), usd("19.00"), sku=sku))
    bench.executor().run_once()
    assert bench.platform.prices == {one: usd("19.00")}


@pytest.mark.parametrize("target", [t for t in Target if t not in (Target.OWN, Target.REFERENCE, Target.STRATEGY)])
def test_when_no_rival_matches_the_price_holds_and_never_falls_to_its_minimum(target: Target) -> None:
    seller = "GONE" if target is Target.SELLER else None
    engine = Engine()
    engine.configure(
        config(
            clauses=(Clause(target=target, offset_bp=-5_000, seller=seller),),
            rivals=RivalFilter(min_feedback_count=1_000),
        )
    )
    for number, offers in enumerate([(), (offer("US", 2_000),), (offer("RIVAL", 1_000, feedback_count=3),)], 1):
        (decision,) = engine.on_news(page(number, *offers), NOON + number * MINUTE)
        assert decision.kind is Kind.HOLD, decision.text
        assert decision.to_minor is None


def test_the_automation_of_these_tests_may_go_alone() -> None:
    """Else everything above would only be held."""
    assert careless().tables.policies["autonomy"]["levels"][AUTOMATION] == {"*": "auto"}
