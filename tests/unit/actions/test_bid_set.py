"""A bid goes the whole way of an Action: never above its cap, wide steps wait for a person, what is live decides."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from actions_kit import ACCOUNT, AUTOMATION, MARKET, T0, Bench, FakePlatform, policy, shop, trusting, usd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.actions.undo import inverse
from ecom_agent.connector import Receipt
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Match, Target, TargetKind

TARGET = Target(
    ACCOUNT, MARKET, "K-1", "C-1", "G-1", TargetKind.KEYWORD, "blue mug", Match.EXACT, False, usd("0.80"),
    AdState.ENABLED, "ENABLED", T0, T0,
)  # fmt: skip
EVIDENCE = {"target_kind": "keyword", "campaign": "C-1", "ad_group": "G-1"}


class Advertiser(FakePlatform):
    """A platform with bids; `answers` as of `FakePlatform`."""

    def __init__(self, *answers: str) -> None:
        super().__init__(*answers)
        self.bids: dict[str, Money] = {}
        self.read: list[Target] = []

    def set_bid(self, target: Target, bid: Money, *, idempotency_key: str) -> Receipt:
        answer = self._arrived(idempotency_key)
        if answer in ("ok", "lost", "killed_after"):
            self.bids[target.target_id] = bid
        return self._answered(answer)

    def live_bid(self, target: Target) -> Money | None:
        self.read.append(target)
        return self.bids.get(target.target_id, usd("0.80"))


def bench_with(*answers: str, target: Target | None = TARGET, guards=None) -> Bench:
    tables = shop(guards=guards)
    if target is not None:
        tables.ad_targets[ACCOUNT, target.target_id] = target
    return Bench(tables, Advertiser(*answers))


def wish(after: Money = usd("0.90"), before: Money | None = usd("0.80"), **other) -> Action:  # noqa: B008
    made = {
        "kind": Kind.BID_SET, "account": ACCOUNT, "marketplace": MARKET, "target": Sku("K-1"), "before": before,
        "after": after, "reason": "it sells", "proposed_by": AUTOMATION, "slot": T0, "mode": Mode.LIVE,
        "policy_version": 1, "evidence": EVIDENCE,
    }  # fmt: skip
    return Action(**(made | other))


def sent(bench: Bench, action: Action | None = None):
    record = bench.pipeline.propose(action or wish())
    assert record.state is State.APPROVED, record.why
    bench.executor().run_once()
    return bench.get(record.key)


def looked_at(bench: Bench, key, minutes: float = 4):
    bench.wait(minutes)
    bench.verifier.run_once()
    return bench.get(key)


def test_it_is_sent_once_read_back_and_known() -> None:
    bench = bench_with()
    record = sent(bench)
    assert record.state is State.APPLIED
    assert looked_at(bench, record.key).state is State.VERIFIED
    assert bench.platform.bids == {"K-1": usd("0.90")}
    assert bench.ledger.tables.ad_targets[ACCOUNT, "K-1"].bid == usd("0.90")
    assert list(bench.platform.sent.values()) == [1]
    (asked,) = bench.platform.read
    assert (asked.target_id, asked.kind, asked.campaign_id, asked.ad_group_id) == ("K-1", "keyword", "C-1", "G-1")
    bench.audit()


@pytest.mark.parametrize(("answer", "ends"), [("lost", State.VERIFIED), ("vanished", State.FAILED)])
def test_one_without_an_answer_is_read_back_and_not_sent_again(answer: str, ends: State) -> None:
    bench = bench_with(answer)
    record = sent(bench)
    assert record.state is State.UNKNOWN
    for _ in range(5):
        record = looked_at(bench, record.key, 70)
    assert record.state is ends
    assert sum(bench.platform.sent.values()) == 1


def test_one_that_never_goes_live_stops_its_target() -> None:
    bench = bench_with("ignored")
    record = sent(bench)
    for _ in range(5):
        record = looked_at(bench, record.key, 70)
    assert record.state is State.FAILED
    assert "drifted: wanted 0.90 USD" in record.why
    assert [halt.scope for halt in bench.ledger.tables.halts.values()] == [f"sku:{ACCOUNT}/{MARKET}/K-1"]


def test_it_can_be_taken_back() -> None:
    bench = bench_with()
    done = looked_at(bench, sent(bench).key)
    back = inverse(done, "person:anna", bench.clock.now())
    assert (back.kind, back.after, back.evidence["campaign"]) == (Kind.BID_SET, usd("0.80"), "C-1")
    assert bench.pipeline.propose(back).state is State.APPROVED


@settings(max_examples=60, deadline=None)
@given(
    after=st.integers(-10, 2_000),
    bid=st.none() | st.integers(1, 2_000),
    level=st.sampled_from(["off", "suggest", "supervised", "auto"]),
)
def test_no_bid_goes_above_its_cap_and_no_wide_step_goes_alone(after: int, bid: int | None, level: str) -> None:
    own = None if bid is None else Money(bid, "USD")
    bench = bench_with(target=replace(TARGET, bid=own))
    bench.ledger.tables.policies["autonomy"] = trusting(level)
    record = bench.pipeline.propose(wish(Money(after, "USD"), own))
    if not 0 < after <= 300:
        assert record.state is State.DENIED
    elif record.state is State.APPROVED:
        assert bid is not None
        assert abs(after - bid) <= Decimal("0.25") * bid


@pytest.mark.parametrize(
    ("target", "action", "why"),
    [
        (None, wish(), "no target K-1 is known"),
        (replace(TARGET, negative=True, bid=None), wish(before=None), "refuses searches"),
        (replace(TARGET, state=AdState.ENDED, state_raw="ARCHIVED"), wish(), "is ARCHIVED"),
        (replace(TARGET, state=AdState.UNMAPPED, state_raw="MOON"), wish(), "is MOON"),
        (TARGET, wish(evidence={"target_kind": "keyword"}), "evidence: campaign"),
        (TARGET, wish(Money(90, "EUR")), "is in EUR"),
        (replace(TARGET, bid=Money(90, "SEK")), wish(Money(99, "SEK"), Money(90, "SEK")), "no cap in SEK"),
        (replace(TARGET, seen_at=T0 - timedelta(hours=25)), wish(), "the bid was learnt"),
        (TARGET, wish(before=usd("0.70")), "meanwhile it is 0.80 USD"),
    ],
    ids=["unknown", "negative", "ended", "odd state", "no evidence", "currency", "no cap", "stale", "moved"],
)
def test_what_takes_no_bid_gets_none(target: Target | None, action: Action, why: str) -> None:
    record = bench_with(target=target).pipeline.propose(action)
    assert record.state is State.DENIED
    assert why in record.why


@pytest.mark.parametrize("line", ["bid_band", "most", "step_share", "day_share", "changes_per_day"])
def test_a_missing_limit_denies(line: str) -> None:
    guards = policy("guards")
    if line == "bid_band":
        del guards[line]
    else:
        guards["bid_band"] = {name: value for name, value in guards["bid_band"].items() if name != line}
    record = bench_with(guards=guards).pipeline.propose(wish())
    assert record.state is State.DENIED
    assert "no usable limit" in record.why


def test_a_wide_step_waits_for_a_person_and_so_does_the_first_own_bid() -> None:
    bench = bench_with()
    record = bench.pipeline.propose(wish(usd("1.30")))
    assert record.state is State.HELD
    assert "a step of 62.5%" in record.why
    assert bench.pipeline.approve(record.key, "anna").state is State.APPROVED
    first = bench_with(target=replace(TARGET, bid=None)).pipeline.propose(wish(before=None))
    assert first.state is State.HELD
    assert "no bid of its own" in first.why


def test_a_third_change_within_a_day_waits() -> None:
    bench = bench_with()
    for n, bid in enumerate(("0.82", "0.84")):
        before = bench.platform.bids.get("K-1", usd("0.80"))
        record = sent(bench, wish(usd(bid), before, slot=bench.clock.now()))
        assert looked_at(bench, record.key).state is State.VERIFIED, n
    third = bench.pipeline.propose(wish(usd("0.86"), usd("0.84"), slot=bench.clock.now()))
    assert (third.state, third.judge_again_at is not None) == (State.HELD, True), "it is judged again by itself"
    assert "2 changes within a day already" in third.why


def test_where_prices_may_only_rise_no_bid_is_set() -> None:
    bench = bench_with()
    with bench.ledger.unit() as book:
        book.halts.open(Halt("all", "prices fell", "system:breaker", T0, HaltLevel.REDUCING))
    for bid in ("0.85", "0.75"):
        record = bench.pipeline.propose(wish(usd(bid)))
        assert record.state is State.DENIED
        assert "raises only" in record.why


def test_prices_limits_are_no_limits_of_bids() -> None:
    """The target's id is no SKU: without price limits or a listing of that name a bid goes through."""
    bench = bench_with()
    assert (ACCOUNT, MARKET, Sku("K-1")) not in bench.ledger.tables.limits
    assert bench.pipeline.propose(wish()).state is State.APPROVED
