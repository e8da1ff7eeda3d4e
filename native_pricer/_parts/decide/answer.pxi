# One page's event → an answer for each of our listings on it, without the GIL. Included by _engine.pyx after table.pxi.

from libc.stdlib cimport free, realloc

cdef struct CResult:                   # what a Decision is made of; spans point into the event's bytes
    CListing* listing
    Answer answer
    int64_t changed_at, rival, box
    Span event_id, rival_seller        # n -1: none
    int we_hold
    Py_ssize_t event                   # which of a batch

cdef struct CResults:
    CResult* at
    Py_ssize_t n, room


cdef inline CResult* another(CResults* r) noexcept nogil:
    """Room for one more; NULL: no memory."""
    cdef CResult* grown
    cdef Py_ssize_t room
    if r.n == r.room:
        room = 2 * r.room + 8
        grown = <CResult*>realloc(r.at, room * sizeof(CResult))
        if grown == NULL:
            return NULL
        r.at, r.room = grown, room
    r.n += 1
    return &r.at[r.n - 1]


cdef inline int order(const CPage* page, const CEvent* e, int64_t now, bint strictly_newer) noexcept nogil:
    """Newest event wins. A sweep may ask again about the newest state, an event may not. NO_CODE: go on."""
    if e.changed_at > now + AHEAD:
        return FUTURE
    if strictly_newer and e.event_id.n >= 0 and e.event_id.n == page.n_id and not memcmp(
        e.event_id.at, page.last_id, page.n_id
    ):
        return DUPLICATE
    if page.any and e.changed_at <= page.newest and (strictly_newer or e.changed_at < page.newest):
        return SUPERSEDED
    return NO_CODE


cdef void answer(CListing* l, const CEvent* e, int64_t now, int64_t fresh_at, int code, CResult* r) noexcept nogil:
    """This listing's answer; `code` other than NO_CODE: what forbids asking it."""
    cdef View v
    cdef Answer* a = &r.answer
    cdef int clause
    r.listing, r.changed_at = l, e.changed_at
    r.event_id, r.rival_seller.n = e.event_id, -1
    r.rival = r.box = -1
    r.we_hold = -1
    if code == NO_CODE and e.currency != 0 and e.currency != l.currency:
        code = CURRENCY_
    no_answer(a, code)
    if code != NO_CODE:
        return
    if l.thoughts != NULL:
        look_on(l.thoughts)
    roll_day(&l.price, now)
    look(e, &l.who, l.who.rivals, &v)
    a.code = stop(&l.limits, &l.price, l.level, now, fresh_at)
    if a.code == NO_CODE:
        clause = choose(l.program, &v, &l.facts, &l.price, now, failing_by_facts(l.program, &l.facts))
        if clause >= 0:
            aim(e, &l.who, &l.program.clauses[clause], &l.follows[clause], &v)
        if clause >= 0 and l.thoughts != NULL and l.program.clauses[clause].target == T_STRATEGY:
            by_strategy(l, clause, e, &v, now, a)
        else:
            settle(l.program, clause, &v, &l.facts, &l.limits, &l.price, l.level, now, a)
    r.rival, r.box, r.we_hold = v.rival, v.box, v.we_hold
    if v.rival_at >= 0:
        r.rival_seller = e.offers[v.rival_at].seller


cdef bint decide(
    CTable* t, const CEvent* e, int64_t now, int64_t fresh_at, bint strictly_newer, Py_ssize_t event, CResults* out
) noexcept nogil:
    """Answers of all our listings on the event's page. False: no memory."""
    cdef char key_[KEY_MOST]
    cdef CPage* page = find(t, key_, event_key(e, key_))
    cdef CResult* r
    cdef int code, i
    if page == NULL:
        return True
    code = order(page, e, now, strictly_newer)
    if code == NO_CODE and not take(page, e.changed_at, &e.event_id):
        return False
    for i in range(page.n):
        r = another(out)
        if r == NULL:
            return False
        r.event = event
        answer(page.listings[i], e, now, fresh_at, code, r)
    return True
