# Reading an object by one layout: stretches of literals and guessed values at once, single steps where a guess fails.
# Included by layout.pxi.

cdef void stretch(Scan* s, Layout* layout) noexcept nogil:
    """Put the steps together whose values are guessed."""
    cdef Stretch* one
    cdef Step* step
    cdef int i = 0, k = 0, n = 0, length
    while i < layout.n:
        one = &layout.stretches[n]
        step = &layout.steps[i]
        one.text, one.first, one.knots, one.n_knots = s.pool + layout.pool + step.at, i, &layout.knots[k], 0
        length = step.n
        while step.stays and (k < KNOTS or not goes_into_record(step.op)):
            if goes_into_record(step.op):
                tie(&layout.knots[k], step, s.pool + layout.pool + step.at + step.n, length)
                k += 1
                one.n_knots += 1
            i += 1
            step = &layout.steps[i]  # a last one, which has no value, is always there
            length += (step - 1).known + step.n
        one.n, one.slot, one.op = length, step.slot, step.op
        i += 1
        n += 1
    layout.stretches[n].first = layout.n


cdef inline bint goes_into_record(int op) noexcept nogil:
    return op <= MOMENT


cdef void tie(Knot* knot, const Step* step, const uchar* value, int at) noexcept nogil:
    cdef int i
    knot.at, knot.n, knot.slot, knot.op, knot.value = <unsigned short>at, step.known, step.slot, step.op, 0
    if step.op == LETTERS:
        knot.value = (value[0] << 16) | (value[1] << 8) | value[2]
    elif step.op == FLAG:
        knot.value = value[0] == 0x74
    elif step.op == COUNT:
        for i in range(step.known):
            knot.value = knot.value * 10 + (value[i] - 0x30)


cdef inline void put_knot(const Knot* knot, const uchar* p, char* base) noexcept nogil:
    """What the primitive of this kind would have put there. `p`: where the stretch begins."""
    cdef char* to = base + knot.slot
    if knot.op == LETTERS:
        (<RawMoney*>to).currency = <uint32_t>knot.value
    elif knot.op == COUNT:
        (<int64_t*>to)[0] = knot.value
    elif knot.op == FLAG:
        to[0] = <signed char>knot.value
    else:
        (<Span*>to).at, (<Span*>to).n = p + knot.at, knot.n


cdef bint guess_less(Scan* s, Layout* layout, const Stretch* one, const uchar* p) noexcept nogil:
    """The stretch did not come at p. Find the value that is another one; whether it will no longer be guessed."""
    cdef const uchar* wanted = one.text
    cdef Step* step = &layout.steps[one.first]
    while step.stays:
        if not pricer_same(p, s.end, wanted, step.n):
            return False
        p += step.n
        wanted += step.n
        if s.end - p < step.known or memcmp(p, wanted, step.known) or (step + 1).n == 0:
            break
        if not pricer_same(p + step.known, s.end, wanted + step.known, 1):  # a longer number, a longer text
            break
        p += step.known
        wanted += step.known
        step += 1
    if not step.stays:
        return False
    step.others += 1
    if step.others * <int64_t>OFTEN <= layout.served:
        return False
    step.stays = False
    stretch(s, layout)
    return True


cdef Stretch* stretch_of(Layout* layout, int step) noexcept nogil:
    cdef Stretch* one = &layout.stretches[0]
    while (one + 1).first <= step:
        one += 1
    return one


cdef inline bint follow(const uchar** at, Scan* s, Layout* layout, int* first, char* base) noexcept nogil:
    """From a step on. False: a literal differs, at and first say where; or a value is not understood, at is NULL.

    In a stretch the primitives are told that 16 bytes follow, which has been seen. What follows a number need not be
    looked at: it is compared with a literal, which followed a number.
    """
    cdef const uchar* end = s.end
    cdef const Stretch* one = &layout.stretches[0]
    cdef const uchar* p = at[0]
    cdef const uchar* q
    cdef int64_t unused
    cdef int step = first[0], op, k, n, fraction
    cdef signed char any_flag
    cdef char* to
    if step:
        one = stretch_of(layout, step)
    while True:
        while step == one.first:
            while end - p >= one.n + 16 and pricer_equal(p, one.text, one.n):
                for k in range(one.n_knots):
                    put_knot(&one.knots[k], p, base)
                q = p + one.n
                to, op = base + one.slot, one.op
                one += 1
                if op == ANY_TEXT:
                    n = pricer_plain(q, q + 16)
                    p = q + n if n >= 0 else value_of(op, q, to, s)
                elif op == FLAG:
                    n = pricer_flag(q, q + 16, <signed char*>to)
                    p = q + n if n else NULL
                elif op == ANY_FLAG:
                    n = pricer_flag(q, q + 16, &any_flag)
                    p = q + n if n else NULL
                elif op == DECIMAL:
                    n = pricer_short(q, q + 16, &(<RawMoney*>to).mantissa, &(<RawMoney*>to).fraction)
                    p = q + n if n else value_of(op, q, to, s)
                elif op == COUNT:
                    n = pricer_short(q, q + 16, <int64_t*>to, &fraction)
                    p = q + n if n and fraction == 0 else value_of(op, q, to, s)
                elif op == ANY_NUMBER:
                    n = pricer_short(q, q + 16, &unused, &fraction)
                    p = q + n if n else value_of(op, q, to, s)
                elif op == TEXT:
                    n = pricer_plain(q, q + 16)
                    (<Span*>to).at, (<Span*>to).n = q, n
                    p = q + n if n > 0 else value_of(op, q, to, s)
                elif op == LIST:
                    p = items(q, s, <int>(to - base))
                elif op == FINISH:
                    at[0] = q
                    return True
                else:
                    p = value_of(op, q, to, s)
                if p == NULL:
                    at[0] = NULL
                    return False
            step = one.first
            if not guess_less(s, layout, one, p):
                break
            one = stretch_of(layout, step)
        k = singly(&p, s, layout, one, &step, base)
        if k != FURTHER:
            at[0], first[0] = p, step
            return k == FINISHED
        if p == NULL:
            at[0] = NULL
            return False
        one += 1


cdef enum:
    FURTHER, FINISHED, OTHERWISE


cdef int singly(
    const uchar** at, Scan* s, const Layout* layout, const Stretch* one, int* which, char* base
) noexcept nogil:
    """The steps of a stretch one by one, from one of them on."""
    cdef const Step* step = &layout.steps[which[0]]
    cdef const uchar* p = at[0]
    while which[0] < (one + 1).first:
        if not pricer_same(p, s.end, s.pool + layout.pool + step.at, step.n):
            at[0] = p
            return OTHERWISE
        p += step.n
        if step.op == FINISH:
            at[0] = p
            return FINISHED
        p = items(p, s, step.slot) if step.op == LIST else value_of(step.op, p, base + step.slot, s)
        if p == NULL:
            break
        step += 1
        which[0] += 1
    at[0] = p
    return FURTHER


cdef const uchar* value_of(int op, const uchar* q, char* to, Scan* s) noexcept nogil:
    """A value by its primitive. NULL: it is not understood."""
    cdef Span span
    cdef signed char unused
    if op == ANY_TEXT:
        return skip_text(q, s)
    if op == LETTERS:
        return letters(q, &(<RawMoney*>to).currency)
    if op == DECIMAL:
        return decimal(q, <RawMoney*>to, s.end)
    if op == COUNT:
        return count(q, <int64_t*>to, s.end)
    if op == FLAG:
        return flag(q, <signed char*>to, s.end)
    if op == ANY_FLAG:
        return flag(q, &unused, s.end)
    if op == ANY_NUMBER:
        return skip_number(q, s.end)
    if op == TEXT:
        return text(q, <Span*>to, s)
    if op == TEXT_OR_NONE:
        return text_or_none(q, <Span*>to, s)
    q = text(q, &span, s)  # MOMENT
    return q if q != NULL and moment(&span, <int64_t*>to) else NULL
