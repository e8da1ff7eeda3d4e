# The bench's laws (`market_laws.py`) as C has them, and a product page with its sellers.

cdef enum:
    MAX_OWN = 2
    SELLERS = 8
    MAX_DRAW = 6

assert k.MAX_SELLERS == SELLERS

# streams of dice: what is drawn at one tick never moves what is drawn at another, or for another purpose
cdef enum:
    D_PAGE, D_BOX, D_BUYERS, D_CHOICE, D_APPLY, D_RIVAL  # D_RIVAL + seller: its mood; + SELLERS: its stock

cdef enum:
    R_FIXED, R_CENT, R_SHARE, R_MATCH, R_OSCILLATE, R_RAISE, R_OURS

cdef int32_t TICKS_PER_DAY = k.TICKS_PER_DAY, REDRAW = k.REDRAW_TICKS, TICK_S = k.TICK_S
cdef int64_t START_US = k.START_US
cdef double HOUR[24]
cdef double WEEKDAY[7]
for _i in range(24):
    HOUR[_i] = k.HOUR_SEASON[_i]
for _i in range(7):
    WEEKDAY[_i] = k.WEEKDAY_SEASON[_i]
cdef double REF_LOW = k.REFERENCE_MINOR[0], REF_HIGH = k.REFERENCE_MINOR[1]
cdef double DEMAND_LOW = k.DEMAND_PER_DAY[0], DEMAND_HIGH = k.DEMAND_PER_DAY[1]
cdef double DEMAND_AT = k.DEMAND_PRICE[0], DEMAND_POWER = k.DEMAND_PRICE[1]
cdef double START_LOW = k.OUR_START[0], START_HIGH = k.OUR_START[1]
cdef double OUR_FBA = k.OUR_FBA_CHANCE
cdef double MIN_MARGIN = k.MIN_MARGIN_SHARE
cdef int32_t OUR_RATING = k.OUR_RATING, FEE_BP = k.FEE_BP
cdef double APPLY_LOW = k.APPLY_S[0], APPLY_HIGH = k.APPLY_S[1]
cdef int32_t RIVALS_LOW = k.RIVALS[0], RIVALS_HIGH = k.RIVALS[1]
cdef double DELAY_LOW = k.RIVAL_DELAY_S[0], DELAY_HIGH = k.RIVAL_DELAY_S[1]
cdef double IDLE_LOW = k.RIVAL_IDLE_S[0], IDLE_HIGH = k.RIVAL_IDLE_S[1]
cdef double HOME_LOW = k.RIVAL_START[0], HOME_HIGH = k.RIVAL_START[1]
cdef double FLOOR_LOW = k.RIVAL_FLOOR[0], FLOOR_HIGH = k.RIVAL_FLOOR[1]
cdef double WRONG = k.WRONG_FLOOR_CHANCE, WRONG_LOW = k.WRONG_FLOOR[0], WRONG_HIGH = k.WRONG_FLOOR[1]
cdef double RIVAL_FBA = k.RIVAL_FBA_CHANCE, FREE_SHIPPING = k.RIVAL_FREE_SHIPPING
cdef int64_t SHIPPING[3]
for _i in range(3):
    SHIPPING[_i] = k.RIVAL_SHIPPING[_i]
cdef int32_t HANDLING[5]
for _i in range(5):
    HANDLING[_i] = k.RIVAL_HANDLING[_i]
cdef double RATING_LOW = k.RIVAL_RATING[0], RATING_HIGH = k.RIVAL_RATING[1]
cdef double OUT_PER_TICK = k.OUT_OF_STOCK_PER_DAY / k.TICKS_PER_DAY
cdef double OUT_LOW = k.OUT_OF_STOCK_S[0], OUT_HIGH = k.OUT_OF_STOCK_S[1]
cdef int64_t UNDERCUT_BP = k.UNDERCUT_BP, RAISE_BP = k.RAISE_BP, RAISE_MOST_BP = k.RAISE_MOST_BP
cdef int32_t NIGHT_FROM = k.NIGHT_RESET_HOURS[0], NIGHT_TO = k.NIGHT_RESET_HOURS[1]
cdef double RESET_AT_FLOOR = k.RESET_AT_FLOOR

cdef struct Laws:
    double kappa
    double fba
    double incumbent
    double quality
    double handling
    double over_reference
    int32_t min_rating
    double elasticity
    double to_featured
    double break_low
    double break_high

cdef struct Seller:
    int32_t kind
    int32_t fba
    int32_t rating
    int32_t handling
    int64_t price
    int64_t shipping
    int64_t landed
    int64_t floor
    int64_t home
    int64_t delay  # ticks
    int64_t wakes_at
    int64_t back_at  # 0 = in stock
    uint64_t who
    double logged  # ln(landed)
    double appeal

cdef struct Own:
    int32_t strategy
    int32_t genes[GENES]
    Memory memory
    int64_t floor
    int64_t ceiling
    int64_t unit_cost
    int64_t due  # tick at which the pending price is live; 0 = none
    int64_t pending
    int64_t profit
    int64_t revenue
    int64_t units
    int64_t writes
    int64_t last_write  # tick
    int64_t eligible
    int64_t held
    int64_t winnable  # ticks in which our floor would more likely than not be featured
    int64_t held_winnable
    int32_t could_win
    int64_t lowest  # live price
    int64_t highest

cdef struct Page:
    uint64_t seed
    int64_t reference
    double demand  # buyers per tick at the reference price
    int64_t most  # landed price above which nobody is featured
    int32_t n
    int32_t own
    int32_t featured  # index of a seller, NOBODY
    int64_t market_units
    int64_t events
    Seller sellers[SELLERS]
    Own ours[MAX_OWN]
