# Scanner of ANY_OFFER_CHANGED bytes into a flat C struct, one pass, no copies. Included by _engine.pyx.
# Here: the structs and the primitives that every part shares. The parts are in _notice.pxi.
#
# It says "understood" or NULL, never "malformed": whatever it does not fully understand goes to _parse.py, which has the
# last word. So every check here is strict: it may refuse what is right, it may not accept what is wrong.
# Preconditions, checked by scan(): the bytes are valid UTF-8 and end with a NUL (as every Python bytes does).
# NUL is legal nowhere in JSON, so every loop stops there; only look-ahead of more than one byte needs `end`.

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

ctypedef unsigned char uchar

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* First byte of p..end that may not stand in a string as it is: a quote, a backslash, a control byte. Eight at a
       time (the lowest byte flagged is always right, later flags may not be), the last few singly; NUL stops it. */
    static inline const unsigned char *pricer_run(const unsigned char *p, const unsigned char *end) {
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        const uint64_t ones = 0x0101010101010101u;
        while (end - p >= 8) {
            uint64_t x, quote, slash, found;
            memcpy(&x, p, 8);
            quote = x ^ (ones * 0x22);
            slash = x ^ (ones * 0x5C);
            found = (((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & (ones * 0x80);
            if (found) return p + (__builtin_ctzll(found) >> 3);
            p += 8;
        }
    #endif
        while (*p >= 0x20 && *p != 0x22 && *p != 0x5C) p++;
        return p;
    }

    /* Whether n bytes are the same; the caller has checked that both are there. */
    static inline int pricer_same(const unsigned char *p, const char *t, int n) {
        uint64_t a, b;
        int i;
        if (n < 8) return memcmp(p, t, n) == 0;
        for (i = 0; i + 8 <= n; i += 8) {
            memcpy(&a, p + i, 8); memcpy(&b, t + i, 8);
            if (a != b) return 0;
        }
        memcpy(&a, p + n - 8, 8); memcpy(&b, t + n - 8, 8);
        return a == b;
    }
    """
    const uchar* pricer_run(const uchar* p, const uchar* end) noexcept nogil
    bint pricer_same(const uchar* p, const char* t, int n) noexcept nogil


cdef enum:
    OFFERS = 256      # words.MAX_OFFERS, asserted at import
    BOXES = 16
    DEPTH = 32
    ID_MAX = 128      # config.MAX_ID, asserted at import
    KEYS = 20

cdef struct Span:
    const uchar* at
    int n

cdef struct RawMoney:
    int64_t mantissa  # -1: no amount
    int fraction      # digits after the point
    uint32_t currency  # three letters packed, 0: none

cdef struct COffer:
    Span seller
    int64_t listing, shipping, points, landed  # minor units; -1 unknown (landed: 0 or less unknown)
    int64_t count, percent, hours              # -1 unknown
    signed char fba, prime, winner             # -1 unknown

cdef struct CBox:
    Span condition
    RawMoney landed, listing, shipping

cdef struct CEvent:
    Span event_id, marketplace, asin, condition
    int64_t changed_at
    uint32_t currency                          # packed, 0: no money on the page
    int64_t scale
    int digits
    int64_t box                                # -1 unknown
    int n
    COffer offers[OFFERS]

cdef struct Key:
    const char* text                           # "Name": with quotes and colon
    int n

cdef struct Keys:
    int n
    Key key[KEYS]

cdef struct Scan:
    const uchar* end
    CEvent* event
    CBox boxes[BOXES]
    int n_boxes
    int seen                                   # parts of the envelope found, as bits

cdef int64_t TEN[19]

cdef Keys K_ENVELOPE, K_META, K_PAYLOAD, K_BODY, K_TRIGGER, K_SUMMARY, K_BOX, K_OFFER, K_MONEY, K_FEEDBACK, K_TIME
cdef Keys K_POINTS, K_PRIME
cdef list _KEEP_KEYS = []


cdef void _keys(Keys* keys, tuple names):
    keys.n = 0
    for name in names:
        text = b'"' + name.encode() + b'":'
        _KEEP_KEYS.append(text)
        keys.key[keys.n].text = text
        keys.key[keys.n].n = len(text)
        keys.n += 1


# In the order in which the vendor writes them: after one key the next is tried first.
_keys(&K_ENVELOPE, ("NotificationVersion", "NotificationType", "PayloadVersion", "EventTime", "NotificationMetadata", "Payload"))
_keys(&K_META, ("ApplicationId", "SubscriptionId", "PublishTime", "NotificationId"))
_keys(&K_PAYLOAD, ("AnyOfferChangedNotification",))
_keys(&K_BODY, ("SellerId", "OfferChangeTrigger", "Summary", "Offers"))
_keys(&K_TRIGGER, ("MarketplaceId", "ASIN", "ItemCondition", "TimeOfOfferChange", "OfferChangeType"))
_keys(&K_SUMMARY, (
    "NumberOfOffers", "LowestPrices", "BuyBoxPrices", "ListPrice", "MinimumAdvertisedPrice",
    "SuggestedLowerPricePlusShipping", "TotalBuyBoxEligibleOffers", "SalesRankings", "NumberOfBuyBoxEligibleOffers",
    "CompetitivePriceThreshold",
))
_keys(&K_BOX, ("Condition", "LandedPrice", "ListingPrice", "Shipping", "Points"))
_keys(&K_OFFER, (
    "SellerId", "SubCondition", "SellerFeedbackRating", "ShippingTime", "ListingPrice", "Points", "Shipping",
    "ShipsFrom", "IsFulfilledByAmazon", "IsBuyBoxWinner", "PrimeInformation", "IsExpeditedShippingAvailable",
    "IsFeaturedMerchant", "ShipsDomestically", "ShipsInternationally",
))
_keys(&K_MONEY, ("Amount", "CurrencyCode"))
_keys(&K_FEEDBACK, ("FeedbackCount", "SellerPositiveFeedbackRating"))
_keys(&K_TIME, ("MinimumHours", "MaximumHours", "AvailabilityType", "AvailableDate"))
_keys(&K_POINTS, ("PointsNumber",))
_keys(&K_PRIME, ("IsOfferPrime", "IsOfferNationalPrime"))

TEN[0] = 1
for _i in range(1, 19):
    TEN[_i] = TEN[_i - 1] * 10


# -- primitives -------------------------------------------------------------------------------------------------------

cdef inline const uchar* ws(const uchar* p) noexcept nogil:
    if p[0] > 0x20:
        return p
    while p[0] == 0x20 or p[0] == 0x0A or p[0] == 0x0D or p[0] == 0x09:
        p += 1
    return p


cdef inline const uchar* text_end(const uchar* p, const uchar* end) noexcept nogil:
    """From after the opening quote to the closing one; NULL when there is an escape or a control byte."""
    p = pricer_run(p, end)
    return p if p[0] == 0x22 else NULL


cdef inline const uchar* text(const uchar* p, Span* out, const uchar* end) noexcept nogil:
    """An identifier: 1 to 128 characters, no escapes."""
    if p[0] != 0x22:
        return NULL
    out.at = p + 1
    p = text_end(p + 1, end)
    if p == NULL:
        return NULL
    out.n = <int>(p - out.at)
    if out.n < 1 or out.n > ID_MAX:  # in bytes: longer ones of few characters go to _parse.py
        return NULL
    return p + 1


cdef const uchar* skip_text(const uchar* p, const uchar* end) noexcept nogil:
    """Any string without \\u escapes; p is at the opening quote."""
    p += 1
    while True:
        p = pricer_run(p, end)
        if p[0] == 0x22:
            return p + 1
        if p[0] != 0x5C:
            return NULL
        p += 1
        if not (p[0] == 0x22 or p[0] == 0x5C or p[0] == 0x2F or p[0] == 0x62 or p[0] == 0x66
                or p[0] == 0x6E or p[0] == 0x72 or p[0] == 0x74):
            return NULL
        p += 1


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


cdef inline const uchar* decimal(const uchar* p, int64_t* mantissa, int* fraction) noexcept nogil:
    """A plain number that is not negative, of at most 15 digits: then its double stands for this decimal alone."""
    cdef const uchar* start = p
    cdef const uchar* point
    cdef uint64_t value
    p = digits(p, mantissa)
    if p == NULL or p - start > 15:
        return NULL
    fraction[0] = 0
    if p[0] == 0x2E:
        point = p
        p += 1
        value = <uint64_t>mantissa[0]
        while 0x30 <= p[0] <= 0x39:
            value = value * 10 + (p[0] - 0x30)
            p += 1
        fraction[0] = <int>(p - point - 1)
        if fraction[0] == 0 or p - start > 16:
            return NULL
        mantissa[0] = <int64_t>value
    if p[0] == 0x65 or p[0] == 0x45 or 0x30 <= p[0] <= 0x39:
        return NULL
    return p


cdef inline const uchar* count(const uchar* p, int64_t* out) noexcept nogil:
    cdef const uchar* start = p
    p = digits(p, out)
    if p == NULL or p - start > 15 or p[0] == 0x2E or p[0] == 0x65 or p[0] == 0x45 or 0x30 <= p[0] <= 0x39:
        return NULL
    return p


cdef inline const uchar* word(const uchar* p, const char* expected, int n, const uchar* end) noexcept nogil:
    if end - p < n or memcmp(p, expected, n) != 0:
        return NULL
    return p + n


cdef inline const uchar* flag(const uchar* p, signed char* out, const uchar* end) noexcept nogil:
    if p[0] == 0x74:
        out[0] = 1
        return word(p, b"true", 4, end)
    out[0] = 0
    return word(p, b"false", 5, end)


cdef const uchar* skip_number(const uchar* p) noexcept nogil:
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
    if p - start > 18 or p[0] == 0x65 or p[0] == 0x45 or 0x30 <= p[0] <= 0x39:
        return NULL
    return p


cdef const uchar* skip(const uchar* p, const uchar* end, int depth) noexcept nogil:
    """Any value, checked and dropped."""
    cdef uchar c = p[0]
    if c == 0x22:
        return skip_text(p, end)
    if c == 0x74:
        return word(p, b"true", 4, end)
    if c == 0x66:
        return word(p, b"false", 5, end)
    if c == 0x6E:
        return word(p, b"null", 4, end)
    if c == 0x7B or c == 0x5B:
        return skip_nest(p, end, depth)
    return skip_number(p)


cdef const uchar* skip_nest(const uchar* p, const uchar* end, int depth) noexcept nogil:
    cdef bint is_object = p[0] == 0x7B
    cdef uchar closing = 0x7D if is_object else 0x5D
    if depth >= DEPTH:
        return NULL
    p = ws(p + 1)
    if p[0] == closing:
        return p + 1
    while True:
        if is_object:
            if p[0] != 0x22:
                return NULL
            p = skip_text(p, end)
            if p == NULL:
                return NULL
            p = ws(p)
            if p[0] != 0x3A:
                return NULL
            p = ws(p + 1)
        p = skip(p, end, depth + 1)
        if p == NULL:
            return NULL
        p = ws(p)
        if p[0] == closing:
            return p + 1
        if p[0] != 0x2C:
            return NULL
        p = ws(p + 1)


cdef inline const uchar* key(const uchar* p, const Keys* keys, int* which, int* seen, const uchar* end) noexcept nogil:
    """Read `"Name" :`; `which` gets its place in `keys` (-1: not there), having been the place expected.

    A known name twice in one object is not understood: which of them counts is for _parse.py to say.
    """
    cdef int i = which[0]
    cdef int n
    cdef const uchar* start = p
    if i < keys.n and end - p >= keys.key[i].n and pricer_same(p, keys.key[i].text, keys.key[i].n):
        p += keys.key[i].n
    elif i + 1 < keys.n and end - p >= keys.key[i + 1].n and pricer_same(p, keys.key[i + 1].text, keys.key[i + 1].n):
        p += keys.key[i + 1].n  # an optional one was left out
        which[0] = i + 1
    else:
        if p[0] != 0x22:
            return NULL
        p = text_end(p + 1, end)
        if p == NULL:
            return NULL
        p += 1
        n = <int>(p - start)
        which[0] = -1
        for i in range(keys.n):
            if keys.key[i].n == n + 1 and pricer_same(start, keys.key[i].text, n):
                which[0] = i
                break
        p = ws(p)
        if p[0] != 0x3A:
            return NULL
        p += 1
    if which[0] >= 0:
        if seen[0] & (1 << which[0]):
            return NULL
        seen[0] |= 1 << which[0]
    return ws(p)


cdef inline const uchar* following(const uchar* p, bint* more) noexcept nogil:
    """After a value of an object: at the next key (more) or behind the closing brace."""
    p = ws(p)
    if p[0] == 0x2C:
        more[0] = True
        return ws(p + 1)
    more[0] = False
    return p + 1 if p[0] == 0x7D else NULL


cdef inline const uchar* opened(const uchar* p, bint* more) noexcept nogil:
    """At the first key of an object (more), or behind an empty one."""
    if p[0] != 0x7B:
        return NULL
    p = ws(p + 1)
    more[0] = p[0] != 0x7D
    return p if more[0] else p + 1
