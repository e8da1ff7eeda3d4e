# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The compiled repricer: event bytes → guarded Decision in one unit.

`_reference.py` and `_rule.py` say what it does, readably.

The only way to a price is `guard`, whose last statement is the check of floor, ceiling and caps; nothing outside this
file can reach the rule without it. Moments are epoch µs, amounts minor units, unknown is -1 in C and None in Python.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8

from ecom_agent.money import EXPONENTS
from native_pricer import _parse
from native_pricer.config import MAX_ID, Channel, Target
from native_pricer.words import (
    DAY_US, MAX_AHEAD_US, MAX_MINOR, MAX_OFFERS, Clamp, Code, Decision, Kind, ParsedEvent, ParsedOffer, ParseProblem
)

NAME = "cython"

include "_scan.pxi"
include "_notice.pxi"

assert OFFERS == MAX_OFFERS and ID_MAX == MAX_ID

cdef int64_t MOST = MAX_MINOR
cdef int64_t AHEAD = MAX_AHEAD_US
cdef int64_t DAY = DAY_US
cdef uint32_t YEN = packed(_parse.POINTS_CURRENCY)
cdef int N_CURRENCIES = 0
cdef uint32_t CURRENCY[256]
cdef int CURRENCY_DIGITS[256]

for _code, _digits in EXPONENTS.items():
    CURRENCY[N_CURRENCIES] = packed(_code)
    CURRENCY_DIGITS[N_CURRENCIES] = _digits
    N_CURRENCIES += 1

cdef object _new = tuple.__new__
cdef object DECISION = Decision, EVENT = ParsedEvent, OFFER = ParsedOffer
cdef object MOVE = Kind.MOVE, HOLD = Kind.HOLD, REJECT = Kind.REJECT
cdef tuple CLAMPS = (Clamp.NONE, Clamp.FLOOR, Clamp.CEILING, Clamp.STEP, Clamp.DAY)

cdef enum:
    NO_CLAMP, AT_FLOOR, AT_CEILING, AT_STEP, AT_DAY

# Numbers of the codes; CODES gives them their names. Those up to GUARD refuse.
cdef enum:
    MALFORMED, FUTURE, CURRENCY_, NO_FLOOR, GUARD
    DUPLICATE, SUPERSEDED, HALTED, STALE, PRICE_UNKNOWN, SHIPPING_UNKNOWN, NO_RIVAL, NO_BUY_BOX, WINNER_UNCLEAR
    WINNING, CHEAPEST, NO_RAISE, AT_TARGET, AT_LIMIT, NO_ROOM, COOLDOWN, REPRICED, BACK_IN_BAND
    NO_CODE = -1

cdef tuple CODES = (
    Code.MALFORMED, Code.FUTURE, Code.CURRENCY, Code.NO_FLOOR, Code.GUARD, Code.DUPLICATE, Code.SUPERSEDED,
    Code.HALTED, Code.STALE, Code.PRICE_UNKNOWN, Code.SHIPPING_UNKNOWN, Code.NO_RIVAL, Code.NO_BUY_BOX,
    Code.WINNER_UNCLEAR, Code.WINNING, Code.CHEAPEST, Code.NO_RAISE, Code.AT_TARGET, Code.AT_LIMIT, Code.NO_ROOM,
    Code.COOLDOWN, Code.REPRICED, Code.BACK_IN_BAND,
)
assert len(CODES) == len(Code) == BACK_IN_BAND + 1


cdef uint32_t packed(str code):
    return (ord(code[0]) << 16) | (ord(code[1]) << 8) | ord(code[2])


cdef bint currency_known(uint32_t code, int* digits_out) noexcept nogil:
    cdef int i
    for i in range(N_CURRENCIES):
        if CURRENCY[i] == code:
            digits_out[0] = CURRENCY_DIGITS[i]
            return True
    return False


cdef inline str _str(const Span* s):
    return PyUnicode_DecodeUTF8(<const char*>s.at, s.n, NULL)


cdef inline object _or_none(int64_t value):
    return None if value < 0 else value


cdef inline int64_t _or_minus(object value) except? -2:
    return -1 if value is None else value


cdef struct View:
    int rival           # index, -1 none
    int64_t rival_landed
    int64_t box
    bint box_counts
    int we_hold         # -1 unclear
    int64_t our_shipping


cdef class Page:
    """One (marketplace, ASIN, condition): its newest event and our SKUs on it."""

    cdef str marketplace, asin, condition
    cdef bint any
    cdef int64_t newest
    cdef object last_id
    cdef list listings

    def __init__(self, str marketplace, str asin, str condition):
        self.marketplace, self.asin, self.condition = marketplace, asin, condition
        self.any = False
        self.listings = []

    cdef void take(self, int64_t changed_at, object event_id):
        self.any, self.newest, self.last_id = True, changed_at, event_id


cdef class Listing:
    """One SKU's limits and what is known of its price."""

    cdef Page page
    cdef str sku, currency, rule_text
    cdef bytes seller
    cdef tuple scopes
    cdef uint32_t code
    cdef int64_t price, shipping, floor, ceiling, day_open, day, last_change, cooldown, max_age, step_bp, day_bp
    cdef bint by_box, by_bp, may_raise, all_pass
    cdef int64_t offset, min_count, min_percent, max_hours
    cdef int channel  # -1 any, 1 fba, 0 fbm
    cdef frozenset exclude, only

    def __init__(self, cfg, Page page):
        rule, rivals = cfg.rule, cfg.rivals
        self.page, self.sku, self.currency, self.rule_text = page, cfg.sku, cfg.currency, str(rule)
        self.seller, self.code = cfg.seller_id.encode(), packed(cfg.currency)
        self.scopes = ("all", f"marketplace:{cfg.marketplace}", f"sku:{cfg.marketplace}/{cfg.sku}")
        self.price, self.shipping = _or_minus(cfg.price_minor), _or_minus(cfg.shipping_minor)
        self.floor, self.ceiling = _or_minus(cfg.floor_minor), _or_minus(cfg.ceiling_minor)
        self.day_open, self.last_change = _or_minus(cfg.day_open_minor), _or_minus(cfg.last_change_us)
        self.day = -1 if cfg.day_open_us is None else cfg.day_open_us // DAY_US
        self.cooldown, self.max_age = cfg.cooldown_s * 1_000_000, cfg.max_event_age_s * 1_000_000
        self.step_bp, self.day_bp = cfg.max_step_bp, cfg.max_day_bp
        self.by_box, self.may_raise = rule.target == Target.BUY_BOX, rule.may_raise
        self.by_bp = rule.offset_bp is not None
        self.offset = rule.offset_bp if self.by_bp else rule.offset_minor
        self.all_pass = rivals.lets_all_pass
        self.channel = -1 if rivals.channel == Channel.ANY else rivals.channel == Channel.FBA
        self.min_count, self.min_percent = rivals.min_feedback_count, rivals.min_feedback_percent
        self.max_hours = _or_minus(rivals.max_handling_hours)
        self.exclude = frozenset(s.encode() for s in rivals.exclude)
        self.only = frozenset(s.encode() for s in rivals.only)

    cdef void keep_history(self, Listing former):
        if former.code != self.code:
            return
        if self.price < 0:
            self.price = former.price
        if self.last_change < 0:
            self.last_change = former.last_change
        if self.day < 0:
            self.day, self.day_open = former.day, former.day_open

    cdef void roll_day(self, int64_t now) noexcept:
        if self.price >= 0 and now // DAY > self.day:
            self.day, self.day_open = now // DAY, self.price

    cdef inline bint is_ours(self, const COffer* o) noexcept:
        return o.seller.n == PyBytes_GET_SIZE(self.seller) and not memcmp(
            o.seller.at, PyBytes_AS_STRING(self.seller), o.seller.n
        )

    cdef bint passes(self, const COffer* o) except -1:
        if self.all_pass:
            return True
        if self.channel >= 0 and o.fba != self.channel:
            return False
        if self.min_count and o.count < self.min_count:
            return False
        if self.min_percent and o.percent < self.min_percent:
            return False
        if self.max_hours >= 0 and (o.hours < 0 or o.hours > self.max_hours):
            return False
        if not self.exclude and not self.only:
            return True
        seller = PyBytes_FromStringAndSize(<const char*>o.seller.at, o.seller.n)
        return seller not in self.exclude and (not self.only or seller in self.only)

    cdef int look(self, const CEvent* event, View* view) except -1:
        """The page as this listing sees it."""
        cdef const COffer* o
        cdef int i, holders = 0, own = 0, flagged = 0, counting = 0
        cdef bint shown = False, one_shipping = True, ours
        cdef int64_t shipping = -1, flagged_landed = -1
        view.rival, view.rival_landed, view.box, view.box_counts, view.we_hold = -1, -1, event.box, False, -1
        for i in range(event.n):
            if event.offers[i].winner == 1:
                if flagged == 0:
                    flagged_landed = event.offers[i].landed
                flagged += 1
        for i in range(event.n):
            o = &event.offers[i]
            ours = self.is_ours(o)
            if ours:
                if shown and o.shipping != shipping:
                    one_shipping = False
                shown, shipping = True, o.shipping
            elif o.landed > 0 and (view.rival < 0 or o.landed < view.rival_landed) and self.passes(o):
                view.rival, view.rival_landed = i, o.landed
            if o.winner == 1 if flagged else (event.box >= 0 and o.landed == event.box):
                holders += 1
                if ours:
                    own += 1
                elif self.passes(o):
                    counting += 1
        if view.box < 0 and flagged_landed > 0:
            view.box = flagged_landed
        view.our_shipping = self.shipping if self.shipping >= 0 else shipping if shown and one_shipping else -1
        if view.box < 0:
            return 0
        if own and (flagged or holders == 1):
            view.we_hold = 1
        elif not own and (holders or shown):
            view.we_hold = 0
            view.box_counts = counting > 0 if holders else self.all_pass
        return 0

    cdef inline int64_t off(self, int64_t landed) noexcept:
        return landed * (10_000 + self.offset) // 10_000 if self.by_bp else landed + self.offset

    cdef int wish(self, const View* view, int64_t* wanted) noexcept:
        """The price that the rule would like, or why it wishes for none."""
        cdef int64_t before = self.price
        if view.our_shipping < 0:
            return SHIPPING_UNKNOWN
        if not self.by_box:
            if view.rival < 0:
                return NO_RIVAL
            wanted[0] = self.off(view.rival_landed) - view.our_shipping
            if wanted[0] < before and before + view.our_shipping < view.rival_landed:
                return CHEAPEST
        elif view.box < 0:
            return NO_BUY_BOX
        elif view.we_hold < 0:
            return WINNER_UNCLEAR
        elif view.we_hold:
            if view.rival < 0:
                return WINNING
            wanted[0] = self.off(view.rival_landed) - view.our_shipping
            if wanted[0] <= before or not self.may_raise:
                return WINNING
        elif not view.box_counts:
            return NO_RIVAL
        else:
            wanted[0] = self.off(view.box) - view.our_shipping
        if wanted[0] > before and not self.may_raise:
            return NO_RAISE
        return REPRICED

    cdef int guard(self, int code, int64_t wanted, int64_t now, int64_t* to, int* clamp) noexcept:
        """The only way to a price: `to` is set when the answer is REPRICED or BACK_IN_BAND."""
        cdef int64_t before = self.price, opened = self.day_open
        cdef int64_t ceiling = self.ceiling if self.ceiling >= 0 else MOST
        cdef int64_t step, day, low, high
        if code != REPRICED:
            if self.floor <= before <= ceiling:
                return code
            wanted = before
            code = BACK_IN_BAND
        step, day = before * self.step_bp // 10_000, opened * self.day_bp // 10_000
        low = max(self.floor, before - step, opened - day)
        high = min(ceiling, before + step, opened + day)
        if low > high:
            return NO_ROOM
        to[0] = wanted
        if wanted < low:
            to[0] = low
            clamp[0] = AT_FLOOR if low == self.floor else AT_DAY if low == opened - day else AT_STEP
        elif wanted > high:
            to[0] = high
            clamp[0] = AT_CEILING if high == ceiling else AT_DAY if high == opened + day else AT_STEP
        if to[0] == before:
            return AT_TARGET if clamp[0] == NO_CLAMP else AT_LIMIT
        if self.last_change >= 0 and now - self.last_change < self.cooldown:
            return COOLDOWN
        if to[0] < self.floor or to[0] > ceiling or self.floor < 1:
            return GUARD
        if to[0] < before - step or to[0] > before + step or to[0] < opened - day or to[0] > opened + day:
            return GUARD
        return code


cdef class Core:
    """State table, rule and guard. Ids and numbers are checked by the face."""

    cdef dict _pages, _listings
    cdef set _halts
    cdef Scan _scan
    cdef CEvent _event
    cdef object _kept
    cdef readonly str name

    def __init__(self):
        self._pages, self._listings, self._halts, self.name = {}, {}, set(), NAME

    def configure(self, cfg):
        cdef Listing former = self._listings.get((cfg.marketplace, cfg.sku))
        cdef Page page = self._page(cfg.marketplace, cfg.asin, cfg.condition.lower())
        cdef Listing listing = Listing(cfg, page)
        if former is not None:
            listing.keep_history(former)
            if former.page is page:
                page.listings[page.listings.index(former)] = listing
            else:
                former.page.listings.remove(former)
        if former is None or former.page is not page:
            page.listings.append(listing)
        self._listings[cfg.marketplace, cfg.sku] = listing

    def remove(self, str marketplace not None, str sku not None):
        cdef Listing listing = self._listings.pop((marketplace, sku), None)
        if listing is not None:
            listing.page.listings.remove(listing)
        return listing is not None

    def applied(self, str marketplace not None, str sku not None, int64_t price_minor, int64_t at):
        cdef Listing listing = self._listings[marketplace, sku]
        listing.roll_day(at)
        listing.price = price_minor
        listing.last_change = max(at, listing.last_change)
        listing.roll_day(at)

    def halt(self, str scope not None):
        self._halts.add(scope)

    def resume(self, str scope not None):
        self._halts.discard(scope)

    def halts(self):
        return frozenset(self._halts)

    def state(self, str marketplace not None, str sku not None):
        cdef Listing listing = self._listings[marketplace, sku]
        return _or_none(listing.price), _or_none(listing.last_change), _or_none(listing.day_open)

    def newest(self, str marketplace not None, str asin not None, str condition not None):
        cdef Page page = self._pages.get(_page_key(marketplace, asin, condition.lower()))
        return page.newest if page is not None and page.any else None

    def seen(self, str marketplace not None, str asin not None, str condition not None, int64_t changed_at, event_id):
        cdef Page page = self._page(marketplace, asin, condition.lower())
        if not page.any or changed_at > page.newest:
            page.take(changed_at, event_id)

    def forget(self, str marketplace not None, str asin not None, str condition not None):
        cdef Page page = self._pages.get(_page_key(marketplace, asin, condition.lower()))
        if page is not None:
            page.any, page.last_id = False, None

    def on_event(self, bytes raw not None, int64_t now):
        if not self._read(raw):
            problem = self._read_slowly(raw)
            if problem is not None:
                return (_unreadable(problem),)
        return self._decide(now, self._event.changed_at, True)

    def observe(self, bytes raw not None, int64_t now):
        if not self._read(raw):
            problem = self._read_slowly(raw)
            if problem is not None:
                return problem, (_unreadable(problem),)
        parsed = self._parsed()
        return parsed, self._decide(now, self._event.changed_at, True)

    def on_offers(self, event, int64_t now, int64_t seen_at):
        self._fill(event)
        return self._decide(now, seen_at, False)

    def parse(self, bytes raw not None):
        """The scanner's reading, _parse.py's where it does not fully understand."""
        return self._parsed() if self._read(raw) else _parse.parse_event(raw)

    def understands(self, bytes raw not None):
        """Whether the scanner reads these bytes without _parse.py: for tests and measurements."""
        return self._read(raw)

    def predicted(self):
        """Objects read by a learned layout and those that were not, whole notifications and parts: for measurements."""
        return self._scan.hits[0], self._scan.misses[0], self._scan.hits[1], self._scan.misses[1]

    cdef Page _page(self, str marketplace, str asin, str condition):
        key = _page_key(marketplace, asin, condition)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = Page(marketplace, asin, condition)
        return page

    cdef bint _read(self, bytes raw) except -1:
        cdef const uchar* p = <const uchar*>PyBytes_AS_STRING(raw)
        cdef Py_ssize_t n = PyBytes_GET_SIZE(raw)
        self._kept = raw
        return scan(p, n, &self._scan, &self._event)

    cdef object _read_slowly(self, bytes raw):
        parsed = _parse.parse_event(raw)
        if isinstance(parsed, ParseProblem):
            return parsed
        self._fill(parsed)
        return None

    cdef void _span(self, Span* out, str value) except *:
        data = value.encode()
        if len(data) > 4 * ID_MAX:
            raise ValueError(f"wanted an id of at most {ID_MAX} characters; found {value!r}")
        self._kept.append(data)
        out.at = <const uchar*>PyBytes_AS_STRING(data)
        out.n = <int>PyBytes_GET_SIZE(data)

    cdef void _fill(self, event) except *:
        """A ParsedEvent into the C struct."""
        cdef CEvent* e = &self._event
        cdef COffer* o
        if len(event.offers) > OFFERS:
            raise ValueError(f"wanted at most {OFFERS} offers; found {len(event.offers)}")
        self._kept = []
        self._span(&e.marketplace, event.marketplace)
        self._span(&e.asin, event.asin)
        self._span(&e.condition, event.condition)
        if event.event_id is None:
            e.event_id.n = -1
        else:
            self._span(&e.event_id, event.event_id)
        e.changed_at = event.changed_at_us
        e.currency = 0 if event.currency is None else packed(event.currency)
        e.box = _or_minus(event.buy_box_minor)
        e.n = 0
        for offer in event.offers:
            o = &e.offers[e.n]
            self._span(&o.seller, offer.seller_id)
            o.listing, o.shipping = offer.listing_minor, _or_minus(offer.shipping_minor)
            o.points, o.count = _or_minus(offer.points_minor), _or_minus(offer.feedback_count)
            o.percent, o.hours = _or_minus(offer.feedback_percent), _or_minus(offer.max_hours)
            o.fba, o.prime = _or_minus(offer.is_fba), _or_minus(offer.is_prime)
            o.winner = _or_minus(offer.is_winner)
            o.landed = landed(o)
            e.n += 1

    cdef object _parsed(self):
        """The C struct as a ParsedEvent."""
        cdef CEvent* e = &self._event
        cdef COffer* o
        cdef int i
        cdef list found = []
        for i in range(e.n):
            o = &e.offers[i]
            found.append(_new(OFFER, (
                _str(&o.seller), o.listing, _or_none(o.shipping), _or_none(o.points), _flag(o.fba), _flag(o.prime),
                _flag(o.winner), _or_none(o.count), _or_none(o.percent), _or_none(o.hours),
            )))
        return _new(EVENT, (
            _event_id(e), _str(&e.marketplace), _str(&e.asin), _str(&e.condition).lower(), e.changed_at,
            _currency(e.currency), _or_none(e.box), tuple(found),
        ))

    cdef tuple _decide(self, int64_t now, int64_t fresh_at, bint strictly_newer):
        cdef CEvent* e = &self._event
        cdef Page page = self._pages.get(_event_key(e))
        cdef Listing listing
        cdef int code = NO_CODE
        if page is None:
            return ()
        event_id = _event_id(e)
        if e.changed_at > now + AHEAD:
            code = FUTURE
        elif strictly_newer and event_id is not None and event_id == page.last_id:
            code = DUPLICATE
        elif page.any and e.changed_at <= page.newest and (strictly_newer or e.changed_at < page.newest):
            code = SUPERSEDED
        else:
            page.take(e.changed_at, event_id)
        if len(page.listings) == 1:
            return (self._answer(page.listings[0], event_id, now, fresh_at, code),)
        answers = []
        for listing in page.listings:
            answers.append(self._answer(listing, event_id, now, fresh_at, code))
        return tuple(answers)

    cdef object _answer(self, Listing listing, object event_id, int64_t now, int64_t fresh_at, int code):
        cdef CEvent* e = &self._event
        cdef View view
        cdef int64_t to = -1, wanted = 0
        cdef int clamp = NO_CLAMP
        cdef bint wished = False
        cdef Page page = listing.page
        view.rival = view.we_hold = -1
        view.rival_landed = view.box = -1
        if code == NO_CODE and e.currency != 0 and e.currency != listing.code:
            code = CURRENCY_
        if code == NO_CODE:
            listing.roll_day(now)
            listing.look(e, &view)
            code = self._stop(listing, now, fresh_at)
        if code == NO_CODE:
            code = listing.wish(&view, &wanted)
            wished = code == REPRICED
            code = listing.guard(code, wanted, now, &to, &clamp)
        return _new(DECISION, (
            MOVE if code >= REPRICED else REJECT if code <= GUARD else HOLD,
            CODES[code], CLAMPS[clamp], page.marketplace, page.asin, page.condition, listing.sku, listing.currency,
            _or_none(listing.price), to if code >= REPRICED else None, wanted if wished else None,
            _or_none(listing.floor), _or_none(listing.ceiling), listing.rule_text, event_id, e.changed_at,
            None if view.rival < 0 else _str(&e.offers[view.rival].seller), _or_none(view.rival_landed),
            _or_none(view.box), _flag(view.we_hold), None,
        ))

    cdef int _stop(self, Listing listing, int64_t now, int64_t fresh_at) except -2:
        """What forbids any price, whatever the rule says."""
        if self._halts and not self._halts.isdisjoint(listing.scopes):
            return HALTED
        if listing.floor < 0:
            return NO_FLOOR
        if now - fresh_at > listing.max_age:
            return STALE
        return PRICE_UNKNOWN if listing.price < 0 else NO_CODE


cdef inline object _flag(int value):
    return None if value < 0 else value == 1


cdef inline object _event_id(const CEvent* e):
    return None if e.event_id.n < 0 else _str(&e.event_id)


cdef str _currency(uint32_t code):
    return None if code == 0 else chr(code >> 16) + chr((code >> 8) & 255) + chr(code & 255)


cdef bytes _page_key(str marketplace, str asin, str condition):
    return b"\0".join((marketplace.encode(), asin.encode(), condition.encode()))


cdef bytes _event_key(const CEvent* e):
    """As _page_key, straight from the bytes; ids hold no NUL, so no two pages share a key."""
    cdef char key[3 * 4 * ID_MAX + 2]
    cdef int n = 0, i
    memcpy(key, e.marketplace.at, e.marketplace.n)
    n = e.marketplace.n
    key[n] = 0
    memcpy(key + n + 1, e.asin.at, e.asin.n)
    n += 1 + e.asin.n
    key[n] = 0
    n += 1
    for i in range(e.condition.n):
        key[n] = <char>lower(e.condition.at[i])
        n += 1
    return PyBytes_FromStringAndSize(key, n)


cdef object _unreadable(problem):
    detail = f"{problem.path}: {problem.reason}" if problem.path else problem.reason
    return Decision(REJECT, Code.MALFORMED, Clamp.NONE, *(None,) * 17, detail)


def parse_event(raw):
    return Core().parse(raw)
