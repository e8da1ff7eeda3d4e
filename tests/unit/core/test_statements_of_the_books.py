"""How the books' charges are told by each platform: together or apart, when, and with which settlement."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.evaluate.sync.statements import ChargeKey, Line, charges, numbered

AT = "2026-01-05T10:00:00.000Z"


def booked(kind: str, amount: int, *, statement: str | None = None) -> dict[str, object]:
    return {"kind": kind, "amount_minor": amount, "statement": statement, "order": "o1", "at": AT}


SALE = [booked("sale", 1000), booked("shipping", 395), booked("fee", -132), booked("fee", -132)]


def test_ebay_tells_what_an_order_brought_at_once_as_one_sale_and_each_fee_apart() -> None:
    found = charges([*SALE, booked("refund", -500), booked("fee_refund", 66), booked("payout", -9)], "ebay")
    assert found == {
        ChargeKey("o1", "sale", "2026-01-05", 1395, 1): None,
        ChargeKey("o1", "fee", "2026-01-05", -132, 1): None,
        ChargeKey("o1", "fee", "2026-01-05", -132, 2): None,
        ChargeKey("o1", "refund", "2026-01-05", -500, 1): None,
        ChargeKey("o1", "adjustment", "2026-01-05", 66, 1): None,
    }


def test_walmart_tells_only_what_was_paid_line_by_line() -> None:
    paid = [booked("sale", 1000, statement="01192026"), booked("shipping", 395, statement="01192026")]
    found = charges([*SALE, *paid], "walmart")
    assert found == {
        ChargeKey("o1", "sale", "2026-01-05", 1000, 1): "01192026",
        ChargeKey("o1", "shipping", "2026-01-05", 395, 1): "01192026",
    }


def test_tiktok_sums_up_a_day_of_an_order_and_leaves_out_what_is_nothing() -> None:
    told = [booked("sale", 1000, statement="s"), booked("sale", 500, statement="s"), booked("fee", -90, statement="s"),
            booked("fee_refund", 90, statement="s"), booked("refund", -500, statement="s")]  # fmt: skip
    found = charges([*told, *SALE], "tiktok")
    assert found == {
        ChargeKey("o1", "sale", "2026-01-06", 1500, 1): "s",
        ChargeKey("o1", "refund", "2026-01-06", -500, 1): "s",
    }


def test_a_platform_without_statements_has_no_charges() -> None:
    assert charges(SALE, "shopify") == {}


LINE = st.builds(
    Line,
    order=st.sampled_from(["a", None]),
    kind=st.just("fee"),
    day=st.just("d"),
    amount_minor=st.integers(-2, 2),
    settlement=st.sampled_from(["s", None]),
)


@settings(max_examples=50)
@given(lines=st.lists(LINE, max_size=12))
def test_no_line_is_lost_by_numbering_and_their_order_does_not_matter(lines: list[Line]) -> None:
    found = numbered(lines)
    assert len(found) == len(lines)
    assert numbered(lines[::-1]) == found
