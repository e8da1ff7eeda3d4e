# The parts of an ANY_OFFER_CHANGED notification, keys in any order: the general path. Included by _engine.pyx.

# -- objects, and values within them; `note` tells the predicted path where values stand ------------------------------

cdef inline const uchar* opened(const uchar* p, bint* more, Scan* s) noexcept nogil:
    """At the first key of an object (more), or behind an empty one."""
    if p[0] != 0x7B:
        return NULL
    p = ws(p + 1, s.end)
    more[0] = p[0] != 0x7D
    return p if more[0] else p + 1


cdef inline const uchar* following(const uchar* p, bint* more, Scan* s) noexcept nogil:
    """After a value of an object: at the next key (more) or behind the closing brace."""
    p = ws(p, s.end)
    if p[0] == 0x2C:
        more[0] = True
        return ws(p + 1, s.end)
    more[0] = False
    return p + 1 if p[0] == 0x7D else NULL


cdef inline const uchar* key(const uchar* p, const Keys* keys, int* which, int* seen, Scan* s) noexcept nogil:
    """Read `"Name" :`; `which` gets its place in `keys` (-1: not there), having been the place expected.

    A known name twice in one object is not understood: which of them counts is for _parse.py to say.
    """
    cdef int i = which[0]
    cdef int n
    cdef const uchar* start = p
    if i < keys.n and pricer_same(p, s.end, keys.key[i].text, keys.key[i].n):
        p += keys.key[i].n
    else:
        if p[0] != 0x22:
            return NULL
        p = pricer_run(p + 1, s.end, &s.high)
        if p[0] != 0x22:
            return NULL
        n = <int>(p - start) - 1
        i = -1 if n < 1 else keys.at[place(keys, n, start[2], (p - 1)[0])]
        p += 1
        which[0] = i if i >= 0 and keys.key[i].n == n + 3 and pricer_same(start, s.end, keys.key[i].text, n + 2) else -1
        p = ws(p, s.end)
        if p[0] != 0x3A:
            return NULL
        p += 1
    if which[0] >= 0:
        if seen[0] & (1 << which[0]):
            return NULL
        seen[0] |= 1 << which[0]
    return ws(p, s.end)


cdef inline const uchar* read_text(const uchar* p, Span* out, Scan* s) noexcept nogil:
    cdef const uchar* q
    if p[0] != 0x22:
        return NULL
    q = text(p + 1, out, s)
    note(s, TEXT, p + 1, q, out)
    if q == NULL:
        return NULL
    return q + 1


cdef inline const uchar* read_text_or_none(const uchar* p, Span* out, Scan* s) noexcept nogil:
    cdef const uchar* q
    if p[0] != 0x22:
        return NULL
    q = text_or_none(p + 1, out, s)
    note(s, TEXT_OR_NONE, p + 1, q, out)
    if q == NULL:
        return NULL
    return q + 1


cdef inline const uchar* read_count(const uchar* p, int64_t* out, Scan* s) noexcept nogil:
    cdef const uchar* q = count(p, out, s.end)
    note(s, COUNT, p, q, out)
    return q


cdef inline const uchar* read_flag(const uchar* p, signed char* out, Scan* s) noexcept nogil:
    cdef const uchar* q = flag(p, out, s.end)
    note(s, FLAG, p, q, out)
    return q


cdef inline const uchar* quoted_letters(const uchar* p, RawMoney* out, Scan* s) noexcept nogil:
    cdef const uchar* q
    if p[0] != 0x22:
        return NULL
    q = letters(p + 1, &out.currency)
    note(s, LETTERS, p + 1, q, out)
    if q == NULL or q[0] != 0x22:
        return NULL
    return q + 1


cdef const uchar* read_moment(const uchar* p, int64_t* out, Scan* s) noexcept nogil:
    cdef Span at
    cdef const uchar* q
    if p[0] != 0x22:
        return NULL
    q = text(p + 1, &at, s)
    if q == NULL or not moment(&at, out):
        return NULL
    note(s, MOMENT, p + 1, q, out)
    return q + 1


cdef const uchar* skip(const uchar* p, Scan* s, int depth) noexcept nogil:
    """Any value, checked and dropped."""
    cdef uchar c = p[0]
    cdef const uchar* q
    cdef signed char unused
    if c == 0x22:
        q = skip_text(p + 1, s)
        note(s, ANY_TEXT, p + 1, q, NULL)
        if q == NULL:
            return NULL
        return q + 1
    if c == 0x7B or c == 0x5B:
        return skip_nest(p, s, depth)
    if c == 0x74 or c == 0x66:
        q = flag(p, &unused, s.end)
        note(s, ANY_FLAG, p, q, NULL)
        return q
    if c == 0x6E:
        return p + 4 if s.end - p >= 4 and memcmp(p, b"null", 4) == 0 else NULL
    q = skip_number(p, s.end)
    note(s, ANY_NUMBER, p, q, NULL)
    return q


cdef const uchar* skip_nest(const uchar* p, Scan* s, int depth) noexcept nogil:
    cdef bint is_object = p[0] == 0x7B
    cdef uchar closing = 0x7D if is_object else 0x5D
    if depth >= DEPTH:
        return NULL
    p = ws(p + 1, s.end)
    if p[0] == closing:
        return p + 1
    while True:
        if is_object:
            if p[0] != 0x22:
                return NULL
            p = skip_text(p + 1, s)
            if p == NULL:
                return NULL
            p = ws(p + 1, s.end)
            if p[0] != 0x3A:
                return NULL
            p = ws(p + 1, s.end)
        p = skip(p, s, depth + 1)
        if p == NULL:
            return NULL
        p = ws(p, s.end)
        if p[0] == closing:
            return p + 1
        if p[0] != 0x2C:
            return NULL
        p = ws(p + 1, s.end)


cdef const uchar* money(const uchar* p, RawMoney* out, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    cdef const uchar* q
    out.mantissa = -1
    out.currency = 0
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_MONEY, &which, &seen, s)
        if p == NULL:
            return NULL
        if which == 0:
            q = decimal(p, out, s.end)
            note(s, DECIMAL, p, q, out)
        elif which == 1:
            q = quoted_letters(p, out, s)
        else:
            q = skip(p, s, 0)
        if q == NULL:
            return NULL
        which += 1
        p = following(q, &more, s)
    return p if out.mantissa >= 0 and out.currency != 0 else NULL


cdef inline int64_t minor(const RawMoney* m, CEvent* event, int64_t least) noexcept nogil:
    """Minor units, or -1: another currency than the page's, digits that do not fit, or beyond the bounds."""
    cdef int64_t value, unit
    if m.currency != event.currency:
        if event.currency != 0 or not currency_known(m.currency, &event.digits):
            return -1
        event.currency = m.currency
        event.scale = TEN[event.digits]
    if m.fraction <= event.digits:
        value = m.mantissa * TEN[event.digits - m.fraction]
    else:
        unit = TEN[m.fraction - event.digits]
        if m.mantissa % unit:
            return -1
        value = m.mantissa // unit
    return value if least <= value <= MOST else -1


cdef const uchar* counts(const uchar* p, const Keys* keys, int64_t* first, int64_t* second, Scan* s) noexcept nogil:
    """An object of which the first two keys are counts; a NULL pointer means: skip that one."""
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, keys, &which, &seen, s)
        if p == NULL:
            return NULL
        if which == 0 and first != NULL:
            p = read_count(p, first, s)
        elif which == 1 and second != NULL:
            p = read_count(p, second, s)
        else:
            p = skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


cdef const uchar* prime(const uchar* p, COffer* offer, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_PRIME, &which, &seen, s)
        if p == NULL:
            return NULL
        p = read_flag(p, &offer.prime, s) if which == 0 else skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


cdef const uchar* ships_from(const uchar* p, COffer* offer, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more, s)
    while more and p != NULL:
        p = key(p, &K_FROM, &which, &seen, s)
        if p == NULL:
            return NULL
        p = read_text_or_none(p, &offer.ships_from, s) if which == 0 else skip(p, s, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more, s)
    return p


# -- offers, Buy Boxes and the other lists ----------------------------------------------------------------------------

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


# -- the envelope, down to the lists -----------------------------------------------------------------------------------

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
