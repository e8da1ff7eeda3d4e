"""The odds of being featured at a price, and what the price is worth then."""

from __future__ import annotations

from math import exp, log

from native_pricer._twin.strategy.seen import STEPS, Field, Genes, Seen


def appeal(fba: int, rating: int, handling: int, g: Genes) -> float:
    value = g["fba_centi"] / 100.0 if fba else 0.0
    if rating >= 0:
        value += 0.02 * (rating - 95)
    if handling > 2:
        value -= 0.3 * (handling - 2)
    return value


def able(rating: int) -> bool:
    return rating < 0 or rating >= 85


def logged(s: Seen, landed: int) -> float:
    x = log(landed / (s.reference if s.reference > 0 else s.ceiling))
    return max(-2.0, min(2.0, x))


def margin(s: Seen, price: int) -> float:
    return price - price * s.fee_bp / 10000.0 - s.unit_cost


def place(s: Seen, f: Field, i: int, landed: int, g: Genes) -> None:
    x, rival = logged(s, landed), s.rivals[i]
    f.landed[i] = landed
    f.drawn[i] = exp(s.elasticity_centi / 100.0 * x)
    f.weight[i] = 0.0
    if able(rival.rating):
        f.weight[i] = exp(appeal(rival.fba, rival.rating, rival.handling, g) - g["kappa"] * x)


def placed(s: Seen, g: Genes) -> Field:
    n = len(s.rivals)
    f = Field([0] * n, [0.0] * n, [0.0] * n)
    for i, rival in enumerate(s.rivals):
        place(s, f, i, rival.landed, g)
    return f


def worth(s: Seen, f: Field, price: int, g: Genes, stick: float) -> float:
    """Expected profit per buyer who would come at the reference price; notes our chance of being featured."""
    landed = price + s.shipping
    x = logged(s, landed)
    ours = exp(appeal(s.fba, s.rating, s.handling, g) - g["kappa"] * x)
    total, low_share = ours, 1.0
    for weight, at in zip(f.weight, f.landed, strict=True):
        total += weight
        if at < landed:
            low_share = 0.0
        elif at == landed:
            low_share *= g["tie_pct"] / 100.0
    held = ours * (total + stick * ours)
    box = held * exp(s.elasticity_centi / 100.0 * x)
    all_held, drawn = held, box
    for weight, at_price in zip(f.weight, f.drawn, strict=True):
        if weight > 0.0:
            theirs = weight * (total + stick * weight)
            all_held += theirs
            drawn += theirs * at_price
    f.chance = held / all_held
    earns = margin(s, price)
    return (0.8 * box * (earns + g["bonus_minor"]) + 0.2 * low_share * drawn * earns) / all_held


def grid(s: Seen, steps: int) -> range:
    return range(s.floor, s.ceiling + 1, 1 + (s.ceiling - s.floor) // steps)


def myopic(s: Seen, g: Genes) -> int:
    if not s.rivals:
        return s.ceiling
    others = 0.0
    for r in s.rivals:
        if able(r.rating):
            others += exp(appeal(r.fba, r.rating, r.handling, g) - g["kappa"] * logged(s, r.landed))
    best, want = 0.0, s.floor
    for price in grid(s, 5 * STEPS):
        ours = exp(appeal(s.fba, s.rating, s.handling, g) - g["kappa"] * logged(s, price + s.shipping))
        value = ours / (ours + others) * margin(s, price)
        if value > best:
            best, want = value, price
    return want
