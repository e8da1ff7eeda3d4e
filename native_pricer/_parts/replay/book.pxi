# One listing's page while it is replayed: rivals' offers, and what they and ours mean to buyers. Included by _replay.pyx.
#
# Floats are added and multiplied in the order of `_twin/replay.py`, two sums at once: odds and their squares.

include "pair.pxi"

cdef struct CMarket:                   # ticks.Market, of one listing
    int64_t reference, limit, unit_cost, referral_bp, referral_min, fulfilment, order_up_to, restock_days, season_from
    double steps, demand, own_quality, incumbent, to_featured, to_lowest
    const double* tables               # weight and level in turns
    const double* season

cdef struct CRivals:                   # ticks.Rivals, of one listing
    const int64_t* fba
    const int64_t* percent
    const int64_t* count
    const int64_t* hours
    const double* quality

cdef struct CPage:
    pair odds[SLOTS]                   # and their squares
    pair levels[SLOTS]                 # both times the demand at that price
    pair up_to[SLOTS]                  # sums of `odds` up to this slot
    pair lowest[SLOTS]                 # landed price; landed × SLOTS + slot where it passes the listing's filter
    pair all_odds, all_levels
    int width                          # slots that are used at all
    double least                       # the lowest landed price
    int64_t first                      # the least of `landed × SLOTS + slot`
    double own, own_level, asked       # own: 0 while not on sale; asked: our landed price
    double whole, total, share, rate, reached
    int64_t clock, stock, told, velocity, today, day, day_end, margin, landed
    int64_t run                        # units sold since our price changed
    int on_sale, here, rivals          # offers of others, and those that pass
    int64_t featured[SLOTS + 2]        # landed price of who is featured: nobody, we, slot 0, …; -1: gone
    double worth                       # the season's running sum at `clock`


cdef inline pair means(const CMarket* m, int64_t landed) noexcept nogil:
    """demand.at of both tables: weight in the draw, and level of demand."""
    cdef double position = <double>landed * m.steps
    cdef const double* at
    cdef pair low
    cdef int64_t i
    if position >= <double>(SPAN * STEPS):
        return pair_at(m.tables + 2 * SPAN * STEPS)
    i = <int64_t>position
    at = m.tables + 2 * i
    low = pair_at(at)
    return plus(low, times(minus(pair_at(at + 2), low), both(position - <double>i)))


cdef inline void count_stock(const CMarket* m, CPage* p) noexcept nogil:
    p.on_sale = m.restock_days == 0 or p.stock > 0


cdef inline void put(
    const CMarket* m, const CRivals* r, CPage* p, int slot, int64_t landed, int mask
) noexcept nogil:
    """A rival's offer into the book; `mask` is the listing's filter."""
    cdef pair found
    cdef double odds
    cdef int passes = mask >> slot & 1, change = (landed >= 0) - (p.featured[slot + 2] >= 0)
    p.featured[slot + 2] = landed
    if change:
        p.here += change
        p.rivals += change * passes
    if landed < 0:
        p.odds[slot] = p.levels[slot] = both(0.0)
        p.lowest[slot] = both(NEVER)
        return
    found = means(m, landed)
    odds = left(found) * r.quality[slot] if landed <= m.limit else 0.0
    p.odds[slot] = two(odds, odds * odds)
    p.levels[slot] = times(p.odds[slot], both(right(found)))
    p.lowest[slot] = two(<double>landed, <double>(landed * SLOTS + slot) if passes else NEVER)


cdef inline void add_up(CPage* p) noexcept nogil:
    """Sums over the rivals, in slot order."""
    cdef pair odds = both(0.0), levels = both(0.0), lowest = both(NEVER)
    cdef int s
    for s in range(p.width):
        odds = plus(odds, p.odds[s])
        p.up_to[s] = odds
        levels = plus(levels, p.levels[s])
        lowest = least(lowest, p.lowest[s])
    p.all_odds, p.all_levels = odds, levels
    p.least, p.first = left(lowest), <int64_t>right(lowest)


cdef inline void own_offer(const CMarket* m, CPage* p, int64_t landed) noexcept nogil:
    """What our price means to buyers, and what a unit sold at it leaves."""
    cdef int64_t referral = (landed * m.referral_bp + 5000) // 10000
    cdef pair found = means(m, landed)
    p.landed = p.featured[1] = landed
    p.asked = <double>landed
    p.own = left(found) * m.own_quality if p.on_sale and 0 <= landed <= m.limit else 0.0
    p.own_level = right(found)
    p.margin = landed - max(m.referral_min, referral) - m.fulfilment - m.unit_cost


cdef inline void balance(const CMarket* m, CPage* p) noexcept nogil:
    """All odds together, ours among them: what the draw needs."""
    p.whole = left(p.all_odds) + p.own
    p.total = p.whole * p.whole + m.incumbent * (right(p.all_odds) + p.own * p.own)
    p.reached = p.own * (p.whole + m.incumbent * p.own)


cdef inline void weigh(const CMarket* m, CPage* p) noexcept nogil:
    """How much of the time we are featured, and what we sell per unit of demand, until something changes. After `balance`."""
    cdef double mean = p.own_level, rest, per_total
    p.share = p.rate = 0.0
    if p.total > 0.0:
        per_total = 1.0 / p.total
        p.share = p.reached * per_total
        mean = (p.whole * left(p.all_levels) + m.incumbent * right(p.all_levels) + p.reached * p.own_level) * per_total
    if p.on_sale:
        rest = 0.5 * <double>((p.asked < p.least) + (p.asked <= p.least))
        p.rate = m.to_featured * p.share * p.own_level + m.to_lowest * mean * rest


cdef inline int draw(const CMarket* m, const CPage* p, double luck) noexcept nogil:
    """Who is featured at this tick: -1 we, else a slot; -2 nobody."""
    cdef double point
    cdef pair here, whole = both(p.whole), incumbent = both(m.incumbent)
    cdef counts passed = none()
    cdef int s, at = -1
    if p.whole <= 0.0:
        return -2
    point = luck * p.total - p.reached
    here = both(point)
    for s in range(0, p.width, 2):  # what is beyond the width is never reached
        passed = more(passed, here, plus(
            times(whole, lefts(p.up_to[s], p.up_to[s + 1])), times(incumbent, rights(p.up_to[s], p.up_to[s + 1]))
        ))
    at += (point >= 0.0) + counted(passed)
    if at < p.width:
        return at
    while at >= 0 and (at == p.width or left(p.odds[at]) <= 0.0):  # rounding: the last who can be
        at -= 1
    return at
