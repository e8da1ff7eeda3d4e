# Which clauses fail by what may be seen of a page, worked out before a replay's ticks are gone through: a page has few
# rivals who may be the lowest, few numbers of them, few who may be featured. Included by _replay.pyx after book.pxi.
#
# `features` and `failing` of rule.pxi say what holds, as for a live event; here is only when they are asked.

cdef struct CForeseen:                 # clauses that fail, a bit for each
    uint32_t lowest[SLOTS + 1]         # by who is the lowest rival that passes: nobody, slot 0, …
    uint32_t rivals[SLOTS + 1]         # by how many pass
    uint32_t offers[SLOTS + 2]         # by how many are shown, ours among them
    uint32_t featured[SLOTS + 2]       # by who is featured on a page that is not empty: nobody, we, slot 0, …
    uint32_t empty                     # by the featured offer of an empty page
    uint32_t facts, clock              # by what is told; by the time of day and week,
    int64_t clock_until                # which is so until then


cdef inline uint32_t failing_by(
    const CProgram* program, uint32_t group, const View* v, const CFacts* f, const CPrice* p, int64_t now
) noexcept nogil:
    """The clauses that fail by their conditions on these features."""
    cdef int64_t known_[N_FEATURES]
    cdef uint32_t failed = 0
    cdef int i
    if not program.asks & group:
        return 0
    features(v, f, p, now, group, known_)
    for i in range(program.n_facts, program.n_when):
        if group >> program.when[i].feature & 1:
            failed |= failing(&program.when[i], 1, known_)
    return failed


cdef void foresee(
    const CProgram* program, const CRivals* r, const CPage* page, int64_t own_fba, const CFacts* f, const CPrice* p,
    CForeseen* out
) noexcept nogil:
    cdef View v
    cdef int i
    see_nothing(&v)
    for i in range(-1, page.width):
        if i >= 0:
            v.rival_fba, v.rival_rating = <int>r.fba[i], r.percent[i]
            v.rival_reviews, v.rival_handling = r.count[i], r.hours[i]
        out.lowest[i + 1] = failing_by(program, BY_LOWEST, &v, f, p, 0)
    for i in range(page.width + 2):
        v.offers, v.rivals = i, i
        out.offers[i] = failing_by(program, 1 << F_OFFERS, &v, f, p, 0)
        if i <= SLOTS:
            out.rivals[i] = failing_by(program, 1 << F_RIVALS, &v, f, p, 0)
    out.empty = failing_by(program, BY_BOX, &v, f, p, 0)
    for i in range(-2, page.width):
        v.we_hold, v.suppressed = HELD[i + 2], i == -2
        v.box_fba = -1 if i == -2 else <int>own_fba if i == -1 else <int>r.fba[i]
        out.featured[i + 2] = failing_by(program, BY_BOX, &v, f, p, 0)
    out.facts, out.clock_until = failing_by_facts(program, f), INT64_MIN


cdef int64_t clock_until(const CProgram* program, const CFacts* f, int64_t now) noexcept nogil:
    """The moment at which a condition on the clock may begin or cease to hold: the next edge of one, or midnight."""
    cdef int64_t minute = (now // 60000000 + f.utc_offset + 7 * 1440) % 1440, until = 1440, low, behind
    cdef int i
    for i in range(program.n_facts, program.n_when):
        if program.when[i].feature == F_MINUTE:
            low = <int64_t>program.when[i].low
            behind = <int64_t>(program.when[i].low + program.when[i].span + 1)
            until = low if minute < low < until else until
            until = behind if minute < behind < until else until
    return (now // 60000000 + until - minute) * 60000000


cdef inline uint32_t failing_now(
    const CProgram* program, CForeseen* foreseen, const CPage* page, int featured, const View* v, const CFacts* f,
    const CPrice* p, int64_t now
) noexcept nogil:
    """The clauses that fail at this tick."""
    cdef int offers = page.here + page.on_sale
    cdef uint32_t failed = foreseen.facts | foreseen.rivals[page.rivals] | foreseen.offers[offers]
    failed |= foreseen.lowest[<uint64_t>page.first % SLOTS + 1 if page.rivals else 0]
    failed |= foreseen.featured[featured + 2] if offers else foreseen.empty
    if program.asks & BY_CLOCK:
        if now >= foreseen.clock_until:
            foreseen.clock = failing_by(program, BY_CLOCK, v, f, p, now)
            foreseen.clock_until = clock_until(program, f, now)
        failed |= foreseen.clock
    if program.asks & (1 << F_GAP_BP):
        failed |= failing_by(program, 1 << F_GAP_BP, v, f, p, now)
    return failed
