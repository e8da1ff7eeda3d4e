"""Many at once: the same answers as one by one, the best first, the newest only, and what came too soon waits alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actions_kit import ACCOUNT, AUTOMATION, T0, Bench, FakePlatform, later, policy, shop, states, usd, wish
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.door import Writer
from ecom_agent.actions.ledger import subject_of
from ecom_agent.actions.model import Answer, Mode, State
from ecom_agent.connector import Receipt
from ecom_agent.store.memory import MemoryLedger

SKUS = ["S0", "S1", "S2", "S3"]


class RoomyPlatform(FakePlatform):
    """Says how many writes it has room for."""

    def __init__(self, *answers: str, room: int = 100) -> None:
        super().__init__(*answers)
        self.room, self.order = room, list[str]()

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        return min(most, self.room)

    def release_writes(self) -> None:
        return None

    def set_price(self, listing: Any, price: Any, *, idempotency_key: str) -> Receipt:
        self.order.append(listing.sku)
        return super().set_price(listing, price, idempotency_key=idempotency_key)


class ManyPlatform(RoomyPlatform):
    """Takes prices of any listings together, and counts its calls."""

    calls = 0

    def shares_call(self, listing: Any) -> str:
        return "one"

    def set_prices(self, changes: Any) -> list[Receipt | Exception]:
        self.calls += 1
        return [self.set_price(c.listing, c.price, idempotency_key=c.idempotency_key) for c in changes]


def bench_on(platform: FakePlatform, *skus: str, **guards: Any) -> Bench:
    return Bench(shop(*skus, **guards), platform)


def propose_all(bench: Bench, actions: list[Any]) -> list[Any]:
    with bench.ledger.unit() as book:
        return bench.pipeline.propose_all_in(book, actions)


WISHES = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(1850, 2150), st.integers(-200_000, 100)), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(WISHES)
def test_a_batch_is_judged_as_its_newest_wishes_one_by_one(drawn: list[tuple[str, int, int]]) -> None:
    wishes = [wish(sku=s, after=usd(f"{m / 100:.2f}"), slot=T0 + timedelta(seconds=age)) for s, m, age in drawn]
    guards = policy("guards")
    guards["change_rate"] = {**guards["change_rate"], "catalogue_free": 2, "catalogue_minute_share": "0.01"}
    together, alone = (bench_on(RoomyPlatform(), *SKUS, guards=guards) for _ in range(2))
    judged = propose_all(together, wishes)
    for record, _ in judged:
        alone.pipeline.propose(record.action)
    assert {k: (r.state, r.why) for k, r in together.ledger.tables.actions.items()} == {
        k: (r.state, r.why) for k, r in alone.ledger.tables.actions.items()
    }
    newest = {sku: max(age for s, _, age in drawn if s == sku) for sku, _, _ in drawn}
    assert {r.action.target: r.action.slot for r, _ in judged} == {
        sku: T0 + timedelta(seconds=age) for sku, age in newest.items()
    }
    assert together.audit().ok


def test_those_worth_most_are_sent_first() -> None:
    platform = RoomyPlatform(room=2)
    bench = bench_on(platform, *SKUS)
    gains = {"S0": 5, "S1": 500, "S2": 50, "S3": 5000}
    propose_all(bench, [wish(sku=s, evidence={"gain_minor_per_hour": g}) for s, g in gains.items()])
    assert bench.executor().run_once(3) == {"applied": 3}
    assert platform.order == ["S3", "S1", "S2"]
    assert bench.executor().run_once() == {"applied": 1}


def test_a_newer_wish_takes_the_place_of_one_that_waits() -> None:
    bench = bench_on(RoomyPlatform(), "S0")
    propose_all(bench, [wish(sku="S0", after=usd("19.50"))])
    propose_all(bench, [wish(sku="S0", after=usd("19.00"), slot=later(0.1))])
    assert states(bench.ledger.tables) == {"denied": 1, "approved": 1}
    bench.executor().run_once()
    assert bench.platform.prices["S0"] == usd("19.00")


def test_what_newer_facts_do_not_want_any_more_is_withdrawn_but_not_what_a_person_signed() -> None:
    bench = bench_on(RoomyPlatform(), "S0", "S1", level_of_trust="suggest")
    for sku in ("S0", "S1"):
        bench.pipeline.propose(wish(sku=sku))
    waiting = bench.ledger.tables.actions.items()
    signed = bench.pipeline.approve(next(k for k, r in waiting if r.action.target == "S1"), "anna")
    settled = {subject_of(wish(sku=sku)): later(1) for sku in ("S0", "S1")}
    with bench.ledger.unit() as book:
        assert bench.pipeline.withdraw_in(book, settled, AUTOMATION, "not any more") == 1
        assert bench.pipeline.withdraw_in(book, dict.fromkeys(settled, T0), AUTOMATION, "older facts") == 0
    assert states(bench.ledger.tables) == {"denied": 1, "approved": 1}
    assert bench.get(signed.key).state is State.APPROVED


def test_too_soon_waits_without_a_person_and_goes_when_the_limit_is_free() -> None:
    bench = bench_on(RoomyPlatform(), "S0")
    bench.pipeline.propose(wish(sku="S0"))
    bench.executor().run_once()
    bench.wait(0.5)
    bench.platform.answers = []
    # as if it were read back at once, so that only the cooldown is in the way
    with bench.ledger.unit() as book:
        (record,) = (r for r in book.actions._tables.actions.values())
        book.actions.save(record.to(State.VERIFIED, "read back", bench.clock.now(), verify_due_at=None), record.state)
    soon = bench.pipeline.propose(wish(usd("19.00"), usd("18.50"), sku="S0", slot=bench.clock.now()))
    assert soon.state is State.HELD
    assert soon.waits_alone
    assert soon.held_by == "change_rate"
    assert bench.pipeline.judge_again() == 0
    bench.wait(1)
    assert bench.pipeline.judge_again() == 0, "still too soon"
    assert bench.get(soon.key).judge_again_at > bench.clock.now()
    bench.wait(1)
    assert bench.pipeline.judge_again() == 1
    assert bench.executor().run_once() == {"applied": 1}
    assert bench.steps(soon.key)[:3] == ["proposed", "held", "approved"]


def test_what_waits_for_a_person_is_not_judged_again_by_itself() -> None:
    bench = bench_on(RoomyPlatform(), "S0", level_of_trust="suggest")
    held = bench.pipeline.propose(wish(sku="S0"))
    assert (held.waits_alone, held.judge_again_at) == (False, None)
    bench.wait(60)
    assert bench.pipeline.judge_again() == 0


def test_a_listing_is_written_no_more_often_a_day_than_its_platform_s_budget() -> None:
    tables = shop("S0")
    sending = policy("sending")
    sending["write_budget"]["platforms"]["ebay"] = 1
    tables.policies["sending"] = sending
    bench = Bench(tables, RoomyPlatform())
    bench.ledger = bench.pipeline._ledger = MemoryLedger(tables, platforms={ACCOUNT: "ebay"})
    bench.pipeline.propose(wish(sku="S0"))
    executor = bench.executor()
    assert executor.run_once() == {"applied": 1}
    bench.wait(3)
    bench.verifier._ledger = bench.ledger
    assert bench.verifier.run_once() == {"verified": 1}
    second = bench.pipeline.propose(wish(usd("19.00"), usd("18.50"), sku="S0", slot=bench.clock.now()))
    assert [v.guard for v in second.verdicts if v.answer is Answer.LATER] == ["write_budget"]
    bench.wait(60 * 12)  # past midnight UTC
    assert bench.pipeline.judge_again() == 1
    assert bench.get(second.key).state is State.APPROVED


def test_prices_that_a_platform_takes_together_leave_in_one_call() -> None:
    platform = ManyPlatform()
    bench = bench_on(platform, *SKUS)
    propose_all(bench, [wish(sku=s) for s in SKUS])
    assert bench.executor().run_once() == {"applied": 4}
    assert (platform.calls, set(platform.sent.values())) == (1, {1})


def test_what_was_approved_in_a_unit_of_work_can_be_taken_in_hand_in_it() -> None:
    platform = RoomyPlatform()
    bench = bench_on(platform, *SKUS)
    executor = bench.executor()
    with bench.ledger.unit() as book:
        judged = bench.pipeline.propose_all_in(book, [wish(sku=s) for s in SKUS])
        claims = executor.claim_in(book, [(r, f) for r, f in judged if f is not None][:3])
    assert states(bench.ledger.tables) == {"executing": 3, "approved": 1}
    assert platform.order == []
    done, rests = executor.send(claims)
    assert ([r.state for r in done], rests) == ([State.APPLIED] * 3, False)
    assert bench.audit().ok


def test_one_that_throttles_ends_the_round_and_what_was_in_hand_with_it_is_known_not_to_be_sent() -> None:
    platform = RoomyPlatform("ok", "throttled")
    bench = bench_on(platform, *SKUS)
    propose_all(bench, [wish(sku=s) for s in SKUS])
    assert bench.executor().run_once() == {"applied": 1, "failed": 3}
    assert sum(platform.sent.values()) == 1
    failed = [r for r in bench.ledger.tables.actions.values() if r.state is State.FAILED]
    assert all(r.why.startswith("not sent:") and r.sent_at is None for r in failed)


def test_a_writer_that_cannot_tell_its_room_is_asked_for_one_at_a_time() -> None:
    assert Writer(Mode.LIVE, {ACCOUNT: FakePlatform()}).room(ACCOUNT, 9) == 1
    assert Writer(Mode.LIVE, {ACCOUNT: RoomyPlatform(room=4)}).room(ACCOUNT, 9) == 4
