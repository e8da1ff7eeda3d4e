"""GTIN: every short form is one number, and what cannot be one is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.records.barcodes import check_digit, gtin14

DIGITS = st.text("0123456789", min_size=11, max_size=13).filter(lambda s: s.strip("0"))


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        ("4006381333931", "04006381333931"),  # EAN-13, GS1's own example of a pen
        ("036000291452", "00036000291452"),  # UPC-A
        ("9780306406157", "09780306406157"),  # ISBN-13
        ("96385074", "00000096385074"),  # EAN-8
        ("978-0-306-40615-7", "09780306406157"),
        ("4006381333932", None),  # check digit
        ("Does not apply", None),
        ("2012345678900", None),  # a shop's own number
        ("0000000000000", None),
        ("12345", None),
        ("", None),
        (None, None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", None),  # digits, but not those of a barcode
    ],
)
def test_what_is_a_gtin(told: str | None, whole: str | None) -> None:
    assert gtin14(told) == whole


@given(DIGITS)
def test_its_forms_are_one_and_any_other_check_digit_is_refused(payload: str) -> None:
    code = payload + check_digit(payload)
    whole = gtin14(code)
    assert whole is None or (whole == gtin14(whole) == code.zfill(14))
    for digit in set("0123456789") - {check_digit(payload)}:
        assert gtin14(payload + digit) is None
