# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A strategy at work on one listing: its genes, its memory, and how the memory goes on.

A module of its own, so that it is compiled like the market's (equal to the last bit) and its names stay its own.
Memory goes on only by `think`; of a wish that came to nothing and of an event that was taken back it keeps no trace.
"""

from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize

from native_pricer.minds import identity, seal, unseal
from native_pricer.strategies import species

include "_parts/strategy/strategy.pxi"

assert SEEN_RIVALS == ASKED_RIVALS and WE == -1 and NOBODY == -2 and NO_WISH == -1

cdef struct Thoughts:
    int kind
    bint fresh                         # `former` is the memory before the newest event
    int32_t genes[GENES]
    Memory memory
    Memory former


cdef class Mind:
    """Of one listing; its memory is empty when made."""

    def __cinit__(self, strategy):
        cdef int i
        genes = strategy.padded()
        self.thoughts = <Thoughts*>calloc(1, sizeof(Thoughts))
        if self.thoughts == NULL:
            raise MemoryError
        self.strategy, self.text = strategy, f"strategy {identity(strategy)}"
        self.thoughts.kind = species(strategy.species).number
        for i in range(GENES):
            self.thoughts.genes[i] = genes[i]

    def __dealloc__(self):
        free(self.thoughts)

    cdef bint keep(self, Mind former) noexcept:
        """Go on where the same strategy was before; another one's memory means nothing here."""
        if former is None or former.strategy != self.strategy:
            return False
        memcpy(self.thoughts, former.thoughts, sizeof(Thoughts))
        return True

    def memory(self):
        return seal(self.strategy, PyBytes_FromStringAndSize(<char*>&self.thoughts.memory, sizeof(Memory)))

    def remember(self, bytes sealed not None):
        cdef bytes memory = unseal(self.strategy, sealed, sizeof(Memory))
        memcpy(&self.thoughts.memory, PyBytes_AS_STRING(memory), sizeof(Memory))
        self.thoughts.fresh = False


cdef void show(const Asked* asked, Seen* seen) noexcept nogil:
    seen.now_us, seen.price, seen.shipping = asked.now_us, asked.price, asked.shipping
    seen.floor, seen.ceiling, seen.unit_cost = asked.floor, asked.ceiling, asked.unit_cost
    seen.reference, seen.units, seen.fee_bp = asked.reference, asked.units, asked.fee_bp
    seen.elasticity_centi, seen.minute, seen.fba = asked.elasticity_centi, asked.minute, asked.fba
    seen.rating, seen.handling, seen.pending = asked.rating, asked.handling, asked.pending
    seen.holder, seen.n = asked.holder, asked.n
    memcpy(seen.landed, asked.landed, sizeof(seen.landed))
    memcpy(seen.who, asked.who, sizeof(seen.who))
    memcpy(seen.rival_fba, asked.rival_fba, sizeof(seen.rival_fba))
    memcpy(seen.rival_rating, asked.rival_rating, sizeof(seen.rival_rating))
    memcpy(seen.rival_handling, asked.rival_handling, sizeof(seen.rival_handling))


cdef int64_t think(Thoughts* t, const Asked* asked) noexcept nogil:
    """The wished listing price, or -1. What it was shown and what it wished are in its memory now."""
    cdef Seen seen
    show(asked, &seen)
    memcpy(&t.former, &t.memory, sizeof(Memory))
    t.fresh = True
    return strategy_decide(t.kind, &seen, &t.memory, t.genes)


cdef void not_sent(Thoughts* t, const Asked* asked) noexcept nogil:
    """The wish of this `think` was not let through: remember what was seen, and no write."""
    cdef Seen seen
    show(asked, &seen)
    seen.pending = 1
    memcpy(&t.memory, &t.former, sizeof(Memory))
    strategy_decide(t.kind, &seen, &t.memory, t.genes)


cdef void look_on(Thoughts* t) noexcept nogil:
    """A newer event came; whether it will be asked about that is not settled yet."""
    t.fresh = False


cdef void take_back(Thoughts* t) noexcept nogil:
    """The newest event is to count as unseen."""
    if t.fresh:
        memcpy(&t.memory, &t.former, sizeof(Memory))
        t.fresh = False
