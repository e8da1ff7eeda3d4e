# Pricing strategies: pure functions (Seen, Memory, genes) → wanted listing price, or NO_WISH. No GIL, no clock, no
# dice, nothing but libc, so that live engine, replay and market bench run the same code. What each strategy and gene
# means is said in `strategies.py`; `_strategy_reference.py` says the same readably, and tests hold both equal.
#
# Floor and ceiling are kept in here, and the caller's guard comes after it all the same.
# Units: minor units of the listing's currency, epoch µs, basis points; landed = listing + shipping.

from libc.math cimport exp, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cdef enum:
    SEEN_RIVALS = 20
    GENES = 24
    ARMS = 6
    STEPS = 40  # prices tried between floor and ceiling, beside those next to a rival's
    NO_WISH = -1
    WE = -1
    NOBODY = -2

cdef int64_t MOST = 1000000000000  # no price is above it
cdef int64_t PROVOKED_US = 3600000000  # a rival's move this soon after ours answers ours

cdef enum:
    S_FIXED, S_BEAT, S_MATCH, S_OSCILLATE, S_RAISE, S_MYOPIC, S_ELASTICITY, S_MODEL, S_SHARE, S_ADAPTIVE, S_LEAD

# genes of the strategies that reckon with odds; the others have few and number them themselves
cdef enum:
    G_KAPPA, G_FBA, G_INCUMBENT, G_GAIN, G_NOW, G_FOLLOW_UP, G_BONUS, G_REDRAWS, G_TIE, G_PACE, G_COOL, G_STOP
    G_REST
    G_EPOCH, G_EXPLORE, G_KEEP, G_ABORT, G_CAP, G_SKIP, G_BAND, G_ARM_PACE, G_QUIET
    G_TARGET = 13  # of share_first

cdef struct Seen:
    # What is publicly shown of a page, our own numbers, the clock. Rivals out of stock are left out.
    int64_t now_us
    int64_t price  # our live listing price
    int64_t shipping
    int64_t floor
    int64_t ceiling
    int64_t unit_cost  # all costs per unit that do not move with the price
    int64_t reference  # 0 = unknown
    int64_t units  # of ours sold since the listing is watched; -1 unknown
    int32_t fee_bp  # costs that move with the price
    int32_t elasticity_centi  # own-price, × 100 (−200 = −2); 0 = unknown
    int32_t minute  # of the local day
    int32_t fba
    int32_t rating  # percent
    int32_t handling  # days
    int32_t pending  # 1: a write of ours is not live yet: look, do not wish
    int32_t holder  # index of the rival that is featured, WE or NOBODY
    int32_t n
    int64_t landed[SEEN_RIVALS]
    uint64_t who[SEEN_RIVALS]
    int32_t rival_fba[SEEN_RIVALS]
    int32_t rival_rating[SEEN_RIVALS]
    int32_t rival_handling[SEEN_RIVALS]

cdef struct Known:
    # What one rival's moves have shown. `gap`: how far below the lowest other it goes. `stop`: where it last came down
    # to without being the lowest; `floor`: the same (0 = not known), but once it went lower only a place met twice.
    uint64_t who
    int64_t landed
    int64_t high
    int64_t floor
    int64_t stop
    int64_t gap
    int32_t fooled  # 1: it went below what we took for its floor
    int32_t changes
    int32_t boxes  # moves that met the Buy Box's price, or raised while holding it
    int32_t cuts  # moves that went below the lowest other

cdef struct Memory:
    int64_t raised_us
    int64_t wrote_us
    uint64_t sign  # of the page that was last thought over
    int64_t box  # landed price that was featured when last seen
    uint64_t holder
    int64_t epoch_us
    int64_t last_us
    double rate
    double got
    double span
    double earned
    double lost
    double heat  # writes of ours that nothing but our own moves has called for: the next must be worth more
    int64_t limits
    int32_t offers
    double tries[ARMS]
    double mean[ARMS]
    int32_t arm
    int32_t moves  # of rivals, this epoch
    int32_t rivals
    Known known[SEEN_RIVALS]

cdef struct Field:
    # The rivals at certain prices, as odds and demand.
    int32_t n
    int64_t landed[SEEN_RIVALS]
    double weight[SEEN_RIVALS]  # odds of being featured; 0 = cannot be
    double drawn[SEEN_RIVALS]  # demand at its price, of that at the reference price
    double chance  # of ours, as of the last `worth`

cdef struct Plan:
    Field now
    Field then
    double stick
    int32_t boxed
    int32_t slot[SEEN_RIVALS]  # where it is known; -1: it never moved


# --- rules -------------------------------------------------------------------------------------------

cdef inline int64_t lowest_but(const Seen* s, int but, int64_t landed) noexcept nogil:
    cdef int i
    for i in range(s.n):
        if i != but and s.landed[i] < landed:
            landed = s.landed[i]
    return landed


cdef inline int64_t lowest_rival(const Seen* s) noexcept nogil:
    return lowest_but(s, 0, s.landed[0])


cdef inline int64_t beat(const Seen* s, int64_t minor, int64_t bp) noexcept nogil:
    cdef int64_t low
    if s.n == 0:
        return NO_WISH
    low = lowest_rival(s)
    low -= s.shipping + minor + low * bp // 10000
    return low if low > 0 else 1


cdef inline int64_t match_box(const Seen* s) noexcept nogil:
    cdef int64_t want
    if s.holder == WE or s.n == 0:
        return NO_WISH
    want = (s.landed[s.holder] if s.holder >= 0 else lowest_rival(s)) - s.shipping
    return want if want > 0 else 1


cdef inline int64_t oscillate(const Seen* s, int64_t minor, int64_t bp, int night_from, int night_to) noexcept nogil:
    cdef int64_t want = beat(s, minor, bp)
    if night_from <= s.minute // 60 <= night_to or (want != NO_WISH and want < s.floor):
        return s.ceiling
    return want


cdef inline int64_t raise_alone(const Seen* s, Memory* m, int64_t step_bp, int64_t every_min) noexcept nogil:
    if s.holder != WE:
        return match_box(s)
    if s.now_us - m.raised_us < every_min * 60000000:
        return NO_WISH
    m.raised_us = s.now_us
    return s.price + s.price * step_bp // 10000


cdef inline int64_t lead(const Seen* s, Memory* m, int64_t step_bp, int64_t every_min) noexcept nogil:
    if s.now_us - m.raised_us < every_min * 60000000:
        return NO_WISH
    if m.raised_us > 0 and s.n > 0 and lowest_rival(s) * 10000 < (s.price + s.shipping) * (10000 - 2 * step_bp):
        m.raised_us = s.now_us
        return lowest_rival(s) - s.shipping
    m.raised_us = s.now_us
    return s.price + s.price * step_bp // 10000


# --- odds and worth ----------------------------------------------------------------------------------

cdef inline double appeal(int32_t fba, int32_t rating, int32_t handling, const int32_t* g) noexcept nogil:
    """A seller's odds before its price, as a logarithm; an unknown rating (−1) counts as a usual one."""
    cdef double value = g[G_FBA] / 100.0 if fba else 0.0
    if rating >= 0:
        value += 0.02 * (rating - 95)
    if handling > 2:
        value -= 0.3 * (handling - 2)
    return value


cdef inline bint able(int32_t rating) noexcept nogil:
    return rating < 0 or rating >= 85


cdef inline double logged(const Seen* s, int64_t landed) noexcept nogil:
    """ln(landed / reference), kept within e^±2 so that no odds overflow."""
    cdef double x = log(<double>landed / <double>(s.reference if s.reference > 0 else s.ceiling))
    return -2.0 if x < -2.0 else (2.0 if x > 2.0 else x)


cdef inline double margin(const Seen* s, int64_t price) noexcept nogil:
    return price - price * s.fee_bp / 10000.0 - s.unit_cost


cdef void place(const Seen* s, Field* f, int i, int64_t landed, const int32_t* g) noexcept nogil:
    cdef double x = logged(s, landed)
    f.landed[i] = landed
    f.drawn[i] = exp(s.elasticity_centi / 100.0 * x)
    f.weight[i] = 0.0
    if able(s.rival_rating[i]):
        f.weight[i] = exp(appeal(s.rival_fba[i], s.rival_rating[i], s.rival_handling[i], g) - g[G_KAPPA] * x)


cdef void place_all(const Seen* s, Field* f, const int32_t* g) noexcept nogil:
    cdef int i
    f.n = s.n
    for i in range(s.n):
        place(s, f, i, s.landed[i], g)


cdef double worth(const Seen* s, Field* f, int64_t price, const int32_t* g, double stick) noexcept nogil:
    """Expected profit per buyer who would come at the reference price; notes our chance of being featured.

    Shares of time are those of the chain whose holder has e^incumbent the odds (`stick` = e^incumbent − 1): it is
    reversible, so they are w·(Σw + stick·w). A part of the buyers takes the lowest price instead.
    """
    cdef double total, ours, sum_, box, drawn, weight, earns, low_share = 1.0
    cdef int64_t landed = price + s.shipping
    cdef double x = logged(s, landed)
    cdef int i
    ours = exp(appeal(s.fba, s.rating, s.handling, g) - g[G_KAPPA] * x)
    total = ours
    for i in range(f.n):
        total += f.weight[i]
        if f.landed[i] < landed:
            low_share = 0.0
        elif f.landed[i] == landed:
            low_share *= g[G_TIE] / 100.0
    weight = ours * (total + stick * ours)
    sum_ = weight
    box = weight * exp(s.elasticity_centi / 100.0 * x)
    drawn = box
    for i in range(f.n):
        if f.weight[i] > 0.0:
            weight = f.weight[i] * (total + stick * f.weight[i])
            sum_ += weight
            drawn += weight * f.drawn[i]
    f.chance = ours * (total + stick * ours) / sum_
    earns = margin(s, price)
    return (0.8 * box * (earns + g[G_BONUS]) + 0.2 * low_share * drawn * earns) / sum_


cdef int64_t myopic(const Seen* s, const int32_t* g) noexcept nogil:
    """argmax of P(featured) · margin, as if nobody reacted and nobody bought elsewhere."""
    cdef double others = 0.0, ours, value, best = 0.0
    cdef int64_t price = s.floor, want = s.floor, step = 1 + (s.ceiling - s.floor) // (5 * STEPS)
    cdef int i
    if s.n == 0:
        return s.ceiling
    for i in range(s.n):
        if able(s.rival_rating[i]):
            others += exp(appeal(s.rival_fba[i], s.rival_rating[i], s.rival_handling[i], g)
                          - g[G_KAPPA] * logged(s, s.landed[i]))
    while price <= s.ceiling:
        ours = exp(appeal(s.fba, s.rating, s.handling, g) - g[G_KAPPA] * logged(s, price + s.shipping))
        value = ours / (ours + others) * margin(s, price)
        if value > best:
            best = value
            want = price
        price += step
    return want


# --- the rival model ---------------------------------------------------------------------------------

cdef int slot_of(const Memory* m, uint64_t who) noexcept nogil:
    cdef int i
    for i in range(m.rivals):
        if m.known[i].who == who:
            return i
    return -1


cdef void learn(const Seen* s, Memory* m, int i, Known* k) noexcept nogil:
    """What rival `i`'s move tells: does it follow the Buy Box, undercut, or is that its floor?"""
    cdef int64_t gap = lowest_but(s, i, s.price + s.shipping) - s.landed[i]
    if s.landed[i] == m.box or (m.holder == k.who and s.landed[i] > k.landed):
        k.boxes += 1
    elif gap > 0:
        k.gap = gap
        k.cuts += 1
    elif s.landed[i] < k.landed:
        if k.fooled == 0 or s.landed[i] == k.stop:
            k.floor = s.landed[i]
        k.stop = s.landed[i]
    if s.landed[i] < k.floor:
        k.floor = 0
        k.fooled = 1
    k.changes += 1
    k.landed = s.landed[i]
    if k.landed > k.high:
        k.high = k.landed


cdef void observe(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    cdef int i, j
    cdef int32_t before = m.moves
    for i in range(s.n):
        j = slot_of(m, s.who[i])
        if j >= 0:
            if m.known[j].landed != s.landed[i]:
                learn(s, m, i, &m.known[j])
                m.moves += 1
        elif m.rivals < SEEN_RIVALS:
            memset(&m.known[m.rivals], 0, sizeof(Known))
            m.known[m.rivals].who = s.who[i]
            m.known[m.rivals].landed = s.landed[i]
            m.known[m.rivals].high = s.landed[i]
            m.rivals += 1
    if m.limits != s.floor * 3 + s.ceiling * 5 + s.unit_cost * 7:
        m.limits = s.floor * 3 + s.ceiling * 5 + s.unit_cost * 7
        m.heat = 0.0
    if (m.moves > before or m.offers != s.n) and s.now_us - m.wrote_us > PROVOKED_US:
        m.heat -= g[G_COOL] / 100.0
        if m.heat < 0:
            m.heat = 0.0
    m.offers = s.n
    m.box = s.landed[s.holder] if s.holder >= 0 else (s.price + s.shipping if s.holder == WE else 0)
    m.holder = s.who[s.holder] if s.holder >= 0 else 0


cdef void prepare(const Seen* s, const Memory* m, Plan* plan, const int32_t* g) noexcept nogil:
    cdef int i, j
    place_all(s, &plan.now, g)
    plan.then = plan.now
    plan.stick = exp(g[G_INCUMBENT] / 100.0) - 1.0
    plan.boxed = 0
    for i in range(s.n):
        j = slot_of(m, s.who[i])
        plan.slot[i] = j if j >= 0 and m.known[j].changes > 0 else -1
        if plan.slot[i] >= 0 and m.known[j].boxes > m.known[j].cuts:
            plan.boxed = 1


cdef void react(const Seen* s, Plan* plan, const Known* k, int i, int64_t to, const int32_t* g) noexcept nogil:
    """Put rival `i` where it would go, within what it has shown; upwards only where that may be counted on.

    Where it stops is its floor; before it is known, a part of the reference price, or where it is if that is lower.
    """
    cdef int64_t rest = k.floor
    if k.floor == 0 and not k.fooled:
        rest = s.reference * g[G_REST] // 100
        if rest > s.landed[i]:
            rest = s.landed[i]
    if to < rest:
        to = rest
    if to > k.high:
        to = k.high
    if g[G_FOLLOW_UP] == 0 and to > s.landed[i]:
        to = s.landed[i]
    if to < 1:
        to = 1
    if to != plan.then.landed[i]:
        place(s, &plan.then, i, to, g)


cdef double foreseen(const Seen* s, const Memory* m, Plan* plan, int64_t price, const int32_t* g) noexcept nogil:
    """Worth of a price once the rivals have reacted to it: one step ahead.

    Who undercuts goes below us or stops at its floor. Who follows the Buy Box comes to our price once we were
    featured, which over some redraws is a matter of odds.
    """
    cdef int i
    cdef double value, missed = 1.0, none
    cdef const Known* k
    for i in range(s.n):
        if plan.slot[i] < 0:
            continue
        k = &m.known[plan.slot[i]]
        if k.boxes > k.cuts:
            if plan.then.landed[i] != s.landed[i]:
                place(s, &plan.then, i, s.landed[i], g)
        else:
            react(s, plan, k, i, lowest_but(s, i, price + s.shipping) - k.gap, g)
    value = worth(s, &plan.then, price, g, plan.stick)
    if plan.boxed:
        none = 1.0 - plan.then.chance
        for i in range(g[G_REDRAWS]):
            missed *= none
        for i in range(s.n):
            if plan.slot[i] >= 0:
                k = &m.known[plan.slot[i]]
                if k.boxes > k.cuts:
                    react(s, plan, k, i, price + s.shipping, g)
        value = missed * value + (1.0 - missed) * worth(s, &plan.then, price, g, plan.stick)
    if g[G_NOW] > 0:
        value += g[G_NOW] / 1000.0 * (worth(s, &plan.now, price, g, plan.stick) - value)
    return value


cdef uint64_t signed_page(const Seen* s) noexcept nogil:
    """A number that changes when a price, a seller or a limit changed: else there is nothing to think over."""
    cdef uint64_t x = <uint64_t>1469598103934665603
    cdef int i
    x = (x ^ <uint64_t>s.price) * <uint64_t>1099511628211
    x = (x ^ <uint64_t>s.floor) * <uint64_t>1099511628211
    x = (x ^ <uint64_t>s.ceiling) * <uint64_t>1099511628211
    x = (x ^ <uint64_t>s.unit_cost) * <uint64_t>1099511628211
    for i in range(s.n):
        x = (x ^ <uint64_t>s.landed[i]) * <uint64_t>1099511628211
        x = (x ^ s.who[i]) * <uint64_t>1099511628211
    return x


cdef int64_t model(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    """The price of highest foreseen worth; a move must be better than staying by `gain_bp`."""
    cdef Plan plan
    cdef double value, wanted, best = -1e300
    cdef int64_t price = s.floor, want = NO_WISH, step = 1 + (s.ceiling - s.floor) // STEPS
    cdef int i
    if m.heat > g[G_STOP] - 1.0 and s.floor <= s.price <= s.ceiling:
        return NO_WISH
    prepare(s, m, &plan, g)
    while price <= s.ceiling:
        value = foreseen(s, m, &plan, price, g)
        if value > best:
            best = value
            want = price
        price += step
    for i in range(2 * s.n):
        price = s.landed[i // 2]
        if i % 2:
            if plan.slot[i // 2] < 0:
                continue
            price = m.known[plan.slot[i // 2]].floor
        price -= s.shipping + 1
        if s.floor <= price <= s.ceiling:
            value = foreseen(s, m, &plan, price, g)
            if value > best:
                best = value
                want = price
    value = foreseen(s, m, &plan, s.price, g)
    wanted = g[G_GAIN] / 10000.0 * (1.0 + m.heat * m.heat)
    if s.floor <= s.price <= s.ceiling and best < value + (value if value > 0 else -value) * wanted:
        return NO_WISH
    return want


cdef int64_t best_against(const Seen* s, const Memory* m, const int32_t* g, bint still_only) noexcept nogil:
    """The price of highest worth if nobody reacted; `still_only`: and only those were there who never moved."""
    cdef Field f
    cdef double value, best = -1e300, stick = exp(g[G_INCUMBENT] / 100.0) - 1.0
    cdef int64_t price = s.floor, want = s.ceiling, step = 1 + (s.ceiling - s.floor) // STEPS
    cdef int i, j
    place_all(s, &f, g)
    if still_only:
        for i in range(s.n):
            j = slot_of(m, s.who[i])
            if j >= 0 and m.known[j].changes > 0:
                f.weight[i] = 0.0
                f.landed[i] = 2 * (s.ceiling + s.shipping)
    while price <= s.ceiling:
        value = worth(s, &f, price, g, stick)
        if value > best:
            best = value
            want = price
        price += step
    return want


cdef int64_t share_first(const Seen* s, const Memory* m, const int32_t* g) noexcept nogil:
    """The highest price that, after the rivals' reactions, is featured with the wanted odds; else the floor."""
    cdef Plan plan
    cdef int64_t price = s.ceiling, step = 1 + (s.ceiling - s.floor) // (2 * STEPS)
    prepare(s, m, &plan, g)
    while price > s.floor:
        foreseen(s, m, &plan, price, g)
        if plan.then.chance * 1000.0 >= g[G_TARGET]:
            break
        price -= step
    if price < s.floor:
        price = s.floor
    if price > s.price >= s.floor and (price - s.price) * 10000 < s.price * g[G_GAIN]:
        return NO_WISH
    return price


# --- safe selection per listing ----------------------------------------------------------------------

cdef inline double busy(const Seen* s) noexcept nogil:
    """Buyers sleep: what an hour counts for, about 1 on average."""
    return 0.4 if s.minute < 420 else 1.2


cdef double earning(const Seen* s, const int32_t* g) noexcept nogil:
    """What this moment earns an hour, of a demand of one buyer an hour at the reference price: from who is featured."""
    cdef double drawn, value = 0.0, earns = margin(s, s.price)
    cdef int64_t landed = s.price + s.shipping
    drawn = exp(s.elasticity_centi / 100.0 * logged(s, s.landed[s.holder] if s.holder >= 0 else landed))
    if s.holder == WE:
        value += 0.8 * drawn * (earns + g[G_BONUS])
    if s.n == 0 or landed <= lowest_rival(s):
        value += 0.2 * drawn * earns
    return value * busy(s)


cdef void account(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    cdef double hours
    if m.last_us > 0 and s.now_us > m.last_us:
        hours = (s.now_us - m.last_us) / 3600e6
        if m.last_us >= m.epoch_us:
            m.got += m.rate * hours
            m.span += hours * busy(s)
        m.earned += m.rate * hours
    m.last_us = s.now_us
    m.rate = earning(s, g)


cdef int best_arm(const Memory* m) noexcept nogil:
    cdef int i, best = 0
    for i in range(1, ARMS):
        if m.tries[i] > 0 and (m.tries[best] == 0 or m.mean[i] > m.mean[best]):
            best = i
    return best


cdef int next_arm(const Memory* m, const int32_t* g) noexcept nogil:
    """The best so far, or one that may be better, as long as trying has cost little and the page is alive."""
    cdef int i, best = best_arm(m), pick = best
    cdef double hope, top = -1e300
    if m.moves < g[G_QUIET] or m.lost * 1000.0 > g[G_CAP] * m.earned:
        return best
    for i in range(ARMS):
        if m.tries[i] == 0:
            return i
        hope = m.mean[i] + g[G_EXPLORE] / 100.0 * m.mean[best] / sqrt(m.tries[i])
        if hope > top:
            top = hope
            pick = i
    return pick


cdef void select(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    """Close an epoch that is over, or that goes badly, and choose the arm of the next."""
    cdef int i, best = best_arm(m), pick
    cdef double length = g[G_EPOCH] / 60.0, mean, weight
    if m.epoch_us == 0:
        m.epoch_us = s.now_us
        return
    if m.span <= 0:
        return
    mean = m.got / m.span
    if s.now_us < m.epoch_us + <int64_t>g[G_EPOCH] * 60000000:
        if best == m.arm or m.span < length * 0.3 or mean >= g[G_ABORT] / 100.0 * m.mean[best]:
            return
    weight = m.span / length if m.span < length else 1.0
    if best != m.arm and mean < m.mean[best]:
        m.lost += (m.mean[best] - mean) * m.span
    m.mean[m.arm] = (m.mean[m.arm] * m.tries[m.arm] + mean * weight) / (m.tries[m.arm] + weight)
    m.tries[m.arm] += weight
    for i in range(ARMS):
        m.tries[i] *= g[G_KEEP] / 1000.0
    pick = next_arm(m, g)
    m.epoch_us = s.now_us
    if pick != m.arm:
        m.epoch_us += <int64_t>g[G_SKIP] * 60000000  # the change-over is not measured
        m.sign = 0
    m.got = m.span = 0.0
    m.moves = 0
    m.arm = pick


cdef int64_t adaptive(const Seen* s, Memory* m, const int32_t* g) noexcept nogil:
    """One of six arms, each held to few writes; small steps down are left out, so that no race is fed."""
    cdef int64_t want, pace = g[G_ARM_PACE] if m.arm > 0 else g[G_PACE]
    cdef uint64_t page
    if s.now_us - m.wrote_us < pace * 60000000:
        return NO_WISH
    if m.arm == 0 or m.arm == 5:
        page = signed_page(s)
        if page == m.sign:
            return NO_WISH
        m.sign = page
        want = model(s, m, g) if m.arm == 0 else best_against(s, m, g, True)
    elif m.arm == 1:
        want = beat(s, 1, 0)
    elif m.arm == 2:
        want = oscillate(s, 1, 0, 1, 4)
    elif m.arm == 3:
        want = match_box(s)
    else:
        want = raise_alone(s, m, 100, 5)
    if want == NO_WISH:
        return NO_WISH
    want = s.ceiling if want > s.ceiling else (s.floor if want < s.floor else want)
    if m.arm in (1, 2) and want < s.price and (s.price - want) * 10000 < s.price * g[G_BAND]:
        return NO_WISH
    return want


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
