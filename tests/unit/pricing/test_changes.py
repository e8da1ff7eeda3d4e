"""Two stretches of days: what is told of them sums up, and says what happened."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from ecom_agent.records.attributions import AttributionRow, SalesOf
from pricing.changes import Costs, compare

COST = Costs(500, Fraction(15, 100), 300)


def sold(sku: str, units: int, featured: float = 5.0, price: float | None = 2_000.0) -> SalesOf:
    return SalesOf("ATV", sku, "USD", units, featured, price)


def parts(row: AttributionRow) -> float:
    return row.price + row.buy_box + row.demand + row.conversion + row.cost + row.luck


COSTS = {("ATV", f"S{n}"): COST for n in range(4)}
BEFORE = [sold("S0", 40), sold("S1", 10, 2.0), sold("S2", 90, 9.0)]


def test_the_parts_sum_to_what_was_really_earned_more() -> None:
    after = [sold("S0", 70, 9.0, 1_900.0), sold("S1", 2, 1.0), sold("S2", 95, 9.0, 2_100.0)]
    (total,), rows, left_out = compare(BEFORE, after, 10, COSTS)
    assert left_out == {}
    assert parts(total) == pytest.approx(total.change, abs=0.1)
    for row in rows:
        assert parts(row) == pytest.approx(row.change, abs=0.1)
    earned = {s.sku: s.units * (float(s.price_minor or 0) * 0.85 - 800) for s in after}
    spent = {s.sku: s.units * (float(s.price_minor or 0) * 0.85 - 800) for s in BEFORE}
    assert total.change == pytest.approx(sum(earned.values()) - sum(spent.values()), abs=0.5)
    assert {row.sku: row.change for row in rows}["S0"] == pytest.approx(earned["S0"] - spent["S0"], abs=0.5)
    assert abs(rows[0].change) >= abs(rows[-1].change)


def test_when_all_sell_more_alike_it_is_demand() -> None:
    after = [replace(s, units=2 * s.units) for s in BEFORE]
    (total,), _, _ = compare(BEFORE, after, 10, COSTS)
    assert total.demand == pytest.approx(total.change)
    assert (total.buy_box, total.price, total.conversion, total.luck) == pytest.approx((0, 0, 0, 0), abs=0.1)


def test_when_one_is_featured_longer_and_sells_more_in_step_it_is_the_buy_box() -> None:
    before = [sold("S0", 40, 2.0), *(sold(f"S{n}", 400, 5.0) for n in (1, 2, 3))]
    after = [sold("S0", 160, 8.0), *before[1:]]
    _, rows, _ = compare(before, after, 10, COSTS)
    (row,) = (r for r in rows if r.sku == "S0")
    assert row.buy_box == pytest.approx(row.change, rel=0.02)
    assert abs(row.luck) < 0.02 * row.change


def test_one_that_sells_more_for_no_reason_was_lucky() -> None:
    before = [sold(f"S{n}", 100, 5.0) for n in range(4)]
    after = [sold("S0", 115, 5.0), *before[1:]]
    (total,), rows, _ = compare(before, after, 10, COSTS)
    (row,) = (r for r in rows if r.sku == "S0")
    assert row.luck > 0.6 * row.change
    assert row.luck_low < row.luck < row.luck_high
    assert total.luck == pytest.approx(0, abs=0.1)  # what all share is demand


def test_what_cannot_be_told_is_left_out_with_its_reason() -> None:
    before = [sold("S0", 1), sold("S1", 1), sold("NO-COST", 1), sold("S2", 1, 0.0), sold("S3", 0, price=None)]
    after = [sold("S0", 1), sold("NO-COST", 1), sold("S2", 1), sold("S3", 1), sold("NEW", 1)]
    totals, rows, left_out = compare(before, after, 10, COSTS)
    assert [row.sku for row in rows] == ["S0"]
    assert set(left_out) == {"S1", "NO-COST", "S2", "S3", "NEW"}
    assert "cost" in left_out["NO-COST"]
    assert "after" in left_out["S1"]
    assert "before" in left_out["NEW"]
    assert "featured" in left_out["S2"]
    assert "price" in left_out["S3"]
    assert len(totals) == 1
    assert compare([], [], 10, {}) == ([], [], {})
