# A page of offers → the View of one listing of ours. Included by _engine.pyx after scan.pxi and rule.pxi; no GIL.

cdef struct CIds:
    const Span* at
    int n

cdef struct CFilter:                   # rivals.RivalFilter
    bint all_pass, prime_only, featured_only
    int channel                        # -1 any, 1 FBA, 0 FBM
    int64_t min_count, min_percent     # 0: any
    int64_t max_count, max_hours       # -1: any
    CIds exclude, only, ships_from, sub_conditions

cdef struct CFollow:                   # what a clause needs of the page beside numbers
    const CFilter* rivals              # NULL: the listing's
    Span seller

cdef struct CWho:                      # what a page must know of our listing
    Span seller
    int64_t shipping                   # -1: as our own offer on the page says
    const CFilter* rivals


cdef inline bint same(const Span* a, const Span* b) noexcept nogil:
    return a.n == b.n and memcmp(a.at, b.at, a.n) == 0


cdef bint among(const Span* id_, const CIds* ids) noexcept nogil:
    cdef int i
    for i in range(ids.n):
        if same(id_, &ids.at[i]):
            return True
    return False


cdef bint low_among(const Span* id_, const CIds* ids) noexcept nogil:
    """As `among`; `id_` as the platform wrote it, the list in lower case."""
    cdef int i
    for i in range(ids.n):
        if same_lower(id_, &ids.at[i]):
            return True
    return False


cdef bint passes(const COffer* o, const CFilter* f) noexcept nogil:
    """Whether the offer counts as a rival. What is not known passes no filter on it."""
    if f.all_pass:
        return True
    if f.channel >= 0 and o.fba != f.channel:
        return False
    if f.min_count and o.count < f.min_count:
        return False
    if f.max_count >= 0 and (o.count < 0 or o.count > f.max_count):
        return False
    if f.min_percent and o.percent < f.min_percent:
        return False
    if f.max_hours >= 0 and (o.hours < 0 or o.hours > f.max_hours):
        return False
    if (f.prime_only and o.prime != 1) or (f.featured_only and o.featured != 1):
        return False
    if f.ships_from.n and not among(&o.ships_from, &f.ships_from):
        return False
    if f.sub_conditions.n and not low_among(&o.sub_condition, &f.sub_conditions):
        return False
    if f.exclude.n and among(&o.seller, &f.exclude):
        return False
    return f.only.n == 0 or among(&o.seller, &f.only)


cdef void look(const CEvent* event, const CWho* who, const CFilter* f, View* v) noexcept nogil:
    """The page as this listing sees it through that filter; `aim` is left out."""
    cdef const COffer* o
    cdef int i, holders = 0, own = 0, flagged = 0, counting = 0
    cdef bint shown = False, one_shipping = True, ours, counts
    cdef int64_t shipping = -1, flagged_landed = -1
    see_nothing(v)
    v.offers, v.box = event.n, event.box
    for i in range(event.n):
        if event.offers[i].winner == 1:
            if flagged == 0:
                flagged_landed = event.offers[i].landed
            flagged += 1
    for i in range(event.n):
        o = &event.offers[i]
        ours = same(&o.seller, &who.seller)
        counts = not ours and passes(o, f)
        if ours:
            if shown and o.shipping != shipping:
                one_shipping = False
            shown, shipping = True, o.shipping
        elif counts:
            v.rivals += 1
            if o.landed > 0 and (v.rival < 0 or o.landed < v.rival):
                v.rival, v.rival_at = o.landed, i
        if o.winner == 1 if flagged else (event.box >= 0 and o.landed == event.box):
            v.box_fba = o.fba if holders == 0 or v.box_fba == o.fba else -1
            holders += 1
            own += ours
            counting += counts
    if v.rival_at >= 0:
        o = &event.offers[v.rival_at]
        v.rival_fba, v.rival_rating, v.rival_reviews, v.rival_handling = o.fba, o.percent, o.count, o.hours
    if v.box < 0 and flagged_landed > 0:
        v.box = flagged_landed
    v.suppressed = event.n > 0 and v.box < 0 and not flagged
    v.shipping = who.shipping if who.shipping >= 0 else shipping if shown and one_shipping else -1
    if v.box < 0:
        return
    if own and (flagged or holders == 1):
        v.we_hold = 1
    elif not own and (holders or shown):
        v.we_hold = 0
        v.box_counts = counting > 0 if holders else f.all_pass


cdef void aim(
    const CEvent* event, const CWho* who, const CClause* c, const CFollow* follow, View* v
) noexcept nogil:
    """What the chosen clause sees differently: its own filter, and the price of its nth, seller or average."""
    cdef const CFilter* f = follow.rivals if follow.rivals != NULL else who.rivals
    cdef const COffer* o
    cdef int64_t lowest[20]
    cdef int64_t landed, total = 0
    cdef int i, k, n = 0, found = 0
    if follow.rivals != NULL:
        look(event, who, f, v)
    if c.target != T_NTH and c.target != T_SELLER and c.target != T_AVERAGE:
        return
    for i in range(event.n):
        o = &event.offers[i]
        if o.landed <= 0 or same(&o.seller, &who.seller):
            continue
        if c.target == T_SELLER:
            if same(&o.seller, &follow.seller) and (v.aim < 0 or o.landed < v.aim):
                v.aim = o.landed
            continue
        if not passes(o, f):
            continue
        found += 1
        total += o.landed
        landed = o.landed
        for k in range(n):
            if landed < lowest[k]:
                lowest[k], landed = landed, lowest[k]
        if n < c.nth:
            lowest[n] = landed
            n += 1
    if c.target == T_NTH and n == c.nth:
        v.aim = lowest[n - 1]
    elif c.target == T_AVERAGE and found:
        v.aim = total // found
