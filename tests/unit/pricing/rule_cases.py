"""Any rule that people can write, for the properties; and the words of one that is easy to change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from native_pricer import Channel
from native_pricer.clauses import Condition, Feature, Target, Without
from pricing.rules import words
from pricing.rules.model import Aim, Bound, Business, Rivals, Rule, RuleClause, When
from pricing.rules.times import EVERY_DAY, Dates, Hours, Window
from pricing.rules.values import Amount, Measure

SIMPLE = """
rule: simple
clauses:
  - target: lowest
    offset: -0.5 %
"""
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz ÄÖ中#:'-", min_size=1, max_size=20).map(lambda s: " ".join(s.split()))
NAMES = LETTERS.filter(bool)
SELLERS = st.frozensets(st.text("ABCXYZ0123456789", min_size=1, max_size=6), min_size=1, max_size=3)
DATES = st.dates(date(2020, 1, 1), date(2035, 1, 1))
WINDOWS = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda w: w[0] != w[1]).map(lambda w: Window(*w))
DAYS = st.frozensets(st.integers(0, 6), min_size=1)


@st.composite
def amounts(draw: st.DrawFn, least: int = 1) -> Amount:
    """In the listing's currency, or in dollars and yen."""
    cents = draw(st.integers(least, 10**7))
    if draw(st.booleans()):
        return Amount(((None, Decimal(cents) / 100),))
    return Amount((("USD", Decimal(cents) / 100), ("JPY", Decimal(draw(st.integers(least, 10**7))))))


def measured(feature: Feature, measure: Measure) -> st.SearchStrategy[Condition]:
    most = min(measure.most, 10**7)
    value = st.integers(max(measure.least, -(10**5)), most)
    both = st.tuples(value, value).map(lambda p: Condition(feature, min(p), max(p)))
    return st.one_of(value.map(lambda v: Condition(feature, v)), value.map(lambda v: Condition(feature, None, v)), both)


@st.composite
def whens(draw: st.DrawFn, *, sells_out: bool) -> When:
    """Tests stand in the order in which they are read."""
    tests = []
    for flags in words.FLAGS.values():
        if draw(st.integers(0, 3)) == 0:
            tests.append(Condition(*draw(st.sampled_from(list(flags.values())))))
    for feature, measure in words.MEASURES.values():
        if draw(st.integers(0, 5)) == 0 and (sells_out or feature is not Feature.PACE_BP):
            tests.append(draw(measured(feature, measure)))
    if draw(st.integers(0, 4)) == 0:
        tests.append(Condition(*draw(st.sampled_from(list(words.RIVAL_FULFILMENT.values())))))
    for feature, measure in words.RIVAL_MEASURES.values():
        if draw(st.integers(0, 5)) == 0:
            tests.append(draw(measured(feature, measure)))
    window, days = draw(st.none() | WINDOWS), draw(st.just(EVERY_DAY) | DAYS)
    first, last = draw(st.none() | DATES), draw(st.none() | DATES)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return When(
        tests=tuple(tests[:8]),
        hours=None if window is None and days == EVERY_DAY else Hours(window, days),
        dates=None if first is None and last is None else Dates(first, last),
        listing_condition=draw(st.none() | st.frozensets(st.sampled_from(words.CONDITIONS), min_size=1)),
    )


RIVALS = st.builds(
    Rivals,
    fulfilment=st.none() | st.sampled_from(list(Channel)),
    min_rating=st.none() | st.integers(0, 100),
    min_ratings=st.none() | st.integers(0, 10**6),
    max_handling_hours=st.none() | st.integers(0, 1000),
    exclude=st.just(frozenset()) | SELLERS,
    only=st.none() | SELLERS,
    max_ratings=st.none() | st.integers(0, 10**6),
    ships_from=st.none() | st.frozensets(st.sampled_from(["US", "CN", "DE"]), min_size=1),
    sub_conditions=st.none() | st.frozensets(st.sampled_from(words.SUB_CONDITIONS), min_size=1),
    prime=st.none() | st.booleans(),
    featured=st.none() | st.booleans(),
)
AIMS = st.one_of(
    st.sampled_from(list(words.TARGETS.values())).map(Aim),
    st.integers(1, 20).map(lambda n: Aim(Target.NTH, nth=n)),
    SELLERS.map(lambda s: Aim(Target.SELLER, seller=min(s))),
    st.just(Aim(Target.STRATEGY, strategy="oscillate")),
)


@st.composite
def clauses(draw: st.DrawFn, number: int, *, sells_out: bool) -> RuleClause:
    aim, when = draw(AIMS), draw(whens(sells_out=sells_out))
    name = f"{draw(NAMES)} {number}"
    rivals = draw(st.none() | RIVALS)
    if aim.target in (Target.HOLD, Target.STRATEGY):
        return RuleClause(name, when, aim, rivals=rivals)
    raises = draw(st.booleans())
    up, down = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    offset = draw(st.integers(-9_999, 10_000) | amounts())
    return RuleClause(
        name, when, aim, offset, up, down, draw(st.none() | amounts(0)), Without.RAISE if raises else Without.HOLD,
        draw(st.integers(1, 10_000)) if raises else 0, rivals,
    )  # fmt: skip


BOUNDS = st.builds(
    Bound,
    amount=st.none() | amounts(),
    margin_bp=st.none() | st.integers(-9_999, 9_999),
    roi_bp=st.none() | st.integers(-9_999, 10**6),
    map_bp=st.none() | st.integers(1, 10**6),
)


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    discount = draw(st.integers(0, 4_000))
    units = sorted(draw(st.sets(st.integers(2, 1000), max_size=4)))
    shares = sorted(draw(st.sets(st.integers(discount + 1, 9_000), min_size=len(units), max_size=len(units))))
    return Business(discount, tuple(zip(units, shares, strict=True)))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    by = draw(st.none() | DATES)
    count = draw(st.integers(1, 4))
    return Rule(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)),
        clauses=tuple(draw(clauses(n, sells_out=by is not None)) for n in range(count)),
        about=draw(st.just("") | NAMES),
        time_zone=draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"])),
        pause_s=draw(st.integers(0, 10**6)),
        sell_out_by=by,
        reference=draw(st.none() | amounts()),
        least=draw(BOUNDS),
        most=draw(BOUNDS),
        rivals=draw(RIVALS),
        sleep=tuple(draw(st.lists(st.builds(Hours, st.none() | WINDOWS, DAYS), max_size=3))),
        business=draw(st.none() | businesses()),
    )
