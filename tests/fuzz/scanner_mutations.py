"""Notifications to try a scanner with: written as several senders might, then damaged. Same dice, same bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner_senders import Shape

TEXTS = ("", "A", "new", "New", "A" * 15, "A" * 16, "A" * 31, "A" * 127, "A" * 128, "A" * 129, "é" * 64, "é" * 128)
TEXTS += ("É", "日本", "\U0001f600", "\x7f", "a\u0085b", "null", "}", '{"Amount":1}', "ANY_OFFER_CHANGED")
QUOTED = (r'"a\"b"', r'"\u0041"', r'"\ud800"', r'"a\\"', r'"\x"', r'"tab\t"', '"raw\ttab"', '"nul\x00"', r'"\/"')
NUMBERS = (
    "0", "0.0", "00", "01", "1", "-1", "-0", "1.", ".5", "1.5", "19.99", "19.990", "19.995", "1e2", "1E+2", "0.1e1",
    "1234567", "12345678", "123456.7", "1234567.8", "0.1234567", "999999.99", "1234567890123.45", "NaN", "+1",
    "1" * 15, "9" * 16, "1" * 19, "0." + "0" * 14, "0.0000000000000001", "1" + "0" * 13, "100000000000.00",
)  # fmt: skip
VALUES = ("null", "true", "false", "tru", "True", "{}", "[]", "[1,2]", '{"a":{"b":[null]}}', '"text"', "0", '"open')
VALUES += ("[" * 40 + "]" * 40, "[" * 9 + "]" * 9)
NAMES = ("SellerId", "Amount", "CurrencyCode", "Offers", "Condition", "Unknown", "", "É", "Amount ", "amount")
BLANKS = (b" ", b"\n", b"\r\n", b"\t", b" " * 17, b"\x0b", b"\x0c", b"\x00", b"\xc2\xa0", b"\xef\xbb\xbf")
PIECES = (*BLANKS, *(bytes([c]) for c in b'"\\,:{}[]09.-e\x1f\x7f\x80\xff\xc3'), b"\xc0\x80", b"\xed\xa0\x80")
PIECES += (b"\xf4\x90\x80\x80", b"\xe2\x82\xac", b"JPY", b"USD", b"true", b"null")


@dataclass(frozen=True, slots=True)
class Style:
    """How one sender writes JSON."""

    shuffle: bool  # keys in a new order each time
    indent: int | None
    colon: str
    odd: float  # share of values, keys and gaps written in an unusual way


def bursts(dice: random.Random) -> Iterator[bytes]:
    """Without end: a few notifications of one sender, so that a layout can be learned, some of them damaged."""
    while True:
        shuffle, indent = dice.random() < 0.3, dice.choice((None, None, 1, 2, 4))
        colon = dice.choice((":", ":", ": ", " : "))
        shape = Shape.drawn(dice)
        for _ in range(dice.randrange(2, 7)):
            odd = dice.choice((0.0, 0.0, 0.002, 0.01, 0.05))
            raw = written(shape.notice(dice), Style(shuffle, indent, colon, odd), dice)
            yield raw
            for _ in range(dice.randrange(2, 9)):
                yield damaged(raw, dice)


def written(value: Any, style: Style, dice: random.Random) -> bytes:
    return "".join(_pieces(value, style, dice, 0)).encode("utf-8", "surrogatepass")


def _pieces(value: Any, style: Style, dice: random.Random, depth: int) -> Iterator[str]:
    odd = style.odd and dice.random() < style.odd
    if isinstance(value, dict | list):
        if odd and dice.random() < 0.3:
            yield dice.choice(VALUES)
            return
        gap = "" if style.indent is None else "\n" + " " * style.indent * (depth + 1)
        entries = list(value.items()) if isinstance(value, dict) else [(None, inner) for inner in value]
        if style.shuffle and isinstance(value, dict):
            dice.shuffle(entries)
        if odd and entries:
            entries = _rearranged(entries, dice)
        yield "{" if isinstance(value, dict) else "["
        for i, (name, inner) in enumerate(entries):
            yield ("," if i else "") + gap
            if name is not None:
                yield _text(name, style, dice) + style.colon
            yield from _pieces(inner, style, dice, depth + 1)
        if entries:
            yield gap[: -style.indent] if style.indent else gap
        yield "}" if isinstance(value, dict) else "]"
    elif odd:
        yield dice.choice((*NUMBERS, *NUMBERS, *QUOTED, *VALUES, *(json.dumps(t, ensure_ascii=False) for t in TEXTS)))
    elif isinstance(value, str):
        yield _text(value, style, dice)
    else:
        yield json.dumps(value)


def _text(value: str, style: Style, dice: random.Random) -> str:
    if style.odd and dice.random() < style.odd / 4:
        at = dice.randrange(len(value) + 1)
        value = value[:at] + dice.choice(TEXTS) + value[at:]
        return json.dumps(value, ensure_ascii=dice.random() < 0.5)
    return f'"{value}"'


def _rearranged(entries: list[Any], dice: random.Random) -> list[Any]:
    """One entry doubled, gone, moved or, in an object, under another name."""
    at, to = dice.randrange(len(entries)), dice.randrange(len(entries))
    match dice.randrange(4):
        case 0:
            entries.insert(to, entries[at])
        case 1:
            del entries[at]
        case 2:
            entries[at], entries[to] = entries[to], entries[at]
        case _ if entries[at][0] is not None:
            entries[at] = dice.choice(NAMES), entries[at][1]
    return entries


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """One to three bytes or pieces flipped, put in, taken out, repeated; or the end cut off."""
    data = bytearray(raw)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(data):
                data[at] = dice.randrange(256)
            case 2:
                data[at:at] = dice.choice(PIECES)
            case 3:
                del data[at : at + dice.choice((1, 1, 2, 5, 40))]
            case 4:
                data[at : at + 1] = dice.choice(PIECES)
            case 5:
                data[at:at] = data[at : at + dice.randrange(1, 200)]
            case _ if dice.random() < 0.3:
                del data[at:]
    return bytes(data)
