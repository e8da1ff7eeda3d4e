"""A shipped rule does not price a listing without rivals out of the Buy Box."""

from __future__ import annotations

from datetime import date

import pytest

from native_pricer import Engine, Kind, ListingConfig, ListingFacts, ParsedEvent, ParsedOffer
from pricing.rules import Compiled, compile_rule, presets, read

NOW = 1_767_571_200_000_000  # Monday, 2026-01-05 00:00 UTC
HOUR = 3_600_000_000
REFERENCE = 2_000
NAMES = ("match-lowest", "win-the-buy-box", "night-reset", "careful-stock")


def price_after(name: str, start: int, featured_up_to: int, days: int = 30) -> int:
    """Alone on the page for some days: featured while the price is not above that amount, one event each hour."""
    rule = compile_rule(read(presets()[name]), "USD", "new", date(2026, 1, 5))
    assert isinstance(rule, Compiled)
    engine = Engine()
    engine.configure(
        ListingConfig("M", "A", "new", "S", "OURS", "USD", start, 0, 1_000, 3_000, clauses=rule.clauses,
                      rivals=rule.rivals, cooldown_s=rule.pause_s)
    )  # fmt: skip
    engine.inform("M", "S", ListingFacts(stock_units=500, cover_centidays=5_000, reference_minor=REFERENCE))
    price = start
    for hour in range(1, 24 * days):
        now, featured = NOW + hour * HOUR, price <= featured_up_to
        own = ParsedOffer("OURS", price, 0, None, True, None, featured, None, None, None)
        event = ParsedEvent(f"e{hour}", "M", "A", "new", now, "USD", price if featured else None, (own,))
        (decision,) = engine.on_news(event, now)
        if decision.kind is Kind.MOVE:
            assert decision.to_minor is not None
            price = decision.to_minor
            engine.applied("M", "S", price, now)
    return price


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", [1_900, REFERENCE, 2_800])
def test_alone_it_ends_where_it_is_featured(name: str, start: int) -> None:
    dearest = REFERENCE * 112 // 100
    assert price_after(name, start, featured_up_to=dearest) <= dearest
