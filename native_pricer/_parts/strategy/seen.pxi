# What strategies are shown and what they remember: numbers only, the same live, in replay and on the market bench.

from libc.math cimport exp, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cdef enum:
    SEEN_RIVALS = 20
    GENES = 24
    ARMS = 6
    STEPS = 40  # prices tried between floor and ceiling, beside those next to a rival's
    NO_WISH = -1
    WE = -1
    NOBODY = -2

cdef int64_t MOST = 1000000000000  # no price is above it
cdef int64_t PROVOKED_US = 3600000000  # a rival's move this soon after ours answers ours

cdef enum:
    S_FIXED, S_BEAT, S_MATCH, S_OSCILLATE, S_RAISE, S_MYOPIC, S_ELASTICITY, S_MODEL, S_SHARE, S_ADAPTIVE, S_LEAD

# genes of the strategies that reckon with odds; the others have few and number them themselves
cdef enum:
    G_KAPPA, G_FBA, G_INCUMBENT, G_GAIN, G_NOW, G_FOLLOW_UP, G_BONUS, G_REDRAWS, G_TIE, G_PACE, G_COOL, G_STOP
    G_REST
    G_EPOCH, G_EXPLORE, G_KEEP, G_ABORT, G_CAP, G_SKIP, G_BAND, G_ARM_PACE, G_QUIET
    G_TARGET = 13  # of share_first

cdef struct Seen:
    # What is publicly shown of a page, our own numbers, the clock. Rivals out of stock are left out.
    int64_t now_us
    int64_t price  # our live listing price
    int64_t shipping
    int64_t floor
    int64_t ceiling
    int64_t unit_cost  # all costs per unit that do not move with the price
    int64_t reference  # 0 = unknown
    int64_t units  # of ours sold since the listing is watched; -1 unknown
    int32_t fee_bp  # costs that move with the price
    int32_t elasticity_centi  # own-price, × 100 (−200 = −2); 0 = unknown
    int32_t minute  # of the local day
    int32_t fba
    int32_t rating  # percent
    int32_t handling  # days
    int32_t pending  # 1: a write of ours is not live yet: look, do not wish
    int32_t holder  # index of the rival that is featured, WE or NOBODY
    int32_t n
    int64_t landed[SEEN_RIVALS]
    uint64_t who[SEEN_RIVALS]
    int32_t rival_fba[SEEN_RIVALS]
    int32_t rival_rating[SEEN_RIVALS]
    int32_t rival_handling[SEEN_RIVALS]

cdef struct Known:
    # What one rival's moves have shown. `gap`: how far below the lowest other it goes. `stop`: where it last came down
    # to without being the lowest; `floor`: the same (0 = not known), but once it went lower only a place met twice.
    uint64_t who
    int64_t landed
    int64_t high
    int64_t floor
    int64_t stop
    int64_t gap
    int32_t fooled  # 1: it went below what we took for its floor
    int32_t changes
    int32_t boxes  # moves that met the Buy Box's price, or raised while holding it
    int32_t cuts  # moves that went below the lowest other

cdef struct Memory:
    int64_t raised_us
    int64_t wrote_us
    uint64_t sign  # of the page that was last thought over
    int64_t box  # landed price that was featured when last seen
    uint64_t holder
    int64_t epoch_us
    int64_t last_us
    double rate
    double got
    double span
    double earned
    double lost
    double heat  # writes of ours that nothing but our own moves has called for: the next must be worth more
    int64_t limits
    int32_t offers
    double tries[ARMS]
    double mean[ARMS]
    int32_t arm
    int32_t moves  # of rivals, this epoch
    int32_t rivals
    Known known[SEEN_RIVALS]

cdef struct Field:
    # The rivals at certain prices, as odds and demand.
    int32_t n
    int64_t landed[SEEN_RIVALS]
    double weight[SEEN_RIVALS]  # odds of being featured; 0 = cannot be
    double drawn[SEEN_RIVALS]  # demand at its price, of that at the reference price
    double chance  # of ours, as of the last `worth`

cdef struct Plan:
    Field now
    Field then
    double stick
    int32_t boxed
    int32_t slot[SEEN_RIVALS]  # where it is known; -1: it never moved
