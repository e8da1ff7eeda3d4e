"""Every guard of the folder: total over any Action and facts, pure, with a reason.

Missing facts never allow a price.
"""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from actions_kit import ACCOUNT, MARKET, SKU, T0, fees, level, limits, listing, policy, usd, wish
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.counts import Counts, Feed, Runaway
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import judge
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import CARRIES, Action, Answer, Kind, Mode, Verdict
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Target
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.messages import Said

MONEY = st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
WHEN = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MAYBE = st.none() | MONEY
VALUES = {
    Money: MONEY,
    int: st.integers(-(10**9), 10**9),
    Said: st.builds(Said, st.sampled_from(["ab", "cd"]), st.integers(0, 9)),
}
COUNT = st.none() | st.integers(0, 10**6)


@st.composite
def actions(draw):
    kind = draw(st.sampled_from(Kind))
    value = VALUES[CARRIES[kind]]
    return Action(
        kind,
        draw(st.sampled_from([ACCOUNT, "shop"])),
        draw(st.sampled_from([MARKET, "elsewhere"])),
        draw(st.sampled_from([SKU, "OTHER"])),
        draw(st.none() | value),
        draw(value),
        draw(st.text()),
        draw(st.sampled_from(["pricing.repricing", "person:anna", "person:", ""])),
        draw(WHEN),
        draw(st.sampled_from(Mode)),
        draw(st.integers()),
        draw(
            st.sampled_from([{}, {"location": "main"}, {"location": None}, {"target_kind": "keyword", "campaign": "C"}])
            | st.sampled_from([{"business": "USD 1:900 5:850", "business_before": "none"}, {"business": 5}])
        ),
        draw(st.none() | st.just("ab")),
    )


JUNK = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats() | st.lists(st.integers(), max_size=2)
)


@st.composite
def policies(draw, named="guards"):
    """The packaged policy, with parts missing or replaced by junk."""
    body = policy(named)
    for name in draw(st.sets(st.sampled_from(sorted(body)), max_size=2)):
        lines = sorted(body[name]) if isinstance(body[name], dict) else [name]
        body[name] = draw(JUNK | st.dictionaries(st.sampled_from(lines), JUNK))
    for name in sorted(body):
        if isinstance(body[name], dict) and draw(st.integers(0, 4)) == 0:
            body[name] = {k: v for k, v in body[name].items() if draw(st.booleans())}
    return body


def counts():
    some = st.integers(0, 50)
    feeds = st.builds(Feed, st.sampled_from(["offers", "listings"]), st.integers(0, 999), some)
    runaways = st.builds(Runaway, st.just(MARKET), st.just(SKU), some, some)
    return st.builds(
        Counts,
        **{name: some for name in Counts.__dataclass_fields__ if name not in ("feeds", "runaways")},
        feeds=st.lists(feeds, max_size=2).map(tuple),
        runaways=st.lists(runaways, max_size=1).map(tuple),
    )


def ad_targets():
    return st.builds(
        Target,
        account=st.just(ACCOUNT),
        target_id=st.sampled_from([SKU, "OTHER"]),
        negative=st.booleans(),
        bid=MAYBE,
        state=st.sampled_from(AdState),
        state_raw=st.just("ODD"),
        seen_at=WHEN,
    )


def facts_strategy():
    return st.builds(
        GuardFacts,
        now=WHEN,
        mode=st.sampled_from(Mode),
        policy=policies(),
        policy_version=st.integers(0, 9),
        autonomy=st.sampled_from(["off", "suggest", "supervised", "auto", "odd"]),
        autonomy_policy=st.just(policy("autonomy")) | st.just({}),
        listing=st.none() | st.builds(listing, price=MAYBE, status=st.sampled_from(ListingStatus), seen_at=WHEN),
        level=st.none() | st.builds(level, units=st.integers(-10, 10**6)),
        limits=st.none() | st.builds(limits, hard_min=MAYBE, ceiling=MAYBE, map_price=MAYBE, unit_cost=MAYBE),
        fees=st.none() | st.builds(fees, at_price=MONEY, referral=MONEY, fulfilment=MONEY, quoted_at=WHEN),
        fees_expected=st.booleans(),
        current=st.none() | MONEY | st.integers(-5, 10**6),
        current_at=st.none() | WHEN,
        day_start=st.none() | MONEY | st.integers(-5, 10**6),
        changes_today=COUNT,
        last_change_at=st.none() | WHEN,
        moved_minute=COUNT,
        moved_hour=COUNT,
        catalogue=COUNT,
        halts=st.lists(st.just(Halt("all", "stop", "anna", T0)), max_size=1).map(tuple),
        paused=st.none() | st.just("token lost"),
        breakers=policies("breakers"),
        sending=policies("sending"),
        platform=st.none() | st.sampled_from(["ebay", "amazon"]),
        writes_today=COUNT,
        counts=st.none() | counts(),
        ad_target=st.none() | ad_targets(),
    )


def fine(**other):
    known = {
        "now": T0, "mode": Mode.LIVE, "policy": policy("guards"), "policy_version": 1, "autonomy": "auto",
        "autonomy_policy": policy("autonomy"), "listing": listing(), "level": level(), "limits": limits(),
        "fees": fees(), "current": usd("20.00"), "current_at": T0, "day_start": usd("20.00"), "changes_today": 0,
        "moved_minute": 0, "moved_hour": 0, "catalogue": 100, "breakers": policy("breakers"), "counts": Counts(),
        "sending": policy("sending"), "writes_today": 0,
    }  # fmt: skip
    return GuardFacts(**(known | other))


each_guard = pytest.mark.parametrize("guard", all_guards(), ids=lambda g: g.name)


def test_the_guards_of_the_design_are_all_there():
    assert {g.name for g in all_guards()} >= {
        "breaker", "halt", "mode", "price_band", "change_rate", "freshness", "quiet_hours", "stock_band", "listing",
        "autonomy",
    }  # fmt: skip


@each_guard
@settings(max_examples=60, deadline=None)
@given(action=actions(), facts=facts_strategy())
def test_a_guard_answers_anything_always_the_same_and_says_why(guard, action, facts):
    verdict = guard(action, facts)
    assert isinstance(verdict, Verdict)
    assert verdict.guard == guard.name
    assert verdict.reason.strip()
    assert guard(action, facts) == verdict


def test_an_ordinary_step_is_allowed_by_all():
    answer, verdicts = judge(wish(), all_guards(), fine())
    assert answer is Answer.ALLOW, [v for v in verdicts if v.answer]
    assert len(verdicts) == len(all_guards())


ESSENTIAL = (
    "policy", "listing", "limits", "fees", "current", "current_at", "day_start", "changes_today", "moved_minute",
    "moved_hour", "catalogue", "writes_today", "breakers", "counts",
)  # fmt: skip


@pytest.mark.parametrize("name", ESSENTIAL)
def test_a_price_is_never_allowed_on_a_missing_fact(name):
    assert judge(wish(), all_guards(), fine(**{name: {} if name in ("policy", "breakers") else None}))[0] is Answer.DENY


@pytest.mark.parametrize("section", ["change_rate", "freshness", "quiet_hours"])
def test_a_missing_limit_in_the_policy_denies_and_names_itself(section):
    body = policy("guards")
    elsewhere = {"stock_max_age_h", "fx_max_age_days", "fee_table_max_age_days", "bid_max_age_h"}  # not of a price
    for name in body[section].keys() - elsewhere:
        gap = {**body, section: {k: v for k, v in body[section].items() if k != name}}
        answer, verdicts = judge(wish(), all_guards(), fine(policy=gap))
        assert answer is Answer.DENY
        assert name in next(v.reason for v in verdicts if v.answer is Answer.DENY)


@settings(max_examples=300, deadline=None)
@given(action=actions(), facts=facts_strategy())
def test_whatever_the_facts_an_allowed_price_is_within_floor_and_ceiling(action, facts):
    answer, _ = judge(action, all_guards(), facts)
    if action.kind is Kind.PRICE_SET and answer is not Answer.DENY:
        assert facts.floor.price is not None
        assert isinstance(action.after, Money)
        assert action.after >= facts.floor.price
        assert facts.limits.ceiling is None or action.after <= facts.limits.ceiling
        assert not facts.halts
        assert facts.paused is None


@settings(max_examples=200, deadline=None)
@given(
    cents=st.integers(-100, 6000), hard=st.none() | st.integers(0, 4000), ceiling=st.none() | st.integers(0, 4000),
    cost=st.none() | st.integers(0, 3000), now=st.integers(1, 5000),
)  # fmt: skip
def test_close_to_the_limits_the_floor_still_holds(cents, hard, ceiling, cost, now):
    def cash(minor):
        return None if minor is None else Money(minor, "USD")

    present = Money(now, "USD")
    facts = fine(
        limits=limits(hard_min=cash(hard), ceiling=cash(ceiling), unit_cost=cash(cost)),
        current=present,
        day_start=present,
        listing=listing(price=present),
    )
    answer, _ = judge(wish(present, Money(cents, "USD")), all_guards(), facts)
    if answer is not Answer.DENY:
        assert hard is not None
        assert cents >= max(hard, 1)
        assert ceiling is None or cents <= ceiling
    if answer is Answer.ALLOW:
        assert abs(cents - now) * 10 <= now


def test_every_fact_can_be_left_out():
    """A new fact needs a default, so that a store that does not know it yet gives "not known"."""
    assert GuardFacts(T0, Mode.LIVE)
    assert {f.name for f in fields(GuardFacts)} >= set(ESSENTIAL)


def test_no_guards_deny_and_a_guard_that_breaks_denies():
    assert judge(wish(), (), fine())[0] is Answer.DENY
    broken = replace(all_guards()[0], judge=lambda _a, _f: 1 / 0)
    answer, verdicts = judge(wish(), (broken,), fine())
    assert answer is Answer.DENY
    assert "ZeroDivisionError" in verdicts[0].reason


def rate(**other):
    return judge(other.pop("action", wish()), [g for g in all_guards() if g.name == "change_rate"], fine(**other))


def test_wide_steps_are_held_and_hasty_ones_wait():
    assert rate(action=wish(after=usd("17.99")))[0] is Answer.HOLD
    assert rate(action=wish(after=usd("18.00")))[0] is Answer.ALLOW
    assert rate(action=wish(after=usd("19.00")), day_start=usd("24.00"))[0] is Answer.HOLD
    assert rate(last_change_at=T0 - timedelta(seconds=119))[0] is Answer.LATER
    assert rate(last_change_at=T0 - timedelta(seconds=120))[0] is Answer.ALLOW
    assert rate(changes_today=120)[0] is Answer.LATER
    assert rate(moved_minute=20, catalogue=100)[0] is Answer.LATER
    assert rate(moved_minute=19, catalogue=100)[0] is Answer.ALLOW
    assert rate(moved_minute=150, moved_hour=150, catalogue=1000)[0] is Answer.ALLOW


def test_a_person_taking_back_our_change_is_not_slowed_down_but_an_automation_is():
    late = {"last_change_at": T0}
    assert rate(action=wish(by="person:anna", undoes="ab"), **late)[0] is Answer.ALLOW
    assert rate(action=wish(undoes="ab"), **late)[0] is Answer.LATER


def one(name, action, **other):
    return judge(action, [g for g in all_guards() if g.name == name], fine(**other))[0]


def test_freshness():
    assert one("freshness", wish(), current_at=T0 - timedelta(hours=25)) is Answer.DENY
    assert one("freshness", wish(), fees=fees(quoted_at=T0 - timedelta(hours=73))) is Answer.DENY
    assert one("freshness", wish(), fees=None, fees_expected=False) is Answer.ALLOW
    assert one("freshness", wish(), current=usd("19.50")) is Answer.DENY
    assert one("freshness", wish(slot=T0 + timedelta(minutes=6))) is Answer.DENY
    assert one("freshness", wish(slot=T0 - timedelta(hours=25))) is Answer.DENY


def test_quiet_hours_over_midnight_belong_to_the_day_they_start():
    def at(when, **window):
        quiet = {
            "timezone": "America/New_York",
            "windows": [{"from": "22:00", "to": "06:00", **window}],
            "blackouts": [],
        }
        return one("quiet_hours", wish(), now=when, policy={"quiet_hours": quiet})

    saturday_night = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 23:00 in New York, 21 November
    assert at(saturday_night) is Answer.DENY
    assert at(saturday_night, days=["sat"]) is Answer.DENY
    assert at(saturday_night + timedelta(hours=6), days=["sat"]) is Answer.DENY
    assert at(saturday_night, days=["sun"]) is Answer.ALLOW
    assert at(saturday_night + timedelta(hours=8)) is Answer.ALLOW


def test_blackouts():
    dated = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00+00:00"}
    quiet = {"timezone": "UTC", "windows": [], "blackouts": [dated]}
    assert one("quiet_hours", wish(), policy={"quiet_hours": quiet}) is Answer.DENY
    assert one("quiet_hours", wish(), now=T0 + timedelta(days=1), policy={"quiet_hours": quiet}) is Answer.ALLOW


def test_stock_is_never_negative_never_blind_and_jumps_wait():
    def stock(units, **other):
        to = wish(50, units, kind=Kind.STOCK_SET, evidence={"location": "main"})
        return one("stock_band", to, **{"current": 50, **other})

    assert stock(60) is Answer.ALLOW
    assert stock(-1) is Answer.DENY
    assert stock(60, level=None) is Answer.DENY
    assert stock(551) is Answer.HOLD
    assert one("stock_band", wish(50, 60, kind=Kind.STOCK_SET)) is Answer.DENY


def test_only_what_is_on_sale_is_changed():
    assert one("listing", wish(), listing=listing(status=ListingStatus.DELETED)) is Answer.DENY
    assert one("listing", wish(), listing=listing(status=ListingStatus.SUPPRESSED)) is Answer.HOLD
    assert one("listing", wish(sku="OTHER")) is Answer.DENY


def test_halts_of_every_scope_stop():
    for scope in (
        "all",
        f"marketplace:{ACCOUNT}/{MARKET}",
        "automation:pricing.repricing",
        f"sku:{ACCOUNT}/{MARKET}/{SKU}",
    ):
        assert one("halt", wish(), halts=(Halt(scope, "stop", "anna", T0),)) is Answer.DENY
    assert one("halt", wish(), halts=(Halt("automation:ads.bidding", "stop", "anna", T0),)) is Answer.ALLOW
    assert one("halt", wish(), paused="token lost") is Answer.DENY
