# Pricing strategies: pure functions (Seen, Memory, genes) → wanted listing price, or NO_WISH. No GIL, no clock, no
# dice, nothing but libc, so that live engine, replay and market bench run the same code. What each strategy and gene
# means is said in `strategies.py`; `_twin/strategy` says the same readably, and tests hold both equal.
#
# Floor and ceiling are kept in here, and the caller's guard comes after it all the same.
# Units: minor units of the listing's currency, epoch µs, basis points; landed = listing + shipping.

include "seen.pxi"
include "rules.pxi"
include "odds.pxi"
include "rival_model.pxi"
include "selection.pxi"


cdef inline bint within(int64_t low, int64_t value, int64_t high) noexcept nogil:
    return low <= value <= high


cdef bint readable(const Seen* s) noexcept nogil:
    """Is it all there, and of a size that no sum overflows? Else nothing is wished and nothing remembered."""
    cdef int i
    if not (within(1, s.floor, s.ceiling) and within(1, s.ceiling, MOST) and within(1, s.price, MOST)
            and within(0, s.shipping, MOST) and within(0, s.reference, MOST) and within(0, s.unit_cost, MOST)
            and within(0, s.fee_bp, 10000) and within(-2000, s.elasticity_centi, 0) and within(0, s.minute, 1439)
            and within(-1, s.rating, 100) and within(0, s.n, SEEN_RIVALS) and within(NOBODY, s.holder, s.n - 1)
            and within(0, s.now_us, 4000000000000000000)):
        return False
    for i in range(s.n):
        if not (within(1, s.landed[i], MOST) and within(-1, s.rival_rating[i], 100)):
            return False
    return True


cdef int64_t strategy_decide(int kind, const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    """The listing price that the strategy wants, within floor and ceiling; NO_WISH = leave it."""
    cdef int64_t want = NO_WISH
    if not readable(s):
        return NO_WISH
    if kind >= S_MODEL:
        observe(s, m, g)
    if kind == S_ADAPTIVE:
        account(s, m, g)
        select(s, m, g)
    if s.pending:
        return NO_WISH
    if kind == S_BEAT:
        want = beat(s, g[0], g[1])
    elif kind == S_MATCH:
        want = match_box(s)
    elif kind == S_OSCILLATE:
        want = oscillate(s, g[0], g[1], g[2], g[3])
    elif kind == S_RAISE:
        want = raise_alone(s, m, g[0], g[1])
    elif kind == S_LEAD:
        want = lead(s, m, g[0], g[1])
    elif kind == S_MYOPIC:
        want = myopic(s, g)
    elif kind == S_ADAPTIVE:
        want = adaptive(s, m, g)
    elif s.now_us - m.wrote_us < <int64_t>g[G_PACE] * 60000000:
        return NO_WISH
    elif kind == S_ELASTICITY and s.elasticity_centi < 0:
        want = best_against(s, m, g, False)
    elif kind == S_MODEL:
        want = model(s, m, g)
    elif kind == S_SHARE:
        want = share_first(s, m, g)
    if want == NO_WISH:
        return NO_WISH
    want = s.ceiling if want > s.ceiling else (s.floor if want < s.floor else want)
    if want == s.price:
        return NO_WISH
    if kind >= S_MODEL:
        m.heat += 1.0
    m.wrote_us = s.now_us
    return want
