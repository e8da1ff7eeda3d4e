# A page as its seed has it before anything happens.

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
