"""Ids as the vendors print them, made from a channel's numbers and read back: truth and servers agree on them.

An id is a base plus a step times the number, and for eBay's orders the usual dashes.
"""

from __future__ import annotations

import uuid
from typing import Final

from platforms.simulated.state import EBAY, TIKTOK, WALMART

_SHAPES: Final[dict[tuple[str, str], tuple[int, int]]] = {
    (EBAY, "sale"): (19_00000_10_007, 7_919),
    (EBAY, "line"): (10_062_000_000_011, 13),
    (EBAY, "item"): (295_100_000_017, 1_009),
    (EBAY, "return"): (5_200_000_019, 3),
    (EBAY, "refund"): (5_600_000_023, 3),
    (EBAY, "thread"): (710_000_029, 7),
    (EBAY, "letter"): (2_800_000_031, 11),
    (EBAY, "charge"): (13_000_000_037, 3),
    (EBAY, "shipment"): (940_000_000_041, 17),
    (EBAY, "listener"): (60_000_043, 1),
    (EBAY, "offer"): (8_100_000_053, 3),
    (EBAY, "campaign"): (11_500_000_059, 7),
    (EBAY, "ad_group"): (21_500_000_061, 7),
    (EBAY, "ad"): (31_500_000_067, 7),
    (EBAY, "keyword"): (41_500_000_071, 7),
    (EBAY, "negative"): (51_500_000_073, 7),
    (WALMART, "sale"): (1_796_277_000_047, 3_571),
    (WALMART, "customer_order"): (200_001_000_000_053, 3_571),
    (WALMART, "item"): (5_059_000_059, 1_013),
    (WALMART, "return"): (163_500_000_000_000_061, 7_907),
    (WALMART, "refund"): (72_000_000_067, 3),
    (WALMART, "thread"): (31_000_071, 7),
    (WALMART, "letter"): (32_000_073, 7),
    (WALMART, "charge"): (44_000_000_079, 3),
    (WALMART, "shipment"): (88_000_000_083, 3),
    (WALMART, "listener"): (70_000_089, 1),
    (TIKTOK, "sale"): (576_461_413_038_000_097, 65_537),
    (TIKTOK, "line"): (577_086_512_123_000_101, 4_099),
    (TIKTOK, "item"): (1_729_592_969_712_000_103, 65_539),
    (TIKTOK, "sku"): (1_729_592_969_712_700_107, 65_539),
    (TIKTOK, "return"): (4_035_318_504_086_000_109, 65_537),
    (TIKTOK, "refund"): (4_035_318_504_087_000_113, 65_537),
    (TIKTOK, "thread"): (7_285_109_128_901_000_127, 4_099),
    (TIKTOK, "letter"): (7_285_109_128_902_000_131, 4_099),
    (TIKTOK, "charge"): (3_458_776_543_000_000_137, 257),
    (TIKTOK, "shipment"): (1_152_321_127_278_000_139, 65_537),
    (TIKTOK, "listener"): (80_000_149, 1),
}


def print_id(channel: str, what: str, number: int, unit: int = 0) -> str:
    """The vendor's id of number `number` of `what`: sale, line, item, return, refund, thread, letter, charge …

    `unit` tells the units of one line apart where a vendor prints each as a line of its own (TikTok): 0, 1, 2 …
    """
    base, step = _SHAPES[channel, what]
    text = str(base + step * number + unit)
    if (channel, what) == (EBAY, "sale"):
        text = text.zfill(12)
        return f"{text[:2]}-{text[2:7]}-{text[7:]}"
    return text


def read_id(channel: str, what: str, text: str) -> int | None:
    """The number behind a vendor's id; None when it cannot be one of ours. It may still be of nothing that exists."""
    number, unit = read_unit(channel, what, text) or (None, 0)
    return number if unit == 0 else None


def read_unit(channel: str, what: str, text: str) -> tuple[int, int] | None:
    """(number, unit) behind an id that was printed with a unit; None when it cannot be one of ours."""
    base, step = _SHAPES[channel, what]
    if (channel, what) == (EBAY, "sale"):
        text = text.replace("-", "")
    if not (text.isascii() and text.isdigit() and len(text) < 25):
        return None
    number, unit = divmod(int(text) - base, step)
    return (number, unit) if number > 0 else None


def event_id(channel: str, seed: int, change: int) -> str:
    """A UUID of one change: all its copies carry the same, and a replay makes the same again."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed}/{channel}/{change}"))
