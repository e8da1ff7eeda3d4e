# Scanner of ANY_OFFER_CHANGED bytes into a flat C struct, one pass, no copies. Included by _engine.pyx.
# Here: the primitives that every part shares. layout.pxi: objects whose layout was seen before.
# notice.pxi: the parts of a notification, keys in any order.
#
# It says "understood" or NULL, never "malformed": what it does not fully understand goes to _twin/parse.py, which has the last
# word. So every check here is strict: it may refuse what is right, it may not accept what is wrong.
# Precondition of scan(): the bytes end with a NUL (as every Python bytes does), which may be read, and nothing behind it.
# NUL is legal nowhere in JSON, so every loop stops there; only look-ahead of more than one byte needs `end`.

include "bytes.pxi"

from libc.string cimport memcmp, memcpy

include "shapes.pxi"


# -- primitives: at a value's first byte, behind its last; NULL when it is not understood -----------------------------

cdef inline const uchar* ws(const uchar* p, const uchar* end) noexcept nogil:
    return p if p[0] > 0x20 else pricer_blank(p, end)


cdef inline const uchar* text(const uchar* p, Span* out, Scan* s) noexcept nogil:
    """An identifier from after its opening quote to the closing one: 1 to 128 characters, no escapes."""
    cdef int n = pricer_plain(p, s.end)
    out.at, out.n = p, n
    return p + n if n > 0 else long_text(p, out, s)


cdef const uchar* long_text(const uchar* p, Span* out, Scan* s) noexcept nogil:
    p = pricer_run(p, s.end, &s.high)
    out.n = <int>(p - out.at)
    if p[0] != 0x22 or out.n < 1 or out.n > ID_MAX:  # in bytes: longer ones of few characters go to _twin/parse.py
        return NULL
    return p


cdef inline const uchar* text_or_none(const uchar* p, Span* out, Scan* s) noexcept nogil:
    """As `text`; an empty one is not shown, n 0."""
    if p[0] == 0x22:
        out.n = 0
        return p
    return text(p, out, s)


cdef inline const uchar* skip_text(const uchar* p, Scan* s) noexcept nogil:
    """Any string without \\u escapes, from after its opening quote to the closing one."""
    cdef int n = pricer_plain(p, s.end)
    return p + n if n >= 0 else skip_long_text(p, s)


cdef const uchar* skip_long_text(const uchar* p, Scan* s) noexcept nogil:
    p = pricer_run(p, s.end, &s.high)
    return p if p[0] == 0x22 else skip_escapes(p, s)


cdef const uchar* skip_escapes(const uchar* p, Scan* s) noexcept nogil:
    while p[0] == 0x5C:
        p += 1
        if not (p[0] == 0x22 or p[0] == 0x5C or p[0] == 0x2F or p[0] == 0x62 or p[0] == 0x66
                or p[0] == 0x6E or p[0] == 0x72 or p[0] == 0x74):
            return NULL
        p = pricer_run(p + 1, s.end, &s.high)
    return p if p[0] == 0x22 else NULL


cdef inline bint ends_number(uchar c) noexcept nogil:
    """Whether a number may end before this byte; what else may not follow it is the caller's to see."""
    return not (c == 0x65 or c == 0x45 or 0x30 <= c <= 0x39)


cdef inline const uchar* digits(const uchar* p, int64_t* out) noexcept nogil:
    """A JSON integer part: no sign, no leading zero. Its length is the caller's to check."""
    cdef uint64_t value = 0
    if p[0] == 0x30:
        out[0] = 0
        return p + 1
    if p[0] < 0x31 or p[0] > 0x39:
        return NULL
    while 0x30 <= p[0] <= 0x39:
        value = value * 10 + (p[0] - 0x30)
        p += 1
    out[0] = <int64_t>value
    return p


cdef inline const uchar* decimal(const uchar* p, RawMoney* out, const uchar* end) noexcept nogil:
    """A plain number that is not negative, of at most 15 digits: then its double stands for this decimal alone."""
    cdef int n = pricer_short(p, end, &out.mantissa, &out.fraction)
    if n == 0:
        return long_decimal(p, out)
    return p + n if ends_number(p[n]) else NULL


cdef const uchar* long_decimal(const uchar* p, RawMoney* out) noexcept nogil:
    cdef const uchar* start = p
    cdef const uchar* point
    cdef uint64_t value
    p = digits(p, &out.mantissa)
    if p == NULL or p - start > 15:
        return NULL
    out.fraction = 0
    if p[0] == 0x2E:
        point = p
        p += 1
        value = <uint64_t>out.mantissa
        while 0x30 <= p[0] <= 0x39:
            value = value * 10 + (p[0] - 0x30)
            p += 1
        out.fraction = <int>(p - point - 1)
        if out.fraction == 0 or p - start > 16:
            return NULL
        out.mantissa = <int64_t>value
    return p if ends_number(p[0]) else NULL


cdef inline const uchar* count(const uchar* p, int64_t* out, const uchar* end) noexcept nogil:
    """A whole number that is not negative, of at most 15 digits."""
    cdef int fraction, n = pricer_short(p, end, out, &fraction)
    if n == 0:
        return long_count(p, out)
    return p + n if fraction == 0 and ends_number(p[n]) else NULL


cdef const uchar* long_count(const uchar* p, int64_t* out) noexcept nogil:
    cdef const uchar* start = p
    p = digits(p, out)
    return p if p != NULL and p - start <= 15 and p[0] != 0x2E and ends_number(p[0]) else NULL


cdef inline const uchar* letters(const uchar* p, uint32_t* out) noexcept nogil:
    """A currency's three capitals."""
    if not (0x41 <= p[0] <= 0x5A and 0x41 <= p[1] <= 0x5A and 0x41 <= p[2] <= 0x5A):
        return NULL
    out[0] = (p[0] << 16) | (p[1] << 8) | p[2]
    return p + 3


cdef inline const uchar* flag(const uchar* p, signed char* out, const uchar* end) noexcept nogil:
    cdef int n = pricer_flag(p, end, out)
    return p + n if n else NULL


cdef inline const uchar* skip_number(const uchar* p, const uchar* end) noexcept nogil:
    cdef int64_t unused
    cdef int fraction, n = pricer_short(p, end, &unused, &fraction)
    return p + n if n and ends_number(p[n]) else skip_long_number(p)


cdef const uchar* skip_long_number(const uchar* p) noexcept nogil:
    cdef const uchar* start = p
    cdef int64_t unused
    if p[0] == 0x2D:
        p += 1
    p = digits(p, &unused)
    if p == NULL:
        return NULL
    if p[0] == 0x2E:
        p += 1
        if p[0] < 0x30 or p[0] > 0x39:
            return NULL
        while 0x30 <= p[0] <= 0x39:
            p += 1
    return p if p - start <= 18 and ends_number(p[0]) else NULL


cdef int two(const uchar* p) noexcept nogil:
    if p[0] < 0x30 or p[0] > 0x39 or p[1] < 0x30 or p[1] > 0x39:
        return -1
    return (p[0] - 0x30) * 10 + p[1] - 0x30


cdef bint moment(const Span* at, int64_t* out) noexcept nogil:
    """`YYYY-MM-DDTHH:MM:SS[.f…]Z`, 1970 to 2999 → epoch µs; other spellings are for _twin/parse.py."""
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


include "layout.pxi"
