# The predicted path: objects whose layout was seen before. Included by scan.pxi.
#
# While the general path reads an object it can take down where each value stood (`note`). The bytes between the values
# (names, punctuation, white space) and the kinds of the values are its layout. The next object of this kind is then
# read by comparing these bytes and reading the values between them *with the primitives of the general path*; at the
# first difference the general path reads it instead. So a layout accepts only what the general path would: the bytes
# that differ from an object that it accepted are values, each checked as it checks them; and every name is the same, so
# none comes twice. Nothing is assumed of any sender: the layouts used last are tried first, the order is learned.
#
# Many values are the same in object after object. So a layout also guesses each value to be the one that it saw first, and
# compares literals and guessed values as one stretch. Where a guess is wrong, the steps of that stretch are read singly,
# as if there had been none, and a value that is often another one is no longer guessed.

cdef enum:
    WHOLE, OFFER_SHELF, BOX_SHELF, COUNT_SHELF, LOWEST_SHELF, RANK_SHELF, ELIGIBLE_SHELF  # kinds of objects

cdef enum:  # kinds of values: those with a place first, then those that are checked and dropped
    TEXT, TEXT_OR_NONE, DECIMAL, LETTERS, COUNT, FLAG, MOMENT, LIST, ANY_TEXT, ANY_NUMBER, ANY_FLAG, FINISH

cdef enum:
    GUESSED = 40  # bytes of a value that may be guessed
    OFTEN = 16    # a guess that is wrong once in so many objects is given up

cdef int ROOM[SHELVES]
ROOM[:] = [4096, 1792, 1024, 320, 1024, 320, 320]  # bytes of literals and guessed values in a layout
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
        if which == 0:
            shelf.latest = &shelf.layouts[0]
        shelf.n += 1
    else:
        which = least_used(shelf)
        if shelf.layouts[which].fresh:  # learned in vain
            learn_less(shelf)
    layout = &shelf.layouts[which]
    keep_steps(s, layout, r, at, shelf.room, kind)
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


cdef void keep_steps(Scan* s, Layout* layout, const Recorder* r, const uchar* at, int room, int kind) noexcept nogil:
    cdef uchar* to = s.pool + layout.pool
    cdef int i, n, used = 0
    cdef const Leaf* leaf
    cdef Step* step
    layout.n, layout.hits, layout.fresh, layout.served = r.n, 0, True, 0
    for i in range(r.n):
        room -= <int>(r.leaves[i].at - (at if i == 0 else r.leaves[i - 1].to))
    for i in range(r.n):
        leaf = &r.leaves[i]
        step = &layout.steps[i]
        n = <int>(leaf.at - at)
        step.at, step.n = <unsigned short>used, <unsigned short>n
        step.op, step.slot = <unsigned char>leaf.op, leaf.slot
        memcpy(to + used, at, n)
        used += n
        at = leaf.to
        step.others, step.stays, step.known = 0, can_stay(leaf, room, kind), 0
        if step.stays:
            step.known = <unsigned char>(at - leaf.at)
            memcpy(to + used, leaf.at, step.known)
            used += step.known
            room -= step.known
    stretch(s, layout)


cdef bint can_stay(const Leaf* leaf, int room, int kind) noexcept nogil:
    """Whether to guess this value: a short one, and not an id, an amount or a moment, which are what events are about."""
    cdef const uchar* p = leaf.at
    if leaf.to - p > GUESSED or leaf.to - p > room or leaf.op == LIST or leaf.op == FINISH:
        return False
    if leaf.op == DECIMAL or leaf.op == MOMENT or (leaf.op == TEXT and kind == WHOLE):
        return False
    if leaf.op == COUNT and leaf.to - p > 9:
        return False
    while p < leaf.to:
        if p[0] >= 0x80:
            return False
        p += 1
    return True


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
        if memcmp(s.pool + a.pool + a.steps[i].at, s.pool + b.pool + b.steps[i].at, a.steps[i].n):
            return <signed char>i
    return <signed char>min(a.n, b.n)


include "follow.pxi"


cdef inline const uchar* predicted(const uchar* p, Scan* s, int kind, char* base) noexcept nogil:
    """The object at p by the layouts known of its kind, the last hit first; NULL: by none of them."""
    cdef Shelf* shelf = &s.shelves[kind]
    cdef int step = 0
    if shelf.n and follow(&p, s, shelf.latest, &step, base):
        served(s, shelf, shelf.latest, kind)
        return p
    return by_another(p, s, kind, step, base)


cdef const uchar* by_another(const uchar* p, Scan* s, int kind, int step, char* base) noexcept nogil:
    """Where a layout failed, after steps that it shares with another, that one goes on; one that shares fewer cannot
    fit. `p` NULL: a value is not understood."""
    cdef Shelf* shelf = &s.shelves[kind]
    cdef Layout* layout
    cdef int i, which, former = shelf.order[0]
    for i in range(1, shelf.n):
        if p == NULL:
            break
        which = shelf.order[i]
        layout = &shelf.layouts[which]
        if layout.common[former] < step:
            continue
        if follow(&p, s, layout, &step, base):
            served(s, shelf, layout, kind)
            while i > 0:
                shelf.order[i] = shelf.order[i - 1]
                i -= 1
            shelf.order[0], shelf.latest = <signed char>which, layout
            return p
        former = which
    s.misses[kind != WHOLE] += 1
    return NULL


cdef inline void served(Scan* s, Shelf* shelf, Layout* layout, int kind) noexcept nogil:
    s.hits[kind != WHOLE] += 1
    layout.hits += 1
    layout.served += 1
    if layout.fresh:
        layout.fresh, shelf.pause = False, shelf.pause // 2
