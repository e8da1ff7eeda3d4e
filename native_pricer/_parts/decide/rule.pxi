# What one listing's rule says, in numbers only: no Python object, no page, no GIL. `_twin/rule.py` says it readably.
#
# Live (`_engine.pyx`) and replay include this file and guard.pxi, so that both run the same functions. A caller makes a
# View of what is publicly seen, then: stop → choose → settle. Moments are epoch µs, amounts minor units. Unknown is -1
# in a View and in prices (none of which is ever negative), INT64_MIN in facts and features.

from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint32_t, uint64_t

cdef enum:  # clauses.Feature, asserted in program.pxi
    F_BOX_HELD, F_BOX_SUPPRESSED, F_BOX_FBA, F_OFFERS, F_RIVALS, F_RIVAL_FBA, F_RIVAL_RATING, F_RIVAL_REVIEWS
    F_RIVAL_HANDLING, F_GAP_BP, F_OUR_FBA, F_STOCK, F_COVER, F_VELOCITY, F_AGE, F_PACE_BP, F_STATUS, F_MINUTE, F_WEEKDAY
    N_FEATURES

cdef enum:  # clauses.Target, asserted in program.pxi
    T_LOWEST, T_BUY_BOX, T_NTH, T_SELLER, T_AVERAGE, T_EXPECTED, T_REFERENCE, T_OWN, T_HOLD, T_STRATEGY, N_TARGETS

cdef enum:
    NO_CLAMP, AT_FLOOR, AT_CEILING, AT_STEP, AT_DAY

cdef enum:
    FREE, ONLY_RAISES, STOPPED

# Numbers of words.Code; CODES in program.pxi gives them their names. Those up to GUARD refuse, from REPRICED on move.
cdef enum:
    MALFORMED, FUTURE, CURRENCY_, NO_FLOOR, GUARD
    DUPLICATE, SUPERSEDED, HALTED, STALE, PRICE_UNKNOWN, SHIPPING_UNKNOWN, NO_RIVAL, NO_BUY_BOX, WINNER_UNCLEAR
    WINNING, CHEAPEST, NO_RAISE, AT_TARGET, AT_LIMIT, NO_ROOM, COOLDOWN
    NO_CLAUSE, SLEEP, NO_STRATEGY, NO_TARGET, NO_LOWER, SMALL_MOVE, REDUCING
    STRATEGY_HOLDS, NOT_LIVE_YET, NO_CEILING, COST_UNKNOWN, FEES_UNKNOWN, REFERENCE_UNKNOWN
    ELASTICITY_UNKNOWN
    REPRICED, BACK_IN_BAND
    NO_CODE = -1

cdef extern from *:  # constants to the C compiler, which divides by them without dividing
    """
    #define PRICER_MOST 10000000000000LL
    #define PRICER_DAY 86400000000LL
    #define pricer_first(bits) __builtin_ctz(bits)
    """
    int pricer_first(uint32_t bits) noexcept nogil  # the lowest bit's place; not for 0
    const int64_t MOST "PRICER_MOST"   # words.MAX_MINOR, asserted in program.pxi
    const int64_t DAY "PRICER_DAY"     # words.DAY_US

cdef struct CCondition:                # holds from low on, for span more, counted round and round in 64 bits
    uint64_t low, span
    int feature
    uint32_t clause                    # its bit

cdef struct CClause:
    int target, nth
    bint by_bp, may_raise, may_lower, step_up
    int64_t offset, min_move, step_bp

cdef struct CProgram:
    const CClause* clauses
    const CCondition* when             # of all clauses; first those that look at facts told of the listing
    int n, n_when, n_facts
    uint32_t asks                      # a bit for each feature that a condition looks at
    uint32_t all                       # a bit for each clause

cdef struct CLimits:
    int64_t floor, ceiling             # -1: none
    int64_t step_bp, day_bp, cooldown, max_age

cdef struct CPrice:
    int64_t price, day_open, day, last_change

cdef struct Room:                      # what the limits leave to a price: the same until it, its day or they change
    int64_t low, high                  # low above high: nothing
    int64_t day_low, day_high          # the day's cap alone
    bint in_band                       # the price stands between floor and ceiling

cdef struct CFacts:                    # facts.ListingFacts; INT64_MIN unknown
    int64_t our_fba, stock, cover, velocity, age, pace_bp, status
    int64_t expected, reference, unit_cost, fee_bp, elasticity
    int64_t utc_offset                 # minutes

cdef struct View:
    int64_t rival                      # landed price of the lowest rival that passes
    int64_t aim                        # landed price that a clause's nth, seller or average means
    int64_t box                        # landed price of the Buy Box; nobody holds it
    int64_t shipping                   # ours
    int64_t rival_rating, rival_reviews, rival_handling
    int offers, rivals
    int rival_at                       # that rival's place on the page
    int we_hold, suppressed, box_fba, rival_fba
    bint box_counts                    # the holder passes, so its price may be followed

cdef struct Answer:
    int code, clamp
    int clause                         # its place in the program, -1: none was asked
    int64_t to, wanted, target         # -1: none (wanted: where has_wish is false)
    bint has_wish


cdef inline void see_nothing(View* v) noexcept nogil:
    """An empty page: no offers, so no rivals and nobody featured."""
    v.rival = v.aim = v.box = v.shipping = v.rival_rating = v.rival_reviews = v.rival_handling = -1
    v.offers = v.rivals = v.suppressed = 0
    v.rival_at = v.we_hold = v.box_fba = v.rival_fba = -1
    v.box_counts = False


cdef inline void know_nothing(CFacts* f) noexcept nogil:
    f.our_fba = f.stock = f.cover = f.velocity = f.age = f.pace_bp = f.status = INT64_MIN
    f.expected = f.reference = f.unit_cost = f.fee_bp = f.elasticity = INT64_MIN
    f.utc_offset = 0


cdef inline void roll_day(CPrice* p, int64_t now) noexcept nogil:
    """At the first look on a new UTC day the price then is what the day's cap is measured against."""
    if p.price >= 0 and now // DAY > p.day:
        p.day, p.day_open = now // DAY, p.price


cdef inline int64_t floored(int64_t a, int64_t b) noexcept nogil:
    """a // b as Python has it; b above 0."""
    cdef int64_t q = a // b
    return q - 1 if q * b > a else q


cdef inline int64_t known(int64_t value) noexcept nogil:
    return INT64_MIN if value < 0 else value


cdef inline bint is_fact(int feature) noexcept nogil:
    return F_OUR_FBA <= feature < F_MINUTE


cdef inline void features(
    const View* v, const CFacts* f, const CPrice* p, int64_t now, uint32_t asks, int64_t* out
) noexcept nogil:
    """What conditions look at beside facts, by place; INT64_MIN where it is not known. What nobody `asks` for is left
    out."""
    cdef int64_t minutes, days
    if asks & ((1 << F_OFFERS) - 1):
        out[F_BOX_HELD], out[F_BOX_SUPPRESSED], out[F_BOX_FBA] = known(v.we_hold), v.suppressed, known(v.box_fba)
    if asks & ((1 << F_GAP_BP) - (1 << F_OFFERS)):
        out[F_OFFERS], out[F_RIVALS] = v.offers, v.rivals
        out[F_RIVAL_FBA], out[F_RIVAL_RATING] = known(v.rival_fba), known(v.rival_rating)
        out[F_RIVAL_REVIEWS], out[F_RIVAL_HANDLING] = known(v.rival_reviews), known(v.rival_handling)
    if asks & (1 << F_GAP_BP):
        out[F_GAP_BP] = INT64_MIN
        if v.rival > 0 and v.shipping >= 0 and p.price >= 0:
            out[F_GAP_BP] = floored((p.price + v.shipping - v.rival) * 10000, v.rival)
    if asks & (1 << F_MINUTE | 1 << F_WEEKDAY):
        minutes = now // 60000000 + f.utc_offset + 7 * 1440  # a week on, so that it is never below 0
        days = minutes // 1440
        out[F_MINUTE] = minutes - days * 1440
        out[F_WEEKDAY] = (days + 3) % 7  # 1970-01-01 was a Thursday


cdef inline uint32_t failing(const CCondition* when, int n, const int64_t* known_) noexcept nogil:
    """The clauses that fail by these conditions. Which do no processor could guess: so no branches."""
    cdef uint32_t failed = 0
    cdef int i
    for i in range(n):
        failed |= when[i].clause & (0 - <uint32_t>(<uint64_t>known_[when[i].feature] - when[i].low > when[i].span))
    return failed


cdef inline uint32_t failing_by_facts(const CProgram* program, const CFacts* f) noexcept nogil:
    """The clauses that fail by what was told of the listing: the same until something else is told."""
    cdef int64_t known_[N_FEATURES]
    if program.n_facts == 0:
        return 0
    known_[F_OUR_FBA], known_[F_STOCK], known_[F_COVER], known_[F_VELOCITY] = f.our_fba, f.stock, f.cover, f.velocity
    known_[F_AGE], known_[F_PACE_BP], known_[F_STATUS] = f.age, f.pace_bp, f.status
    return failing(program.when, program.n_facts, known_)


cdef inline int first_left(const CProgram* program, uint32_t failed) noexcept nogil:
    """The first clause that does not fail; -1: none."""
    cdef uint32_t left = program.all & ~failed
    return pricer_first(left) if left else -1


cdef inline int choose(
    const CProgram* program, const View* v, const CFacts* f, const CPrice* p, int64_t now, uint32_t failed
) noexcept nogil:
    """The first clause whose conditions all hold; -1: none. `failed` comes from `failing_by_facts`."""
    cdef int64_t known_[N_FEATURES]
    if program.n_when > program.n_facts:
        features(v, f, p, now, program.asks, known_)
        failed |= failing(program.when + program.n_facts, program.n_when - program.n_facts, known_)
    return first_left(program, failed)


cdef inline int64_t off(const CClause* c, int64_t landed) noexcept nogil:
    """At the clause's distance, rounded down to a whole minor unit."""
    return floored(landed * (10000 + c.offset), 10000) if c.by_bp else landed + c.offset


cdef inline int followed(const CClause* c, const View* v, const CFacts* f, int64_t* landed) noexcept nogil:
    """The landed price that the clause follows, or why there is none. While we hold the Buy Box: the next rival's."""
    landed[0] = -1
    if c.target == T_LOWEST:
        landed[0] = v.rival
        return REPRICED if v.rival > 0 else NO_RIVAL
    if c.target == T_NTH or c.target == T_SELLER or c.target == T_AVERAGE:
        landed[0] = v.aim
        return REPRICED if v.aim > 0 else NO_RIVAL
    if c.target == T_BUY_BOX:
        if v.box < 0:
            return NO_BUY_BOX
        if v.we_hold < 0:
            return WINNER_UNCLEAR
        if v.we_hold:
            landed[0] = v.rival
            return REPRICED if v.rival > 0 else WINNING
        if not v.box_counts:
            return NO_RIVAL
        landed[0] = v.box
        return REPRICED
    if c.target == T_EXPECTED or c.target == T_REFERENCE:
        landed[0] = f.expected if c.target == T_EXPECTED else f.reference
        return REPRICED if landed[0] > 0 else NO_TARGET
    return SLEEP if c.target == T_HOLD else NO_STRATEGY


cdef inline int permitted(const CClause* c, int64_t before, int64_t wanted, Answer* a) noexcept nogil:
    """The wish, unless the clause never goes that way."""
    if wanted > before and not c.may_raise:
        return NO_RAISE
    if wanted < before and not c.may_lower:
        return NO_LOWER
    a.wanted, a.has_wish = wanted, True
    return REPRICED


cdef inline int wish(const CClause* c, const View* v, const CFacts* f, int64_t before, Answer* a) noexcept nogil:
    """The price that the clause would like, or why it wishes for none. Never a minimum: it does not know of any."""
    cdef int64_t landed, wanted
    cdef int code
    if c.target == T_OWN:
        a.target = before
        wanted = off(c, before)
    else:
        code = followed(c, v, f, &landed)
        if code == REPRICED:
            a.target = landed
            if v.shipping < 0:
                return SHIPPING_UNKNOWN
            wanted = off(c, landed) - v.shipping
            if c.target == T_LOWEST and wanted < before and before + v.shipping < landed:
                return CHEAPEST
            if c.target == T_BUY_BOX and v.we_hold == 1 and (wanted <= before or not c.may_raise):
                return WINNING
        elif c.step_up and (code == NO_RIVAL or code == NO_BUY_BOX or code == NO_TARGET or code == WINNING):
            wanted = before + before * c.step_bp // 10000
        else:
            return code
    return permitted(c, before, wanted, a)
