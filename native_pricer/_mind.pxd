# A strategy at work, for the engine: names of strategy.pxi stay in a module of their own.

from libc.stdint cimport int32_t, int64_t, uint64_t

cdef enum:
    ASKED_RIVALS = 20

cdef struct Asked:                     # what a strategy is shown; the fields of Seen in seen.pxi
    int64_t now_us, price, shipping, floor, ceiling, unit_cost, reference, units
    int32_t fee_bp, elasticity_centi, minute, fba, rating, handling
    int32_t pending                    # 1: our last change is not live yet, so it only looks on
    int32_t holder                     # the place of the rival that is featured, -1 we, -2 nobody
    int32_t n
    int64_t landed[ASKED_RIVALS]
    uint64_t who[ASKED_RIVALS]
    int32_t rival_fba[ASKED_RIVALS]
    int32_t rival_rating[ASKED_RIVALS]
    int32_t rival_handling[ASKED_RIVALS]

cdef struct Thoughts                   # a strategy with its genes and its memory

cdef class Mind:
    cdef Thoughts* thoughts
    cdef readonly object strategy
    cdef readonly str text
    cdef bint keep(self, Mind former) noexcept

cdef int64_t think(Thoughts* t, const Asked* asked) noexcept nogil   # the wished listing price; -1: none
cdef void not_sent(Thoughts* t, const Asked* asked) noexcept nogil
cdef void look_on(Thoughts* t) noexcept nogil
cdef void take_back(Thoughts* t) noexcept nogil
