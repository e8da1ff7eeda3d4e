# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The replay in C, one listing after the other so that its state stays in registers; `_replay_reference.py` reads better.

The decision is that of the live engine: `_rule.pxi` is the same file. A page of recorded ticks is a View at once, without
an event's bytes. No GIL while it runs. Floats are added and multiplied in the twin's order, so both give equal sums.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

import numpy as np

include "_rule.pxi"
include "_program.pxi"

from native_pricer import ticks as _ticks
from native_pricer.demand import SPAN as _SPAN
from native_pricer.demand import STEPS as _STEPS

NAME = "cython"

cdef enum:
    SLOTS = 8          # ticks.SLOTS, asserted at import
    NO_SLOT = 255
    MOST_CLAUSES = 32
    STEPS = 2048       # demand.STEPS
    SPAN = 4

assert (SLOTS, NO_SLOT, STEPS, SPAN) == (_ticks.SLOTS, _ticks.NO_SLOT, _STEPS, _SPAN)

cdef extern from *:
    """
    #define PRICER_HOUR 3600000000LL
    #define PRICER_MICRO 1000000LL
    #define PRICER_PER_HOUR (1.0 / 3.6e9)
    """
    const int64_t HOUR "PRICER_HOUR"
    const int64_t MICRO "PRICER_MICRO"
    const double PER_HOUR "PRICER_PER_HOUR"
    const uint64_t GONE_HIGH "9223372036854775807ULL"

assert HOUR == _ticks.HOUR_US and MICRO == _ticks.MICRO

cdef int[SLOTS + 2] HELD = [-1, 1, 0, 0, 0, 0, 0, 0, 0, 0]  # do we hold the Buy Box: nobody, we, slot 0, …

cdef struct CMarket:                   # ticks.Market, of one listing
    int64_t reference, limit, unit_cost, referral_bp, referral_min, fulfilment, order_up_to, restock_days, season_from
    double steps, demand, own_quality, incumbent, to_featured
    const double* weights
    const double* level
    const double* season
    int fba

cdef struct CRivals:                   # ticks.Rivals, of one listing
    const int64_t* fba
    const int64_t* percent
    const int64_t* count
    const int64_t* hours
    const double* quality

cdef struct CSums:
    int64_t moves, held_back, clipped, held, potential, units, revenue, profit

cdef struct CPage:                     # one listing while it is replayed
    int64_t book[SLOTS]                # -1: gone
    uint64_t passing[SLOTS]            # landed price × SLOTS + slot, where it passes the listing's filter
    double odds[SLOTS]
    double squares[SLOTS]
    double odds_level[SLOTS]           # odds × demand at that price
    double squares_level[SLOTS]
    double odds_to[SLOTS]              # sums up to this slot
    double squares_to[SLOTS]
    int width                          # slots that are used at all
    double sum_odds, sum_squares, sum_odds_level, sum_squares_level
    int64_t lowest
    double own, own_level              # own: 0 while not on sale
    double whole, total, share, rate, reached
    int64_t clock, stock, told, velocity, today, day, day_end, margin, landed
    int64_t run                        # units sold since our price changed
    uint64_t first                     # the least of `passing`
    int on_sale, here, rivals          # offers of others, and those that pass
    int64_t featured[SLOTS + 2]        # landed price of who is featured: nobody, we, slot 0, …
    signed char featured_fba[SLOTS + 2]
    double worth                       # the season's running sum at `clock`


cdef inline double table(const double* t, int64_t landed, double steps) noexcept nogil:
    """demand.at"""
    cdef double position = <double>landed * steps, low
    cdef int64_t i
    if position >= <double>(SPAN * STEPS):
        return t[SPAN * STEPS]
    i = <int64_t>position
    low = t[i]
    return low + (t[i + 1] - low) * (position - <double>i)


cdef inline double odds_of(const CMarket* m, int64_t landed, double quality) noexcept nogil:
    return table(m.weights, landed, m.steps) * quality if 0 <= landed <= m.limit else 0.0


cdef inline double season(const CMarket* m, int64_t at) noexcept nogil:
    cdef uint64_t hour = <uint64_t>(at - m.season_from) // <uint64_t>HOUR
    cdef double low = m.season[hour]
    return low + (m.season[hour + 1] - low) * (<double>(at - m.season_from - <int64_t>hour * HOUR) * PER_HOUR)


cdef inline void count_stock(const CMarket* m, CPage* p) noexcept nogil:
    p.on_sale = m.restock_days == 0 or p.stock > 0


cdef inline void put(
    const CMarket* m, const CRivals* r, CPage* p, int slot, int64_t landed, int mask
) noexcept nogil:
    """A rival's offer into the book; `mask` is the listing's filter."""
    cdef double odds = odds_of(m, landed, r.quality[slot])
    cdef double level = table(m.level, landed, m.steps) if landed >= 0 else 0.0
    cdef int passes = mask >> slot & 1, was = p.book[slot] >= 0, here = landed >= 0
    p.book[slot] = p.featured[slot + 2] = landed
    p.odds[slot], p.squares[slot] = odds, odds * odds
    p.odds_level[slot], p.squares_level[slot] = odds * level, odds * odds * level
    p.passing[slot] = <uint64_t>landed * SLOTS + <uint64_t>slot if here & passes else GONE_HIGH
    p.here += here - was
    p.rivals += (here - was) * passes


cdef inline void add_up(CPage* p) noexcept nogil:
    """Sums over the rivals, in slot order."""
    cdef double odds = 0.0, squares = 0.0, odds_level = 0.0, squares_level = 0.0
    cdef uint64_t lowest = GONE_HIGH, first = GONE_HIGH, landed
    cdef int s
    for s in range(p.width):
        odds += p.odds[s]
        squares += p.squares[s]
        p.odds_to[s], p.squares_to[s] = odds, squares
        odds_level += p.odds_level[s]
        squares_level += p.squares_level[s]
        landed = <uint64_t>p.book[s]  # gone: higher than any price
        lowest = landed if landed < lowest else lowest
        first = p.passing[s] if p.passing[s] < first else first
    p.sum_odds, p.sum_squares, p.sum_odds_level, p.sum_squares_level = odds, squares, odds_level, squares_level
    p.lowest, p.first = <int64_t>lowest, first


cdef inline void own_offer(const CMarket* m, CPage* p, int64_t landed) noexcept nogil:
    """What our price means to buyers, and what a unit sold at it leaves."""
    cdef int64_t referral = (landed * m.referral_bp + 5000) // 10000
    p.landed = p.featured[1] = landed
    p.own = odds_of(m, landed, m.own_quality) if p.on_sale else 0.0
    p.own_level = table(m.level, landed, m.steps)
    p.margin = landed - max(m.referral_min, referral) - m.fulfilment - m.unit_cost


cdef inline void balance(const CMarket* m, CPage* p) noexcept nogil:
    """All odds together, ours among them: what the draw needs."""
    p.whole = p.sum_odds + p.own
    p.total = p.whole * p.whole + m.incumbent * (p.sum_squares + p.own * p.own)
    p.reached = p.own * (p.whole + m.incumbent * p.own)


cdef inline void weigh(const CMarket* m, CPage* p) noexcept nogil:
    """How much of the time we are featured, and what we sell per unit of demand, until something changes. After `balance`."""
    cdef double mean = p.own_level, rest, per_total
    p.share = p.rate = 0.0
    if p.total > 0.0:
        per_total = 1.0 / p.total
        p.share = p.reached * per_total
        mean = (p.whole * p.sum_odds_level + m.incumbent * p.sum_squares_level + p.reached * p.own_level) * per_total
    if p.on_sale:
        rest = 1.0 if p.landed < p.lowest else 0.5 if p.landed == p.lowest else 0.0
        p.rate = m.to_featured * p.share * p.own_level + (1.0 - m.to_featured) * mean * rest


cdef inline int draw(const CMarket* m, const CPage* p, double luck) noexcept nogil:
    """Who is featured at this tick: -1 we, else a slot; -2 nobody."""
    cdef double point
    cdef int s, at = -1
    if p.whole <= 0.0:
        return -2
    point = luck * p.total - p.reached
    at += point >= 0.0
    for s in range(p.width):
        at += point >= p.whole * p.odds_to[s] + m.incumbent * p.squares_to[s]
    if at < p.width:
        return at
    while at >= 0 and (at == p.width or p.odds[at] <= 0.0):  # rounding: the last who can be
        at -= 1
    return at


cdef inline void sell(const CMarket* m, CPage* p, int64_t until, CSums* sums) noexcept nogil:
    """What the time since the last change brought, expected."""
    cdef double worth = season(m, until)
    cdef double wanted = (worth - p.worth) * m.demand
    cdef int64_t units = <int64_t>(wanted * p.rate + 0.5)
    if m.restock_days > 0:
        units = min(units, p.stock)
        p.stock -= units
        count_stock(m, p)
    sums.held += <int64_t>(<double>(until - p.clock) * p.share + 0.5)
    sums.potential += <int64_t>(wanted + 0.5)
    p.run += units
    p.clock, p.worth = until, worth


cdef inline void settle_run(CPage* p, CSums* sums) noexcept nogil:
    """Book what was sold at the price that ends now."""
    sums.units += p.run
    sums.revenue += p.run * p.landed
    sums.profit += p.run * p.margin
    p.today += p.run
    p.run = 0


cdef inline void new_day(const CMarket* m, CPage* p, int64_t day, int64_t i) noexcept nogil:
    """Velocity becomes that of about the last eight days; stock is filled up where its turn is."""
    if p.day >= 0:
        p.velocity = max((7 * p.velocity + p.today) // 8, 1)
        p.today = 0
        if m.restock_days > 0 and (day + i) // m.restock_days > (p.day + i) // m.restock_days:
            p.stock = max(p.stock, m.order_up_to * MICRO)
            count_stock(m, p)
    p.told, p.day, p.day_end = p.stock, day, (day + 1) * DAY


cdef inline void tell(const CMarket* m, const CPage* p, CFacts* f) noexcept nogil:
    """What the clauses may know of stock and pace; told once a day."""
    f.velocity = p.velocity * 100 // MICRO
    if m.restock_days > 0:
        f.stock, f.cover = p.told // MICRO, p.told * 100 // p.velocity


cdef inline void look(const CRivals* r, const CPage* p, int mask, bint own, View* v) noexcept nogil:
    """The rivals' part of `look` of _view.pxi, for a page of ticks; `mask` has a bit for each slot that passes, `own`:
    it is that of the listing, which `add_up` has looked through."""
    cdef int s, rivals = 0, at
    cdef uint64_t passing = GONE_HIGH, counted
    if own:
        rivals, passing = p.rivals, p.first
    else:
        for s in range(p.width):
            if p.book[s] >= 0 and mask >> s & 1:
                rivals += 1
                counted = <uint64_t>p.book[s] * SLOTS + <uint64_t>s
                passing = counted if counted < passing else passing
    v.offers, v.rivals = p.here + p.on_sale, rivals
    if rivals:
        at = <int>(passing % SLOTS)
        v.rival, v.rival_at, v.rival_fba, v.rival_rating = <int64_t>(passing // SLOTS), at, <int>r.fba[at], r.percent[at]
        v.rival_reviews, v.rival_handling = r.count[at], r.hours[at]
    else:
        v.rival = v.rival_rating = v.rival_reviews = v.rival_handling = -1
        v.rival_at = v.rival_fba = -1


cdef inline void see_box(const CPage* p, int featured, int mask, View* v) noexcept nogil:
    """Who is featured, as the same notification would tell. From tables: the luck of the draw is no branch's to guess."""
    v.box, v.box_fba, v.we_hold = p.featured[featured + 2], p.featured_fba[featured + 2], HELD[featured + 2]
    v.suppressed = (featured == -2) & (v.offers > 0)
    v.box_counts = mask << 2 >> (featured + 2) & 1


cdef void aim(const CPage* p, const CClause* c, int mask, int seller, View* v) noexcept nogil:
    """`aim` of _view.pxi: the price of the clause's nth, seller or average."""
    cdef int64_t lowest[SLOTS]
    cdef int64_t landed, total = 0
    cdef int s, k, n = 0, found = 0
    v.aim = -1
    if c.target == T_SELLER:
        v.aim = p.book[seller] if seller >= 0 else -1
        return
    for s in range(p.width):
        if p.book[s] < 0 or not mask >> s & 1:
            continue
        found += 1
        total += p.book[s]
        landed = p.book[s]
        for k in range(n):
            if landed < lowest[k]:
                lowest[k], landed = landed, lowest[k]
        if n < c.nth and n < SLOTS:
            lowest[n] = landed
            n += 1
    if c.target == T_NTH and n == c.nth:
        v.aim = lowest[n - 1]
    elif c.target == T_AVERAGE and found:
        v.aim = total // found


cdef bint looks_at_box(const CProgram* program) noexcept nogil:
    """Whether any clause asks who is featured, or follows it: else nobody has to be drawn."""
    cdef int k
    if program.asks & (1 << F_BOX_HELD | 1 << F_BOX_SUPPRESSED | 1 << F_BOX_FBA):
        return True
    for k in range(program.n):
        if program.clauses[k].target == T_BUY_BOX:
            return True
    return False


cdef void one(
    const CProgram* program, const uint8_t* masks, const signed char* sellers, const CLimits* limits, CFacts* facts,
    const CMarket* m, const CRivals* r, CPage* p, CPrice* price, int64_t shipping, int64_t i,
    const int64_t* at, const uint8_t* slot, const int64_t* landed, const uint32_t* dice, int64_t n, CSums* sums,
) noexcept nogil:
    """One listing through its ticks. `masks[0]` is the listing's filter, `masks[1 + k]` that of clause k."""
    cdef View v
    cdef Answer a
    cdef int64_t t, now
    cdef int featured = -2, clause, code, seen = -1, stopped = stop(limits, price, FREE, 0, 0)
    cdef uint32_t failed = failing_by_facts(program, facts)
    cdef bint was, moved, balanced, asks_box = looks_at_box(program)
    see_nothing(&v)
    v.shipping = shipping
    for t in range(n):
        now = at[t]
        was, moved, balanced = p.on_sale, False, False
        sell(m, p, now, sums)
        if now >= p.day_end:
            settle_run(p, sums)
            new_day(m, p, now // DAY, i)
            tell(m, p, facts)
            failed = failing_by_facts(program, facts)
            roll_day(price, now)
            stopped = stop(limits, price, FREE, now, now)  # of limits, and of a price that is known from here on
        if slot[t] != NO_SLOT and p.book[slot[t]] != landed[t]:
            put(m, r, p, slot[t], landed[t], masks[0])
            add_up(p)
            moved, seen = True, -1
        if was != p.on_sale:
            own_offer(m, p, p.landed)
            moved, seen = True, -1
        no_answer(&a, stopped)
        if a.code == NO_CODE:
            if seen != masks[0]:
                seen = masks[0]
                look(r, p, seen, True, &v)
            if asks_box:
                balance(m, p)
                balanced = True
                featured = draw(m, p, <double>dice[t] / 4294967296.0)
                see_box(p, featured, seen, &v)
            clause = choose(program, &v, facts, price, now, failed)
            if clause >= 0:
                if masks[1 + clause] != seen:
                    seen = masks[1 + clause]
                    look(r, p, seen, False, &v)
                    see_box(p, featured, seen, &v)
                code = program.clauses[clause].target
                if code == T_NTH or code == T_SELLER or code == T_AVERAGE:
                    aim(p, &program.clauses[clause], seen, sellers[clause], &v)
            settle(program, clause, &v, facts, limits, price, FREE, now, &a)
        if a.code >= REPRICED:
            price.price, price.last_change = a.to, now
            sums.moves += 1
            sums.clipped += a.clamp != NO_CLAMP
            settle_run(p, sums)
            own_offer(m, p, a.to + shipping)
            moved, balanced = True, False
        else:
            sums.held_back += a.code == COOLDOWN or a.code == NO_ROOM or a.code == AT_LIMIT
        if moved:
            if not balanced:
                balance(m, p)
            weigh(m, p)


cdef class Replay:
    """Listings with their clauses and limits, ready to be led through chunks of ticks. The face has checked all."""

    cdef list _programs
    cdef CProgram* _program            # by listing
    cdef CLimits* _limits
    cdef int64_t[::1] _shipping
    cdef const uint8_t[:, ::1] _masks
    cdef const signed char[:, ::1] _sellers
    cdef object _rivals, _market
    cdef Py_ssize_t _n

    def __cinit__(self, configs, rivals, market, const uint8_t[:, ::1] masks, const signed char[:, ::1] sellers):
        cdef Py_ssize_t i
        cdef Program program
        self._n, self._rivals, self._market = len(configs), rivals, market
        self._masks, self._sellers = masks, sellers
        self._program = <CProgram*>calloc(self._n + 1, sizeof(CProgram))
        self._limits = <CLimits*>calloc(self._n + 1, sizeof(CLimits))
        if self._program == NULL or self._limits == NULL:
            raise MemoryError
        self._shipping = np.asarray([or_minus(cfg.shipping_minor) for cfg in configs], np.int64)
        made = {}
        for i in range(self._n):
            cfg = configs[i]
            program = made.get(cfg.clauses)
            if program is None:
                program = made[cfg.clauses] = Program(cfg.clauses)
            self._program[i] = program.c
            set_limits(&self._limits[i], cfg)
        self._programs = list(made.values())

    def __dealloc__(self):
        free(self._program)
        free(self._limits)

    def run(self, ticks, state, totals, until=None):
        cdef const int64_t[::1] start = ticks.start, at = ticks.at, landed = ticks.landed
        cdef const uint8_t[::1] slot = ticks.slot
        cdef const uint32_t[::1] dice = ticks.dice
        cdef int64_t[:, ::1] book = state.book
        cdef int64_t[::1] price = state.price, last_change = state.last_change, day = state.day
        cdef int64_t[::1] day_open = state.day_open, clock = state.clock, stock = state.stock
        cdef int64_t[::1] velocity = state.velocity, today = state.today, told = state.told
        cdef const int64_t[:, ::1] fba = self._rivals.is_fba, percent = self._rivals.percent
        cdef const int64_t[:, ::1] count = self._rivals.count, hours = self._rivals.hours
        cdef const double[:, ::1] quality = self._rivals.quality, levels = self._market.levels
        cdef object k = self._market
        cdef const double[::1] weights = k.weights, seasons = k.season, demand = k.demand, own_quality = k.own_quality
        cdef const int64_t[::1] reference = k.reference, unit_cost = k.unit_cost, referral_bp = k.referral_bp
        cdef const int64_t[::1] referral_min = k.referral_min, fulfilment = k.fulfilment, elasticity = k.elasticity
        cdef const int64_t[::1] own_fba = k.own_fba, utc_offset = k.utc_offset, order_up_to = k.order_up_to, restock_days = k.restock_days
        cdef int64_t[::1] events = totals.events, moves = totals.moves, held_back = totals.held_back
        cdef int64_t[::1] clipped = totals.clipped, time = totals.time, held = totals.held
        cdef int64_t[::1] potential = totals.potential, units = totals.units, revenue = totals.revenue
        cdef int64_t[::1] profit = totals.profit
        cdef int64_t over = 10000 + k.max_over_reference_bp, last = -1 if until is None else until, first, n, t
        cdef Py_ssize_t i
        cdef int s
        cdef CMarket m
        cdef CRivals r
        cdef CPage p
        cdef CPrice own
        cdef CFacts facts
        cdef CSums sums
        m.weights, m.season, m.season_from = &weights[0], &seasons[0], k.season_from
        m.incumbent, m.to_featured = k.incumbent, k.to_featured
        with nogil:
            for i in range(self._n):
                first, n = start[i], start[i + 1] - start[i]
                m.reference, m.limit = reference[i], reference[i] * over // 10000
                m.unit_cost, m.referral_bp, m.referral_min = unit_cost[i], referral_bp[i], referral_min[i]
                m.fulfilment, m.order_up_to, m.restock_days = fulfilment[i], order_up_to[i], restock_days[i]
                m.steps, m.demand = <double>STEPS / <double>reference[i], demand[i] * <double>MICRO
                m.own_quality, m.level, m.fba = own_quality[i], &levels[elasticity[i], 0], <int>own_fba[i]
                r.fba, r.percent, r.count, r.hours = &fba[i, 0], &percent[i, 0], &count[i, 0], &hours[i, 0]
                r.quality = &quality[i, 0]
                own.price, own.last_change, own.day, own.day_open = price[i], last_change[i], day[i], day_open[i]
                p.clock, p.stock, p.velocity, p.today, p.day = clock[i], stock[i], velocity[i], today[i], day[i]
                p.told = told[i]
                p.worth, p.width, p.day_end = season(&m, clock[i]), 0, (day[i] + 1) * DAY
                count_stock(&m, &p)
                p.here = p.rivals = 0
                p.featured[0], p.featured_fba[0], p.featured_fba[1] = -1, -1, <signed char>own_fba[i]
                for s in range(SLOTS):
                    p.book[s], p.featured_fba[s + 2] = -1, <signed char>fba[i, s]
                    put(&m, &r, &p, s, book[i, s], self._masks[i, 0])
                    if book[i, s] >= 0:
                        p.width = s + 1
                for t in range(first, first + n):
                    if slot[t] != NO_SLOT and slot[t] >= p.width:
                        p.width = slot[t] + 1
                know_nothing(&facts)
                facts.our_fba, facts.unit_cost = own_fba[i], unit_cost[i] + fulfilment[i]
                facts.fee_bp, facts.utc_offset, facts.reference = referral_bp[i], utc_offset[i], reference[i]
                tell(&m, &p, &facts)
                add_up(&p)
                p.run = 0
                own_offer(&m, &p, price[i] + self._shipping[i])
                balance(&m, &p)
                weigh(&m, &p)
                sums.moves = sums.held_back = sums.clipped = sums.held = sums.potential = 0
                sums.units = sums.revenue = sums.profit = 0
                one(
                    &self._program[i], &self._masks[i, 0], &self._sellers[i, 0], &self._limits[i], &facts, &m, &r, &p,
                    &own, self._shipping[i], i, &at[first], &slot[first], &landed[first], &dice[first], n, &sums,
                )
                if last >= 0:
                    sell(&m, &p, last, &sums)
                settle_run(&p, &sums)
                for s in range(SLOTS):
                    book[i, s] = p.book[s]
                price[i], last_change[i], day[i], day_open[i] = own.price, own.last_change, p.day, own.day_open
                time[i] += p.clock - clock[i]
                clock[i], stock[i], velocity[i], today[i], told[i] = p.clock, p.stock, p.velocity, p.today, p.told
                events[i] += n
                moves[i] += sums.moves
                held_back[i] += sums.held_back
                clipped[i] += sums.clipped
                held[i] += sums.held
                potential[i] += sums.potential
                units[i] += sums.units
                revenue[i] += sums.revenue
                profit[i] += sums.profit
