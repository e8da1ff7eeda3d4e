# What is done many bytes at a time, in C: with SSE2 where the compiler has it, else 8 bytes at a time, else singly.
# Included by _scan.pxi; nothing here knows of JSON's structure or of offers.
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

    /* Whether the n (at least 1) bytes of t come at p. Of t, 16 bytes can be read even where n is less. */
    static inline int pricer_same(const pricer_byte *p, const pricer_byte *end, const pricer_byte *t, int n) {
    #if defined(__SSE2__)
        __m128i other;
        if (n > 16) {  /* the last 16 first, then the others from the start on */
            if (end - p < n) return 0;
            other = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(p + n - 16)),
                                  _mm_loadu_si128((const __m128i *)(t + n - 16)));
            do {
                other = _mm_or_si128(other, _mm_xor_si128(_mm_loadu_si128((const __m128i *)p),
                                                          _mm_loadu_si128((const __m128i *)t)));
                p += 16, t += 16, n -= 16;
            } while (n > 16);
            return _mm_movemask_epi8(_mm_cmpeq_epi8(other, _mm_setzero_si128())) == 0xFFFF;
        }
        if (end - p >= 15) {
            other = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), _mm_loadu_si128((const __m128i *)t));
            return (~(unsigned)_mm_movemask_epi8(other) << (32 - n)) == 0;
        }
    #endif
        return end - p >= n && memcmp(p, t, n) == 0;
    }

    #if defined(PRICER_WORDS)
    /* High bit set in each byte of x that is no ASCII digit. */
    static inline uint64_t pricer_no_digit(uint64_t x) {
        x ^= PRICER_EACH(0x30);
        return (((x & PRICER_EACH(0x7F)) + PRICER_EACH(0x76)) | x) & PRICER_EACH(0x80);
    }

    /* The number that the first n (1 to 8) bytes of x write, all digits. */
    static inline int64_t pricer_value(uint64_t x, int n) {
        x = (x ^ PRICER_EACH(0x30)) << (8 * (8 - n));
        x = x * 10 + (x >> 8);
        x = ((x & 0x000000FF000000FFu) * 0x000F424000000064u + ((x >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)
            >> 32;
        return (int64_t)(uint32_t)x;
    }
    #endif

    /* How many digits come at p (whole), and behind a point that follows them (part, -1: no point): at most 7 bytes in
       all, and the byte behind them is there. `value` is what all the digits write. 0: too long, or no digit. */
    static inline int pricer_short(const pricer_byte *p, const pricer_byte *end, int *whole, int *part, int64_t *value) {
    #if defined(PRICER_WORDS)
        uint64_t x, stop;
        int n, m;
        if (end - p < 7) return 0;
        memcpy(&x, p, 8);
        stop = pricer_no_digit(x);
        if (stop == 0) return 0;
        n = __builtin_ctzll(stop) >> 3;
        if (n == 0) return 0;
        *whole = n;
        *part = -1;
        if (p[n] == 0x2E) {
            stop &= stop - 1;
            if (stop == 0) return 0;
            m = __builtin_ctzll(stop) >> 3;
            *part = m - n - 1;
            x = (x & ((1ull << (8 * n)) - 1)) | ((x >> 8) & ~((1ull << (8 * n)) - 1));
            n = m - 1;
        }
        *value = pricer_value(x, n);
        return 1;
    #else
        (void)p; (void)end; (void)whole; (void)part; (void)value;
        return 0;
    #endif
    }

    /* 1 at `true`, 0 at `false`, else -1. */
    static inline int pricer_flag(const pricer_byte *p, const pricer_byte *end) {
        if (end - p >= 5) {
            const int yes = memcmp(p, "true", 4) == 0, no = memcmp(p, "false", 5) == 0;
            return yes - 1 + (yes | no);
        }
        return end - p >= 4 && memcmp(p, "true", 4) == 0 ? 1 : -1;
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
    bint pricer_same(const uchar* p, const uchar* end, const uchar* t, int n) noexcept nogil
    bint pricer_short(const uchar* p, const uchar* end, int* whole, int* part, int64_t* value) noexcept nogil
    int pricer_flag(const uchar* p, const uchar* end) noexcept nogil
    bint pricer_is_utf8(const uchar* p, const uchar* end) noexcept nogil
