# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The replay in C, one listing after the other so that its state stays in registers; `_twin/replay.py` reads better.

The decision is that of the live engine: `rule.pxi` is the same file. A page of recorded ticks is a View at once, without
an event's bytes. No GIL while it runs. Floats are added and multiplied in the twin's order, so both give equal sums.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

import numpy as np

include "_parts/decide/rule.pxi"
include "_parts/decide/guard.pxi"
include "_parts/decide/program.pxi"

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
    const double NEVER "4611686018427387904.0"  # above every landed price × SLOTS

assert HOUR == _ticks.HOUR_US and MICRO == _ticks.MICRO

cdef int[SLOTS + 2] HELD = [-1, 1, 0, 0, 0, 0, 0, 0, 0, 0]  # do we hold the Buy Box: nobody, we, slot 0, …

cdef enum:  # features that are foreseen together
    BY_BOX = 1 << F_BOX_HELD | 1 << F_BOX_SUPPRESSED | 1 << F_BOX_FBA
    BY_LOWEST = 1 << F_RIVAL_FBA | 1 << F_RIVAL_RATING | 1 << F_RIVAL_REVIEWS | 1 << F_RIVAL_HANDLING
    BY_CLOCK = 1 << F_MINUTE | 1 << F_WEEKDAY

cdef struct CSums:
    int64_t moves, held_back, clipped, held, potential, units, revenue, profit

include "_parts/replay/book.pxi"
include "_parts/replay/foreseen.pxi"


cdef inline double season(const CMarket* m, int64_t at) noexcept nogil:
    cdef uint64_t hour = <uint64_t>(at - m.season_from) // <uint64_t>HOUR
    cdef double low = m.season[hour]
    return low + (m.season[hour + 1] - low) * (<double>(at - m.season_from - <int64_t>hour * HOUR) * PER_HOUR)


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


cdef inline void see_box(const CPage* p, int featured, int mask, View* v) noexcept nogil:
    """Who is featured, as a notification would tell. From tables: the luck of the draw is no branch's to guess."""
    v.box, v.we_hold, v.box_counts = p.featured[featured + 2], HELD[featured + 2], mask << 2 >> (featured + 2) & 1


cdef int64_t lowest_of(const CPage* p, int mask) noexcept nogil:
    """The lowest landed price of the slots in `mask`; -1: none of them is there."""
    cdef int64_t found = INT64_MAX
    cdef int s
    for s in range(2, p.width + 2):
        if p.featured[s] >= 0 and mask << 2 >> s & 1:
            found = min(found, p.featured[s])
    return found if found < INT64_MAX else -1


cdef void aim(const CPage* p, const CClause* c, int mask, int seller, View* v) noexcept nogil:
    """`aim` of view.pxi: the price of the clause's nth, seller or average."""
    cdef int64_t lowest[SLOTS]
    cdef int64_t landed, total = 0
    cdef int s, k, n = 0, found = 0
    v.aim = -1
    if c.target == T_SELLER:
        v.aim = p.featured[seller + 2] if seller >= 0 else -1
        return
    for s in range(p.width):
        if p.featured[s + 2] < 0 or not mask >> s & 1:
            continue
        found += 1
        total += p.featured[s + 2]
        landed = p.featured[s + 2]
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
    if program.asks & BY_BOX:
        return True
    for k in range(program.n):
        if program.clauses[k].target == T_BUY_BOX:
            return True
    return False


cdef int width(const int64_t* book, const uint8_t* slot, int64_t n) noexcept nogil:
    """How many slots, from the first on, hold all offers that are there or come with these ticks."""
    cdef uint8_t most = 0, behind      # NO_SLOT is the last of all: behind it comes 0
    cdef int64_t t
    for t in range(SLOTS):
        if book[t] >= 0:
            most = <uint8_t>(t + 1)
    for t in range(n):
        behind = <uint8_t>(slot[t] + 1)
        most = behind if behind > most else most
    return most


cdef void one(
    const CProgram* program, const uint8_t* masks, const signed char* sellers, const CLimits* limits, CFacts* facts,
    const CMarket* m, const CRivals* r, CPage* p, CPrice* price, int64_t shipping, int64_t i,
    const int64_t* at, const uint8_t* slot, const int64_t* landed, const uint32_t* dice, int64_t n, CSums* sums,
) noexcept nogil:
    """One listing through its ticks. `masks[0]` is the listing's filter, `masks[1 + k]` that of clause k."""
    cdef View v
    cdef Answer a
    cdef Room room
    cdef CForeseen foreseen
    cdef int64_t t, now
    cdef int featured = -2, clause, code, stopped = stop(limits, price, FREE, 0, 0)
    cdef bint was, moved, balanced, asks_box = looks_at_box(program)
    see_nothing(&v)
    v.shipping = shipping
    foresee(program, r, p, facts.our_fba, facts, price, &foreseen)
    measure(limits, price, &room)
    for t in range(n):
        now = at[t]
        was, moved, balanced = p.on_sale, False, False
        sell(m, p, now, sums)
        if now >= p.day_end:
            settle_run(p, sums)
            new_day(m, p, now // DAY, i)
            tell(m, p, facts)
            foreseen.facts = failing_by_facts(program, facts)
            roll_day(price, now)
            measure(limits, price, &room)
            stopped = stop(limits, price, FREE, now, now)  # of limits, and of a price that is known from here on
        if slot[t] != NO_SLOT and p.featured[slot[t] + 2] != landed[t]:
            put(m, r, p, slot[t], landed[t], masks[0])
            add_up(p)
            moved = True
        if was != p.on_sale:
            own_offer(m, p, p.landed)
            moved = True
        no_answer(&a, stopped)
        if stopped == NO_CODE:
            if asks_box:
                balance(m, p)
                balanced = True
                featured = draw(m, p, <double>dice[t] / 4294967296.0)
                see_box(p, featured, masks[0], &v)
            v.rival = p.first // SLOTS if p.rivals else -1
            clause = first_left(program, failing_now(program, &foreseen, p, featured, &v, facts, price, now))
            code = NO_CLAUSE
            if clause >= 0:
                if masks[1 + clause] != masks[0]:
                    v.rival = lowest_of(p, masks[1 + clause])
                    see_box(p, featured, masks[1 + clause], &v)
                code = program.clauses[clause].target
                if code == T_NTH or code == T_SELLER or code == T_AVERAGE:
                    aim(p, &program.clauses[clause], masks[1 + clause], sellers[clause], &v)
                code = wish(&program.clauses[clause], &v, facts, price.price, &a)
            conclude_within(program, clause, code, limits, &room, price, FREE, now, &a)
        if a.code >= REPRICED:
            price.price, price.last_change = a.to, now
            measure(limits, price, &room)
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
    cdef const double[:, :, ::1] _tables  # by elasticity and price: weight and level, beside one another
    cdef Py_ssize_t _n

    def __cinit__(self, configs, rivals, market, const uint8_t[:, ::1] masks, const signed char[:, ::1] sellers):
        cdef Py_ssize_t i
        cdef Program program
        self._n, self._rivals, self._market = len(configs), rivals, market
        self._masks, self._sellers = masks, sellers
        self._tables = np.stack([np.broadcast_to(market.weights, market.levels.shape), market.levels], axis=-1)
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
        cdef const double[:, ::1] quality = self._rivals.quality
        cdef object k = self._market
        cdef const double[::1] seasons = k.season, demand = k.demand, own_quality = k.own_quality
        cdef const int64_t[::1] reference = k.reference, unit_cost = k.unit_cost, referral_bp = k.referral_bp
        cdef const int64_t[::1] referral_min = k.referral_min, fulfilment = k.fulfilment, elasticity = k.elasticity
        cdef const int64_t[::1] own_fba = k.own_fba, utc_offset = k.utc_offset, order_up_to = k.order_up_to, restock_days = k.restock_days
        cdef int64_t[::1] events = totals.events, moves = totals.moves, held_back = totals.held_back
        cdef int64_t[::1] clipped = totals.clipped, time = totals.time, held = totals.held
        cdef int64_t[::1] potential = totals.potential, units = totals.units, revenue = totals.revenue
        cdef int64_t[::1] profit = totals.profit
        cdef int64_t over = 10000 + k.max_over_reference_bp, last = -1 if until is None else until, first, n
        cdef Py_ssize_t i
        cdef int s
        cdef CMarket m
        cdef CRivals r
        cdef CPage p
        cdef CPrice own
        cdef CFacts facts
        cdef CSums sums
        m.season, m.season_from = &seasons[0], k.season_from
        m.incumbent, m.to_featured, m.to_lowest = k.incumbent, k.to_featured, 1.0 - k.to_featured
        with nogil:
            for i in range(self._n):
                first, n = start[i], start[i + 1] - start[i]
                m.reference, m.limit = reference[i], reference[i] * over // 10000
                m.unit_cost, m.referral_bp, m.referral_min = unit_cost[i], referral_bp[i], referral_min[i]
                m.fulfilment, m.order_up_to, m.restock_days = fulfilment[i], order_up_to[i], restock_days[i]
                m.steps, m.demand = <double>STEPS / <double>reference[i], demand[i] * <double>MICRO
                m.own_quality, m.tables = own_quality[i], &self._tables[elasticity[i], 0, 0]
                r.fba, r.percent, r.count, r.hours = &fba[i, 0], &percent[i, 0], &count[i, 0], &hours[i, 0]
                r.quality = &quality[i, 0]
                own.price, own.last_change, own.day, own.day_open = price[i], last_change[i], day[i], day_open[i]
                p.clock, p.stock, p.velocity, p.today, p.day = clock[i], stock[i], velocity[i], today[i], day[i]
                p.told = told[i]
                p.worth, p.width, p.day_end = season(&m, clock[i]), 0, (day[i] + 1) * DAY
                count_stock(&m, &p)
                p.here = p.rivals = 0
                p.featured[0] = -1
                for s in range(SLOTS):
                    p.featured[s + 2] = -1
                    p.up_to[s] = two(NEVER, 0.0)
                    put(&m, &r, &p, s, book[i, s], self._masks[i, 0])
                p.width = width(&book[i, 0], &slot[first], n)
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
                    book[i, s] = p.featured[s + 2]
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
