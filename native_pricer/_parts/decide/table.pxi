# The state table: pages by their full key, in C, each with its newest event and our listings on it. Open addressing,
# one writer, no page ever leaves. Included by _engine.pyx after view.pxi.

from libc.stdlib cimport calloc, free, realloc

cdef extern from *:
    """
    /* Spreads a key over 64 bits, eight bytes at a time. Only pages of ours are in the table, so it need not be secret. */
    static inline uint64_t pricer_hash(const char *p, int n) {
        uint64_t h = 0x9E3779B97F4A7C15u ^ (uint64_t)n, x;
        for (; n >= 8; n -= 8, p += 8) {
            memcpy(&x, p, 8);
            h = (h ^ x) * 0xD6E8FEB86659FD93u;
            h ^= h >> 32;
        }
        for (x = 0; n > 0; n--, p++) x = x << 8 | (unsigned char)*p;
        h = (h ^ x) * 0xD6E8FEB86659FD93u;
        return h ^ h >> 29;
    }
    """
    uint64_t pricer_hash(const char* p, int n) noexcept nogil

cdef enum:
    KEY_MOST = 3 * 4 * ID_MAX + 2      # three ids of characters of up to four bytes, and what parts them

cdef struct CListing:
    CLimits limits
    CPrice price
    CFacts facts
    CWho who
    const CProgram* program
    const CFollow* follows
    Thoughts* thoughts                 # of its strategy; NULL: none is configured
    int needs                          # minds.Needs of that strategy
    uint32_t currency                  # packed
    int level
    void* owner                        # the Listing; Core keeps it

cdef struct CPage:
    uint64_t hash
    char* key                          # marketplace, ASIN, condition in lower case; NUL between
    int n_key
    bint any                           # an event is known: `newest`, and its id where it had one
    int64_t newest
    char* last_id
    int n_id, room_id                  # n_id -1: none
    CListing** listings
    int n, room

cdef struct CTable:
    CPage** slots
    Py_ssize_t size, used              # size is a power of 2


cdef CPage* find(const CTable* t, const char* key_, int n) noexcept nogil:
    """NULL: not ours."""
    cdef uint64_t hash_
    cdef Py_ssize_t i
    cdef CPage* page
    if t.used == 0:
        return NULL
    hash_ = pricer_hash(key_, n)
    i = <Py_ssize_t>(hash_ & <uint64_t>(t.size - 1))
    while True:
        page = t.slots[i]
        if page == NULL or (page.hash == hash_ and page.n_key == n and memcmp(page.key, key_, n) == 0):
            return page
        i = (i + 1) & (t.size - 1)


cdef void settle_in(CTable* t, CPage* page) noexcept nogil:
    cdef Py_ssize_t i = <Py_ssize_t>(page.hash & <uint64_t>(t.size - 1))
    while t.slots[i] != NULL:
        i = (i + 1) & (t.size - 1)
    t.slots[i] = page


cdef CPage* find_or_add(CTable* t, const char* key_, int n) noexcept nogil:
    """NULL: no memory."""
    cdef CPage* page = find(t, key_, n)
    cdef CTable wider
    cdef Py_ssize_t i
    if page != NULL:
        return page
    if 3 * (t.used + 1) > 2 * t.size:
        wider.size = 64 if t.size == 0 else 2 * t.size
        wider.slots = <CPage**>calloc(wider.size, sizeof(CPage*))
        if wider.slots == NULL:
            return NULL
        for i in range(t.size):
            if t.slots[i] != NULL:
                settle_in(&wider, t.slots[i])
        free(t.slots)
        t.slots, t.size = wider.slots, wider.size
    page = <CPage*>calloc(1, sizeof(CPage))
    if page == NULL:
        return NULL
    page.key = <char*>calloc(n + 1, 1)
    if page.key == NULL:
        free(page)
        return NULL
    memcpy(page.key, key_, n)
    page.n_key, page.hash, page.n_id = n, pricer_hash(key_, n), -1
    settle_in(t, page)
    t.used += 1
    return page


cdef void drop(CTable* t) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(t.size):
        if t.slots[i] != NULL:
            free(t.slots[i].key)
            free(t.slots[i].last_id)
            free(t.slots[i].listings)
            free(t.slots[i])
    free(t.slots)
    t.slots, t.size, t.used = NULL, 0, 0


cdef bint enter(CPage* page, CListing* listing) noexcept nogil:
    """At the end of the page's listings. False: no memory."""
    cdef int room
    cdef CListing** grown
    if page.n == page.room:
        room = 2 * page.room + 1
        grown = <CListing**>realloc(page.listings, room * sizeof(CListing*))
        if grown == NULL:
            return False
        page.listings, page.room = grown, room
    page.listings[page.n] = listing
    page.n += 1
    return True


cdef void leave(CPage* page, const CListing* listing) noexcept nogil:
    cdef int i, kept = 0
    for i in range(page.n):
        if page.listings[i] != listing:
            page.listings[kept] = page.listings[i]
            kept += 1
    page.n = kept


cdef bint take(CPage* page, int64_t changed_at, const Span* event_id) noexcept nogil:
    """This is the newest event now. False: no memory."""
    cdef char* grown
    if event_id.n > page.room_id:
        grown = <char*>realloc(page.last_id, event_id.n)
        if grown == NULL:
            return False
        page.last_id, page.room_id = grown, event_id.n
    page.any, page.newest, page.n_id = True, changed_at, event_id.n
    if event_id.n > 0:
        memcpy(page.last_id, event_id.at, event_id.n)
    return True


cdef int event_key(const CEvent* e, char* out) noexcept nogil:
    """The key of the event's page into KEY_MOST bytes; its length. Ids hold no NUL, so no two pages share a key."""
    cdef int n = e.marketplace.n, i
    memcpy(out, e.marketplace.at, n)
    out[n] = 0
    memcpy(out + n + 1, e.asin.at, e.asin.n)
    n += 1 + e.asin.n
    out[n] = 0
    n += 1
    for i in range(e.condition.n):
        out[n] = <char>lower(e.condition.at[i])
        n += 1
    return n
