"""Other platforms' rival prices through the same table, rule and guard."""

from __future__ import annotations

import pytest
from offer_events import ASIN, MARKET, MINUTE, NOON, OURS, listing

from native_pricer import Clause, Code, Engine, Kind, RivalFilter, Target, backends
from native_pricer.intake import UNNAMED, Place, RivalPrice, buy_box, rival_prices

NOW = NOON + MINUTE
PLACE = Place(MARKET, ASIN, "New", "USD")
BUY_BOX = (Clause(target=Target.BUY_BOX, offset_bp=0),)
pytestmark = pytest.mark.parametrize("backend", sorted(backends()))


def engine(backend: str, *clauses: Clause, **changes: object) -> Engine:
    made = Engine(backend)
    made.configure(listing(clauses=clauses or (Clause(),), **changes))
    return made


def test_rivals_of_a_shop_without_a_buy_box(backend: str) -> None:
    shop = engine(backend)
    seen = rival_prices(
        PLACE,
        [RivalPrice("kettles-r-us", 1_800, 99), RivalPrice("cheap?", 900, None), RivalPrice(None, 2_500, 0)],
        changed_at_us=NOON,
        event_id="look-1",
    )
    (d,) = shop.on_news(seen, NOW)
    assert (d.rival_seller, d.rival_landed_minor, d.to_minor, d.buy_box_minor) == ("kettles-r-us", 1_899, 1_889, None)
    assert shop.on_news(seen, NOW)[0].code is Code.DUPLICATE
    assert shop.on_news(seen._replace(event_id="look-0"), NOW)[0].code is Code.SUPERSEDED, "not newer by its own time"
    assert shop.on_news(seen._replace(event_id=None, changed_at_us=NOON + 1), NOW)[0].kind is Kind.MOVE
    chosen = engine(backend, rivals=RivalFilter(only=frozenset({"other"})))
    assert chosen.on_news(seen, NOW)[0].code is Code.NO_RIVAL


@pytest.mark.parametrize(
    ("holder", "we_hold", "code", "to"),
    [
        (RivalPrice("W-RIVAL", 1_900, 0), None, Code.REPRICED, 1_900),
        (RivalPrice(None, 1_900, 0), False, Code.REPRICED, 1_900),
        (RivalPrice(None, 1_900, 0), None, Code.WINNER_UNCLEAR, None),
        (RivalPrice(None, 2_000, 0), True, Code.WINNING, None),
        (RivalPrice(OURS, 2_000, 0), None, Code.WINNING, None),
        (None, None, Code.NO_BUY_BOX, None),
    ],
)
def test_a_changed_buy_box(
    backend: str, holder: RivalPrice | None, we_hold: bool | None, code: Code, to: int | None
) -> None:
    told = buy_box(PLACE, holder, we_hold=we_hold, our_seller_id=OURS, changed_at_us=NOON, event_id="w-1")
    (d,) = engine(backend, *BUY_BOX).on_news(told, NOW)
    assert (d.code, d.to_minor) == (code, to)


def test_what_contradicts_itself_is_refused(backend: str) -> None:
    with pytest.raises(ValueError, match="we_hold"):
        buy_box(PLACE, RivalPrice("R", 1, 0), we_hold=True, our_seller_id=OURS, changed_at_us=0, event_id=None)
    with pytest.raises(ValueError, match="we_hold"):
        buy_box(PLACE, None, we_hold=True, our_seller_id=OURS, changed_at_us=0, event_id=None)
    with pytest.raises(ValueError, match="seller_id"):
        engine(backend).on_news(rival_prices(PLACE, [RivalPrice("\n", 1, 0)], changed_at_us=NOON, event_id=None), NOW)
    assert UNNAMED != OURS
