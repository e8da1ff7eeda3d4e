# What forbids any price, and the only way to one. No Python object, no GIL. `_twin/guard.py` says it readably.
#
# `conclude` is the only way to a price (`conclude_within` where the room that limits leave was measured before); its
# last statements, in `guard`, check every limit anew. Included after rule.pxi.

cdef int stop(const CLimits* l, const CPrice* p, int level, int64_t now, int64_t fresh_at) noexcept nogil:
    """What forbids any price, whatever the rule says; NO_CODE: nothing. Asked after `roll_day`."""
    if level == STOPPED:
        return HALTED
    if l.floor < 1:
        return NO_FLOOR
    if now - fresh_at > l.max_age:
        return STALE
    return PRICE_UNKNOWN if p.price < 1 or p.day_open < 1 else NO_CODE


cdef inline void measure(const CLimits* l, const CPrice* p, Room* room) noexcept nogil:
    """Where this price may go to, of this day's first one."""
    cdef int64_t ceiling = l.ceiling if l.ceiling >= 0 else MOST
    cdef int64_t step = p.price * l.step_bp // 10000, day = p.day_open * l.day_bp // 10000
    room.day_low, room.day_high = p.day_open - day, p.day_open + day
    room.low = max(l.floor, p.price - step, room.day_low)
    room.high = min(ceiling, p.price + step, room.day_high)
    room.in_band = l.floor <= p.price <= ceiling


cdef inline bint breaks(const CLimits* l, const CPrice* p, int level, int64_t to) noexcept nogil:
    """Whether this price would break any limit: worked out from the limits alone."""
    cdef int64_t step = p.price * l.step_bp // 10000, day = p.day_open * l.day_bp // 10000
    if l.floor < 1 or to < l.floor or to > (l.ceiling if l.ceiling >= 0 else MOST):
        return True
    if level == STOPPED or (level == ONLY_RAISES and to < p.price):
        return True
    return to < p.price - step or to > p.price + step or to < p.day_open - day or to > p.day_open + day


cdef inline int guard(
    const CLimits* l, const Room* room, const CPrice* p, int level, int code, int64_t min_move, int64_t now, Answer* a
) noexcept nogil:
    """The only way to a price: `a.to` counts when the answer is REPRICED or BACK_IN_BAND."""
    cdef int64_t before = p.price, wanted = a.wanted
    if code != REPRICED:
        if room.in_band:
            return code
        wanted = before
        code = BACK_IN_BAND
    if room.low > room.high:
        return NO_ROOM
    a.to = wanted
    if wanted < room.low:
        a.to = room.low
        a.clamp = AT_FLOOR if a.to == l.floor else AT_DAY if a.to == room.day_low else AT_STEP
    elif wanted > room.high:
        a.to = room.high
        a.clamp = AT_CEILING if a.to == (l.ceiling if l.ceiling >= 0 else MOST) else (
            AT_DAY if a.to == room.day_high else AT_STEP
        )
    if a.to == before:
        return AT_TARGET if a.clamp == NO_CLAMP else AT_LIMIT
    if level == ONLY_RAISES and a.to < before:
        return REDUCING
    if room.in_band and -min_move < a.to - before < min_move:
        return SMALL_MOVE
    if p.last_change >= 0 and now - p.last_change < l.cooldown:
        return COOLDOWN
    return GUARD if breaks(l, p, level, a.to) else code


cdef inline void no_answer(Answer* a, int code) noexcept nogil:
    a.code, a.clamp, a.clause, a.has_wish = code, NO_CLAMP, -1, False
    a.to = a.wanted = a.target = -1


cdef inline void conclude_within(
    const CProgram* program, int clause, int code, const CLimits* l, const Room* room, const CPrice* p, int level,
    int64_t now, Answer* a
) noexcept nogil:
    """As `conclude`; the room was measured since price, day and limits last changed."""
    a.clause = clause
    a.code = guard(l, room, p, level, code, program.clauses[clause].min_move if clause >= 0 else 0, now, a)
    if a.code < REPRICED:
        a.to = -1


cdef inline void conclude(
    const CProgram* program, int clause, int code, const CLimits* l, const CPrice* p, int level, int64_t now, Answer* a
) noexcept nogil:
    """What the chosen clause came to, through the guard."""
    cdef Room room
    measure(l, p, &room)
    conclude_within(program, clause, code, l, &room, p, level, now, a)


cdef void settle(
    const CProgram* program, int clause, const View* v, const CFacts* f, const CLimits* l, const CPrice* p, int level,
    int64_t now, Answer* a
) noexcept nogil:
    """The chosen clause's wish, through the guard. `stop` has said NO_CODE, `a` comes from `no_answer`."""
    cdef int code = NO_CLAUSE
    if clause >= 0:
        code = wish(&program.clauses[clause], v, f, p.price, a)
    conclude(program, clause, code, l, p, level, now, a)
