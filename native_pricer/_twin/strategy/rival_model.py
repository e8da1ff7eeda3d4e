"""What each rival's moves tell of it, and what is best against the moves that it is likely to answer with."""

from __future__ import annotations

from math import exp

from native_pricer._twin.strategy.odds import grid, place, placed, worth
from native_pricer._twin.strategy.rules import lowest_but
from native_pricer._twin.strategy.seen import (
    PROVOKED_US,
    SEEN_RIVALS,
    STEPS,
    WE,
    WORD,
    Genes,
    Known,
    Memory,
    Plan,
    Rival,
    Seen,
)


def learn(s: Seen, m: Memory, i: int, k: Known) -> None:
    """What rival `i`'s move tells: does it follow the Buy Box, undercut, or is that its floor?"""
    rival = s.rivals[i]
    gap = lowest_but(s, i, s.landed) - rival.landed
    if rival.landed == m.box or (m.holder == rival.who and rival.landed > k.landed):
        k.boxes += 1
    elif gap > 0:
        k.gap = gap
        k.cuts += 1
    elif rival.landed < k.landed:
        if not k.fooled or rival.landed == k.stop:
            k.floor = rival.landed
        k.stop = rival.landed
    if rival.landed < k.floor:
        k.floor, k.fooled = 0, True
    k.changes += 1
    k.landed = rival.landed
    k.high = max(k.high, k.landed)


def observe(s: Seen, m: Memory, g: Genes) -> None:
    before = m.moves
    for i, rival in enumerate(s.rivals):
        if (k := m.known.get(rival.who)) is not None:
            if k.landed != rival.landed:
                learn(s, m, i, k)
                m.moves += 1
        elif len(m.known) < SEEN_RIVALS:
            m.known[rival.who] = Known(rival.landed, rival.landed)
    limits = s.floor * 3 + s.ceiling * 5 + s.unit_cost * 7
    if m.limits != limits:
        m.limits, m.heat = limits, 0.0
    if (m.moves > before or m.offers != len(s.rivals)) and s.now_us - m.wrote_us > PROVOKED_US:
        m.heat = max(0.0, m.heat - g["cool_centi"] / 100.0)
    m.offers = len(s.rivals)
    m.box = s.rivals[s.holder].landed if s.holder >= 0 else (s.landed if s.holder == WE else 0)
    m.holder = s.rivals[s.holder].who if s.holder >= 0 else 0


def moved(m: Memory, rival: Rival) -> Known | None:
    k = m.known.get(rival.who)
    return k if k is not None and k.changes > 0 else None


def prepare(s: Seen, m: Memory, g: Genes) -> Plan:
    now = placed(s, g)
    return Plan(now, now.copy(), exp(g["incumbent_centi"] / 100.0) - 1.0, [moved(m, rival) for rival in s.rivals])


def react(s: Seen, plan: Plan, k: Known, i: int, to: int, g: Genes) -> None:
    """Put rival `i` where it would go, within what it has shown; upwards only where that may be counted on."""
    rest = k.floor
    if k.floor == 0 and not k.fooled:
        rest = min(s.reference * g["rest_pct"] // 100, s.rivals[i].landed)
    to = min(max(to, rest), k.high)
    if g["follow_up"] == 0:
        to = min(to, s.rivals[i].landed)
    to = max(to, 1)
    if to != plan.then.landed[i]:
        place(s, plan.then, i, to, g)


def foreseen(s: Seen, m: Memory, plan: Plan, price: int, g: Genes) -> float:
    """Worth of a price once the rivals have reacted to it: one step ahead."""
    boxed = False
    for i, k in enumerate(plan.known):
        if k is None:
            continue
        if k.follows_box:
            boxed = True
            if plan.then.landed[i] != s.rivals[i].landed:
                place(s, plan.then, i, s.rivals[i].landed, g)
        else:
            react(s, plan, k, i, lowest_but(s, i, price + s.shipping) - k.gap, g)
    value = worth(s, plan.then, price, g, plan.stick)
    if boxed:
        none, missed = 1.0 - plan.then.chance, 1.0
        for _ in range(g["redraws"]):
            missed *= none
        for i, k in enumerate(plan.known):
            if k is not None and k.follows_box:
                react(s, plan, k, i, price + s.shipping, g)
        value = missed * value + (1.0 - missed) * worth(s, plan.then, price, g, plan.stick)
    if g["now_pm"] > 0:
        value += g["now_pm"] / 1000.0 * (worth(s, plan.now, price, g, plan.stick) - value)
    return value


def signed_page(s: Seen) -> int:
    x = 1469598103934665603
    for part in (s.price, s.floor, s.ceiling, s.unit_cost, *(p for r in s.rivals for p in (r.landed, r.who))):
        x = ((x ^ part) * 1099511628211) & WORD
    return x


def model(s: Seen, m: Memory, g: Genes) -> int | None:
    """The price of highest foreseen worth; a move must be better than staying by `gain_bp`."""
    inside = s.floor <= s.price <= s.ceiling
    if m.heat > g["stop_after"] - 1.0 and inside:
        return None
    plan = prepare(s, m, g)
    candidates = list(grid(s, STEPS))
    for rival, k in zip(s.rivals, plan.known, strict=True):
        beside = [rival.landed] if k is None else [rival.landed, k.floor]
        candidates += [p for at in beside if s.floor <= (p := at - s.shipping - 1) <= s.ceiling]
    best, want = -1e300, s.floor
    for price in candidates:
        value = foreseen(s, m, plan, price, g)
        if value > best:
            best, want = value, price
    value = foreseen(s, m, plan, s.price, g)
    wanted = g["gain_bp"] / 10000.0 * (1.0 + m.heat * m.heat)
    return None if inside and best < value + abs(value) * wanted else want


def best_against(s: Seen, m: Memory, g: Genes, still_only: bool) -> int:
    """The price of highest worth if nobody reacted; `still_only`: and only those were there who never moved."""
    f, stick = placed(s, g), exp(g["incumbent_centi"] / 100.0) - 1.0
    if still_only:
        for i, rival in enumerate(s.rivals):
            if moved(m, rival) is not None:
                f.weight[i], f.landed[i] = 0.0, 2 * (s.ceiling + s.shipping)
    best, want = -1e300, s.ceiling
    for price in grid(s, STEPS):
        value = worth(s, f, price, g, stick)
        if value > best:
            best, want = value, price
    return want


def share_first(s: Seen, m: Memory, g: Genes) -> int | None:
    """The highest price that, after the rivals' reactions, is featured with the wanted odds; else the floor."""
    plan = prepare(s, m, g)
    price, step = s.ceiling, 1 + (s.ceiling - s.floor) // (2 * STEPS)
    while price > s.floor:
        foreseen(s, m, plan, price, g)
        if plan.then.chance * 1000.0 >= g["target_pm"]:
            break
        price -= step
    price = max(price, s.floor)
    if price > s.price >= s.floor and (price - s.price) * 10000 < s.price * g["gain_bp"]:
        return None
    return price
