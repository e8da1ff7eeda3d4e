# Between the C struct of an event and ParsedEvent. Included by _engine.pyx after scan.pxi.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8

cdef extern from "Python.h":
    object PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
    void* PyUnicode_1BYTE_DATA(object o)

from native_pricer.words import ParsedEvent, ParsedOffer

cdef object _new = tuple.__new__
cdef object EVENT = ParsedEvent, OFFER = ParsedOffer


cdef inline str _str(const Span* s):
    """The text; of ASCII, as nearly all ids are, without asking what else it may be."""
    cdef object out
    if not pricer_is_ascii(s.at, s.n):
        return PyUnicode_DecodeUTF8(<const char*>s.at, s.n, NULL)
    out = PyUnicode_New(s.n, 127)
    memcpy(PyUnicode_1BYTE_DATA(out), s.at, s.n)
    return out


cdef inline object _or_none(int64_t value):
    return None if value < 0 else value


cdef inline object _flag(int value):
    return None if value < 0 else value == 1


cdef str _currency(uint32_t code):
    return None if code == 0 else chr(code >> 16) + chr((code >> 8) & 255) + chr(code & 255)


cdef int span_of(Span* out, str value, list kept) except -1:
    data = value.encode()
    if len(data) > 4 * ID_MAX:
        raise ValueError(f"wanted an id of at most {ID_MAX} characters; found {value!r}")
    kept.append(data)
    out.at = <const uchar*>PyBytes_AS_STRING(data)
    out.n = <int>PyBytes_GET_SIZE(data)
    return 0


cdef int fill(CEvent* e, event, list kept) except -1:
    """A ParsedEvent into the C struct; `kept` gets the bytes that its spans point into."""
    cdef COffer* o
    if len(event.offers) > OFFERS:
        raise ValueError(f"wanted at most {OFFERS} offers; found {len(event.offers)}")
    span_of(&e.marketplace, event.marketplace, kept)
    span_of(&e.asin, event.asin, kept)
    span_of(&e.condition, event.condition, kept)
    if event.event_id is None:
        e.event_id.n = -1
    else:
        span_of(&e.event_id, event.event_id, kept)
    e.changed_at = event.changed_at_us
    e.currency = 0 if event.currency is None else packed(event.currency)
    e.box = or_minus(event.buy_box_minor)
    e.n = 0
    for offer in event.offers:
        o = &e.offers[e.n]
        span_of(&o.seller, offer.seller_id, kept)
        o.listing, o.shipping = offer.listing_minor, or_minus(offer.shipping_minor)
        o.points, o.count = or_minus(offer.points_minor), or_minus(offer.feedback_count)
        o.percent, o.hours = or_minus(offer.feedback_percent), or_minus(offer.max_hours)
        o.fba, o.prime = or_minus(offer.is_fba), or_minus(offer.is_prime)
        o.winner, o.featured = or_minus(offer.is_winner), or_minus(offer.is_featured_merchant)
        o.ships_from.n = o.sub_condition.n = 0
        if offer.ships_from is not None:
            span_of(&o.ships_from, offer.ships_from, kept)
        if offer.sub_condition is not None:
            span_of(&o.sub_condition, offer.sub_condition, kept)
        o.landed = landed(o)
        e.n += 1
    return 0


cdef object parsed_event(const CEvent* e):
    """The C struct as a ParsedEvent."""
    cdef const COffer* o
    cdef int i
    cdef list found = []
    for i in range(e.n):
        o = &e.offers[i]
        found.append(_new(OFFER, (
            _str(&o.seller), o.listing, _or_none(o.shipping), _or_none(o.points), _flag(o.fba), _flag(o.prime),
            _flag(o.winner), _or_none(o.count), _or_none(o.percent), _or_none(o.hours),
            _str(&o.sub_condition).lower() if o.sub_condition.n else None,
            _str(&o.ships_from) if o.ships_from.n else None, _flag(o.featured),
        )))
    return _new(EVENT, (
        None if e.event_id.n < 0 else _str(&e.event_id), _str(&e.marketplace), _str(&e.asin),
        _str(&e.condition).lower(), e.changed_at, _currency(e.currency), _or_none(e.box), tuple(found),
    ))
