"""The pricing strategies in plain Python: what `_strategy.pxi` does, readably. Tests hold both equal to the last bit.

Sums of floats are written in the same order as there, so that rounding is the same. Units: minor units, epoch µs,
basis points; landed = listing + shipping. What each species and gene means is said in `strategies.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import Final, NamedTuple

from native_pricer.strategies import SPECIES, Strategy

SEEN_RIVALS: Final = 20
ARMS: Final = 6
STEPS: Final = 40
WE: Final = -1
NOBODY: Final = -2
MOST: Final = 10**12
PROVOKED_US: Final = 3_600_000_000
MINUTE_US: Final = 60_000_000
_64: Final = 2**64 - 1


class Rival(NamedTuple):
    """An offer of another seller as a notification shows it. `rating` in percent, −1 = unknown; `handling` in days."""

    landed: int
    who: int
    fba: int = 0
    rating: int = 95
    handling: int = 1


class Seen(NamedTuple):
    """What is publicly shown of a page, our own numbers, and the clock. Fields as in `_strategy.pxi`."""

    now_us: int
    price: int
    shipping: int
    floor: int
    ceiling: int
    unit_cost: int
    reference: int
    units: int
    fee_bp: int
    elasticity_centi: int
    minute: int
    fba: int
    rating: int
    handling: int
    pending: int
    holder: int
    rivals: tuple[Rival, ...]

    @property
    def landed(self) -> int:
        return self.price + self.shipping

    @property
    def lowest(self) -> int:
        return min(rival.landed for rival in self.rivals)


@dataclass(slots=True)
class Known:
    """What one rival's moves have shown; see `_strategy.pxi`."""

    landed: int
    high: int
    floor: int = 0
    stop: int = 0
    gap: int = 0
    fooled: bool = False
    changes: int = 0
    boxes: int = 0
    cuts: int = 0

    @property
    def follows_box(self) -> bool:
        return self.boxes > self.cuts


@dataclass(slots=True)
class Memory:
    raised_us: int = 0
    wrote_us: int = 0
    sign: int = 0
    box: int = 0
    holder: int = 0
    epoch_us: int = 0
    last_us: int = 0
    rate: float = 0.0
    got: float = 0.0
    span: float = 0.0
    earned: float = 0.0
    lost: float = 0.0
    heat: float = 0.0
    limits: int = 0
    offers: int = 0
    tries: list[float] = field(default_factory=lambda: [0.0] * ARMS)
    mean: list[float] = field(default_factory=lambda: [0.0] * ARMS)
    arm: int = 0
    moves: int = 0
    known: dict[int, Known] = field(default_factory=dict)


@dataclass(slots=True)
class Field:
    """The rivals at certain landed prices, as odds of being featured (0 = cannot be) and demand."""

    landed: list[int]
    weight: list[float]
    drawn: list[float]
    chance: float = 0.0

    def copy(self) -> Field:
        return Field(list(self.landed), list(self.weight), list(self.drawn))


@dataclass(slots=True)
class Plan:
    now: Field
    then: Field
    stick: float
    known: list[Known | None]  # None: it never moved


class Genes:
    """A strategy's genes by name."""

    def __init__(self, strategy: Strategy) -> None:
        names = [gene.name for gene in SPECIES[strategy.species].genes]
        self._values = dict(zip(names, strategy.genes, strict=True))

    def __getitem__(self, name: str) -> int:
        return self._values.get(name, 0)


# --- rules -------------------------------------------------------------------------------------------


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


# --- odds and worth ----------------------------------------------------------------------------------


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


# --- the rival model ---------------------------------------------------------------------------------


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
        x = ((x ^ part) * 1099511628211) & _64
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


# --- safe selection per listing ----------------------------------------------------------------------


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


def readable(s: Seen) -> bool:
    return (
        1 <= s.floor <= s.ceiling <= MOST
        and 1 <= s.price <= MOST
        and all(0 <= value <= MOST for value in (s.shipping, s.reference, s.unit_cost))
        and 0 <= s.fee_bp <= 10000
        and -2000 <= s.elasticity_centi <= 0
        and 0 <= s.minute <= 1439
        and -1 <= s.rating <= 100
        and len(s.rivals) <= SEEN_RIVALS
        and NOBODY <= s.holder < len(s.rivals)
        and 0 <= s.now_us <= 4 * 10**18
        and all(1 <= rival.landed <= MOST and -1 <= rival.rating <= 100 for rival in s.rivals)
    )


def wish(strategy: Strategy, s: Seen, m: Memory, g: Genes) -> int | None:
    first: Sequence[int] = strategy.genes
    match strategy.species:
        case "beat":
            return beat(s, first[0], first[1])
        case "match":
            return match_box(s)
        case "oscillate":
            return oscillate(s, first[0], first[1], first[2], first[3])
        case "raise_alone":
            return raise_alone(s, m, first[0], first[1])
        case "price_leader":
            return lead(s, m, first[0], first[1])
        case "myopic":
            return myopic(s, g)
        case "adaptive":
            return adaptive(s, m, g)
    if s.now_us - m.wrote_us < g["pace_min"] * MINUTE_US:
        return None
    match strategy.species:
        case "elasticity" if s.elasticity_centi < 0:
            return best_against(s, m, g, False)
        case "rival_model":
            return model(s, m, g)
        case "share_first":
            return share_first(s, m, g)
    return None


def decide(strategy: Strategy, s: Seen, m: Memory) -> int | None:
    """The listing price that the strategy wants, within floor and ceiling; None = leave it."""
    if not readable(s):
        return None
    g, minds = Genes(strategy), SPECIES[strategy.species].number >= SPECIES["rival_model"].number
    if minds:
        observe(s, m, g)
    if strategy.species == "adaptive":
        account(s, m, g)
        select(s, m, g)
    want = None if s.pending else wish(strategy, s, m, g)
    if want is None:
        return None
    want = min(max(want, s.floor), s.ceiling)
    if want == s.price:
        return None
    if minds:
        m.heat += 1.0
    m.wrote_us = s.now_us
    return want
