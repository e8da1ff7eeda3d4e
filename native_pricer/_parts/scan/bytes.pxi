# What is done many bytes at a time, in C: with SSE2 where the compiler has it, else 8 bytes at a time, else singly.
# Included by scan.pxi; nothing here knows of JSON's structure or of offers.
#
# Every function may look at the byte at `end` (the NUL that ends a Python bytes) and at none behind it.

from libc.stdint cimport int64_t, uint32_t, uint64_t

ctypedef unsigned char uchar

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__SSE2__)
    #include <emmintrin.h>
    #endif
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
    #define PRICER_WORDS 1
    #endif
    #define PRICER_EACH(byte) (0x0101010101010101u * (byte))

    typedef unsigned char pricer_byte;

    /* First byte from p on that may not stand in a string as it is: a quote, a backslash, a control byte (so the NUL
       at end stops it). `high` is set when a byte above 0x7F was passed: the text is then not known to be UTF-8. */
    static inline const pricer_byte *pricer_run(const pricer_byte *p, const pricer_byte *end, unsigned *high) {
    #if defined(__SSE2__)
        while (end - p >= 15) {
            const __m128i x = _mm_loadu_si128((const __m128i *)p);
            const __m128i stop = _mm_or_si128(
                _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(0x22)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x5C))),
                _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x));
            const unsigned found = (unsigned)_mm_movemask_epi8(stop), above = (unsigned)_mm_movemask_epi8(x);
            if (found) {
                if (above) *high |= above & (found - 1) & ~found;  /* only those before the first that was found */
                return p + __builtin_ctz(found);
            }
            if (above) *high |= above;
            p += 16;
        }
    #elif defined(PRICER_WORDS)
        while (end - p >= 7) {
            uint64_t x, quote, slash, found;
            memcpy(&x, p, 8);
            quote = x ^ PRICER_EACH(0x22);
            slash = x ^ PRICER_EACH(0x5C);
            /* the lowest byte flagged is always right, later flags may not be */
            found = (((x - PRICER_EACH(0x20)) & ~x) | ((quote - PRICER_EACH(1)) & ~quote)
                     | ((slash - PRICER_EACH(1)) & ~slash)) & PRICER_EACH(0x80);
            if (found) {
                *high |= (x & PRICER_EACH(0x80) & (found - 1) & ~found) != 0;
                return p + (__builtin_ctzll(found) >> 3);
            }
            *high |= (x & PRICER_EACH(0x80)) != 0;
            p += 8;
        }
    #endif
        while (*p >= 0x20 && *p != 0x22 && *p != 0x5C) *high |= *p++ & 0x80;
        return p;
    }

    /* First byte from p on that is no white space. */
    static inline const pricer_byte *pricer_blank(const pricer_byte *p, const pricer_byte *end) {
    #if defined(__SSE2__)
        while (end - p >= 15) {
            const __m128i x = _mm_loadu_si128((const __m128i *)p);
            const __m128i blank = _mm_or_si128(
                _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x0A))),
                _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(0x0D)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x09))));
            const unsigned other = (unsigned)_mm_movemask_epi8(blank) ^ 0xFFFFu;
            if (other) return p + __builtin_ctz(other);
            p += 16;
        }
    #endif
        while (*p == 0x20 || *p == 0x0A || *p == 0x0D || *p == 0x09) p++;
        return p;
    }

    /* Whether the n (at least 1) bytes of t are those at p. Of both, 16 bytes can be read even where n is less. */
    static inline int pricer_equal(const pricer_byte *p, const pricer_byte *t, size_t n) {
    #if defined(__SSE2__)
        #define PRICER_EQUAL(i) _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + (i))), \
                                               _mm_loadu_si128((const __m128i *)(t + (i))))
        unsigned behind = 0xFFFF0000u;  /* bits of bytes that do not matter */
        __m128i equal = PRICER_EQUAL(0);
        if (n <= 16) behind = ~0u << n;
        else {  /* the last bytes, then the others from the start on; some twice */
            equal = _mm_and_si128(equal, PRICER_EQUAL(n - 16));
            if (n > 32) {
                equal = _mm_and_si128(equal, _mm_and_si128(PRICER_EQUAL(16), PRICER_EQUAL(n - 32)));
                for (; n > 64; p += 32, t += 32, n -= 32)
                    equal = _mm_and_si128(equal, _mm_and_si128(PRICER_EQUAL(32), PRICER_EQUAL(48)));
            }
        }
        return ((unsigned)_mm_movemask_epi8(equal) | behind) == ~0u;
        #undef PRICER_EQUAL
    #else
        return memcmp(p, t, n) == 0;
    #endif
    }

    /* The same where the bytes at p may end. */
    static inline int pricer_same(const pricer_byte *p, const pricer_byte *end, const pricer_byte *t, int n) {
        return end - p >= (n > 16 ? n : 15) ? pricer_equal(p, t, (size_t)n) : end - p >= n && memcmp(p, t, n) == 0;
    }

    /* How many bytes of a string come before its closing quote: fewer than 16 of plain ASCII. -1: see pricer_run. */
    static inline int pricer_plain(const pricer_byte *p, const pricer_byte *end) {
    #if defined(__SSE2__)
        if (end - p >= 15) {
            const __m128i x = _mm_loadu_si128((const __m128i *)p);
            const unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(
                _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(0x22)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x5C))),
                _mm_cmplt_epi8(x, _mm_set1_epi8(0x20))));  /* signed: those above 0x7F are below 0 */
            const int n = found ? __builtin_ctz(found) : 0;
            return found && p[n] == 0x22 ? n : -1;
        }
    #endif
        (void)p; (void)end;
        return -1;
    }

    /* The length of a number of at most 7 bytes, no sign, no leading zero, digits behind a point if there is one; what
       all its digits write, and how many stand behind the point. What follows it is the caller's to see. 0: another. */
    static inline int pricer_short(const pricer_byte *p, const pricer_byte *end, int64_t *value, int *fraction) {
    #if defined(PRICER_WORDS)
        uint64_t x, stop;
        unsigned n, m;  /* in bits */
        if (end - p < 7) return 0;
        memcpy(&x, p, 8);
        x ^= PRICER_EACH(0x30);  /* digits are now what they write */
        stop = ((x + PRICER_EACH(0x76)) | x) & PRICER_EACH(0x80);  /* the lowest is right; behind a point the next too */
        if (stop == 0) return 0;
        m = n = (unsigned)__builtin_ctzll(stop) - 7;
        if (n != 8 && (n == 0 || (x & 0xFF) == 0)) return 0;
        *fraction = 0;
        if ((x >> n & 0xFF) == (0x2E ^ 0x30)) {
            stop &= stop - 1;
            if (stop == 0) return 0;
            m = (unsigned)__builtin_ctzll(stop) - 7;
            if (m == n + 8) return 0;
            *fraction = (int)((m - n - 8) >> 3);
            x ^= (x ^ x >> 8) & ~0ull << n;  /* without the point */
            n = m - 8;
        }
        x <<= -n & 63;
        x = x * 10 + (x >> 8);
        x = ((x & 0x000000FF000000FFu) * 0x000F424000000064u + ((x >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)
            >> 32;
        *value = (int64_t)(uint32_t)x;
        return (int)(m >> 3);
    #else
        (void)p; (void)end; (void)value; (void)fraction;
        return 0;
    #endif
    }

    /* The length of `true` or `false`, 0 at neither. */
    static inline int pricer_flag(const pricer_byte *p, const pricer_byte *end, signed char *flag) {
    #if defined(PRICER_WORDS)
        if (end - p >= 7) {
            uint64_t x;
            int yes, no;
            memcpy(&x, p, 8);
            yes = (uint32_t)x == 0x65757274u, no = x << 24 == 0x65736C6166000000u;
            *flag = (signed char)yes;
            return 4 * yes + 5 * no;
        }
    #endif
        *flag = end - p >= 4 && memcmp(p, "true", 4) == 0;
        return *flag ? 4 : end - p >= 5 && memcmp(p, "false", 5) == 0 ? 5 : 0;
    }

    /* Whether none of n bytes is above 0x7F. */
    static inline int pricer_is_ascii(const pricer_byte *p, Py_ssize_t n) {
        uint64_t x, high = 0;
        for (; n >= 8; n -= 8, p += 8) memcpy(&x, p, 8), high |= x;
        for (; n > 0; n--, p++) high |= *p;
        return (high & PRICER_EACH(0x80)) == 0;
    }

    /* Whether n bytes are UTF-8 as Python reads it: shortest forms only, no surrogates, nothing above U+10FFFF. */
    static int pricer_is_utf8(const pricer_byte *p, const pricer_byte *end) {
        while (p < end) {
            int more;
            pricer_byte low = 0x80, most = 0xBF;
            const pricer_byte c = *p;
            if (c < 0x80) {
                uint64_t x;
                p++;
                while (end - p >= 8 && (memcpy(&x, p, 8), (x & PRICER_EACH(0x80)) == 0)) p += 8;
                continue;
            }
            if (c >= 0xC2 && c <= 0xDF) more = 1;
            else if (c >= 0xE0 && c <= 0xEF) {
                more = 2;
                if (c == 0xE0) low = 0xA0;
                if (c == 0xED) most = 0x9F;
            } else if (c >= 0xF0 && c <= 0xF4) {
                more = 3;
                if (c == 0xF0) low = 0x90;
                if (c == 0xF4) most = 0x8F;
            } else return 0;
            if (end - p <= more || p[1] < low || p[1] > most) return 0;
            for (p += 2; more > 1; more--, p++)
                if (*p < 0x80 || *p > 0xBF) return 0;
        }
        return 1;
    }
    """
    const uchar* pricer_run(const uchar* p, const uchar* end, unsigned* high) noexcept nogil
    const uchar* pricer_blank(const uchar* p, const uchar* end) noexcept nogil
    bint pricer_equal(const uchar* p, const uchar* t, size_t n) noexcept nogil
    bint pricer_same(const uchar* p, const uchar* end, const uchar* t, int n) noexcept nogil
    int pricer_plain(const uchar* p, const uchar* end) noexcept nogil
    int pricer_short(const uchar* p, const uchar* end, int64_t* value, int* fraction) noexcept nogil
    int pricer_flag(const uchar* p, const uchar* end, signed char* flag) noexcept nogil
    bint pricer_is_ascii(const uchar* p, Py_ssize_t n) noexcept nogil
    bint pricer_is_utf8(const uchar* p, const uchar* end) noexcept nogil
