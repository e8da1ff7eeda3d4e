"""The scanner reads what the twin reads or nothing, whatever layouts it has learned; `make fuzz` asks for longer."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from scanner_comparer import Comparer
from scanner_mutations import Style, bursts, written
from scanner_senders import Shape

from native_pricer import ParsedEvent, backends
from native_pricer._twin import parse

pytestmark = pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")
SCHEMA = "specs/amazon-sp-api/schemas/notifications/AnyOfferChangedNotification.json"
SAMPLE = Path(__file__).parents[2] / "platforms/amazon/samples/notifications.json"
PLAIN = Shape(True, "USD", frozenset(), 0.0)
COMPACT = Style(shuffle=False, indent=None, colon=":", odd=0.0)


def comparer() -> Comparer:
    from native_pricer._engine import Core

    return Comparer(Core)


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_notifications_are_read_alike_or_not_at_all(seed: int) -> None:
    asked = comparer()
    for raw in islice(bursts(random.Random(seed)), 1_500):
        assert asked.disagreement(raw) is None, raw
    assert asked.understood > 300
    whole, _, parts, _ = asked.warm.predicted()
    assert min(whole, parts) > 250


class Wrong:
    """A scanner with one fault."""

    def __init__(self, fault: str, is_first: bool) -> None:
        self.fault, self.is_first = fault, is_first

    def understands(self, raw: bytes) -> bool:
        if self.fault == "depends on what came before":
            return self.is_first
        return self.fault == "takes what is refused" or isinstance(parse.parse_event(raw), ParsedEvent)

    def parse(self, raw: bytes) -> Any:
        read = parse.parse_event(GOOD)
        assert isinstance(read, ParsedEvent)
        offer = read.offers[0]
        changes = {"a cent more": {"listing_minor": offer.listing_minor + 1}, "true for 1": {"points_minor": True}}
        return read._replace(offers=(offer._replace(**changes.get(self.fault, {})),))


PRICE = {"Amount": 999, "CurrencyCode": "JPY"}
BODY = {
    "OfferChangeTrigger": {
        "MarketplaceId": "M", "ASIN": "B0", "ItemCondition": "new", "TimeOfOfferChange": "2026-03-01T12:00:00Z"
    },
    "Offers": [{"SellerId": "A1", "ListingPrice": PRICE, "Points": {"PointsNumber": 1}}],
}  # fmt: skip
GOOD = json.dumps({"NotificationType": "ANY_OFFER_CHANGED", "Payload": {"AnyOfferChangedNotification": BODY}}).encode()
BAD = GOOD.replace(b"999", b"9.9")


@pytest.mark.parametrize(
    ("fault", "raw"),
    [
        ("a cent more", GOOD),
        ("true for 1", GOOD),
        ("takes what is refused", BAD),
        ("depends on what came before", GOOD),
    ],
)
def test_the_comparer_sees_a_wrong_reading(fault: str, raw: bytes) -> None:
    made = iter([True, False])
    assert Comparer(lambda: Wrong(fault, next(made))).disagreement(raw) is not None
    assert Comparer(lambda: Wrong("none", True)).disagreement(raw) is None


def test_no_part_of_a_notification_is_taken_for_the_whole() -> None:
    """Cut anywhere, with the layout of the whole one known."""
    asked = comparer()
    raw = written(PLAIN.notice(random.Random(5)), COMPACT, random.Random(1))
    assert asked.disagreement(raw) is None
    assert asked.understood == 1
    for cut in range(len(raw)):
        assert not asked.warm.understands(raw[:cut])
    assert asked.warm.understands(raw)


@pytest.mark.parametrize("length", [*range(1, 12), 15, 16, 17, 18])
def test_amounts_of_any_length(length: int) -> None:
    """Around the ends of the eight bytes that are read at once, also where the notification ends soon after."""
    asked = comparer()
    event = PLAIN.notice(random.Random(5))
    event["Payload"]["AnyOfferChangedNotification"]["Summary"] = {}
    template = written(event, COMPACT, random.Random(1))
    amount = template.split(b'"Amount":')[1].split(b",")[0]
    for point in range(length + 1):
        for first in (b"1", b"0"):
            digits = first + b"2345678901234567890"[: length - 1]
            number = digits[:point] + b"." + digits[point:] if point < length else digits
            for zeros in (b"", b"0"):
                raw = template.replace(b'"Amount":' + amount, b'"Amount":' + number + zeros)
                assert asked.disagreement(raw) is None, number + zeros


@pytest.mark.parametrize("what", ["é", "\x7f", "\x1f", '\\"', "\\\\", "\\u0041", '"', "\0"])
def test_texts_of_any_length(what: str) -> None:
    asked = comparer()
    event = PLAIN.notice(random.Random(5))
    for length in range(40):
        for mark in ("@seller@", "@dropped@"):
            event["Payload"]["AnyOfferChangedNotification"]["Offers"][0]["SellerId"] = "@seller@"
            event["Payload"]["AnyOfferChangedNotification"]["SellerId"] = "@dropped@"
            raw = json.dumps(event).replace(mark, "A" * length + what + "A" * (length % 3)).encode()
            assert asked.disagreement(raw) is None, raw


def test_empty_texts_of_filters_are_understood_by_both_paths_and_no_other_empty_text_is() -> None:
    asked, event = comparer(), PLAIN.notice(random.Random(5))
    body = event["Payload"]["AnyOfferChangedNotification"]
    for part, name, understood in [
        (body["Offers"][0], "SubCondition", True), (body["Offers"][0], "ShipsFrom", True),
        (body["Offers"][0], "SellerId", False), (body["OfferChangeTrigger"], "ASIN", False),
        (event["NotificationMetadata"], "NotificationId", False),
    ]:  # fmt: skip
        for empty in ("new", "", "new", ""):  # once by the general path, then by a layout
            part[name] = {"Country": empty} if name == "ShipsFrom" else empty
            raw = written(event, COMPACT, random.Random(1))
            assert asked.disagreement(raw) is None, raw
            assert asked.warm.understands(raw) is (understood or empty != ""), raw
        part[name] = {"Country": "US"} if name == "ShipsFrom" else "new"
    whole, _, parts, _ = asked.warm.predicted()
    assert min(whole, parts) > 4


def test_a_second_order_of_keys_is_learned_and_the_first_kept() -> None:
    from native_pricer._engine import Core

    core, dice = Core(), random.Random(7)
    swapped = Shape(False, "EUR", frozenset({"Points", "Shipping"}), 0.0)
    for _ in range(20):
        for shape, indent in ((PLAIN, None), (swapped, 2), (PLAIN, 4)):
            assert core.understands(written(shape.notice(dice), Style(False, indent, ":", 0.0), dice))
    whole, missed, _, _ = core.predicted()
    assert (whole, missed) == (57, 3)


def _kept_share(example: dict[str, Any], style: Style) -> float:
    """The share of objects that are read by a layout when this vendor's example comes 30 times with other values."""
    from native_pricer._engine import Core

    core, dice = Core(), random.Random(11)
    for _ in range(30):
        assert core.understands(written(_other_values(example, dice), style, dice))
    whole, whole_missed, parts, parts_missed = core.predicted()
    return (whole + parts) / (whole + whole_missed + parts + parts_missed)


def _other_values(value: Any, dice: random.Random) -> Any:
    """Numbers, flags and the digits in texts drawn anew; the condition and the kind of notification stay."""
    if isinstance(value, dict):
        return {name: _other_values(inner, dice) for name, inner in value.items()}
    if isinstance(value, list):
        return [_other_values(inner, dice) for inner in value]
    if isinstance(value, bool):
        return dice.random() < 0.5
    if isinstance(value, int | float):
        return dice.randrange(1, 10**5) if isinstance(value, int) else dice.randrange(100, 10**7) / 100
    return value.replace("3", str(dice.randrange(10))) if value.isalnum() else value


STYLES = [COMPACT, Style(False, None, ": ", 0.0), Style(False, 2, ": ", 0.0)]


@pytest.mark.shared
@pytest.mark.parametrize("style", STYLES)
def test_layouts_serve_the_vendor_s_own_example(shared_dir: Path, style: Style) -> None:
    """New are the notification, the offer, and one or two kinds of each listed entry; then none."""
    (example,) = json.loads((shared_dir / SCHEMA).read_bytes())["examples"]
    assert _kept_share(example, style) > 0.96


@pytest.mark.parametrize("style", STYLES)
def test_layouts_serve_our_recorded_sample(style: Style) -> None:
    samples = json.loads(SAMPLE.read_bytes())
    found = [s for s in _objects(samples) if s.get("NotificationType") == "ANY_OFFER_CHANGED"]
    assert found
    for sample in found:
        assert _kept_share(sample, style) > 0.96


def _objects(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict) else []), *(o for i in inner for o in _objects(i))]
