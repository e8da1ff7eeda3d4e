# The general path: an ANY_OFFER_CHANGED notification, keys in any order. Here objects, and values within them;
# offers.pxi: offers and other lists; envelope.pxi: what they stand in. Included by _engine.pyx.

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

    A known name twice in one object is not understood: which of them counts is for _twin/parse.py to say.
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
        if event.currency != 0:
            return -1
        if m.currency != event.latest:
            if not currency_known(m.currency, &event.digits):
                return -1
            event.latest, event.scale = m.currency, TEN[event.digits]
        event.currency = m.currency
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
