# The odds of being featured at a price, and what the price is worth then.

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
