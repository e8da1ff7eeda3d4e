"""The replay in plain Python: the twin that tests hold `_replay.pyx` to, and the baseline of its speed.

For each tick: what the time since the last one sold, then the change, who is featured, the decision by the same
clauses and guard as live, and the new price. Floats are added and multiplied in the compiled one's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from native_pricer import demand
from native_pricer._twin.engine import settle
from native_pricer._twin.guard import stop
from native_pricer._twin.listing import Answer, Listing
from native_pricer._twin.rule import choose
from native_pricer._twin.view import aim, look
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts
from native_pricer.ticks import HOUR_US, MICRO, NO_SLOT, Market, Rivals, State, Ticks, Totals
from native_pricer.words import DAY_US, Clamp, Code, ParsedEvent, ParsedOffer

NAME: Final = "reference"
DICE: Final = 2.0**32


class Page:
    """One listing's page while it is replayed: the book of rivals, odds and demand as the tables give them."""

    def __init__(self, i: int, cfg: ListingConfig, rivals: Rivals, market: Market, state: State) -> None:
        self.i, self.cfg, self.rivals, self.market, self.state = i, cfg, rivals, market, state
        self.reference = int(market.reference[i])
        self.limit = self.reference * (10_000 + market.max_over_reference_bp) // 10_000
        self.level = market.levels[int(market.elasticity[i])]
        self.shipping = cfg.shipping_minor or 0
        self.book = [int(x) for x in state.book[i]]
        self.price, self.stock = int(state.price[i]), int(state.stock[i])
        self.share = self.rate = 0.0

    @property
    def on_sale(self) -> bool:
        return self.market.restock_days[self.i] == 0 or self.stock > 0

    def odds(self, landed: int, quality: float) -> float:
        return demand.at(self.market.weights, landed, self.reference) * quality if 0 <= landed <= self.limit else 0.0

    def own_odds(self) -> float:
        return self.odds(self.price + self.shipping, float(self.market.own_quality[self.i])) if self.on_sale else 0.0

    def rival_odds(self) -> list[float]:
        return [self.odds(landed, float(q)) for landed, q in zip(self.book, self.rivals.quality[self.i], strict=True)]

    def weigh(self) -> None:
        """How much of the time we are featured, and what we sell per unit of demand, until something changes."""
        market, own = self.market, self.own_odds()
        landed = self.price + self.shipping
        own_level = demand.at(self.level, landed, self.reference)
        odds, squares, odds_level, squares_level = 0.0, 0.0, 0.0, 0.0
        lowest = -1
        for price, w in zip(self.book, self.rival_odds(), strict=True):
            if price < 0:
                continue
            level = demand.at(self.level, price, self.reference)
            odds, squares = odds + w, squares + w * w
            odds_level, squares_level = odds_level + w * level, squares_level + w * w * level
            lowest = price if lowest < 0 or price < lowest else lowest
        whole = odds + own
        total = whole * whole + market.incumbent * (squares + own * own)
        of_us = own * (whole + market.incumbent * own)
        self.share, self.rate, mean = 0.0, 0.0, own_level
        if total > 0.0:
            per_total = 1.0 / total
            self.share = of_us * per_total
            mean = (whole * odds_level + market.incumbent * squares_level + of_us * own_level) * per_total
        if self.on_sale:
            rest = 1.0 if lowest < 0 or landed < lowest else 0.5 if landed == lowest else 0.0
            self.rate = market.to_featured * self.share * own_level + (1.0 - market.to_featured) * mean * rest

    def draw(self, dice: float) -> int | None:
        """Who is featured at this tick: −1 we, else a slot; None nobody. The same luck draws the same seller."""
        own, odds, b = self.own_odds(), self.rival_odds(), self.market.incumbent
        odds_to, squares_to = list(accumulate(odds)), list(accumulate(w * w for w in odds))
        whole = odds_to[-1] + own
        if whole <= 0.0:
            return None
        point = dice * (whole * whole + b * (squares_to[-1] + own * own)) - own * (whole + b * own)
        if point < 0.0:
            return -1
        for slot in range(len(odds)):
            if point < whole * odds_to[slot] + b * squares_to[slot]:
                return slot
        return max((slot for slot, w in enumerate(odds) if w > 0.0), default=-1)  # rounding: the last who can be

    def event(self, at: int, dice: float) -> ParsedEvent:
        """The page as a notification would show it."""
        cfg, rivals, i, featured = self.cfg, self.rivals, self.i, self.draw(dice)
        offers = []
        if self.on_sale:
            offers.append(
                ParsedOffer(
                    cfg.seller_id, self.price, self.shipping, None, bool(self.market.own_fba[i]), None,
                    featured == -1, None, None, None,
                )
            )  # fmt: skip
        for slot, landed in enumerate(self.book):
            if landed >= 0:
                fba, percent, count, hours = (
                    _known(x[i, slot]) for x in (rivals.is_fba, rivals.percent, rivals.count, rivals.hours)
                )
                offers.append(
                    ParsedOffer(
                        seller(slot), landed, 0, None, None if fba is None else fba == 1, None, featured == slot,
                        count, percent, hours,
                    )
                )  # fmt: skip
        box = None if featured is None else self.price + self.shipping if featured == -1 else self.book[featured]
        return ParsedEvent(None, cfg.marketplace, cfg.asin, cfg.condition, at, cfg.currency, box, tuple(offers))

    def margin(self) -> int:
        """What one unit sold leaves: landed price less referral fee (rounded half up, with its least), fulfilment
        and cost."""
        m, i, landed = self.market, self.i, self.price + self.shipping
        referral = max(int(m.referral_min[i]), (landed * int(m.referral_bp[i]) + 5_000) // 10_000)
        return landed - referral - int(m.fulfilment[i]) - int(m.unit_cost[i])


def seller(slot: int) -> str:
    """The id under which clauses and filters know the rival of a slot."""
    return f"R{slot}"


class Replay:
    """As the compiled one; masks and sellers are worked out from the filters, event by event."""

    def __init__(
        self, configs: Sequence[ListingConfig], rivals: Rivals, market: Market, _masks: object, _sellers: object
    ) -> None:
        self._configs, self._rivals, self._market = configs, rivals, market

    def run(self, ticks: Ticks, state: State, totals: Totals, until: int | None = None) -> None:
        for i, cfg in enumerate(self._configs):
            _listing(Page(i, cfg, self._rivals, self._market, state), ticks, totals, until)


def _listing(page: Page, ticks: Ticks, totals: Totals, until: int | None) -> None:
    i, state = page.i, page.state
    day, changed, opened = (_known(x[i]) for x in (state.day, state.last_change, state.day_open))
    listing = Listing(page.cfg, _facts(page), page.price, changed, day, opened, None)
    page.weigh()
    for t in range(int(ticks.start[i]), int(ticks.start[i + 1])):
        at = int(ticks.at[t])
        _sell(page, at, totals)
        if at // DAY_US > state.day[i]:
            _new_day(page, at // DAY_US)
            listing.facts = _facts(page)
        if ticks.slot[t] != NO_SLOT:
            page.book[ticks.slot[t]] = int(ticks.landed[t])
        answer = _decide(listing, page.event(at, int(ticks.dice[t]) / DICE), at)
        totals.events[i] += 1
        totals.held_back[i] += answer.code in (Code.COOLDOWN, Code.NO_ROOM, Code.AT_LIMIT)
        if answer.to is not None:
            totals.moves[i] += 1
            totals.clipped[i] += answer.clamp is not Clamp.NONE
            listing.price, listing.last_change, page.price = answer.to, at, answer.to
        page.weigh()
    if until is not None:
        _sell(page, until, totals)
    state.book[i], state.price[i], state.stock[i] = page.book, page.price, page.stock
    state.last_change[i] = -1 if listing.last_change is None else listing.last_change
    state.day_open[i] = -1 if listing.day_open is None else listing.day_open


def _decide(listing: Listing, event: ParsedEvent, now: int) -> Answer:
    """What the live engine answers to this event (`_twin/engine.py`)."""
    cfg = listing.cfg
    listing.roll_day(now)
    code = stop(listing, now, now)
    if code is not None:
        return Answer(code)
    seen = look(event, cfg, cfg.rivals)
    clause = choose(listing, seen, now)
    return settle(listing, clause, seen if clause is None else aim(event, cfg, clause, seen), now)


def _sell(page: Page, until: int, totals: Totals) -> None:
    """What the time since the last change brought, expected."""
    i, market, state = page.i, page.market, page.state
    since = int(state.clock[i])
    wanted = (_season(market, until) - _season(market, since)) * (float(market.demand[i]) * MICRO)
    units = int(wanted * page.rate + 0.5)
    if market.restock_days[i] > 0:
        units = min(units, page.stock)
        page.stock -= units
    state.clock[i] = until
    state.today[i] += units
    totals.time[i] += until - since
    totals.held[i] += int((until - since) * page.share + 0.5)
    totals.potential[i] += int(wanted + 0.5)
    totals.units[i] += units
    totals.revenue[i] += units * (page.price + page.shipping)
    totals.profit[i] += units * page.margin()


def _new_day(page: Page, day: int) -> None:
    """Velocity becomes that of about the last eight days; stock is filled up where its turn is."""
    i, state = page.i, page.state
    former, every = int(state.day[i]), int(page.market.restock_days[i])
    if former >= 0:
        state.velocity[i] = max((7 * int(state.velocity[i]) + int(state.today[i])) // 8, 1)
        state.today[i] = 0
        if every > 0 and (day + i) // every > (former + i) // every:
            page.stock = max(page.stock, int(page.market.order_up_to[i]) * MICRO)
    state.day[i], state.told[i] = day, page.stock


def _facts(page: Page) -> ListingFacts:
    """What the clauses may know of stock and pace; told once a day."""
    velocity, stock = int(page.state.velocity[page.i]), int(page.state.told[page.i])
    endless = page.market.restock_days[page.i] == 0
    return ListingFacts(
        our_is_fba=bool(page.market.own_fba[page.i]),
        stock_units=None if endless else stock // MICRO,
        cover_centidays=None if endless else stock * 100 // velocity,
        velocity_centiunits=velocity * 100 // MICRO,
        unit_cost_minor=int(page.market.unit_cost[page.i] + page.market.fulfilment[page.i]),
        fee_bp=int(page.market.referral_bp[page.i]),
        reference_minor=page.reference,
        utc_offset_minutes=int(page.market.utc_offset[page.i]),
    )


def _season(market: Market, at: int) -> float:
    """Days' worth of demand from the season's beginning to this moment."""
    hour, rest = divmod(at - market.season_from, HOUR_US)
    low = float(market.season[hour])
    return low + (float(market.season[hour + 1]) - low) * (rest * (1.0 / HOUR_US))


def _known(value: int) -> int | None:
    return None if value < 0 else int(value)
