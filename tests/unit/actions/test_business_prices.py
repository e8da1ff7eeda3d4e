"""Prices for companies go the whole way of a price change: judged, sent in the same call, read back, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from actions_kit import (
    ACCOUNT,
    AUTOMATION,
    SKU,
    T0,
    Bench,
    FakePlatform,
    fees,
    limits,
    listing,
    only,
    policy,
    usd,
    wish,
)
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions import approval, autonomy, business
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.door import Preview, Writer
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import judge
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.model import Answer, Kind, Mode, State
from ecom_agent.connector import Receipt
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices, read_business

NINETY_FIVE = BusinessPrices(usd("19.50"), ((5, usd("19.00")), (10, usd("18.50"))))
LATER_TIERS = BusinessPrices(usd("19.50"), ((5, usd("19.10")), (10, usd("18.60"))))
FORMER = BusinessPrices(usd("20.00"), ((5, usd("19.50")),))
HIGHER, LOWER = usd("20.00"), usd("19.80")


def wished(to: BusinessPrices = NINETY_FIVE, former: BusinessPrices | None = FORMER, **other):
    told = business.evidence(to, former or NOT_OFFERED)
    if former is None:
        del told[business.FORMER]
    return wish(HIGHER, LOWER, evidence=told, **other)


def facts(**other):
    known = {
        "now": T0, "mode": Mode.LIVE, "policy": policy("guards"), "policy_version": 1, "autonomy": "auto",
        "autonomy_policy": policy("autonomy"), "listing": listing(), "limits": limits(), "fees": fees(),
        "current": HIGHER, "current_at": T0, "day_start": HIGHER, "changes_today": 0, "moved_minute": 0,
        "moved_hour": 0, "catalogue": 100, "breakers": policy("breakers"), "counts": Counts(),
        "sending": policy("sending"), "writes_today": 0,
    }  # fmt: skip
    return GuardFacts(**{**known, **other})


def answer(action, **other):
    found, verdicts = judge(action, all_guards(), facts(**other))
    return found, "; ".join(v.reason for v in verdicts if v.answer is found)


class ForCompanies(FakePlatform):
    """Takes prices for companies with the price, and shows them."""

    def __init__(self, *answers: str, keeps: bool = True) -> None:
        super().__init__(*answers)
        self.companies, self.keeps = FORMER, keeps

    def set_prices_for_all(self, listing, price, business, *, idempotency_key) -> Receipt:
        answer = self._arrived(idempotency_key)
        if answer in ("ok", "lost"):
            self.prices[listing.sku] = price
            if self.keeps:
                self.companies = business
        return self._answered(answer)

    def preview_prices_for_all(self, listing, price, business) -> Receipt:
        self.previews += 1
        return Receipt("preview-all", {"status": "VALID"})

    def preview_price(self, listing, price) -> Receipt:
        raise AssertionError("the prices for companies would not be asked about")

    def live_business(self, sku, marketplace):
        return self.companies


# --- the record ---


@given(
    st.integers(1, 10**6),
    st.lists(st.tuples(st.integers(-2, 50), st.integers(-2, 10**6)), max_size=7),
    st.sampled_from(["USD", "JPY"]),
)
def test_what_is_told_is_read_and_nothing_that_does_not_fall_is_a_price(price, tiers, currency):
    steps = tuple((units, Money(minor, currency)) for units, minor in tiers)
    try:
        made = BusinessPrices(Money(price, currency), steps)
    except ParseFailed:
        units, minors = [1, *(u for u, _ in tiers)], [price, *(m for _, m in tiers)]
        falls = all(a > b for a, b in pairwise(minors)) and min(minors) > 0
        rises = all(a < b for a, b in pairwise(units))
        assert len(tiers) > 5 or not (rises and falls)
        return
    assert read_business(made.told()) == made
    assert [made.at(units) for units, _ in made.steps] == [price for _, price in made.steps]


@pytest.mark.parametrize("told", ["", "USD", "USD 5:900", "XXX 1:900", "USD 1:900 x", "USD 1:9.5", None, "USD 1:-1"])
def test_what_nobody_told_is_not_read(told):
    with pytest.raises(ParseFailed):
        read_business(told)


def test_so_many_units_cost_what_their_tier_says():
    assert [FORMER.at(units) for units in (1, 4, 5, 99)] == [usd("20.00"), usd("20.00"), usd("19.50"), usd("19.50")]
    assert NOT_OFFERED.at(5) is None
    assert (read_business(NOT_OFFERED.told()), str(NOT_OFFERED)) == (NOT_OFFERED, "none")


# --- judged ---


def test_an_ordinary_step_of_all_prices_goes_through():
    assert answer(wished())[0] is Answer.ALLOW


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (BusinessPrices(usd("19.50"), ((5, usd("9.99")),)), "for companies from 5: 9.99 USD is below the floor"),
        (BusinessPrices(usd("9.99")), "for companies from 1: 9.99 USD is below the floor"),
        (BusinessPrices(usd("19.90")), "companies would pay 19.90 USD, everybody 19.80 USD"),
        (BusinessPrices(replace(usd("19.50"), currency="EUR")), "cannot reckon"),
    ],
)
def test_every_tier_is_held_to_the_floor_and_to_the_price(to, why):
    found, reason = answer(wished(to))
    assert found is Answer.DENY
    assert why in reason


def test_what_cannot_be_read_is_denied():
    for told in ("junk", None, 5):
        assert answer(wish(HIGHER, LOWER, evidence={"business": told}))[0] is Answer.DENY


def test_a_wide_step_waits_for_a_person_and_so_does_a_wide_new_tier():
    deep = BusinessPrices(usd("19.50"), ((5, usd("17.50")),))
    found, reason = answer(wished(deep))
    assert (found, "a step of 10.3% for companies" in reason) == (Answer.HOLD, True)
    found, reason = answer(wished(deep, NOT_OFFERED))
    assert (found, "a step of 12.5% for companies" in reason) == (Answer.HOLD, True)
    assert answer(wished(deep, BusinessPrices(usd("18.50"))))[0] is Answer.ALLOW, "near to one of the two"
    assert answer(wished(NOT_OFFERED))[0] is Answer.HOLD, "they are taken away"


def test_a_person_who_takes_them_back_is_not_held_up():
    assert answer(wished(NOT_OFFERED, by="person:anna", undoes="k" * 64))[0] is Answer.ALLOW


def test_while_only_raises_are_let_through_no_tier_goes_down():
    raised = wish(LOWER, HIGHER, evidence=business.evidence(BusinessPrices(usd("19.40")), BusinessPrices(usd("19.50"))))
    reducing = (Halt("all", "stop", "anna", T0, HaltLevel.REDUCING),)
    assert answer(raised, current=LOWER, day_start=LOWER, halts=reducing)[0] is Answer.DENY
    fine = wish(LOWER, HIGHER, evidence=business.evidence(BusinessPrices(usd("19.60")), BusinessPrices(usd("19.50"))))
    assert answer(fine, current=LOWER, day_start=LOWER, halts=reducing)[0] is Answer.ALLOW


def test_a_supervised_automation_and_the_second_signature_see_the_companies_step():
    limits_ = {"supervised": {"price_step_share": "0.06", "stock_units": 1}}
    assert autonomy.is_small(wished(), limits_)
    assert not autonomy.is_small(wished(BusinessPrices(usd("19.00"), ((5, usd("17.00")),))), limits_)
    assert not autonomy.is_small(wished(NOT_OFFERED), limits_)
    two = {"approval": {"four_eyes_price_change": {"USD": "1.00"}}}
    assert approval.signatures_needed(wished(), two) == 1
    assert approval.signatures_needed(wished(BusinessPrices(usd("18.00"))), two) == 2


def test_the_wish_is_known_by_all_that_it_sends():
    plain = wish(HIGHER, LOWER)
    assert len({plain.key, wished().key, wished(BusinessPrices(usd("19.00"))).key}) == 3
    assert wish(HIGHER, LOWER, evidence={"rule": "x"}).key == plain.key


def test_a_waiting_wish_for_other_tiers_gives_way_to_the_newer_one():
    bench = Bench()
    former = bench.pipeline.propose(wished(LATER_TIERS, slot=T0))
    newer = bench.pipeline.propose(wished(slot=T0 + timedelta(minutes=1)))
    assert newer.key != former.key
    assert bench.get(former.key).state is State.DENIED
    assert newer.state in (State.APPROVED, State.HELD)


# --- sent, read back, taken back ---


def sent(bench: Bench):
    bench.pipeline.propose(wished())
    bench.executor().run_once(10)
    return only(bench.ledger.tables)


def test_they_leave_in_one_call_and_are_read_back():
    bench = Bench(platform=ForCompanies())
    record = sent(bench)
    assert sum(bench.platform.sent.values()) == 1
    bench.wait(5)
    bench.verifier.run_once()
    assert bench.get(record.key).state is State.VERIFIED
    assert bench.platform.companies == NINETY_FIVE


def test_prices_for_companies_that_are_not_shown_are_drift_and_stop_the_listing():
    bench = Bench(platform=ForCompanies(keeps=False))
    record = sent(bench)
    for _ in range(6):
        bench.wait(30)
        bench.verifier.run_once()
    after = bench.get(record.key)
    assert after.state is State.FAILED
    assert "for companies wanted 1+: 19.50 USD" in after.why
    assert any(halt.scope.startswith("sku:") for halt in bench.ledger.tables.halts.values())


@pytest.mark.parametrize(("word", "state"), [("lost", State.VERIFIED), ("vanished", State.FAILED)])
def test_without_an_answer_what_is_shown_decides(word, state):
    bench = Bench(platform=ForCompanies(word))
    record = sent(bench)
    assert bench.get(record.key).state is State.UNKNOWN
    for _ in range(6):
        bench.wait(30)
        bench.verifier.run_once()
    assert bench.get(record.key).state is state
    assert sum(bench.platform.sent.values()) == 1, "never sent again"


def test_an_account_without_prices_for_companies_is_not_asked_to_set_them():
    bench = Bench()
    record = sent(bench)
    assert record.state is not State.APPLIED
    assert sum(bench.platform.sent.values()) == 0


def test_taking_it_back_restores_both():
    bench = Bench(platform=ForCompanies())
    record = sent(bench)
    bench.wait(5)
    bench.verifier.run_once()
    back = bench.pipeline.undo(record.key, "anna")
    assert business.wished(back.action) == FORMER
    assert business.former(back.action) == NINETY_FIVE
    bench.wait(5)
    if back.state is State.HELD:
        bench.pipeline.approve(back.key, "anna")
    bench.executor().run_once(10)
    assert (bench.platform.companies, bench.platform.prices[SKU]) == (FORMER, HIGHER)


def test_what_stood_before_and_is_not_known_cannot_be_restored():
    bench = Bench(platform=ForCompanies())
    bench.pipeline.propose(wished(former=None))
    bench.executor().run_once(10)
    record = only(bench.ledger.tables)
    bench.wait(5)
    bench.verifier.run_once()
    with pytest.raises(BadInput, match="not known"):
        bench.pipeline.undo(record.key, "anna")


def test_a_dry_run_asks_about_all_prices():
    platform = ForCompanies()
    bench = Bench(platform=platform, mode=Mode.DRY_RUN)
    bench.pipeline.propose(wished(mode=Mode.DRY_RUN))
    bench.executor(Preview({ACCOUNT: platform})).run_once(10)
    assert (only(bench.ledger.tables).state, platform.previews) == (State.PREVIEWED, 1)


def test_only_a_price_carries_them():
    assert (wished().proposed_by, wished().kind) == (AUTOMATION, Kind.PRICE_SET)
    assert Writer(Mode.LIVE, {ACCOUNT: FakePlatform()}).closed(wished(), facts()) == (
        f"{ACCOUNT} has no prices for companies"
    )
