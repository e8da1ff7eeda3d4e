# Rival filters as Python has them → the C structs of view.pxi, after which this is included.

from native_pricer.rivals import Channel


cdef class Rivals:
    """A listing's filter, and what each of its clauses asks of the page beside numbers. Immutable once made."""

    cdef CFilter listing
    cdef CFollow* follows              # by clause
    cdef CFilter* _filters
    cdef list _kept                    # bytes that ids point into

    def __cinit__(self, tuple clauses, rivals):
        cdef int n = len(clauses), i
        self._kept = []
        self._filters = <CFilter*>calloc(n + 1, sizeof(CFilter))
        self.follows = <CFollow*>calloc(n + 1, sizeof(CFollow))
        if self._filters == NULL or self.follows == NULL:
            raise MemoryError
        self._filter(&self.listing, rivals)
        for i in range(n):
            if clauses[i].seller is not None:
                self._span(&self.follows[i].seller, clauses[i].seller)
            if clauses[i].rivals is not None:
                self._filter(&self._filters[i], clauses[i].rivals)
                self.follows[i].rivals = &self._filters[i]

    def __dealloc__(self):
        free(self._filters)
        free(self.follows)

    cdef int _filter(self, CFilter* out, rivals) except -1:
        out.all_pass, out.prime_only, out.featured_only = rivals.lets_all_pass, rivals.prime_only, rivals.featured_only
        out.channel = -1 if rivals.channel == Channel.ANY else rivals.channel == Channel.FBA
        out.min_count, out.min_percent = rivals.min_feedback_count, rivals.min_feedback_percent
        out.max_count, out.max_hours = or_minus(rivals.max_feedback_count), or_minus(rivals.max_handling_hours)
        self._ids(&out.exclude, rivals.exclude)
        self._ids(&out.only, rivals.only)
        self._ids(&out.ships_from, rivals.ships_from)
        self._ids(&out.sub_conditions, rivals.sub_conditions)
        return 0

    cdef int _ids(self, CIds* out, ids) except -1:
        cdef bytes block = bytes(len(ids) * sizeof(Span))
        cdef Span* spans = <Span*>PyBytes_AS_STRING(block)
        self._kept.append(block)
        out.at, out.n = spans, 0
        for text_ in sorted(ids):
            self._span(&spans[out.n], text_)
            out.n += 1
        return 0

    cdef int _span(self, Span* out, str text_) except -1:
        data = text_.encode()
        self._kept.append(data)
        out.at, out.n = <const uchar*>PyBytes_AS_STRING(data), <int>PyBytes_GET_SIZE(data)
        return 0
