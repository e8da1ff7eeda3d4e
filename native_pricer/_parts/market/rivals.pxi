# What rivals do when they wake; the laws of the demo's rivals.

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
