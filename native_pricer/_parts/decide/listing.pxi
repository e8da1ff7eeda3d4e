# One SKU with what a Decision shows of it as Python has it, and the making of Decisions. Included by _engine.pyx last.

cimport cython
from cpython.object cimport PyTypeObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_SET_ITEM

from native_pricer.words import Decision, Kind

cdef extern from "Python.h":
    object PyType_GenericAlloc(PyTypeObject* type_, Py_ssize_t n)

cdef enum:
    FIELDS = 23

cdef object DECISION = Decision
cdef object MOVE = Kind.MOVE, HOLD = Kind.HOLD, REJECT = Kind.REJECT
assert len(Decision._fields) == FIELDS


@cython.final
cdef class Listing:
    """One SKU: its C struct, and what a Decision shows of it as Python has it."""

    cdef CListing c
    cdef CPage* page
    cdef object cfg, facts, price, floor, ceiling
    cdef str marketplace, asin, condition, sku, currency
    cdef bytes seller
    cdef tuple scopes
    cdef Program program
    cdef Rivals rivals
    cdef Mind mind                     # None: no strategy is configured

    def __cinit__(self, cfg, Program program, Rivals rivals):
        self.cfg, self.program, self.rivals, self.facts = cfg, program, rivals, None
        self.marketplace, self.asin, self.condition = cfg.marketplace, cfg.asin, cfg.condition.lower()
        self.sku, self.currency, self.seller = cfg.sku, cfg.currency, cfg.seller_id.encode()
        self.scopes = "all", f"marketplace:{cfg.marketplace}", f"sku:{cfg.marketplace}/{cfg.sku}"
        self.floor, self.ceiling, self.price = cfg.floor_minor, cfg.ceiling_minor, cfg.price_minor
        set_limits(&self.c.limits, cfg)
        set_price(&self.c.price, cfg)
        know_nothing(&self.c.facts)
        self.c.who.seller.at = <const uchar*>PyBytes_AS_STRING(self.seller)
        self.c.who.seller.n = <int>PyBytes_GET_SIZE(self.seller)
        self.c.who.shipping, self.c.who.rivals = or_minus(cfg.shipping_minor), &rivals.listing
        self.c.program, self.c.follows = &program.c, rivals.follows
        self.c.currency, self.c.level, self.c.owner = packed(cfg.currency), FREE, <void*>self
        if cfg.strategy is not None:
            self.mind = Mind(cfg.strategy)
            self.c.thoughts, self.c.needs = self.mind.thoughts, needs(cfg.strategy)

    cdef int keep_history(self, Listing former) except -1:
        """What the new configuration does not say is as before, unless the currency is another one."""
        if former.c.currency != self.c.currency:
            return 0
        if self.c.price.price < 0:
            self.c.price.price, self.price = former.c.price.price, former.price
        if self.c.price.last_change < 0:
            self.c.price.last_change = former.c.price.last_change
        if self.c.price.day < 0:
            self.c.price.day, self.c.price.day_open = former.c.price.day, former.c.price.day_open
        self.c.facts, self.facts = former.c.facts, former.facts
        if self.mind is not None and former.page == self.page:
            self.mind.keep(former.mind)
        return 0

    cdef str rule_text(self, int clause):
        """What the clause does, in words; of a strategy its name."""
        if self.mind is not None and self.program.c.clauses[clause].target == T_STRATEGY:
            return self.mind.text
        return self.program.texts[clause]


cdef inline void put(object out, Py_ssize_t i, object value):
    Py_INCREF(value)
    PyTuple_SET_ITEM(out, i, value)


cdef object decision(const CResult* r):
    """A named tuple filled in place: building it the usual way costs as much as the rule and the guard together."""
    cdef Listing l = <Listing>r.listing.owner
    cdef const Answer* a = &r.answer
    cdef object out = PyType_GenericAlloc(<PyTypeObject*>DECISION, FIELDS)
    cdef bint moves = a.code >= REPRICED
    put(out, 0, MOVE if moves else REJECT if a.code <= GUARD else HOLD)
    put(out, 1, CODES[a.code])
    put(out, 2, CLAMPS[a.clamp])
    put(out, 3, l.marketplace)
    put(out, 4, l.asin)
    put(out, 5, l.condition)
    put(out, 6, l.sku)
    put(out, 7, l.currency)
    put(out, 8, l.price)
    put(out, 9, a.to if moves else None)
    put(out, 10, a.wanted if a.has_wish else None)
    put(out, 11, l.floor)
    put(out, 12, l.ceiling)
    put(out, 13, None if a.clause < 0 else l.program.names[a.clause])
    put(out, 14, None if a.clause < 0 else l.rule_text(a.clause))
    put(out, 15, _or_none(a.target))
    put(out, 16, None if r.event_id.n < 0 else _str(&r.event_id))
    put(out, 17, r.changed_at)
    put(out, 18, None if r.rival_seller.n < 0 else _str(&r.rival_seller))
    put(out, 19, _or_none(r.rival))
    put(out, 20, _or_none(r.box))
    put(out, 21, _flag(r.we_hold))
    put(out, 22, None)
    return out
