# The predicted path: objects whose layout was seen before. Included by _scan.pxi.
#
# While the general path reads an object it can take down where each value stood (`note`). The bytes between the values
# (names, punctuation, white space) and the kinds of the values are its layout. The next object of this kind is then
# read by comparing these bytes and reading the values between them *with the primitives of the general path*; at the
# first difference the general path reads it instead. So a layout accepts only what the general path would: the bytes
# that differ from an object that it accepted are values, each checked as it checks them; and every name is the same, so
# none comes twice. Nothing is assumed of any sender: the layouts used last are tried first, the order is learned.

cdef enum:
    WHOLE, OFFER_SHELF, BOX_SHELF, COUNT_SHELF, LOWEST_SHELF, RANK_SHELF, ELIGIBLE_SHELF  # kinds of objects

cdef enum:  # kinds of values: those with a place first, then those that are checked and dropped
    TEXT, TEXT_OR_NONE, DECIMAL, LETTERS, COUNT, FLAG, MOMENT, LIST, ANY_TEXT, ANY_NUMBER, ANY_FLAG, FINISH

cdef int ROOM[SHELVES]
ROOM[:] = [3584, 1536, 768, 256, 768, 256, 256]  # bytes of literals in a layout
assert LAYOUTS * sum(ROOM) + 16 <= POOL  # what comes behind a literal is read, and masked


cdef void set_up(Scan* s) noexcept nogil:
    cdef int i, j, at = 0
    for i in range(SHELVES):
        s.shelves[i].room = ROOM[i]
        for j in range(LAYOUTS):
            s.shelves[i].layouts[j].pool = at
            at += ROOM[i]
    s.ready = True


cdef inline void note(Scan* s, int op, const uchar* at, const uchar* to, void* target) noexcept nogil:
    """The general path read a value at..to (NULL: it did not)."""
    cdef Recorder* r = s.recorder
    if r == NULL or to == NULL:
        return
    if r.n < LEAVES:
        r.leaves[r.n].at, r.leaves[r.n].to, r.leaves[r.n].op = at, to, op
        r.leaves[r.n].slot = 0 if target == NULL else <unsigned short>(<char*>target - r.base)
    r.n += 1


cdef inline void watch(Scan* s, int kind, Recorder* r, char* base) noexcept nogil:
    """The general path is about to read an object of this kind: take down its values if it is time to learn."""
    s.recorder = NULL
    if s.shelves[kind].wait > 0:
        s.shelves[kind].wait -= 1
    else:
        r.n, r.base, s.recorder = 0, base, r


cdef inline const uchar* watched(Scan* s, int kind, const uchar* at, const uchar* to) noexcept nogil:
    """It has read at..to (NULL: it could not)."""
    if s.recorder != NULL and to != NULL:
        learn(s, kind, s.recorder, at, to)
    s.recorder = NULL
    return to


cdef void learn(Scan* s, int kind, Recorder* r, const uchar* at, const uchar* to) noexcept nogil:
    """Keep the layout of at..to, an object just understood, in place of the one that was of least use."""
    cdef Shelf* shelf = &s.shelves[kind]
    cdef Layout* layout
    cdef int i, which = shelf.n
    note(s, FINISH, to, to, NULL)
    if not can_be_kept(r, at, shelf.room):
        learn_less(shelf)
        return
    if which < LAYOUTS:
        shelf.order[which] = <signed char>which
        shelf.n += 1
    else:
        which = least_used(shelf)
        if shelf.layouts[which].fresh:  # learned in vain
            learn_less(shelf)
    layout = &shelf.layouts[which]
    keep_steps(s, layout, r, at)
    shelf.wait = shelf.pause
    for i in range(shelf.n):
        layout.common[i] = shelf.layouts[i].common[which] = same_steps(s, layout, &shelf.layouts[i])


cdef bint can_be_kept(const Recorder* r, const uchar* at, int room) noexcept nogil:
    """Few enough values, and literals that fit and are ASCII: whether others are UTF-8 is not known so early."""
    cdef int i
    if r.n > LEAVES:
        return False
    for i in range(r.n):
        if r.leaves[i].at - at > room or r.leaves[i].at == at:
            return False
        room -= <int>(r.leaves[i].at - at)
        while at < r.leaves[i].at:
            if at[0] >= 0x80:
                return False
            at += 1
        at = r.leaves[i].to
    return True


cdef void keep_steps(Scan* s, Layout* layout, const Recorder* r, const uchar* at) noexcept nogil:
    cdef int i, n, used = layout.pool
    cdef const Leaf* leaf
    layout.n, layout.hits, layout.fresh = r.n, 0, True
    for i in range(r.n):
        leaf = &r.leaves[i]
        n = <int>(leaf.at - at)
        layout.steps[i].at, layout.steps[i].n = <unsigned short>used, <unsigned short>n
        layout.steps[i].op, layout.steps[i].slot = <unsigned short>leaf.op, leaf.slot
        memcpy(s.pool + used, at, n)
        used += n
        at = leaf.to


cdef void learn_less(Shelf* shelf) noexcept nogil:
    shelf.pause = min(2 * shelf.pause + 1, 255)
    shelf.wait = shelf.pause


cdef int least_used(Shelf* shelf) noexcept nogil:
    """The place of the layout to give up; what the others did counts half from now on."""
    cdef int i, least = 0
    for i in range(1, LAYOUTS):
        if shelf.layouts[i].hits < shelf.layouts[least].hits:
            least = i
    for i in range(LAYOUTS):
        shelf.layouts[i].hits //= 2
    return least


cdef signed char same_steps(const Scan* s, const Layout* a, const Layout* b) noexcept nogil:
    """How many steps, from the first on, are the same in both."""
    cdef int i
    for i in range(min(a.n, b.n)):
        if a.steps[i].n != b.steps[i].n or a.steps[i].op != b.steps[i].op or a.steps[i].slot != b.steps[i].slot:
            return <signed char>i
        if memcmp(s.pool + a.steps[i].at, s.pool + b.steps[i].at, a.steps[i].n):
            return <signed char>i
    return <signed char>min(a.n, b.n)


cdef const uchar* predicted(const uchar* p, Scan* s, int kind, char* base) noexcept nogil:
    """The object at p by the layouts known of its kind, the last hit first; NULL: by none of them.

    Where one fails, after steps that it shares with another, that one goes on; one that shares fewer cannot fit.
    """
    cdef Shelf* shelf = &s.shelves[kind]
    cdef Layout* layout
    cdef int i, which, former = -1, step = 0
    for i in range(shelf.n):
        which = shelf.order[i]
        layout = &shelf.layouts[which]
        if former >= 0 and layout.common[former] < step:
            continue
        if follow(&p, s, layout, &step, base):
            s.hits[kind != WHOLE] += 1
            layout.hits += 1
            if layout.fresh:
                layout.fresh, shelf.pause = False, shelf.pause // 2
            while i > 0:
                shelf.order[i] = shelf.order[i - 1]
                i -= 1
            shelf.order[0] = <signed char>which
            return p
        if p == NULL:
            break
        former = which
    s.misses[kind != WHOLE] += 1
    return NULL


cdef inline bint follow(const uchar** at, Scan* s, const Layout* layout, int* step, char* base) noexcept nogil:
    """From a step on. False: a literal differs, at and step say where; or a value is not understood, at is NULL."""
    cdef const Step* one = &layout.steps[step[0]]
    cdef const uchar* p = at[0]
    cdef const uchar* q
    cdef char* to
    cdef Span unused
    cdef signed char any_flag
    while True:
        if not pricer_same(p, s.end, s.pool + one.at, one.n):
            at[0], step[0] = p, <int>(one - &layout.steps[0])
            return False
        q = p + one.n
        to = base + one.slot
        if one.op == ANY_TEXT:
            q = skip_text(q, s)
        elif one.op == LETTERS:
            q = letters(q, &(<RawMoney*>to).currency)
        elif one.op == DECIMAL:
            q = decimal(q, <RawMoney*>to, s.end)
        elif one.op == COUNT:
            q = count(q, <int64_t*>to, s.end)
        elif one.op == FLAG:
            q = flag(q, <signed char*>to, s.end)
        elif one.op == ANY_FLAG:
            q = flag(q, &any_flag, s.end)
        elif one.op == ANY_NUMBER:
            q = skip_number(q, s.end)
        elif one.op == TEXT:
            q = text(q, <Span*>to, s)
        elif one.op == TEXT_OR_NONE:
            q = text_or_none(q, <Span*>to, s)
        elif one.op == MOMENT:
            q = text(q, &unused, s)
            if q != NULL and not moment(&unused, <int64_t*>to):
                q = NULL
        elif one.op == LIST:
            q = items(q, s, one.slot)
        else:
            at[0] = q
            return True
        if q == NULL:
            at[0] = NULL
            return False
        p = q
        one += 1
