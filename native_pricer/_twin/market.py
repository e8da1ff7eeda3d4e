"""The market bench in plain Python: what `_market.pyx` does, readably. Tests hold both equal on small cases.

One tick is half a minute: our prices go live, rivals wake, the Buy Box is redrawn, we are asked, buyers come.
Every draw belongs to (seed, purpose, tick), so one policy's doings never move another's dice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from native_pricer import market_laws as k
from native_pricer._twin.strategy import NOBODY, WE, Memory, Rival, Seen, decide
from native_pricer.market_laws import Laws
from native_pricer.strategies import Strategy

PAGE, BOX, BUYERS, CHOICE, APPLY, RIVAL = range(6)
MAX_OWN: Final = 2
MAX_UNITS: Final = 6
_64: Final = 2**64 - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


def _mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _64
    return x ^ (x >> 31)


def stream(seed: int, which: int) -> int:
    return _mixed((seed * _GOLDEN + (which + 1) * 0xD1B54A32D192ED03) & _64)


def dice(key: int, at: int) -> float:
    """The uniform number in [0, 1) of one stream at one place."""
    return (_mixed((key + (at + 1) * _GOLDEN) & _64) >> 11) * (1.0 / 9007199254740992.0)


def between(u: float, bounds: tuple[float, float]) -> float:
    return bounds[0] + u * (bounds[1] - bounds[0])


@dataclass(slots=True)
class Seller:
    """`kind`: one of `market_laws.KINDS`, or "ours". `back_at` 0 = in stock. Times in ticks, listing prices."""

    who: int
    kind: str
    fba: bool
    rating: int
    handling: int
    shipping: int
    price: int
    floor: int = 0
    home: int = 0
    delay: int = 0
    wakes_at: int = 0
    back_at: int = 0

    @property
    def landed(self) -> int:
        return self.price + self.shipping

    def appeal(self, laws: Laws) -> float:
        return (
            (laws.fba if self.fba else 0.0)
            + laws.quality * (self.rating - 95) / 100.0
            - laws.handling * (self.handling - 2 if self.handling > 2 else 0)
        )


@dataclass(slots=True)
class Own:
    """One strategy of ours on the page, and what it came to."""

    strategy: Strategy
    floor: int
    ceiling: int
    unit_cost: int
    lowest: int
    highest: int
    memory: Memory = field(default_factory=Memory)
    due: int = 0
    pending: int = 0
    profit: int = 0
    revenue: int = 0
    units: int = 0
    held: int = 0
    eligible: int = 0
    writes: int = 0
    last_write: int = 0
    winnable: int = 0
    held_winnable: int = 0
    could_win: bool = False


def next_price(me: Seller, lowest: int | None, featured: int | None, is_featured: bool, hour: int, reset: bool) -> int:
    """What a rival asks when it wakes: the laws of the demo's rivals, in whole numbers. Prices seen are landed."""
    kind = me.kind
    if kind == "fixed":
        return me.price
    if kind == "raise_until_lost":
        if is_featured:
            most = (me.home * (10000 + k.RAISE_MOST_BP) + 5000) // 10000
            return min((me.price * (10000 + k.RAISE_BP) + 5000) // 10000, most)
        kind = "match"
    if kind == "match":
        target = featured if featured is not None else lowest
        return me.home if target is None else min(max(target - me.shipping, me.floor), me.home)
    if kind == "oscillate":
        at_night = k.NIGHT_RESET_HOURS[0] <= hour <= k.NIGHT_RESET_HOURS[1]
        if at_night or (me.price <= me.floor and reset):
            return me.home
    if lowest is None:
        return me.home
    step = max(1, (lowest * k.UNDERCUT_BP + 5000) // 10000) if kind == "undercut_share" else 1
    return min(max(lowest - step - me.shipping, me.floor), me.home)


class Market:
    """One page of `seed`, played tick by tick."""

    def __init__(self, seed: int, mix: Sequence[float], policies: Sequence[Strategy], laws: Laws, alone: bool) -> None:
        self.seed, self.laws, self.events, self.market_units = seed, laws, 0, 0
        key = stream(seed, PAGE)
        self.reference = int(between(dice(key, 0), k.REFERENCE_MINOR))
        base, power = float(self.reference), k.DEMAND_PRICE[1]
        scale = (k.DEMAND_PRICE[0] / base) ** power
        self.demand = between(dice(key, 1), k.DEMAND_PER_DAY) * scale / k.TICKS_PER_DAY
        self.most = int(base * (1.0 + laws.over_reference))
        rivals = k.RIVALS[0] + int(dice(key, 2) * (k.RIVALS[1] - k.RIVALS[0] + 1))
        n = len(policies) if alone else min(len(policies) + rivals, k.MAX_SELLERS)
        self.ours: list[Own] = []
        self.sellers: list[Seller] = []
        for i in range(n):
            if i < len(policies):
                self._open_ours(key, i, base, policies[i])
            else:
                self.sellers.append(self._rival(key, i, base, mix))
        self.featured = NOBODY

    def _open_ours(self, key: int, i: int, base: float, policy: Strategy) -> None:
        at, laws = 100 * (i + 1), self.laws
        share = between(dice(key, at + 1), (laws.break_even_low, laws.break_even_high))
        price = int(base * between(dice(key, at + 2), k.OUR_START))
        fba = dice(key, at) < k.OUR_FBA_CHANCE
        self.sellers.append(Seller(i + 1, "ours", fba, k.OUR_RATING, 1, 0, price))
        cost = int(base * share * (10000 - k.FEE_BP) / 10000.0)
        floor = int(base * share * (1.0 + k.MIN_MARGIN_SHARE)) + 1
        self.ours.append(Own(policy, floor, self.most, cost, price, price))

    def _rival(self, key: int, i: int, base: float, mix: Sequence[float]) -> Seller:
        at = 100 * (i + 1)
        u, kind = dice(key, at), k.KINDS[-1]
        for name, weight in zip(k.KINDS, mix, strict=True):
            u -= weight
            if u < 0:
                kind = name
                break
        fba = dice(key, at + 1) < k.RIVAL_FBA_CHANCE
        pays = not fba and dice(key, at + 2) >= k.RIVAL_FREE_SHIPPING
        shipping = k.RIVAL_SHIPPING[int(dice(key, at + 3) * 3)] if pays else 0
        home = int(base * between(dice(key, at + 4), k.RIVAL_START)) - shipping
        bounds = k.WRONG_FLOOR if dice(key, at + 5) < k.WRONG_FLOOR_CHANCE else k.RIVAL_FLOOR
        floor = int(base * between(dice(key, at + 6), bounds)) - shipping
        rating = int(between(dice(key, at + 7), (k.RIVAL_RATING[0], k.RIVAL_RATING[1] + 1)))
        handling = 1 if fba else k.RIVAL_HANDLING[int(dice(key, at + 8) * 5)]
        delay = int(between(dice(key, at + 9), k.RIVAL_DELAY_S) / k.TICK_S)
        wakes = 1 + int(dice(key, at + 10) * (delay + k.RIVAL_IDLE_S[0] / k.TICK_S))
        return Seller(i + 1, kind, fba, rating, handling, shipping, home, floor, home, delay, wakes)

    def _eligible(self, s: Seller) -> bool:
        return s.back_at == 0 and s.rating >= self.laws.min_rating and s.landed <= self.most

    def weights(self) -> list[float]:
        """Odds of being featured next, scaled to the best; 0 = not eligible; empty = nobody is."""
        able = [self._eligible(s) for s in self.sellers]
        if not any(able):
            return []
        low = min(math.log(s.landed) for s, can in zip(self.sellers, able, strict=True) if can)
        scores = [
            -self.laws.kappa * (math.log(s.landed) - low)
            + s.appeal(self.laws)
            + (self.laws.incumbent if i == self.featured else 0.0)
            for i, s in enumerate(self.sellers)
        ]
        top = max(score for score, can in zip(scores, able, strict=True) if can)
        return [math.exp(score - top) if can else 0.0 for score, can in zip(scores, able, strict=True)]

    def redraw(self, u: float) -> None:
        weights, total = self.weights(), 0.0
        self.featured = NOBODY
        for weight in weights:
            total += weight
        u *= total
        for i, weight in enumerate(weights):
            if weight > 0.0:
                self.featured = i
                u -= weight
                if u < 0.0:
                    break

    def _could_win(self, me: int) -> bool:
        own, us = self.ours[me], self.sellers[me]
        if own.floor + us.shipping > self.most:
            return False
        at, others = math.log(own.floor + us.shipping), 0.0
        for i, s in enumerate(self.sellers):
            if i != me and self._eligible(s):
                gap = math.log(s.landed) - at
                others += math.exp(-self.laws.kappa * gap + s.appeal(self.laws) - us.appeal(self.laws))
        return others <= 1.0

    def _in_stock(self) -> list[int]:
        return [i for i, s in enumerate(self.sellers) if s.back_at == 0]

    def _wake(self, t: int, hour: int) -> bool:
        changed = False
        for i, s in enumerate(self.sellers):
            if s.kind == "ours":
                continue
            shelf, mood = stream(self.seed, RIVAL + k.MAX_SELLERS + i), stream(self.seed, RIVAL + i)
            if s.back_at > 0:
                if s.back_at > t:
                    continue
                s.back_at, changed = 0, True
            elif dice(shelf, 2 * t) < k.OUT_OF_STOCK_PER_DAY / k.TICKS_PER_DAY:
                s.back_at = t + 1 + int(between(dice(shelf, 2 * t + 1), k.OUT_OF_STOCK_S) / k.TICK_S)
                changed = True
                continue
            if s.kind != "fixed" and s.wakes_at <= t:
                lowest = min((self.sellers[j].landed for j in self._in_stock() if j != i), default=None)
                featured = self.sellers[self.featured].landed if self.featured >= 0 else None
                reset = dice(mood, 2 * t) < k.RESET_AT_FLOOR
                price = next_price(s, lowest, featured, self.featured == i, hour, reset)
                s.wakes_at = t + s.delay + int(between(dice(mood, 2 * t + 1), k.RIVAL_IDLE_S) / k.TICK_S)
                if price != s.price:
                    s.price, changed = price, True
        return changed

    def _sell(self, t: int, busy: float) -> None:
        u, rate = dice(stream(self.seed, BUYERS), t), self.demand * busy
        in_stock = self._in_stock()
        if u < 1.0 - rate * 2.5 or not in_stock:
            return
        low = min(self.sellers[i].landed for i in in_stock)
        price = self.sellers[self.featured].landed if self.featured >= 0 else low
        rate *= (price / self.reference) ** -self.laws.elasticity
        p, buyer, choice = math.exp(-rate), 0, stream(self.seed, CHOICE)
        while u >= p and buyer < MAX_UNITS:
            u -= p
            buyer += 1
            p *= rate / buyer
            self.market_units += 1
            pick = self.featured
            if dice(choice, 16 * t + buyer) >= self.laws.to_featured:
                tied = [i for i in in_stock if self.sellers[i].landed == low]
                pick = tied[int(dice(choice, 16 * t + 8 + buyer) * len(tied))]
            if 0 <= pick < len(self.ours):
                own, paid = self.ours[pick], self.sellers[pick].landed
                own.units += 1
                own.revenue += paid
                own.profit += paid - (paid * k.FEE_BP + 5000) // 10000 - own.unit_cost

    def seen(self, me: int, t: int) -> Seen:
        """The page as a notification would show it to us: never floors, kinds or delays."""
        own, us = self.ours[me], self.sellers[me]
        shown = [i for i in self._in_stock() if i != me]
        holder = WE if self.featured == me else (shown.index(self.featured) if self.featured in shown else NOBODY)
        rivals = [(self.sellers[i], i) for i in shown]
        return Seen(
            k.START_US + t * k.TICK_S * 1_000_000,
            us.price,
            us.shipping,
            own.floor,
            own.ceiling,
            own.unit_cost,
            self.reference,
            own.units,
            k.FEE_BP,
            int(-100.0 * self.laws.elasticity),
            (t % k.TICKS_PER_DAY) * k.TICK_S // 60,
            int(us.fba),
            us.rating,
            us.handling,
            int(own.due > 0),
            holder,
            tuple(Rival(s.landed, s.who, int(s.fba), s.rating, s.handling) for s, _ in rivals),
        )

    def _consult(self, me: int, t: int) -> None:
        own = self.ours[me]
        want = decide(own.strategy, self.seen(me, t), own.memory)
        if want is None or want == self.sellers[me].price or own.due > 0:
            return
        apply = dice(stream(self.seed, APPLY), t * MAX_OWN + me)
        own.pending, own.due = want, t + int(between(apply, k.APPLY_S) / k.TICK_S + 0.5)
        own.writes += 1
        own.last_write = t

    def _apply(self, t: int) -> bool:
        changed = False
        for own, us in zip(self.ours, self.sellers, strict=False):
            if 0 < own.due <= t:
                own.due, us.price, changed = 0, own.pending, True
                own.lowest, own.highest = min(own.lowest, us.price), max(own.highest, us.price)
        return changed

    def tick(self, t: int) -> None:
        hour = (t % k.TICKS_PER_DAY) * k.TICK_S // 3600
        busy = k.HOUR_SEASON[hour] * k.WEEKDAY_SEASON[(t // k.TICKS_PER_DAY) % 7]
        changed = self._apply(t)
        changed = self._wake(t, hour) or changed
        redrawn = t % k.REDRAW_TICKS == 0
        if redrawn:
            before = self.featured
            self.redraw(dice(stream(self.seed, BOX), t))
            changed = changed or self.featured != before
            for i, own in enumerate(self.ours):
                own.could_win = self._could_win(i)
        for i, own in enumerate(self.ours):
            if self.sellers[i].landed <= self.most:
                holds = int(self.featured == i)
                own.eligible += 1
                own.held += holds
                own.winnable += int(own.could_win)
                own.held_winnable += int(own.could_win) * holds
        if changed:
            self.events += 1
            for s in self.sellers:
                if s.kind not in ("ours", "fixed"):
                    s.wakes_at = min(s.wakes_at, t + s.delay)
        if changed or redrawn:
            for i in range(len(self.ours)):
                self._consult(i, t)
        self._sell(t, busy)

    def play(self, ticks: int) -> list[tuple[int, ...]]:
        """For each strategy of ours the columns of `market.Result`."""
        self.redraw(dice(stream(self.seed, BOX), 0))
        for t in range(1, ticks + 1):
            self.tick(t)
        return [
            (o.profit, o.revenue, o.units, o.held, o.eligible, o.writes, o.lowest, o.highest, o.floor, o.ceiling,
             o.last_write, self.market_units, self.events, o.winnable, o.held_winnable)
            for o in self.ours
        ]  # fmt: skip
