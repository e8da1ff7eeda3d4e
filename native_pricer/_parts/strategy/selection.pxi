# Safe selection for one listing: a few arms, tried against the one that has proved itself.

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
