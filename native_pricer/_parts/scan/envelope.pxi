# The envelope of a notification down to its lists, keys in any order, and `scan`. Included by _engine.pyx after
# offers.pxi.

cdef const uchar* trigger(const uchar* p, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_TRIGGER, &which, &seen, s)
        if p == NULL:
            return NULL
        if which == 0:
            p = read_text(p, &s.event.marketplace, s)
        elif which == 1:
            p = read_text(p, &s.event.asin, s)
        elif which == 2:
            p = read_text(p, &s.event.condition, s)
        elif which == 3:
            p = read_moment(p, &s.event.changed_at, s)
        else:
            p = skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p if seen & 15 == 15 else NULL


cdef inline int shelf_of(int which) noexcept nogil:
    """Of a list in the summary, by its place in K_SUMMARY; 0: none."""
    if which == 0:
        return COUNT_SHELF
    if which == 1:
        return LOWEST_SHELF
    if which == 2:
        return BOX_SHELF
    if which == 7:
        return RANK_SHELF
    return ELIGIBLE_SHELF if which == 8 else 0


cdef const uchar* within(const uchar* p, Scan* s, int level) noexcept nogil:
    """The nested objects above the trigger and the offers: level 0 envelope, 1 payload, 2 body, 3 summary, 4 metadata."""
    cdef int which = 0, seen = 0
    cdef bint more
    cdef const Keys* keys
    keys = (&K_ENVELOPE if level == 0 else &K_PAYLOAD if level == 1 else &K_BODY if level == 2
            else &K_SUMMARY if level == 3 else &K_META)
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, keys, &which, &seen, s)
        if p == NULL:
            return NULL
        if level == 0 and which == 1:
            if s.end - p < 19 or memcmp(p, b'"ANY_OFFER_CHANGED"', 19) != 0:
                return NULL
            p += 19
            s.seen |= 1
        elif level == 0 and which == 4:
            p = within(p, s, 4)
        elif level == 0 and which == 5:
            p = within(p, s, 1)
        elif level == 1 and which == 0:
            p = within(p, s, 2)
        elif level == 2 and which == 1:
            p = trigger(p, s)
            s.seen |= 2
        elif level == 2 and which == 2:
            p = within(p, s, 3)
        elif level == 2 and which == 3:
            p = items(p, s, OFFER_SHELF)
            s.seen |= 4
        elif level == 3 and shelf_of(which) and (which == 2 or p[0] == 0x5B):
            p = items(p, s, shelf_of(which))
        elif level == 4 and which == 3:
            p = read_text(p, &s.event.event_id, s)
        else:
            p = skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


cdef inline bint same_lower(const Span* a, const Span* b) noexcept nogil:
    cdef int i
    if a.n != b.n:
        return False
    for i in range(a.n):
        if lower(a.at[i]) != lower(b.at[i]):
            return False
    return True


cdef inline uchar lower(uchar c) noexcept nogil:
    return c + 32 if 0x41 <= c <= 0x5A else c


cdef bint choose_box(Scan* s) noexcept nogil:
    """The Buy Box of the event's condition, once both are known. False: not understood."""
    cdef CEvent* event = s.event
    cdef CBox* b
    cdef int64_t shipping
    cdef int i
    event.box = -1
    for i in range(s.n_boxes):
        b = &s.boxes[i]
        if not same_lower(&b.condition, &event.condition):
            continue
        if b.landed.mantissa >= 0:
            event.box = minor(&b.landed, event, 1)
            return event.box >= 0
        if b.listing.mantissa >= 0 and b.shipping.mantissa >= 0:
            event.box = minor(&b.listing, event, 1)
            shipping = minor(&b.shipping, event, 0)
            if event.box < 0 or shipping < 0:
                return False
            event.box += shipping
        return True
    return True


cdef bint all_ascii(const Span* a) noexcept nogil:
    cdef int i
    for i in range(a.n):
        if a.at[i] >= 0x80:
            return False
    return True


cdef void no_event(Scan* s) noexcept nogil:
    s.n_boxes = s.event.n = 0
    s.event.currency = 0
    s.event.event_id.n = -1
    s.seen = 0
    s.recorder = NULL


cdef bint scan(const uchar* p, Py_ssize_t n, Scan* s, CEvent* event) noexcept nogil:
    """True when every byte was understood and `event` is filled; its spans point into the bytes."""
    cdef const uchar* q
    if not s.ready:
        set_up(s)
    s.end, s.event, s.high = p + n, event, 0
    no_event(s)
    q = ws(p, s.end)
    p = predicted(q, s, WHOLE, <char*>event)
    if p == NULL:
        no_event(s)
        watch(s, WHOLE, &s.of_whole, <char*>event)
        p = watched(s, WHOLE, q, whole(q, s))
    if p == NULL or ws(p, s.end) != s.end:
        return False
    if s.high and not (pricer_is_utf8(s.end - n, s.end) and plain_conditions(s)):
        return False
    return choose_box(s)


cdef bint plain_conditions(const Scan* s) noexcept nogil:
    """Whether the conditions are ASCII: lower case of other letters is Python's to say."""
    cdef int i
    for i in range(s.n_boxes):
        if not all_ascii(&s.boxes[i].condition):
            return False
    return all_ascii(&s.event.condition)


cdef inline const uchar* whole(const uchar* p, Scan* s) noexcept nogil:
    p = within(p, s, 0)
    return p if s.seen == 7 else NULL
