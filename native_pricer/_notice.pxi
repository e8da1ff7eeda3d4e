# The parts of an ANY_OFFER_CHANGED notification, each read by the primitives of _scan.pxi. Included by _engine.pyx.

cdef const uchar* money(const uchar* p, RawMoney* out, const uchar* end) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    cdef const uchar* q
    out.mantissa = -1
    out.currency = 0
    if end - p > 10 and memcmp(p, b'{"Amount":', 10) == 0:  # as the vendor writes it, without a space
        q = decimal(p + 10, &out.mantissa, &out.fraction)
        if q != NULL and end - q > 17 and memcmp(q, b',"CurrencyCode":', 16) == 0:
            q = code(q + 16, &out.currency, end)
            if q != NULL and q[0] == 0x7D:
                return q + 1
        out.mantissa = -1
        out.currency = 0
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, &K_MONEY, &which, &seen, end)
        if p == NULL:
            return NULL
        if which == 0:
            p = decimal(p, &out.mantissa, &out.fraction)
        elif which == 1:
            p = code(p, &out.currency, end)
        else:
            p = skip(p, end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    return p if out.mantissa >= 0 and out.currency != 0 else NULL


cdef inline const uchar* code(const uchar* p, uint32_t* out, const uchar* end) noexcept nogil:
    """Three capitals in quotes."""
    cdef int i
    if end - p < 5 or p[0] != 0x22 or p[4] != 0x22:
        return NULL
    for i in range(1, 4):
        if p[i] < 0x41 or p[i] > 0x5A:
            return NULL
    out[0] = (p[1] << 16) | (p[2] << 8) | p[3]
    return p + 5


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


cdef const uchar* counts(
    const uchar* p, const Keys* keys, int64_t* first, int64_t* second, const uchar* end
) noexcept nogil:
    """An object of which the first two keys are counts; a NULL pointer means: skip that one."""
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, keys, &which, &seen, end)
        if p == NULL:
            return NULL
        if which == 0 and first != NULL:
            p = count(p, first)
        elif which == 1 and second != NULL:
            p = count(p, second)
        else:
            p = skip(p, end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    return p


cdef const uchar* prime(const uchar* p, COffer* offer, const uchar* end) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, &K_PRIME, &which, &seen, end)
        if p == NULL:
            return NULL
        p = flag(p, &offer.prime, end) if which == 0 else skip(p, end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    return p


cdef const uchar* offer_(const uchar* p, Scan* s) noexcept nogil:
    cdef COffer* o = &s.event.offers[s.event.n]
    cdef RawMoney listing, shipping
    cdef int which = 0, seen = 0
    cdef bint more
    cdef int64_t points = -1
    o.seller.n = 0
    o.shipping = o.points = o.count = o.percent = o.hours = -1
    o.fba = o.prime = o.winner = -1
    listing.mantissa = shipping.mantissa = -1
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, &K_OFFER, &which, &seen, s.end)
        if p == NULL:
            return NULL
        if which == 0:
            p = text(p, &o.seller, s.end)
        elif which == 2:
            p = counts(p, &K_FEEDBACK, &o.count, &o.percent, s.end)
        elif which == 3:
            p = counts(p, &K_TIME, NULL, &o.hours, s.end)
        elif which == 4:
            p = money(p, &listing, s.end)
        elif which == 5:
            p = counts(p, &K_POINTS, &points, NULL, s.end)
        elif which == 6:
            p = money(p, &shipping, s.end)
        elif which == 8:
            p = flag(p, &o.fba, s.end)
        elif which == 9:
            p = flag(p, &o.winner, s.end)
        elif which == 10:
            p = prime(p, o, s.end)
        else:
            p = skip(p, s.end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    if p == NULL or o.seller.n == 0 or listing.mantissa < 0:
        return NULL
    o.listing = minor(&listing, s.event, 1)
    if o.listing < 0:
        return NULL
    if shipping.mantissa >= 0:
        o.shipping = minor(&shipping, s.event, 0)
        if o.shipping < 0:
            return NULL
    if points >= 0 and s.event.currency == YEN:
        o.points = points
    o.landed = landed(o)
    return p


cdef inline int64_t landed(const COffer* o) noexcept nogil:
    return -1 if o.shipping < 0 else o.listing + o.shipping - (o.points if o.points > 0 else 0)


cdef const uchar* offers(const uchar* p, Scan* s) noexcept nogil:
    if p[0] != 0x5B:
        return NULL
    p = ws(p + 1)
    if p[0] == 0x5D:
        return p + 1
    while s.event.n < OFFERS:
        p = offer_(p, s)
        if p == NULL:
            return NULL
        s.event.n += 1
        p = ws(p)
        if p[0] == 0x5D:
            return p + 1
        if p[0] != 0x2C:
            return NULL
        p = ws(p + 1)
    return NULL


cdef const uchar* box(const uchar* p, Scan* s) noexcept nogil:
    cdef CBox* b = &s.boxes[s.n_boxes]
    cdef int which = 0, seen = 0
    cdef bint more
    b.condition.n = 0
    b.landed.mantissa = b.listing.mantissa = b.shipping.mantissa = -1
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, &K_BOX, &which, &seen, s.end)
        if p == NULL:
            return NULL
        if which == 0:
            p = text(p, &b.condition, s.end)
        elif which == 1:
            p = money(p, &b.landed, s.end)
        elif which == 2:
            p = money(p, &b.listing, s.end)
        elif which == 3:
            p = money(p, &b.shipping, s.end)
        else:
            p = skip(p, s.end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    return p if b.condition.n > 0 else NULL


cdef const uchar* boxes(const uchar* p, Scan* s) noexcept nogil:
    if p[0] != 0x5B:
        return NULL
    p = ws(p + 1)
    if p[0] == 0x5D:
        return p + 1
    while s.n_boxes < BOXES:
        p = box(p, s)
        if p == NULL:
            return NULL
        s.n_boxes += 1
        p = ws(p)
        if p[0] == 0x5D:
            return p + 1
        if p[0] != 0x2C:
            return NULL
        p = ws(p + 1)
    return NULL


cdef const uchar* trigger(const uchar* p, Scan* s) noexcept nogil:
    cdef int which = 0, seen = 0
    cdef bint more
    cdef Span at
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, &K_TRIGGER, &which, &seen, s.end)
        if p == NULL:
            return NULL
        if which == 0:
            p = text(p, &s.event.marketplace, s.end)
        elif which == 1:
            p = text(p, &s.event.asin, s.end)
        elif which == 2:
            p = text(p, &s.event.condition, s.end)
        elif which == 3:
            p = text(p, &at, s.end)
            if p == NULL or not moment(&at, &s.event.changed_at):
                return NULL
        else:
            p = skip(p, s.end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
    return p if seen & 15 == 15 else NULL


cdef inline int two(const uchar* p) noexcept nogil:
    if p[0] < 0x30 or p[0] > 0x39 or p[1] < 0x30 or p[1] > 0x39:
        return -1
    return (p[0] - 0x30) * 10 + p[1] - 0x30


cdef bint moment(const Span* at, int64_t* out) noexcept nogil:
    """`YYYY-MM-DDTHH:MM:SS[.f…]Z`, 1970 to 2999 → epoch µs; other spellings are for _parse.py."""
    cdef const uchar* p = at.at
    cdef int century, year, month, day, hour, minute, second, i
    cdef int64_t micro = 0
    cdef int64_t era, days
    if at.n < 20 or at.n > 30 or at.at[at.n - 1] != 0x5A:
        return False
    if p[4] != 0x2D or p[7] != 0x2D or p[10] != 0x54 or p[13] != 0x3A or p[16] != 0x3A:
        return False
    century, year, month, day = two(p), two(p + 2), two(p + 5), two(p + 8)
    hour, minute, second = two(p + 11), two(p + 14), two(p + 17)
    if century < 19 or century > 29 or year < 0 or month < 1 or month > 12 or day < 1 or hour < 0 or hour > 23:
        return False
    if minute < 0 or minute > 59 or second < 0 or second > 59:
        return False
    year += century * 100
    if year < 1970 or day > month_days(year, month):
        return False
    if at.n > 20:
        if p[19] != 0x2E or at.n == 21:
            return False
        for i in range(20, at.n - 1):
            if p[i] < 0x30 or p[i] > 0x39:
                return False
        for i in range(20, 26):
            micro = micro * 10 + (p[i] - 0x30 if i < at.n - 1 else 0)
    # days from civil, H. Hinnant: years begin in March, so the leap day is their last
    if month <= 2:
        year -= 1
    era = year // 400
    days = era * 146097 + (year - era * 400) * 365 + (year - era * 400) // 4 - (year - era * 400) // 100 - 719468
    days += (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    out[0] = ((days * 24 + hour) * 60 + minute) * 60 * 1000000 + <int64_t>second * 1000000 + micro
    return True


cdef int month_days(int year, int month) noexcept nogil:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


cdef const uchar* within(const uchar* p, Scan* s, int level) noexcept nogil:
    """The nested objects above the trigger and the offers: level 0 envelope, 1 payload, 2 body, 3 summary, 4 metadata."""
    cdef int which = 0, seen = 0
    cdef bint more
    cdef Span kind
    cdef const Keys* keys
    keys = (&K_ENVELOPE if level == 0 else &K_PAYLOAD if level == 1 else &K_BODY if level == 2
            else &K_SUMMARY if level == 3 else &K_META)
    p = opened(p, &more)
    while more and p != NULL:
        p = key(p, keys, &which, &seen, s.end)
        if p == NULL:
            return NULL
        if level == 0 and which == 1:
            p = text(p, &kind, s.end)
            if p == NULL or kind.n != 17 or memcmp(kind.at, b"ANY_OFFER_CHANGED", 17) != 0:
                return NULL
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
            p = offers(p, s)
            s.seen |= 4
        elif level == 3 and which == 2:
            p = boxes(p, s)
        elif level == 4 and which == 3:
            p = text(p, &s.event.event_id, s.end)
        else:
            p = skip(p, s.end, 0)
        if p == NULL:
            return NULL
        which += 1
        p = following(p, &more)
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


cdef bint scan(const uchar* p, Py_ssize_t n, Scan* s, CEvent* event) noexcept nogil:
    """True when every byte was understood and `event` is filled; its spans point into the bytes."""
    cdef int i
    s.end = p + n
    s.event = event
    s.n_boxes = s.seen = 0
    event.n = 0
    event.currency = 0
    event.event_id.n = -1
    p = ws(p)
    p = within(p, s, 0)
    if p == NULL or s.seen != 7 or ws(p) != s.end:
        return False
    if not all_ascii(&event.condition):  # lower case of other letters is Python's to say
        return False
    for i in range(s.n_boxes):
        if not all_ascii(&s.boxes[i].condition):
            return False
    return choose_box(s)


cdef bint has_high_bytes(const uchar* p, Py_ssize_t n) noexcept nogil:
    cdef uchar any_ = 0
    cdef Py_ssize_t i
    for i in range(n):
        any_ |= p[i]
    return any_ >= 0x80
