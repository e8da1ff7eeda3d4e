"""Values that a layout guesses to be the same again: a wrong guess changes nothing in what is read."""

from __future__ import annotations

import pytest
from scanner_comparer import Comparer

from ecom_agent.evaluate.repricer.notices import canonical, events
from native_pricer import backends

pytestmark = pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")
NOTICES = [canonical(event) for event in events(2, 60, 3)]
RAW = NOTICES[-1]
OTHERS = {
    b'"CurrencyCode":"USD"': [b'"USDX"', b'"US"', b'""', b'"usd"', b'"EUR"', b'"U\\u0053D"', b"null", b'"US\x00"'],
    b'"SubCondition":"new"': [b'"New"', b'"ne"', b'"newer"', b'""', b'"n\xc3\xa9w"', b'"n\xc3w"', b'"n\\"w"', b"1"],
    b'"Country":"US"': [b'"USA"', b'"U"', b'""', b'"CN"', b'"\xc3\x9c"', b'"U\nS"', b'"U\\nS"', b"[]"],
    b'"AvailabilityType":"NOW"': [b'"NO"', b'"NOWHERE"', b'""', b'"N\xffW"', b'"NOW\\"', b'"N\x1fW"', b"true"],
    b'"MinimumHours":0': [b"00", b"0.0", b"01", b"10", b"0e1", b"-0", b"0.", b"999", b"1" * 20, b'"0"', b""],
    b'"IsExpeditedShippingAvailable":false': [b"true", b"fals", b"falsee", b"False", b"null", b"0", b"", b"truee"],
    b'"ShipsDomestically":true': [b"false", b"tru", b"true1", b"True", b"null", b"1", b""],
}


def warm() -> Comparer:
    """A scanner that has seen so many that its guesses stand."""
    from native_pricer._engine import Core

    asked = Comparer(Core)
    for raw in NOTICES:
        assert asked.disagreement(raw) is None, raw
    assert asked.understood == len(NOTICES)
    return asked


@pytest.mark.parametrize("known", OTHERS)
def test_another_value_than_the_guessed_one(known: bytes) -> None:
    asked, name = warm(), known.partition(b":")[0] + b":"
    assert known in RAW
    for value in OTHERS[known]:
        for which in range(RAW.count(known)):
            at = -1
            for _ in range(which + 1):
                at = RAW.index(known, at + 1)
            raw = RAW[:at] + name + value + RAW[at + len(known) :]
            assert asked.disagreement(raw) is None, raw
            assert asked.disagreement(RAW) is None


@pytest.mark.parametrize("change", ["other", "gone", "twice", "quote", "high"])
def test_every_byte_changed(change: str) -> None:
    asked = warm()
    for at in range(len(RAW)):
        one = {
            "other": bytes([RAW[at] ^ 1]),
            "gone": b"",
            "twice": RAW[at : at + 1] * 2,
            "quote": b'"',
            "high": b"\xe9",
        }
        raw = RAW[:at] + one[change] + RAW[at + 1 :]
        assert asked.disagreement(raw) is None, raw
    assert asked.disagreement(RAW) is None


def test_a_value_that_keeps_changing_costs_no_layout() -> None:
    """Guessed once, then other each time: the layout serves on, and what is read is right."""
    asked = warm()
    before = asked.warm.predicted()
    for i in range(40):
        raw = RAW.replace(b'"NOW"', b'"%d"' % i).replace(b'"US"', b'"A%d"' % i).replace(b'"new"', b'"b%d"' % i)
        assert asked.disagreement(raw) is None, raw
    after = asked.warm.predicted()
    assert after[1] == before[1]
    assert after[3] == before[3]
    assert after[0] > before[0] + 40
