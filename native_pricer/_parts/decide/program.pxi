# Clauses, limits and facts as Python has them → the C structs of rule.pxi, after which this is included.

from libc.stdlib cimport calloc, free

from native_pricer.clauses import FEATURES, MAX_CLAUSES, Feature, Target, Without
from native_pricer.words import DAY_US, MAX_MINOR, Clamp, Code

cdef tuple CODES = (
    Code.MALFORMED, Code.FUTURE, Code.CURRENCY, Code.NO_FLOOR, Code.GUARD, Code.DUPLICATE, Code.SUPERSEDED,
    Code.HALTED, Code.STALE, Code.PRICE_UNKNOWN, Code.SHIPPING_UNKNOWN, Code.NO_RIVAL, Code.NO_BUY_BOX,
    Code.WINNER_UNCLEAR, Code.WINNING, Code.CHEAPEST, Code.NO_RAISE, Code.AT_TARGET, Code.AT_LIMIT, Code.NO_ROOM,
    Code.COOLDOWN, Code.NO_CLAUSE, Code.SLEEP, Code.NO_STRATEGY, Code.NO_TARGET, Code.NO_LOWER, Code.SMALL_MOVE,
    Code.REDUCING, Code.STRATEGY_HOLDS, Code.NOT_LIVE_YET, Code.NO_CEILING, Code.COST_UNKNOWN, Code.FEES_UNKNOWN,
    Code.REFERENCE_UNKNOWN, Code.ELASTICITY_UNKNOWN, Code.REPRICED, Code.BACK_IN_BAND,
)
cdef tuple CLAMPS = (Clamp.NONE, Clamp.FLOOR, Clamp.CEILING, Clamp.STEP, Clamp.DAY)
cdef tuple TARGETS = (
    Target.LOWEST, Target.BUY_BOX, Target.NTH, Target.SELLER, Target.AVERAGE, Target.EXPECTED, Target.REFERENCE,
    Target.OWN, Target.HOLD, Target.STRATEGY,
)
assert len(set(CODES)) == len(Code) == BACK_IN_BAND + 1
assert len(set(TARGETS)) == len(Target) == N_TARGETS and MAX_CLAUSES <= 32  # a bit for each
assert FEATURES == N_FEATURES and Feature.GAP_BP == F_GAP_BP and Feature.STATUS == F_STATUS
assert MOST == MAX_MINOR and DAY == DAY_US


cdef inline int64_t or_minus(object value) except? -2:
    return -1 if value is None else value


cdef inline int64_t or_unknown(object value) except? -2:
    return INT64_MIN if value is None else value


cdef class Program:
    """Clauses in C memory, the part that is numbers; many listings may share one. Immutable once made."""

    cdef CProgram c
    cdef CClause* _clauses
    cdef CCondition* _conditions
    cdef readonly tuple names, texts

    def __cinit__(self, tuple clauses):
        cdef int n = len(clauses), i, at = 0
        cdef CClause* c
        self._clauses = <CClause*>calloc(n + 1, sizeof(CClause))
        self._conditions = <CCondition*>calloc(2 * sum([len(clause.when) for clause in clauses]) + 1, sizeof(CCondition))
        if self._clauses == NULL or self._conditions == NULL:
            raise MemoryError
        for facts_first in (True, False):
            for i in range(n):
                for condition in clauses[i].when:
                    if is_fact(condition.feature) == facts_first:
                        at += self._condition(&self._conditions[at], condition, <uint32_t>1 << i)
                        self.c.asks |= <uint32_t>1 << <int>condition.feature
            if facts_first:
                self.c.n_facts = at
        for i in range(n):
            clause, c = clauses[i], &self._clauses[i]
            c.target, c.nth = TARGETS.index(clause.target), clause.nth
            c.by_bp = clause.offset_bp is not None
            c.offset = clause.offset_bp if c.by_bp else clause.offset_minor
            c.may_raise, c.may_lower, c.min_move = clause.may_raise, clause.may_lower, clause.min_move_minor
            c.step_up, c.step_bp = clause.without == Without.RAISE, clause.step_bp
        self.c.clauses, self.c.n = self._clauses, n
        self.c.all = <uint32_t>((<uint64_t>1 << n) - 1)
        self.c.when, self.c.n_when = self._conditions, at
        self.names = tuple([clause.name for clause in clauses])
        self.texts = tuple([str(clause) for clause in clauses])

    def __dealloc__(self):
        free(self._clauses)
        free(self._conditions)

    cdef int _condition(self, CCondition* out, condition, uint32_t clause) except -1:
        """One range, or for a negated one the range around and that the value is known; gives how many."""
        cdef int64_t low = INT64_MIN + 1 if condition.low is None else condition.low
        cdef int64_t high = INT64_MAX if condition.high is None else condition.high
        out[0].feature, out[0].clause = condition.feature, clause
        out[0].low, out[0].span = <uint64_t>low, <uint64_t>high - <uint64_t>low
        if not condition.negated:
            return 1
        out[1] = out[0]
        out[0].low, out[0].span = <uint64_t>high + 1, <uint64_t>low - <uint64_t>high - 2
        out[1].low, out[1].span = <uint64_t>(INT64_MIN + 1), <uint64_t>INT64_MAX - <uint64_t>(INT64_MIN + 1)
        return 2


cdef int set_limits(CLimits* out, cfg) except -1:
    out.floor, out.ceiling = or_minus(cfg.floor_minor), or_minus(cfg.ceiling_minor)
    out.step_bp, out.day_bp = cfg.max_step_bp, cfg.max_day_bp
    out.cooldown, out.max_age = cfg.cooldown_s * 1_000_000, cfg.max_event_age_s * 1_000_000
    return 0


cdef int set_price(CPrice* out, cfg) except -1:
    out.price, out.last_change = or_minus(cfg.price_minor), or_minus(cfg.last_change_us)
    out.day_open = or_minus(cfg.day_open_minor)
    out.day = -1 if cfg.day_open_us is None else cfg.day_open_us // DAY_US
    return 0


cdef int set_facts(CFacts* out, facts) except -1:
    out.our_fba, out.stock = or_unknown(facts.our_is_fba), or_unknown(facts.stock_units)
    out.cover = or_unknown(facts.cover_centidays)
    out.velocity, out.age = or_unknown(facts.velocity_centiunits), or_unknown(facts.age_days)
    out.pace_bp, out.status = or_unknown(facts.pace_bp), or_unknown(facts.status)
    out.expected, out.reference = or_unknown(facts.expected_minor), or_unknown(facts.reference_minor)
    out.unit_cost, out.fee_bp = or_unknown(facts.unit_cost_minor), or_unknown(facts.fee_bp)
    out.elasticity, out.utc_offset = or_unknown(facts.elasticity_centi), facts.utc_offset_minutes
    return 0
