# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The compiled repricer: event bytes → guarded Decision in one unit.

`_twin/engine.py`, `_twin/rule.py` and `_twin/guard.py` say what it does, readably.

The only way to a price is `guard`, whose last statement is the check of floor, ceiling and caps; nothing outside this
file can reach the rule without it. Moments are epoch µs, amounts minor units, unknown is -1 in C and None in Python.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from native_pricer._mind cimport ASKED_RIVALS, Asked, Mind, Thoughts, look_on, not_sent, take_back, think

import threading

from ecom_agent.money import EXPONENTS
from native_pricer._check import MAX_ID, check_moment
from native_pricer._twin.listing import Listing as TwinListing
from native_pricer._twin.parse import POINTS_CURRENCY
from native_pricer._twin.parse import parse_event as by_twin
from native_pricer.words import MAX_AHEAD_US, MAX_OFFERS, Clamp, Code, Decision, Kind, Level, ParseProblem

NAME = "cython"

include "_parts/scan/scan.pxi"
include "_parts/scan/notice.pxi"
include "_parts/scan/offers.pxi"
include "_parts/scan/envelope.pxi"
include "_parts/decide/rule.pxi"
include "_parts/decide/guard.pxi"
include "_parts/decide/view.pxi"
include "_parts/decide/program.pxi"
include "_parts/decide/rivals.pxi"
include "_parts/decide/table.pxi"
include "_parts/decide/consult.pxi"
include "_parts/decide/answer.pxi"
include "_parts/decide/convert.pxi"
include "_parts/decide/listing.pxi"

assert OFFERS == MAX_OFFERS and ID_MAX == MAX_ID

cdef int64_t AHEAD = MAX_AHEAD_US
cdef uint32_t YEN = packed(POINTS_CURRENCY)
cdef int N_CURRENCIES = 0
cdef uint32_t CURRENCY[256]
cdef int CURRENCY_DIGITS[256]

for _code, _digits in EXPONENTS.items():
    CURRENCY[N_CURRENCIES] = packed(_code)
    CURRENCY_DIGITS[N_CURRENCIES] = _digits
    N_CURRENCIES += 1

cdef tuple LEVELS = (None, Level.REDUCING, Level.HALTED)


cdef uint32_t packed(str code):
    return (ord(code[0]) << 16) | (ord(code[1]) << 8) | ord(code[2])


cdef bint currency_known(uint32_t code, int* digits_out) noexcept nogil:
    cdef int i
    for i in range(N_CURRENCIES):
        if CURRENCY[i] == code:
            digits_out[0] = CURRENCY_DIGITS[i]
            return True
    return False


cdef inline int64_t moment_of(object now) except -1:
    """Epoch µs as the face hands them in; anything else is its caller's error."""
    if type(now) is not int or not 0 <= now <= 1152921504606846976:
        check_moment("moment", now)
    return now


cdef class Core:
    """State table, rule and guard. Ids and numbers are checked by the face."""

    cdef CTable _table
    cdef CResults _results
    cdef dict _listings, _levels
    cdef object _rules
    cdef Scan _scan
    cdef CEvent _event
    cdef object _kept
    cdef bint _busy
    cdef readonly str name

    def __cinit__(self):
        self._listings, self._levels, self._rules, self.name = {}, {}, {}, NAME

    def __dealloc__(self):
        drop(&self._table)
        free(self._results.at)

    def configure(self, cfg):
        self._alone()
        cdef Listing former = self._listings.get((cfg.marketplace, cfg.sku))
        cdef Listing listing = Listing.__new__(Listing, cfg, *self._rule(cfg))
        cdef int i
        listing.page = self._page(cfg.marketplace, cfg.asin, cfg.condition.lower())
        if former is not None:
            listing.keep_history(former)
        if former is not None and former.page == listing.page:
            for i in range(listing.page.n):
                if listing.page.listings[i] == &former.c:
                    listing.page.listings[i] = &listing.c
        else:
            if not enter(listing.page, &listing.c):
                raise MemoryError
            if former is not None:
                leave(former.page, &former.c)
        self._listings[cfg.marketplace, cfg.sku] = listing
        self._level(listing)

    def remove(self, str marketplace not None, str sku not None):
        self._alone()
        cdef Listing listing = self._listings.pop((marketplace, sku), None)
        if listing is not None:
            leave(listing.page, &listing.c)
        return listing is not None

    def inform(self, str marketplace not None, str sku not None, facts):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        set_facts(&listing.c.facts, facts)
        listing.facts = facts

    def applied(self, str marketplace not None, str sku not None, int64_t price_minor, int64_t at):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        cdef CPrice* p = &listing.c.price
        roll_day(p, at)
        p.price, p.last_change = price_minor, max(at, p.last_change)
        listing.price = price_minor
        roll_day(p, at)

    def recall(self, str marketplace not None, str sku not None, int64_t before_minor, int64_t at):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        cdef CPrice* p = &listing.c.price
        p.last_change = max(at, p.last_change)
        if at // DAY > p.day:
            p.day, p.day_open = at // DAY, before_minor

    def halt(self, str scope not None):
        self._set_level(scope, Level.HALTED)

    def reduce(self, str scope not None):
        if scope not in self._levels:
            self._set_level(scope, Level.REDUCING)

    def resume(self, str scope not None):
        self._set_level(scope, None)

    def halts(self):
        return dict(self._levels)

    def state(self, str marketplace not None, str sku not None):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        cdef const CPrice* p = &listing.c.price
        day = None if p.day < 0 else p.day * DAY
        return listing.price, _or_none(p.last_change), _or_none(p.day_open), day

    def twin(self, str marketplace not None, str sku not None):
        """This listing as the readable twin has it, for explaining."""
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        return TwinListing(
            listing.cfg, listing.facts, listing.price, _or_none(listing.c.price.last_change),
            _or_none(listing.c.price.day), _or_none(listing.c.price.day_open), LEVELS[listing.c.level],
        )

    def newest(self, str marketplace not None, str asin not None, str condition not None):
        self._alone()
        cdef bytes key_ = _page_key(marketplace, asin, condition.lower())
        cdef const CPage* page = find(&self._table, PyBytes_AS_STRING(key_), <int>PyBytes_GET_SIZE(key_))
        return page.newest if page != NULL and page.any else None

    def seen(self, str marketplace not None, str asin not None, str condition not None, int64_t changed_at, event_id):
        self._alone()
        cdef CPage* page = self._page(marketplace, asin, condition.lower())
        cdef bytes id_ = b"" if event_id is None else event_id.encode()
        cdef Span span
        span.at, span.n = <const uchar*>PyBytes_AS_STRING(id_), -1 if event_id is None else <int>PyBytes_GET_SIZE(id_)
        if (not page.any or changed_at > page.newest) and not take(page, changed_at, &span):
            raise MemoryError

    def forget(self, str marketplace not None, str asin not None, str condition not None):
        self._alone()
        cdef bytes key_ = _page_key(marketplace, asin, condition.lower())
        cdef CPage* page = find(&self._table, PyBytes_AS_STRING(key_), <int>PyBytes_GET_SIZE(key_))
        cdef int i
        if page != NULL:
            page.any, page.n_id = False, -1
            for i in range(page.n):
                if page.listings[i].thoughts != NULL:
                    take_back(page.listings[i].thoughts)

    def memory(self, str marketplace not None, str sku not None):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        return None if listing.mind is None else listing.mind.memory()

    def remember(self, str marketplace not None, str sku not None, bytes memory not None):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        if listing.mind is None:
            raise ValueError(f"memory: {sku} has no strategy configured")
        listing.mind.remember(memory)

    def on_event(self, bytes raw not None, now):
        cdef int64_t at = moment_of(now)
        self._alone()
        if not self._read(raw):
            problem = self._read_slowly(raw)
            if problem is not None:
                return (_unreadable(problem),)
        return self._decide(at, self._event.changed_at, True)

    def observe(self, bytes raw not None, now):
        cdef int64_t at = moment_of(now)
        self._alone()
        if not self._read(raw):
            problem = self._read_slowly(raw)
            if problem is not None:
                return problem, (_unreadable(problem),)
        return parsed_event(&self._event), self._decide(at, self._event.changed_at, True)

    def on_events(self, raws, now):
        """Each event's decisions, as one after the other would give them; what the scanner reads goes without the GIL."""
        cdef int64_t at = moment_of(now)
        cdef list events = list(raws)
        cdef Py_ssize_t n = len(events), i = 0, k = 0
        cdef list answers = [()] * n
        cdef bytes block = bytes(n * sizeof(Span))
        cdef Span* spans = <Span*>PyBytes_AS_STRING(block)
        cdef Py_ssize_t* lengths
        cdef bytes lengths_block = bytes(n * sizeof(Py_ssize_t))
        cdef bint memory = True
        lengths = <Py_ssize_t*>PyBytes_AS_STRING(lengths_block)
        for raw in events:
            if type(raw) is not bytes:
                raise TypeError(f"wanted bytes, found {type(raw).__name__}")
        for i in range(n):
            spans[i].at = <const uchar*>PyBytes_AS_STRING(events[i])
            lengths[i] = PyBytes_GET_SIZE(events[i])
        self._alone()
        self._busy = True
        try:
            i = 0
            while i < n:
                self._results.n = 0
                with nogil:
                    while memory and i < n and scan(spans[i].at, lengths[i], &self._scan, &self._event):
                        memory = decide(
                            &self._table, &self._event, at, self._event.changed_at, True, i, &self._results
                        )
                        i += 1
                if not memory:
                    raise MemoryError
                k = 0
                while k < self._results.n:
                    k = self._gather(k, answers)
                if i < n:
                    raw = events[i]
                    problem = None if self._read(raw) else self._read_slowly(raw)
                    answers[i] = (
                        self._decide(at, self._event.changed_at, True) if problem is None else (_unreadable(problem),)
                    )
                    i += 1
        finally:
            self._busy = False
        return answers

    def on_offers(self, event, int64_t now, int64_t seen_at, bint strictly_newer):
        self._alone()
        self._kept = []
        fill(&self._event, event, self._kept)
        return self._decide(now, seen_at, strictly_newer)

    def on_own(self, str marketplace not None, str sku not None, int64_t now):
        self._alone()
        cdef Listing listing = self._listings[marketplace, sku]
        cdef CResult r
        self._event.n, self._event.currency, self._event.box = 0, 0, -1
        self._event.changed_at, self._event.event_id.n = now, -1
        r.event = 0
        answer(&listing.c, &self._event, now, now, NO_CODE, &r)
        return decision(&r)

    def parse(self, bytes raw not None):
        """The scanner's reading, _twin/parse.py's where it does not fully understand."""
        self._alone()
        return parsed_event(&self._event) if self._read(raw) else by_twin(raw)

    def understands(self, bytes raw not None):
        """Whether the scanner reads these bytes without _twin/parse.py: for tests and measurements."""
        self._alone()
        return self._read(raw)

    def predicted(self):
        """Objects read by a learned layout and those that were not, whole notifications and parts: for measurements."""
        return self._scan.hits[0], self._scan.misses[0], self._scan.hits[1], self._scan.misses[1]

    cdef inline int _alone(self) except -1:
        if self._busy:
            raise RuntimeError("another thread is at work in this engine: one engine, one thread")
        return 0

    cdef tuple _rule(self, cfg):
        """Listings of one rule share it; rules that no listing has any more go in time."""
        found = self._rules.get((cfg.clauses, cfg.rivals))
        if found is None:
            if len(self._rules) > 2 * len(self._listings) + 64:
                self._rules.clear()
            found = Program(cfg.clauses), Rivals(cfg.clauses, cfg.rivals)
            self._rules[cfg.clauses, cfg.rivals] = found
        return found

    cdef int _set_level(self, str scope, level) except -1:
        self._alone()
        if level is None:
            self._levels.pop(scope, None)
        else:
            self._levels[scope] = level
        for listing in self._listings.values():
            self._level(listing)
        return 0

    cdef int _level(self, Listing listing) except -1:
        """The strictest of the scopes that this listing is in."""
        found = [self._levels.get(scope) for scope in listing.scopes]
        listing.c.level = STOPPED if Level.HALTED in found else ONLY_RAISES if Level.REDUCING in found else FREE
        return 0

    cdef CPage* _page(self, str marketplace, str asin, str condition) except NULL:
        cdef bytes key_ = _page_key(marketplace, asin, condition)
        cdef CPage* page = find_or_add(&self._table, PyBytes_AS_STRING(key_), <int>PyBytes_GET_SIZE(key_))
        if page == NULL:
            raise MemoryError
        return page

    cdef bint _read(self, bytes raw) except -1:
        cdef const uchar* p = <const uchar*>PyBytes_AS_STRING(raw)
        cdef Py_ssize_t n = PyBytes_GET_SIZE(raw)
        self._kept = raw
        return scan(p, n, &self._scan, &self._event)

    cdef object _read_slowly(self, bytes raw):
        parsed = by_twin(raw)
        if isinstance(parsed, ParseProblem):
            return parsed
        self._kept = []
        fill(&self._event, parsed, self._kept)
        return None

    cdef tuple _decide(self, int64_t now, int64_t fresh_at, bint strictly_newer):
        self._results.n = 0
        if not decide(&self._table, &self._event, now, fresh_at, strictly_newer, 0, &self._results):
            raise MemoryError
        if self._results.n == 1:
            return (decision(&self._results.at[0]),)
        return tuple([decision(&self._results.at[i]) for i in range(self._results.n)])

    cdef Py_ssize_t _gather(self, Py_ssize_t k, list answers) except -1:
        """The decisions of the event that result k is of, to their place; gives where the next event's begin."""
        cdef Py_ssize_t event = self._results.at[k].event
        cdef list found = []
        while k < self._results.n and self._results.at[k].event == event:
            found.append(decision(&self._results.at[k]))
            k += 1
        answers[event] = tuple(found)
        return k


cdef bytes _page_key(str marketplace, str asin, str condition):
    return b"\0".join((marketplace.encode(), asin.encode(), condition.encode()))


cdef object _unreadable(problem):
    detail = f"{problem.path}: {problem.reason}" if problem.path else problem.reason
    return Decision(REJECT, Code.MALFORMED, Clamp.NONE, *(None,) * 19, detail)


_readers = threading.local()


def parse_event(raw):
    """By this thread's own reader: making one takes longer than reading."""
    reader = getattr(_readers, "core", None)
    if reader is None:
        reader = _readers.core = Core()
    return reader.parse(raw)
