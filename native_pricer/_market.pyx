# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The market bench: one product page with 3 to 8 sellers, without the GIL. `_market_reference.py` says it readably."""

from libc.math cimport pow
from libc.string cimport memset
from native_pricer import market_laws as k

include "_strategy.pxi"

cdef enum:
    MAX_OWN = 2
    SELLERS = 8
    MAX_DRAW = 6

assert k.MAX_SELLERS == SELLERS

# streams of dice: what is drawn at one tick never moves what is drawn at another, or for another purpose
cdef enum:
    D_PAGE, D_BOX, D_BUYERS, D_CHOICE, D_APPLY, D_RIVAL  # D_RIVAL + seller: its mood; + SELLERS: its stock

cdef enum:
    R_FIXED, R_CENT, R_SHARE, R_MATCH, R_OSCILLATE, R_RAISE, R_OURS

cdef int32_t TICKS_PER_DAY = k.TICKS_PER_DAY, REDRAW = k.REDRAW_TICKS, TICK_S = k.TICK_S
cdef int64_t START_US = k.START_US
cdef double HOUR[24]
cdef double WEEKDAY[7]
for _i in range(24):
    HOUR[_i] = k.HOUR_SEASON[_i]
for _i in range(7):
    WEEKDAY[_i] = k.WEEKDAY_SEASON[_i]
cdef double REF_LOW = k.REFERENCE_MINOR[0], REF_HIGH = k.REFERENCE_MINOR[1]
cdef double DEMAND_LOW = k.DEMAND_PER_DAY[0], DEMAND_HIGH = k.DEMAND_PER_DAY[1]
cdef double DEMAND_AT = k.DEMAND_PRICE[0], DEMAND_POWER = k.DEMAND_PRICE[1]
cdef double START_LOW = k.OUR_START[0], START_HIGH = k.OUR_START[1]
cdef double OUR_FBA = k.OUR_FBA_CHANCE
cdef double MIN_MARGIN = k.MIN_MARGIN_SHARE
cdef int32_t OUR_RATING = k.OUR_RATING, FEE_BP = k.FEE_BP
cdef double APPLY_LOW = k.APPLY_S[0], APPLY_HIGH = k.APPLY_S[1]
cdef int32_t RIVALS_LOW = k.RIVALS[0], RIVALS_HIGH = k.RIVALS[1]
cdef double DELAY_LOW = k.RIVAL_DELAY_S[0], DELAY_HIGH = k.RIVAL_DELAY_S[1]
cdef double IDLE_LOW = k.RIVAL_IDLE_S[0], IDLE_HIGH = k.RIVAL_IDLE_S[1]
cdef double HOME_LOW = k.RIVAL_START[0], HOME_HIGH = k.RIVAL_START[1]
cdef double FLOOR_LOW = k.RIVAL_FLOOR[0], FLOOR_HIGH = k.RIVAL_FLOOR[1]
cdef double WRONG = k.WRONG_FLOOR_CHANCE, WRONG_LOW = k.WRONG_FLOOR[0], WRONG_HIGH = k.WRONG_FLOOR[1]
cdef double RIVAL_FBA = k.RIVAL_FBA_CHANCE, FREE_SHIPPING = k.RIVAL_FREE_SHIPPING
cdef int64_t SHIPPING[3]
for _i in range(3):
    SHIPPING[_i] = k.RIVAL_SHIPPING[_i]
cdef int32_t HANDLING[5]
for _i in range(5):
    HANDLING[_i] = k.RIVAL_HANDLING[_i]
cdef double RATING_LOW = k.RIVAL_RATING[0], RATING_HIGH = k.RIVAL_RATING[1]
cdef double OUT_PER_TICK = k.OUT_OF_STOCK_PER_DAY / k.TICKS_PER_DAY
cdef double OUT_LOW = k.OUT_OF_STOCK_S[0], OUT_HIGH = k.OUT_OF_STOCK_S[1]
cdef int64_t UNDERCUT_BP = k.UNDERCUT_BP, RAISE_BP = k.RAISE_BP, RAISE_MOST_BP = k.RAISE_MOST_BP
cdef int32_t NIGHT_FROM = k.NIGHT_RESET_HOURS[0], NIGHT_TO = k.NIGHT_RESET_HOURS[1]
cdef double RESET_AT_FLOOR = k.RESET_AT_FLOOR

cdef struct Laws:
    double kappa
    double fba
    double incumbent
    double quality
    double handling
    double over_reference
    int32_t min_rating
    double elasticity
    double to_featured
    double break_low
    double break_high

cdef struct Seller:
    int32_t kind
    int32_t fba
    int32_t rating
    int32_t handling
    int64_t price
    int64_t shipping
    int64_t landed
    int64_t floor
    int64_t home
    int64_t delay  # ticks
    int64_t wakes_at
    int64_t back_at  # 0 = in stock
    uint64_t who
    double logged  # ln(landed)
    double appeal

cdef struct Own:
    int32_t strategy
    int32_t genes[GENES]
    Memory memory
    int64_t floor
    int64_t ceiling
    int64_t unit_cost
    int64_t due  # tick at which the pending price is live; 0 = none
    int64_t pending
    int64_t profit
    int64_t revenue
    int64_t units
    int64_t writes
    int64_t last_write  # tick
    int64_t eligible
    int64_t held
    int64_t winnable  # ticks in which our floor would more likely than not be featured
    int64_t held_winnable
    int32_t could_win
    int64_t lowest  # live price
    int64_t highest

cdef struct Page:
    uint64_t seed
    int64_t reference
    double demand  # buyers per tick at the reference price
    int64_t most  # landed price above which nobody is featured
    int32_t n
    int32_t own
    int32_t featured  # index of a seller, NOBODY
    int64_t market_units
    int64_t events
    Seller sellers[SELLERS]
    Own ours[MAX_OWN]


cdef inline uint64_t mixed(uint64_t x) noexcept nogil:
    x = (x ^ (x >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    x = (x ^ (x >> 27)) * <uint64_t>0x94D049BB133111EB
    return x ^ (x >> 31)


cdef inline uint64_t stream(uint64_t seed, int which) noexcept nogil:
    return mixed(seed * <uint64_t>0x9E3779B97F4A7C15 + <uint64_t>(which + 1) * <uint64_t>0xD1B54A32D192ED03)


cdef inline double dice(uint64_t key, int64_t at) noexcept nogil:
    """The uniform number in [0, 1) of one stream at one place."""
    return <double>(mixed(key + <uint64_t>(at + 1) * <uint64_t>0x9E3779B97F4A7C15) >> 11) * (1.0 / 9007199254740992.0)


cdef inline double between(double u, double low, double high) noexcept nogil:
    return low + u * (high - low)


cdef inline void set_price(Seller* seller, int64_t price) noexcept nogil:
    seller.price = price
    seller.landed = price + seller.shipping
    seller.logged = log(<double>seller.landed)


cdef inline int64_t ticks_of(double seconds) noexcept nogil:
    return <int64_t>(seconds / TICK_S)


cdef void open_page(Page* page, uint64_t seed, const double* mix, const Laws* laws, int own, bint alone) noexcept nogil:
    cdef uint64_t key = stream(seed, D_PAGE)
    cdef int64_t at = 0
    cdef int i, j, rivals
    cdef double u, share, base
    cdef Seller* s
    memset(page, 0, sizeof(Page))
    page.seed = seed
    page.own = own
    page.reference = <int64_t>between(dice(key, 0), REF_LOW, REF_HIGH)
    base = page.reference
    page.demand = between(dice(key, 1), DEMAND_LOW, DEMAND_HIGH) * pow(DEMAND_AT / base, DEMAND_POWER) / TICKS_PER_DAY
    page.most = <int64_t>(base * (1.0 + laws.over_reference))
    rivals = RIVALS_LOW + <int>(dice(key, 2) * (RIVALS_HIGH - RIVALS_LOW + 1))
    page.n = own if alone else (own + rivals if own + rivals <= SELLERS else SELLERS)
    for i in range(page.n):
        at = 100 * (i + 1)
        s = &page.sellers[i]
        s.who = <uint64_t>(i + 1)
        if i < own:
            s.kind = R_OURS
            s.fba = dice(key, at) < OUR_FBA
            s.rating = OUR_RATING
            s.handling = 1
            share = between(dice(key, at + 1), laws.break_low, laws.break_high)
            page.ours[i].unit_cost = <int64_t>(base * share * (10000 - FEE_BP) / 10000.0)
            page.ours[i].floor = <int64_t>(base * share * (1.0 + MIN_MARGIN)) + 1
            page.ours[i].ceiling = page.most
            set_price(s, <int64_t>(base * between(dice(key, at + 2), START_LOW, START_HIGH)))
            page.ours[i].lowest = page.ours[i].highest = s.price
        else:
            u = dice(key, at)
            s.kind = R_RAISE
            for j in range(MAX_DRAW):
                u -= mix[j]
                if u < 0:
                    s.kind = j
                    break
            s.fba = dice(key, at + 1) < RIVAL_FBA
            if not s.fba and dice(key, at + 2) >= FREE_SHIPPING:
                s.shipping = SHIPPING[<int>(dice(key, at + 3) * 3)]
            s.home = <int64_t>(base * between(dice(key, at + 4), HOME_LOW, HOME_HIGH)) - s.shipping
            if dice(key, at + 5) < WRONG:
                s.floor = <int64_t>(base * between(dice(key, at + 6), WRONG_LOW, WRONG_HIGH)) - s.shipping
            else:
                s.floor = <int64_t>(base * between(dice(key, at + 6), FLOOR_LOW, FLOOR_HIGH)) - s.shipping
            s.rating = <int32_t>between(dice(key, at + 7), RATING_LOW, RATING_HIGH + 1)
            s.handling = 1 if s.fba else HANDLING[<int>(dice(key, at + 8) * 5)]
            s.delay = ticks_of(between(dice(key, at + 9), DELAY_LOW, DELAY_HIGH))
            s.wakes_at = 1 + <int64_t>(dice(key, at + 10) * (s.delay + IDLE_LOW / TICK_S))
            set_price(s, s.home)
        s.appeal = ((laws.fba if s.fba else 0.0) + laws.quality * (s.rating - 95) / 100.0
                    - laws.handling * (s.handling - 2 if s.handling > 2 else 0))
    page.featured = NOBODY


cdef void redraw(Page* page, const Laws* laws, double u) noexcept nogil:
    cdef double score[SELLERS]
    cdef double low = 0.0, top = 0.0, total = 0.0
    cdef int i, last = NOBODY
    cdef bint any_able = False
    cdef Seller* s
    for i in range(page.n):
        s = &page.sellers[i]
        score[i] = -1e300
        if s.back_at == 0 and s.rating >= laws.min_rating and s.landed <= page.most:
            if not any_able or s.logged < low:
                low = s.logged
            any_able = True
            score[i] = 0.0
    if not any_able:
        page.featured = NOBODY
        return
    top = -1e300
    for i in range(page.n):
        if score[i] == 0.0:
            s = &page.sellers[i]
            score[i] = (-laws.kappa * (s.logged - low) + s.appeal
                        + (laws.incumbent if i == page.featured else 0.0))
            if score[i] > top:
                top = score[i]
    for i in range(page.n):
        score[i] = exp(score[i] - top) if score[i] > -1e299 else 0.0
        total += score[i]
    u *= total
    for i in range(page.n):
        if score[i] > 0.0:
            last = i
            u -= score[i]
            if u < 0.0:
                break
    page.featured = last


cdef bint could_win(const Page* page, const Laws* laws, int me) noexcept nogil:
    """Would our floor be featured with odds of one half, nobody holding it before? The demo's expected price, for all."""
    cdef const Seller* s = &page.sellers[me]
    cdef double ours = log(<double>(page.ours[me].floor + s.shipping)), others = 0.0
    cdef int i
    if page.ours[me].floor + s.shipping > page.most:
        return False
    for i in range(page.n):
        s = &page.sellers[i]
        if i != me and s.back_at == 0 and s.rating >= laws.min_rating and s.landed <= page.most:
            others += exp(-laws.kappa * (s.logged - ours) + s.appeal - page.sellers[me].appeal)
    return others <= 1.0


cdef int64_t rival_price(Page* page, int me, int hour, double u) noexcept nogil:
    """What a rival asks when it wakes; the laws of the demo's rivals."""
    cdef Seller* s = &page.sellers[me]
    cdef int64_t lowest = -1, target, want
    cdef int i, kind = s.kind
    for i in range(page.n):
        if i != me and page.sellers[i].back_at == 0 and (lowest < 0 or page.sellers[i].landed < lowest):
            lowest = page.sellers[i].landed
    if kind == R_FIXED:
        return s.price
    if kind == R_RAISE:
        if page.featured == me:
            want = (s.price * (10000 + RAISE_BP) + 5000) // 10000
            target = (s.home * (10000 + RAISE_MOST_BP) + 5000) // 10000
            return want if want < target else target
        kind = R_MATCH
    if kind == R_MATCH:
        target = page.sellers[page.featured].landed if page.featured >= 0 else lowest
        if target < 0:
            return s.home
        want = target - s.shipping
    else:
        if kind == R_OSCILLATE:
            if NIGHT_FROM <= hour <= NIGHT_TO:
                return s.home
            if s.price <= s.floor and u < RESET_AT_FLOOR:
                return s.home
        if lowest < 0:
            return s.home
        if kind == R_SHARE:
            target = (lowest * UNDERCUT_BP + 5000) // 10000
            want = lowest - (target if target > 1 else 1) - s.shipping
        else:
            want = lowest - 1 - s.shipping
    if want < s.floor:
        want = s.floor
    return want if want < s.home else s.home


cdef bint wake(Page* page, int64_t t, int hour) noexcept nogil:
    cdef bint changed = False
    cdef int i
    cdef int64_t price
    cdef uint64_t mood, shelf
    cdef Seller* s
    for i in range(page.own, page.n):
        s = &page.sellers[i]
        shelf = stream(page.seed, D_RIVAL + SELLERS + i)
        if s.back_at > 0:
            if s.back_at > t:
                continue
            s.back_at = 0
            changed = True
        elif dice(shelf, 2 * t) < OUT_PER_TICK:
            s.back_at = t + 1 + ticks_of(between(dice(shelf, 2 * t + 1), OUT_LOW, OUT_HIGH))
            changed = True
            continue
        if s.kind != R_FIXED and s.wakes_at <= t:
            mood = stream(page.seed, D_RIVAL + i)
            price = rival_price(page, i, hour, dice(mood, 2 * t))
            s.wakes_at = t + s.delay + ticks_of(between(dice(mood, 2 * t + 1), IDLE_LOW, IDLE_HIGH))
            if price != s.price:
                set_price(s, price)
                changed = True
    return changed


cdef void sell(Page* page, const Laws* laws, int64_t t, double busy, uint64_t buyers, uint64_t choice) noexcept nogil:
    cdef int64_t low = -1
    cdef int i, ties, pick, buyer
    cdef double rate, u = dice(buyers, t), p, price
    cdef Own* o
    rate = page.demand * busy
    if u < 1.0 - rate * 2.5:  # even at the lowest price nobody comes: most ticks end here
        return
    for i in range(page.n):
        if page.sellers[i].back_at == 0 and (low < 0 or page.sellers[i].landed < low):
            low = page.sellers[i].landed
    if low < 0:
        return
    price = page.sellers[page.featured].landed if page.featured >= 0 else low
    rate *= pow(price / <double>page.reference, -laws.elasticity)
    p = exp(-rate)
    buyer = 0
    while u >= p and buyer < MAX_DRAW:  # the Poisson count that belongs to u
        u -= p
        buyer += 1
        p *= rate / buyer
        page.market_units += 1
        pick = NOBODY
        if dice(choice, 16 * t + buyer) < laws.to_featured:
            pick = page.featured
        else:
            ties = 0
            for i in range(page.n):
                ties += page.sellers[i].back_at == 0 and page.sellers[i].landed == low
            ties = <int>(dice(choice, 16 * t + 8 + buyer) * ties)
            for i in range(page.n):
                if page.sellers[i].back_at == 0 and page.sellers[i].landed == low:
                    if ties == 0:
                        pick = i
                        break
                    ties -= 1
        if 0 <= pick < page.own:
            o = &page.ours[pick]
            o.units += 1
            o.revenue += page.sellers[pick].landed
            o.profit += page.sellers[pick].landed - (page.sellers[pick].landed * FEE_BP + 5000) // 10000 - o.unit_cost


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
        """`given` is a `_strategy_reference.Seen`; the wanted price, None = no wish."""
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

