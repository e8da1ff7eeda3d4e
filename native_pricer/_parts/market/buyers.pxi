# Who comes, and of whom they buy.

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
