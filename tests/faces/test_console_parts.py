"""The console's small pure helpers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import fake_data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import charts, limits_form
from dashboards.parts import ago, money, plain, tile_value
from ecom_agent.money import EXPONENTS, Money
from ecom_agent.records.views import Tile

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "just now"), (-5, "just now"), (30, "30 s ago"), (120, "2 min ago"), (7200, "2 h ago"), (259200, "3 d ago")],
)
def test_ages_are_as_coarse_as_people_think(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_an_unknown_moment_is_never() -> None:
    assert ago(None, NOW) == "never"


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_money_as_shown_is_the_money(minor: int, currency: str) -> None:
    number, code = money(Money(minor, currency)).split(" ")
    assert Money.of(number.replace(",", ""), code) == Money(minor, currency)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (482130, "USD", "4,821.30 USD"),
        (1200, "JPY", "1,200 JPY"),
        (0.634, "ratio", "63.4%"),
        (214, "count", "214"),
        (None, "count", "—"),
    ],
)
def test_tiles_are_shown_in_their_unit(value: float | None, unit: str, said: str) -> None:
    assert tile_value(Tile("n", "N", value, unit, "orders", NOW)) == said


@given(st.text())
def test_plain_text_keeps_every_character(text: str) -> None:
    shown = plain(text)
    assert len(shown) >= len(text)
    assert shown.count("\\") >= sum(c in "[]*_`" for c in text)


def test_an_unedited_frame_is_no_change() -> None:
    rows = fake_data.limits()
    assert limits_form.changed(rows, limits_form.as_frame(rows)) == []


def test_an_edited_cell_is_one_changed_row_as_text() -> None:
    rows = fake_data.limits()
    frame = limits_form.as_frame(rows)
    frame.loc[2, "ceiling"] = " 70.10 "
    frame.loc[3, "hard_min"] = ""
    assert [(r.sku, r.ceiling, r.hard_min) for r in limits_form.changed(rows, frame)] == [
        (rows[2].sku, "70.10", rows[2].hard_min),
        (rows[3].sku, rows[3].ceiling, None),
    ]


def test_the_chart_has_our_price_rival_buy_box_and_shading() -> None:
    listing = fake_data.listings(NOW)[0]
    figure = charts.price_story(listing, fake_data.points(listing, NOW))
    assert [t.name for t in figure.data] == ["Buy Box is ours", "Buy Box", "Lowest rival", "Our price"]
    assert {a.text for a in figure.layout.annotations} == {f"Floor {listing.floor}", f"Ceiling {listing.ceiling}"}


def test_currencies_are_never_added_up() -> None:
    figure = charts.sales(fake_data.overview(NOW).sales_by_hour)
    assert [t.name for t in figure.data] == ["EUR", "USD"]


def test_a_single_hour_of_sales_is_drawn_an_hour_wide_in_a_day() -> None:
    hour = NOW.replace(minute=0)
    figure = charts.sales([(hour, "USD", 4, 13725)])
    first, last = figure.layout.xaxis.range
    assert (last - first, last - hour) == (timedelta(hours=24), timedelta(minutes=30))
    assert [bar.width for bar in figure.data] == [2_700_000]
