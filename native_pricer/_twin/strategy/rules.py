"""Strategies that are one rule: beat, match, oscillate, raise when alone, lead."""

from __future__ import annotations

from native_pricer._twin.strategy.seen import MINUTE_US, WE, Memory, Seen


def lowest_but(s: Seen, but: int, landed: int) -> int:
    return min([landed, *(rival.landed for i, rival in enumerate(s.rivals) if i != but)])


def beat(s: Seen, minor: int, bp: int) -> int | None:
    if not s.rivals:
        return None
    return max(1, s.lowest - s.shipping - minor - s.lowest * bp // 10000)


def match_box(s: Seen) -> int | None:
    if s.holder == WE or not s.rivals:
        return None
    return max(1, (s.rivals[s.holder].landed if s.holder >= 0 else s.lowest) - s.shipping)


def oscillate(s: Seen, minor: int, bp: int, night_from: int, night_to: int) -> int | None:
    want = beat(s, minor, bp)
    at_night = night_from <= s.minute // 60 <= night_to
    return s.ceiling if at_night or (want is not None and want < s.floor) else want


def raise_alone(s: Seen, m: Memory, step_bp: int, every_min: int) -> int | None:
    if s.holder != WE:
        return match_box(s)
    if s.now_us - m.raised_us < every_min * MINUTE_US:
        return None
    m.raised_us = s.now_us
    return s.price + s.price * step_bp // 10000


def lead(s: Seen, m: Memory, step_bp: int, every_min: int) -> int | None:
    if s.now_us - m.raised_us < every_min * MINUTE_US:
        return None
    before, m.raised_us = m.raised_us, s.now_us
    if before > 0 and s.rivals and s.lowest * 10000 < s.landed * (10000 - 2 * step_bp):
        return s.lowest - s.shipping
    return s.price + s.price * step_bp // 10000
