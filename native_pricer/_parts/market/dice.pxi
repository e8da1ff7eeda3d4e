# Numbers drawn for the bench: each belongs to a seed, a purpose and a tick, so that none moves another.

cdef inline uint64_t mixed(uint64_t x) noexcept nogil:
    x = (x ^ (x >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    x = (x ^ (x >> 27)) * <uint64_t>0x94D049BB133111EB
    return x ^ (x >> 31)


cdef inline uint64_t stream(uint64_t seed, int which) noexcept nogil:
    return mixed(seed * <uint64_t>0x9E3779B97F4A7C15 + <uint64_t>(which + 1) * <uint64_t>0xD1B54A32D192ED03)


cdef inline double dice(uint64_t key, int64_t at) noexcept nogil:
    """The uniform number in [0, 1) of one stream at one place."""
    return <double>(mixed(key + <uint64_t>(at + 1) * <uint64_t>0x9E3779B97F4A7C15) >> 11) * (1.0 / 9007199254740992.0)


cdef inline double between(double u, double low, double high) noexcept nogil:
    return low + u * (high - low)
