# Offers, Buy Boxes and the other lists of a notification, keys in any order. Included by _engine.pyx after notice.pxi.

cdef const uchar* any_offer(const uchar* p, COffer* o, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_OFFER, &which, &seen, s)
        if p == NULL:
            return NULL
        if which == 0:
            p = read_text(p, &o.seller, s)
        elif which == 1:
            p = read_text_or_none(p, &o.sub_condition, s)
        elif which == 2:
            p = counts(p, &K_FEEDBACK, &o.count, &o.percent, s)
        elif which == 3:
            p = counts(p, &K_TIME, NULL, &o.hours, s)
        elif which == 4:
            p = money(p, &o.written_listing, s)
        elif which == 5:
            p = counts(p, &K_POINTS, &o.points, NULL, s)
        elif which == 6:
            p = money(p, &o.written_shipping, s)
        elif which == 7:
            p = ships_from(p, o, s)
        elif which == 8:
            p = read_flag(p, &o.fba, s)
        elif which == 9:
            p = read_flag(p, &o.winner, s)
        elif which == 10:
            p = prime(p, o, s)
        elif which == 12:
            p = read_flag(p, &o.featured, s)
        else:
            p = skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


cdef inline void no_offer(COffer* o) noexcept nogil:
    o.seller.n = o.ships_from.n = o.sub_condition.n = 0
    o.written_listing.mantissa = o.written_shipping.mantissa = o.points = o.count = o.percent = o.hours = -1
    o.fba = o.prime = o.winner = o.featured = -1


cdef const uchar* offer_(const uchar* p, Scan* s) noexcept nogil:
    cdef COffer* o = &s.event.offers[s.event.n]
    cdef const uchar* q
    if s.event.n >= OFFERS:
        return NULL
    no_offer(o)
    q = predicted(p, s, OFFER_SHELF, <char*>o)
    if q == NULL:
        no_offer(o)
        watch(s, OFFER_SHELF, &s.of_part, <char*>o)
        q = watched(s, OFFER_SHELF, p, any_offer(p, o, s))
    if q == NULL or not settled(o, s):
        return NULL
    return q


cdef bint settled(COffer* o, Scan* s) noexcept nogil:
    """The event's next offer, from what stands in the bytes. False: not understood."""
    cdef CEvent* event = s.event
    if o.seller.n == 0 or o.written_listing.mantissa < 0 or (s.high and not all_ascii(&o.sub_condition)):
        return False
    o.listing = minor(&o.written_listing, event, 1)
    if o.listing < 0:
        return False
    o.shipping = -1
    if o.written_shipping.mantissa >= 0:
        o.shipping = minor(&o.written_shipping, event, 0)
        if o.shipping < 0:
            return False
    if event.currency != YEN:
        o.points = -1
    o.landed = landed(o)
    event.n += 1
    return True


cdef inline int64_t landed(const COffer* o) noexcept nogil:
    return -1 if o.shipping < 0 else o.listing + o.shipping - (o.points if o.points > 0 else 0)


cdef const uchar* any_box(const uchar* p, CBox* b, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_BOX, &which, &seen, s)
        if p == NULL:
            return NULL
        if which == 0:
            p = read_text(p, &b.condition, s)
        elif which == 1:
            p = money(p, &b.landed, s)
        elif which == 2:
            p = money(p, &b.listing, s)
        elif which == 3:
            p = money(p, &b.shipping, s)
        else:
            p = skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


cdef inline void no_box(CBox* b) noexcept nogil:
    b.condition.n = 0
    b.landed.mantissa = b.listing.mantissa = b.shipping.mantissa = -1


cdef const uchar* box(const uchar* p, Scan* s) noexcept nogil:
    cdef CBox* b = &s.boxes[s.n_boxes]
    cdef const uchar* q
    if s.n_boxes >= BOXES:
        return NULL
    no_box(b)
    q = predicted(p, s, BOX_SHELF, <char*>b)
    if q == NULL:
        no_box(b)
        watch(s, BOX_SHELF, &s.of_part, <char*>b)
        q = watched(s, BOX_SHELF, p, any_box(p, b, s))
    if q == NULL or b.condition.n == 0:
        return NULL
    s.n_boxes += 1
    return q


cdef const uchar* entry(const uchar* p, Scan* s, int kind) noexcept nogil:
    """An entry of a list that is checked and dropped."""
    cdef const uchar* q = predicted(p, s, kind, NULL)
    if q == NULL:
        watch(s, kind, &s.of_part, NULL)
        q = watched(s, kind, p, skip(p, s, 1))
    return q


cdef const uchar* items(const uchar* p, Scan* s, int kind) noexcept nogil:
    """A list, each entry of which is read as one of its kind."""
    cdef Recorder* outer = s.recorder
    cdef const uchar* start = p
    if p[0] != 0x5B:
        return NULL
    s.recorder = NULL
    p = ws(p + 1, s.end)
    if p[0] != 0x5D:
        while True:
            p = offer_(p, s) if kind == OFFER_SHELF else box(p, s) if kind == BOX_SHELF else entry(p, s, kind)
            if p == NULL:
                return NULL
            p = ws(p, s.end)
            if p[0] != 0x2C:
                break
            p = ws(p + 1, s.end)
        if p[0] != 0x5D:
            return NULL
    s.recorder = outer
    if outer != NULL:
        note(s, LIST, start, p + 1, outer.base + kind)
    return p + 1
