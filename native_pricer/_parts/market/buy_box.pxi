# Who is featured.

cdef void redraw(Page* page, const Laws* laws, double u) noexcept nogil:
    cdef double score[SELLERS]
    cdef double low = 0.0, top = 0.0, total = 0.0
    cdef int i, last = NOBODY
    cdef bint any_able = False
    cdef Seller* s
    for i in range(page.n):
        s = &page.sellers[i]
        score[i] = -1e300
        if s.back_at == 0 and s.rating >= laws.min_rating and s.landed <= page.most:
            if not any_able or s.logged < low:
                low = s.logged
            any_able = True
            score[i] = 0.0
    if not any_able:
        page.featured = NOBODY
        return
    top = -1e300
    for i in range(page.n):
        if score[i] == 0.0:
            s = &page.sellers[i]
            score[i] = (-laws.kappa * (s.logged - low) + s.appeal
                        + (laws.incumbent if i == page.featured else 0.0))
            if score[i] > top:
                top = score[i]
    for i in range(page.n):
        score[i] = exp(score[i] - top) if score[i] > -1e299 else 0.0
        total += score[i]
    u *= total
    for i in range(page.n):
        if score[i] > 0.0:
            last = i
            u -= score[i]
            if u < 0.0:
                break
    page.featured = last


cdef bint could_win(const Page* page, const Laws* laws, int me) noexcept nogil:
    """Would our floor be featured with odds of one half, nobody holding it before? The demo's expected price, for all."""
    cdef const Seller* s = &page.sellers[me]
    cdef double ours = log(<double>(page.ours[me].floor + s.shipping)), others = 0.0
    cdef int i
    if page.ours[me].floor + s.shipping > page.most:
        return False
    for i in range(page.n):
        s = &page.sellers[i]
        if i != me and s.back_at == 0 and s.rating >= laws.min_rating and s.landed <= page.most:
            others += exp(-laws.kappa * (s.logged - ours) + s.appeal - page.sellers[me].appeal)
    return others <= 1.0
