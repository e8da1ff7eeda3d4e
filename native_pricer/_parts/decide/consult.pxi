# What a strategy is shown of a page, and its wish on the way to the guard. Included by _engine.pyx after table.pxi; no
# GIL. `_twin/consult.py` says the same, function by function.

from libc.stdint cimport int32_t

from native_pricer.minds import (
    LEAST_ELASTICITY_CENTI, MOST_SHOWN, NOT_LIVE_US, REACH, UNKNOWN_RATING, USUAL_ELASTICITY_CENTI, USUAL_HANDLING_DAYS,
    Needs, needs,
)

cdef enum:
    NEEDS_CEILING = 1
    NEEDS_MONEY = 2
    NEEDS_ELASTICITY = 4

assert (Needs.CEILING, Needs.MONEY, Needs.ELASTICITY) == (NEEDS_CEILING, NEEDS_MONEY, NEEDS_ELASTICITY)

cdef int64_t NOT_LIVE = NOT_LIVE_US, REFERENCES = REACH, SHOWN = MOST_SHOWN, LEAST_ELASTICITY = LEAST_ELASTICITY_CENTI
cdef int32_t ELASTICITY = USUAL_ELASTICITY_CENTI, RATING = UNKNOWN_RATING, HANDLING = USUAL_HANDLING_DAYS


cdef inline uint64_t stable(const Span* seller) noexcept nogil:
    """The same number for the same seller, always (FNV-1a)."""
    cdef uint64_t h = <uint64_t>0xCBF29CE484222325
    cdef int i
    for i in range(seller.n):
        h = (h ^ seller.at[i]) * <uint64_t>0x100000001B3
    return h


cdef inline int32_t rating(const COffer* o) noexcept nogil:
    return RATING if o.percent < 0 else <int32_t>min(o.percent, 100)


cdef inline int32_t handling(const COffer* o) noexcept nogil:
    """Days, begun ones counting whole."""
    return HANDLING if o.hours < 0 else <int32_t>min((o.hours + 23) // 24, 365)


cdef void drop_rival(Asked* a, int at) noexcept nogil:
    cdef int i
    a.n -= 1
    for i in range(at, a.n):
        a.landed[i], a.who[i], a.rival_fba[i] = a.landed[i + 1], a.who[i + 1], a.rival_fba[i + 1]
        a.rival_rating[i], a.rival_handling[i] = a.rival_rating[i + 1], a.rival_handling[i + 1]


cdef void add_rival(Asked* a, const COffer* o) noexcept nogil:
    """In order of landed price; of one seller the cheapest offer, of too many sellers the cheapest."""
    cdef uint64_t who = stable(&o.seller)
    cdef int i, at
    for i in range(a.n):
        if a.who[i] == who:
            if a.landed[i] <= o.landed:
                return
            drop_rival(a, i)
            break
    if a.n == ASKED_RIVALS:
        if a.landed[a.n - 1] <= o.landed:
            return
        a.n -= 1
    at = a.n
    while at > 0 and a.landed[at - 1] > o.landed:
        a.landed[at], a.who[at], a.rival_fba[at] = a.landed[at - 1], a.who[at - 1], a.rival_fba[at - 1]
        a.rival_rating[at], a.rival_handling[at] = a.rival_rating[at - 1], a.rival_handling[at - 1]
        at -= 1
    a.landed[at], a.who[at], a.rival_fba[at] = o.landed, who, o.fba == 1
    a.rival_rating[at], a.rival_handling[at] = rating(o), handling(o)
    a.n += 1


cdef void show_page(
    const CEvent* e, const CWho* who, const CFilter* f, const View* v, int64_t fba, Asked* a
) noexcept nogil:
    """Rivals that pass the filter and say what they cost; who is featured; what is shown of our own offer."""
    cdef const COffer* o
    cdef uint64_t holder = 0
    cdef bint flagged = False, found = False, own = False, featured
    cdef int i
    a.n, a.rating, a.handling, a.fba = 0, RATING, HANDLING, fba == 1
    for i in range(e.n):
        flagged = flagged or e.offers[i].winner == 1
    for i in range(e.n):
        o = &e.offers[i]
        if same(&o.seller, &who.seller):
            if not own:
                own = True
                a.rating, a.handling = rating(o), handling(o)
                if fba == INT64_MIN:
                    a.fba = o.fba == 1
            continue
        if o.landed <= 0 or not passes(o, f):
            continue
        add_rival(a, o)
        featured = o.winner == 1 if flagged else e.box >= 0 and o.landed == e.box
        if featured and not found:
            found, holder = True, stable(&o.seller)
    a.holder = -1 if v.we_hold == 1 else -2
    if v.we_hold == 0 and found:
        for i in range(a.n):
            if a.who[i] == holder:
                a.holder = i


cdef int lacking(const CListing* l, const View* v) noexcept nogil:
    """What the strategy needs and nobody said; NO_CODE: nothing."""
    if v.shipping < 0:
        return SHIPPING_UNKNOWN
    if l.needs & NEEDS_CEILING and l.limits.ceiling < 0:
        return NO_CEILING
    if l.needs & NEEDS_MONEY:
        if l.facts.unit_cost == INT64_MIN:
            return COST_UNKNOWN
        if l.facts.fee_bp == INT64_MIN:
            return FEES_UNKNOWN
        if l.facts.reference <= 0:
            return REFERENCE_UNKNOWN
    if l.needs & NEEDS_ELASTICITY and l.facts.elasticity == INT64_MIN:
        return ELASTICITY_UNKNOWN
    return NO_CODE


cdef void show_ours(const CListing* l, const View* v, int64_t now, Asked* a) noexcept nogil:
    """Our price, limits, costs and clock. The ceiling is brought within reach for those who search up to it."""
    cdef const CFacts* f = &l.facts
    a.now_us, a.price, a.shipping, a.units = now, l.price.price, v.shipping, -1
    a.floor, a.ceiling = l.limits.floor, min(l.limits.ceiling, SHOWN) if l.limits.ceiling >= 0 else SHOWN
    a.unit_cost, a.reference = max(f.unit_cost, 0), max(f.reference, 0)
    a.fee_bp = <int32_t>max(f.fee_bp, 0)
    a.elasticity_centi = ELASTICITY
    if f.elasticity != INT64_MIN:
        a.elasticity_centi = <int32_t>min(0, max(LEAST_ELASTICITY, f.elasticity))
    a.minute = <int32_t>((now // 60000000 + f.utc_offset + 7 * 1440) % 1440)
    a.pending = l.price.last_change >= 0 and now - l.price.last_change < NOT_LIVE
    if l.needs & NEEDS_MONEY:
        a.ceiling = max(a.floor, min(a.ceiling, REFERENCES * f.reference - v.shipping))


cdef void by_strategy(CListing* l, int clause, const CEvent* e, const View* v, int64_t now, Answer* a) noexcept nogil:
    """The strategy's wish through the guard, as any other. It remembers a write only of a wish that was let through."""
    cdef const CClause* c = &l.program.clauses[clause]
    cdef const CFollow* follow = &l.follows[clause]
    cdef Asked asked
    cdef int64_t wanted
    cdef int code = lacking(l, v)
    if code != NO_CODE:
        conclude(l.program, clause, code, &l.limits, &l.price, l.level, now, a)
        return
    show_page(e, &l.who, l.who.rivals if follow.rivals == NULL else follow.rivals, v, l.facts.our_fba, &asked)
    show_ours(l, v, now, &asked)
    wanted = think(l.thoughts, &asked)
    if wanted < 0:
        code = NOT_LIVE_YET if asked.pending else STRATEGY_HOLDS
    else:
        code = permitted(c, l.price.price, wanted, a)
    conclude(l.program, clause, code, &l.limits, &l.price, l.level, now, a)
    if wanted >= 0 and a.code != AT_TARGET and a.code != REPRICED:
        not_sent(l.thoughts, &asked)
