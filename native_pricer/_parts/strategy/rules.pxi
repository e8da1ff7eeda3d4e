# Strategies that are one rule: beat, match, oscillate, raise when alone, lead.

cdef inline int64_t lowest_but(const Seen* s, int but, int64_t landed) noexcept nogil:
    cdef int i
    for i in range(s.n):
        if i != but and s.landed[i] < landed:
            landed = s.landed[i]
    return landed


cdef inline int64_t lowest_rival(const Seen* s) noexcept nogil:
    return lowest_but(s, 0, s.landed[0])


cdef inline int64_t beat(const Seen* s, int64_t minor, int64_t bp) noexcept nogil:
    cdef int64_t low
    if s.n == 0:
        return NO_WISH
    low = lowest_rival(s)
    low -= s.shipping + minor + low * bp // 10000
    return low if low > 0 else 1


cdef inline int64_t match_box(const Seen* s) noexcept nogil:
    cdef int64_t want
    if s.holder == WE or s.n == 0:
        return NO_WISH
    want = (s.landed[s.holder] if s.holder >= 0 else lowest_rival(s)) - s.shipping
    return want if want > 0 else 1


cdef inline int64_t oscillate(const Seen* s, int64_t minor, int64_t bp, int night_from, int night_to) noexcept nogil:
    cdef int64_t want = beat(s, minor, bp)
    if night_from <= s.minute // 60 <= night_to or (want != NO_WISH and want < s.floor):
        return s.ceiling
    return want


cdef inline int64_t raise_alone(const Seen* s, Memory* m, int64_t step_bp, int64_t every_min) noexcept nogil:
    if s.holder != WE:
        return match_box(s)
    if s.now_us - m.raised_us < every_min * 60000000:
        return NO_WISH
    m.raised_us = s.now_us
    return s.price + s.price * step_bp // 10000


cdef inline int64_t lead(const Seen* s, Memory* m, int64_t step_bp, int64_t every_min) noexcept nogil:
    if s.now_us - m.raised_us < every_min * 60000000:
        return NO_WISH
    if m.raised_us > 0 and s.n > 0 and lowest_rival(s) * 10000 < (s.price + s.shipping) * (10000 - 2 * step_bp):
        m.raised_us = s.now_us
        return lowest_rival(s) - s.shipping
    m.raised_us = s.now_us
    return s.price + s.price * step_bp // 10000
