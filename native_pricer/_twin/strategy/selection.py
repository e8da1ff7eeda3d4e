"""Safe selection for one listing: a few arms, tried against the one that has proved itself."""

from __future__ import annotations

from math import exp, sqrt

from native_pricer._twin.strategy.odds import logged, margin
from native_pricer._twin.strategy.rival_model import best_against, model, signed_page
from native_pricer._twin.strategy.rules import beat, match_box, oscillate, raise_alone
from native_pricer._twin.strategy.seen import ARMS, MINUTE_US, WE, Genes, Memory, Seen


def busy(s: Seen) -> float:
    return 0.4 if s.minute < 420 else 1.2


def earning(s: Seen, g: Genes) -> float:
    """What this moment earns an hour, of a demand of one buyer an hour at the reference price."""
    earns, value = margin(s, s.price), 0.0
    drawn = exp(s.elasticity_centi / 100.0 * logged(s, s.rivals[s.holder].landed if s.holder >= 0 else s.landed))
    if s.holder == WE:
        value += 0.8 * drawn * (earns + g["bonus_minor"])
    if not s.rivals or s.landed <= s.lowest:
        value += 0.2 * drawn * earns
    return value * busy(s)


def account(s: Seen, m: Memory, g: Genes) -> None:
    if m.last_us > 0 and s.now_us > m.last_us:
        hours = (s.now_us - m.last_us) / 3600e6
        if m.last_us >= m.epoch_us:
            m.got += m.rate * hours
            m.span += hours * busy(s)
        m.earned += m.rate * hours
    m.last_us = s.now_us
    m.rate = earning(s, g)


def best_arm(m: Memory) -> int:
    best = 0
    for i in range(1, ARMS):
        if m.tries[i] > 0 and (m.tries[best] == 0 or m.mean[i] > m.mean[best]):
            best = i
    return best


def next_arm(m: Memory, g: Genes) -> int:
    """The best so far, or one that may be better, as long as trying has cost little and the page is alive."""
    best = pick = best_arm(m)
    if m.moves < g["quiet"] or m.lost * 1000.0 > g["loss_cap_pm"] * m.earned:
        return best
    top = -1e300
    for i in range(ARMS):
        if m.tries[i] == 0:
            return i
        hope = m.mean[i] + g["explore_pct"] / 100.0 * m.mean[best] / sqrt(m.tries[i])
        if hope > top:
            top, pick = hope, i
    return pick


def select(s: Seen, m: Memory, g: Genes) -> None:
    """Close an epoch that is over, or that goes badly, and choose the arm of the next."""
    if m.epoch_us == 0:
        m.epoch_us = s.now_us
        return
    if m.span <= 0:
        return
    best, length, mean = best_arm(m), g["epoch_min"] / 60.0, m.got / m.span
    if s.now_us < m.epoch_us + g["epoch_min"] * MINUTE_US and (
        best == m.arm or m.span < length * 0.3 or mean >= g["abort_pct"] / 100.0 * m.mean[best]
    ):
        return
    weight = m.span / length if m.span < length else 1.0
    if best != m.arm and mean < m.mean[best]:
        m.lost += (m.mean[best] - mean) * m.span
    m.mean[m.arm] = (m.mean[m.arm] * m.tries[m.arm] + mean * weight) / (m.tries[m.arm] + weight)
    m.tries[m.arm] += weight
    m.tries = [tries * (g["keep_pm"] / 1000.0) for tries in m.tries]
    pick = next_arm(m, g)
    m.epoch_us = s.now_us
    if pick != m.arm:
        m.epoch_us += g["skip_min"] * MINUTE_US
        m.sign = 0
    m.got = m.span = 0.0
    m.moves = 0
    m.arm = pick


def adaptive(s: Seen, m: Memory, g: Genes) -> int | None:
    """One of six arms, each held to few writes; small steps down are left out, so that no race is fed."""
    if s.now_us - m.wrote_us < (g["arm_pace_min"] if m.arm > 0 else g["pace_min"]) * MINUTE_US:
        return None
    if m.arm in (0, 5):
        page = signed_page(s)
        if page == m.sign:
            return None
        m.sign = page
    want: int | None
    match m.arm:
        case 0:
            want = model(s, m, g)
        case 1:
            want = beat(s, 1, 0)
        case 2:
            want = oscillate(s, 1, 0, 1, 4)
        case 3:
            want = match_box(s)
        case 4:
            want = raise_alone(s, m, 100, 5)
        case _:
            want = best_against(s, m, g, True)
    if want is None:
        return None
    want = min(max(want, s.floor), s.ceiling)
    if m.arm in (1, 2) and want < s.price and (s.price - want) * 10000 < s.price * g["band_bp"]:
        return None
    return want
