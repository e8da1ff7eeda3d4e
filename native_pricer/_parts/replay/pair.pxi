# Two floats side by side, each calculated as it would be alone: with SSE2 at once, else one after the other.
# Included by book.pxi.

cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <emmintrin.h>
    typedef __m128d pricer_pair;
    #define pricer_two(x, y) _mm_set_pd((y), (x))
    #define pricer_both(x) _mm_set1_pd(x)
    #define pricer_at(p) _mm_loadu_pd(p)
    #define pricer_left(a) _mm_cvtsd_f64(a)
    #define pricer_right(a) _mm_cvtsd_f64(_mm_unpackhi_pd((a), (a)))
    #define pricer_plus(a, b) _mm_add_pd((a), (b))
    #define pricer_minus(a, b) _mm_sub_pd((a), (b))
    #define pricer_times(a, b) _mm_mul_pd((a), (b))
    #define pricer_least(a, b) _mm_min_pd((a), (b))
    #define pricer_lefts(a, b) _mm_unpacklo_pd((a), (b))
    #define pricer_rights(a, b) _mm_unpackhi_pd((a), (b))

    /* What was counted so far on each side, and one more where a ≥ b. */
    typedef __m128i pricer_counts;
    #define pricer_none() _mm_setzero_si128()
    #define pricer_more(c, a, b) _mm_sub_epi64((c), _mm_castpd_si128(_mm_cmpge_pd((a), (b))))
    #define pricer_counted(c) (_mm_cvtsi128_si32(c) + _mm_cvtsi128_si32(_mm_unpackhi_epi64((c), (c))))
    #else
    typedef struct { double x, y; } pricer_pair;
    static inline pricer_pair pricer_two(double x, double y) { pricer_pair a = { x, y }; return a; }
    #define pricer_both(x) pricer_two((x), (x))
    #define pricer_at(p) pricer_two((p)[0], (p)[1])
    #define pricer_left(a) ((a).x)
    #define pricer_right(a) ((a).y)
    #define pricer_plus(a, b) pricer_two((a).x + (b).x, (a).y + (b).y)
    #define pricer_minus(a, b) pricer_two((a).x - (b).x, (a).y - (b).y)
    #define pricer_times(a, b) pricer_two((a).x * (b).x, (a).y * (b).y)
    #define pricer_least(a, b) pricer_two((a).x < (b).x ? (a).x : (b).x, (a).y < (b).y ? (a).y : (b).y)
    #define pricer_lefts(a, b) pricer_two((a).x, (b).x)
    #define pricer_rights(a, b) pricer_two((a).y, (b).y)

    typedef int pricer_counts;
    #define pricer_none() 0
    #define pricer_more(c, a, b) ((c) + ((a).x >= (b).x) + ((a).y >= (b).y))
    #define pricer_counted(c) (c)
    #endif
    """
    ctypedef struct pair "pricer_pair":
        pass
    ctypedef struct counts "pricer_counts":
        pass
    pair two "pricer_two"(double left, double right) noexcept nogil
    pair both "pricer_both"(double each) noexcept nogil
    pair pair_at "pricer_at"(const double* p) noexcept nogil
    double left "pricer_left"(pair a) noexcept nogil
    double right "pricer_right"(pair a) noexcept nogil
    pair plus "pricer_plus"(pair a, pair b) noexcept nogil
    pair minus "pricer_minus"(pair a, pair b) noexcept nogil
    pair times "pricer_times"(pair a, pair b) noexcept nogil
    pair least "pricer_least"(pair a, pair b) noexcept nogil
    pair lefts "pricer_lefts"(pair a, pair b) noexcept nogil   # the left one of each
    pair rights "pricer_rights"(pair a, pair b) noexcept nogil
    counts none "pricer_none"() noexcept nogil
    counts more "pricer_more"(counts c, pair a, pair b) noexcept nogil  # one more on each side where a ≥ b
    int counted "pricer_counted"(counts c) noexcept nogil
