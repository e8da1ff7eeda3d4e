# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The market bench: one product page with 3 to 8 sellers, without the GIL. `_twin/market.py` says it readably."""

from libc.math cimport pow
from libc.string cimport memset
from native_pricer import market_laws as k

include "_parts/strategy/strategy.pxi"
include "_parts/market/page.pxi"
include "_parts/market/dice.pxi"
include "_parts/market/opening.pxi"
include "_parts/market/buy_box.pxi"
include "_parts/market/rivals.pxi"
include "_parts/market/buyers.pxi"


cdef void consult(Page* page, const Laws* laws, int me, int64_t t, uint64_t apply) noexcept nogil:
    """Show our strategy the page as a notification would, and send what it wishes."""
    cdef Seen seen
    cdef Own* o = &page.ours[me]
    cdef Seller* us = &page.sellers[me]
    cdef Seller* s
    cdef int i
    cdef int64_t want
    seen.now_us = START_US + t * TICK_S * 1000000
    seen.price = us.price
    seen.shipping = us.shipping
    seen.floor = o.floor
    seen.ceiling = o.ceiling
    seen.unit_cost = o.unit_cost
    seen.reference = page.reference
    seen.units = o.units
    seen.fee_bp = FEE_BP
    seen.elasticity_centi = <int32_t>(-100.0 * laws.elasticity)
    seen.minute = <int32_t>((t % TICKS_PER_DAY) * TICK_S // 60)
    seen.fba = us.fba
    seen.rating = us.rating
    seen.handling = us.handling
    seen.pending = o.due > 0
    seen.holder = NOBODY
    seen.n = 0
    for i in range(page.n):
        s = &page.sellers[i]
        if i == me:
            if page.featured == me:
                seen.holder = WE
            continue
        if s.back_at > 0:
            continue
        if page.featured == i:
            seen.holder = seen.n
        seen.landed[seen.n] = s.landed
        seen.who[seen.n] = s.who
        seen.rival_fba[seen.n] = s.fba
        seen.rival_rating[seen.n] = s.rating
        seen.rival_handling[seen.n] = s.handling
        seen.n += 1
    want = strategy_decide(o.strategy, &seen, &o.memory, o.genes)
    if want == NO_WISH or want == us.price or o.due > 0:
        return
    o.pending = want
    o.due = t + <int64_t>(between(dice(apply, t * MAX_OWN + me), APPLY_LOW, APPLY_HIGH) / TICK_S + 0.5)
    o.writes += 1
    o.last_write = t


cdef void play(Page* page, const Laws* laws, int64_t ticks) noexcept nogil:
    cdef int64_t t
    cdef int i, hour, before
    cdef bint changed = True
    cdef double busy
    cdef uint64_t box = stream(page.seed, D_BOX), buyers = stream(page.seed, D_BUYERS)
    cdef uint64_t choice = stream(page.seed, D_CHOICE), apply = stream(page.seed, D_APPLY)
    cdef Own* o
    redraw(page, laws, dice(box, 0))
    for t in range(1, ticks + 1):
        hour = <int>((t % TICKS_PER_DAY) * TICK_S // 3600)
        busy = HOUR[hour] * WEEKDAY[(t // TICKS_PER_DAY) % 7]
        changed = False
        for i in range(page.own):
            o = &page.ours[i]
            if 0 < o.due <= t:
                o.due = 0
                set_price(&page.sellers[i], o.pending)
                changed = True
                if o.pending < o.lowest:
                    o.lowest = o.pending
                if o.pending > o.highest:
                    o.highest = o.pending
        if wake(page, t, hour):
            changed = True
        if t % REDRAW == 0:
            before = page.featured
            redraw(page, laws, dice(box, t))
            if page.featured != before:
                changed = True
            for i in range(page.own):
                page.ours[i].could_win = could_win(page, laws, i)
        for i in range(page.own):
            if page.sellers[i].landed <= page.most:
                page.ours[i].eligible += 1
                page.ours[i].held += page.featured == i
                if page.ours[i].could_win:
                    page.ours[i].winnable += 1
                    page.ours[i].held_winnable += page.featured == i
        if changed:
            page.events += 1
            for i in range(page.own, page.n):
                if page.sellers[i].kind != R_FIXED and t + page.sellers[i].delay < page.sellers[i].wakes_at:
                    page.sellers[i].wakes_at = t + page.sellers[i].delay
        if changed or t % REDRAW == 0:
            for i in range(page.own):
                consult(page, laws, i, t, apply)
        sell(page, laws, t, busy, buyers, choice)


cdef void laws_of(object given, Laws* laws):
    (laws.kappa, laws.fba, laws.incumbent, laws.quality, laws.handling, laws.over_reference, laws.min_rating,
     laws.elasticity, laws.to_featured, laws.break_low, laws.break_high) = given


cdef void answer(const Page* page, int me, int64_t* out) noexcept nogil:
    cdef const Own* o = &page.ours[me]
    out[0] = o.profit
    out[1] = o.revenue
    out[2] = o.units
    out[3] = o.held
    out[4] = o.eligible
    out[5] = o.writes
    out[6] = o.lowest
    out[7] = o.highest
    out[8] = o.floor
    out[9] = o.ceiling
    out[10] = o.last_write
    out[11] = page.market_units
    out[12] = page.events
    out[13] = o.winnable
    out[14] = o.held_winnable


cdef class Mind:
    """One listing's memory with the compiled strategies: what the properties are tested on."""

    cdef Memory memory

    def decide(self, int kind, genes, given):
        """`given` is a `_twin.strategy.Seen`; the wanted price, None = no wish."""
        cdef Seen seen
        cdef int32_t c_genes[GENES]
        cdef int i
        memset(&seen, 0, sizeof(Seen))
        (seen.now_us, seen.price, seen.shipping, seen.floor, seen.ceiling, seen.unit_cost, seen.reference, seen.units,
         seen.fee_bp, seen.elasticity_centi, seen.minute, seen.fba, seen.rating, seen.handling, seen.pending,
         seen.holder, rivals) = given
        if len(rivals) > SEEN_RIVALS:
            raise ValueError(f"rivals: wanted at most {SEEN_RIVALS}; found {len(rivals)}")
        seen.n = <int32_t>len(rivals)
        for i, rival in enumerate(rivals):
            (seen.landed[i], seen.who[i], seen.rival_fba[i], seen.rival_rating[i], seen.rival_handling[i]) = rival
        for i in range(GENES):
            c_genes[i] = genes[i]
        want = strategy_decide(kind, &seen, &self.memory, c_genes)
        return None if want == NO_WISH else want


def run(const int32_t[::1] kinds, const int32_t[:, ::1] genes, const double[::1] mix, const uint64_t[::1] seeds,
        int64_t ticks, laws, bint alone, int64_t[:, :, ::1] out):
    """Play every seed's page; out[seed, seller of ours] gets the columns of `answer`. Releases the GIL.

    `market.py` is the face that checks shapes and names.
    """
    cdef Laws c_laws
    cdef Page page
    cdef int own = <int>kinds.shape[0], i, j
    cdef Py_ssize_t at
    laws_of(laws, &c_laws)
    with nogil:
        for at in range(seeds.shape[0]):
            open_page(&page, seeds[at], &mix[0], &c_laws, own, alone)
            for i in range(own):
                page.ours[i].strategy = kinds[i]
                for j in range(GENES):
                    page.ours[i].genes[j] = genes[i, j]
            play(&page, &c_laws, ticks)
            for i in range(own):
                answer(&page, i, &out[at, i, 0])
