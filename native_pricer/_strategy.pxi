# Pricing strategies: pure functions (Seen, Memory, genes) → wanted listing price, or HOLD. No GIL, no clock, no dice,
# nothing but libc. `_strategy_reference.py` says the same readably and tests hold both equal. The caller's guard
# comes after; `strategy_decide` itself already keeps to floor and ceiling.
#
# Units: minor units of the listing's currency, epoch µs, basis points; landed = listing + shipping.

from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t, uint64_t

cdef enum:
    SEEN_RIVALS = 20
    GENES = 16
    NO_WISH = -1
    WE = -1
    NOBODY = -2

cdef enum:
    S_FIXED, S_BEAT, S_MATCH, S_OSCILLATE, S_RAISE, S_MYOPIC, S_COUNT

cdef struct Seen:
    int64_t now_us
    int64_t price  # our live listing price
    int64_t shipping
    int64_t floor
    int64_t ceiling
    int64_t unit_cost  # all costs per unit that do not move with the price
    int64_t reference  # 0 = unknown
    int64_t units  # of ours sold since the listing is watched; -1 unknown
    int32_t fee_bp  # costs that move with the price
    int32_t elasticity_centi
    int32_t minute  # of the local day
    int32_t fba
    int32_t rating  # percent
    int32_t handling  # days
    int32_t pending  # 1: a write of ours is not live yet: observe only
    int32_t holder  # index of the rival that is featured, WE or NOBODY
    int32_t n
    int64_t landed[SEEN_RIVALS]
    uint64_t who[SEEN_RIVALS]
    int32_t rival_fba[SEEN_RIVALS]
    int32_t rival_rating[SEEN_RIVALS]
    int32_t rival_handling[SEEN_RIVALS]

cdef struct Memory:
    int64_t raised_us  # when raise_when_alone went up last


cdef inline int64_t lowest_of(const Seen* s) noexcept nogil:
    cdef int64_t low = -1
    cdef int i
    for i in range(s.n):
        if low < 0 or s.landed[i] < low:
            low = s.landed[i]
    return low


cdef inline int64_t beat(const Seen* s, const int32_t* g) noexcept nogil:
    cdef int64_t low = lowest_of(s)
    if low < 0:
        return NO_WISH
    return low - s.shipping - g[0] - low * g[1] // 10000


cdef inline int64_t match_box(const Seen* s) noexcept nogil:
    if s.holder == WE or s.n == 0:
        return NO_WISH
    if s.holder >= 0:
        return s.landed[s.holder] - s.shipping
    return lowest_of(s) - s.shipping


cdef inline int64_t oscillate(const Seen* s, const int32_t* g) noexcept nogil:
    cdef int64_t want = beat(s, g)
    if g[2] <= s.minute // 60 <= g[3]:
        return s.ceiling
    if want == NO_WISH:
        return NO_WISH
    if want < s.floor:
        return s.ceiling
    return want


cdef inline int64_t raise_alone(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    if s.holder != WE:
        return match_box(s)
    if s.now_us - m.raised_us < <int64_t>g[1] * 60000000:
        return NO_WISH
    m.raised_us = s.now_us
    return s.price + s.price * g[0] // 10000


cdef inline double appeal(int32_t fba, int32_t rating, int32_t handling, const int32_t* g) noexcept nogil:
    return (g[1] / 100.0 if fba else 0.0) + 0.02 * (rating - 95) - 0.3 * (handling - 2 if handling > 2 else 0)


cdef inline int64_t myopic(const Seen* s, const int32_t* g) noexcept nogil:
    """argmax of P(featured) × margin if nobody reacts. g: kappa, fba (centi)"""
    cdef double kappa = g[0], others = 0.0, ours, value, best = -1.0, mine
    cdef int64_t p, want = NO_WISH, step
    cdef int i
    if s.n == 0:
        return s.ceiling
    for i in range(s.n):
        if s.rival_rating[i] >= 85:
            others += exp(-kappa * log(<double>s.landed[i] / s.reference) + appeal(s.rival_fba[i], s.rival_rating[i], s.rival_handling[i], g))
    mine = appeal(s.fba, s.rating, s.handling, g)
    step = 1 + s.reference // 1000
    p = s.floor
    while p <= s.ceiling:
        ours = exp(-kappa * log(<double>(p + s.shipping) / s.reference) + mine)
        value = ours / (ours + others) * (p - p * s.fee_bp / 10000.0 - s.unit_cost)
        if value > best:
            best = value
            want = p
        p += step
    return want


cdef int64_t strategy_decide(int kind, const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    cdef int64_t want = NO_WISH
    if s.pending:
        return NO_WISH
    if kind == S_BEAT:
        want = beat(s, g)
    elif kind == S_MATCH:
        want = match_box(s)
    elif kind == S_OSCILLATE:
        want = oscillate(s, g)
    elif kind == S_RAISE:
        want = raise_alone(s, m, g)
    elif kind == S_MYOPIC:
        want = myopic(s, g)
    if want == NO_WISH:
        return NO_WISH
    if want > s.ceiling:
        want = s.ceiling
    if want < s.floor:
        want = s.floor
    return want
