# What each rival's moves tell of it, and what is best against the moves that it is likely to answer with.

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
