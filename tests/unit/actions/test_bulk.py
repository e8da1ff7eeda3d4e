"""Very many at once: those worth least leave in one call, each at most once, and all brakes are asked as ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from actions_kit import ACCOUNT, AUTOMATION, Bench, FakePlatform, Killed, policy, shop, states, wish

from ecom_agent.actions.bulk import BulkExecutor, bulk_from
from ecom_agent.actions.door import BulkWriter
from ecom_agent.actions.execute import BULK_LASTS_S
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Kind, Mode, State
from ecom_agent.actions.modes import bulk_writer_for
from ecom_agent.connector import Receipt
from ecom_agent.errors import AuthFailed, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.ports.writes import LONGEST_BULK_S, PriceChange

SKUS = [f"S{number}" for number in range(8)]
SENDING = {"bulk_from": 4}


class BulkPlatform(FakePlatform):
    """Takes prices in bulk too; `lines` says what becomes of which SKU there, `during` happens while it waits."""

    most_in_bulk = 100

    def __init__(self, lines: dict[str, str] | None = None, *, whole: Exception | None = None) -> None:
        super().__init__()
        self.lines, self.whole, self.calls = lines or {}, whole, list[list[str]]()
        self.during: Any = lambda: None

    def set_prices_in_bulk(self, changes: Sequence[PriceChange]) -> list[Receipt | Exception]:
        self.calls.append([change.listing.sku for change in changes])
        self.during()
        if self.whole is not None:
            raise self.whole
        return [self._line(change) for change in changes]

    def _line(self, change: PriceChange) -> Receipt | Exception:
        self.answers = [self.lines.get(change.listing.sku, "ok")]
        try:
            return self.set_price(change.listing, change.price, idempotency_key=change.idempotency_key)
        except (OutcomeUnknown, Rejected, TransientError, AuthFailed) as error:
            return error


def waiting(platform: BulkPlatform, skus: Sequence[str] = SKUS, **sending: Any) -> Bench:
    """All approved; S0 is worth least."""
    tables = shop(*skus)
    tables.policies["sending"] = {**policy("sending"), **sending}
    bench = Bench(tables, platform)
    for number, sku in enumerate(skus):
        bench.pipeline.propose(wish(sku=sku, evidence={"gain_minor_per_hour": 10 * number}))
    assert states(bench.ledger.tables) == {"approved": len(skus)}
    return bench


def bulk(bench: Bench, claimed_by: str = "process-1") -> BulkExecutor:
    door = BulkWriter(Mode.LIVE, {ACCOUNT: bench.platform})
    return BulkExecutor(
        bench.ledger,
        all_guards(),
        bench.clock,
        door,
        claimed_by=claimed_by,
        on_auth_failed=lambda account, why: bench.locked_out.append((account, why)),
    )


def state_of(bench: Bench, sku: str) -> State:
    (record,) = (r for r in bench.ledger.tables.actions.values() if r.action.target == sku)
    return record.state


def test_the_quick_sender_keeps_those_worth_most_and_the_rest_leaves_in_one_call() -> None:
    platform = BulkPlatform()
    bench = waiting(platform)
    heard: list[str] = []
    assert bulk(bench).run_bulk(ACCOUNT, SENDING, lambda done: heard.extend(r.action.target for r in done)) == {
        "applied": 6
    }
    assert platform.calls == [["S0", "S1", "S2", "S3", "S4", "S5"]]
    assert sorted(heard) == platform.calls[0]
    assert bench.executor().run_once() == {"applied": 2}
    assert set(platform.sent.values()) == {1}
    bench.wait(4)
    assert bench.verifier.run_once() == {"verified": 8}
    assert bench.audit().ok


@pytest.mark.parametrize("sending", [{"bulk_from": 9}, {}, {"bulk_from": 0}, {"bulk_from": "4"}, {"bulk_from": True}])
def test_too_few_or_no_number_in_the_policy_is_no_bulk(sending: dict[str, Any]) -> None:
    bench = waiting(BulkPlatform())
    assert bulk(bench).run_bulk(ACCOUNT, sending) == {}
    assert states(bench.ledger.tables) == {"approved": 8}


def test_the_shipped_policy_names_a_number() -> None:
    assert bulk_from(policy("sending")) == 1500


def test_no_more_than_the_platform_takes_in_one_call() -> None:
    platform = BulkPlatform()
    platform.most_in_bulk = 3
    bench = waiting(platform)
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == {"applied": 3}


def test_only_accounts_whose_platform_has_such_a_way() -> None:
    bench = waiting(BulkPlatform())
    door = BulkWriter(Mode.LIVE, {ACCOUNT: FakePlatform()})
    sender = BulkExecutor(bench.ledger, all_guards(), bench.clock, door, claimed_by="p")
    assert (sender.accounts, sender.run_bulk(ACCOUNT, SENDING)) == ((), {})
    assert bulk_writer_for(Mode.DRY_RUN, {}) is None


def test_other_kinds_stay_with_the_quick_sender() -> None:
    platform = BulkPlatform()
    bench = waiting(platform, SKUS[:5])
    stock = wish(50, 60, sku="S0", kind=Kind.STOCK_SET, by=AUTOMATION, evidence={"location": "main"})
    bench.pipeline.propose(stock)
    bulk(bench).run_bulk(ACCOUNT, SENDING)
    assert platform.calls == [["S0", "S1", "S2"]]
    assert bench.get(stock.key).state in (State.APPROVED, State.HELD, State.DENIED)


def test_each_line_finds_its_own_end() -> None:
    platform = BulkPlatform({"S0": "lost", "S1": "rejected", "S2": "vanished"})
    bench = waiting(platform)
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == {"unknown": 2, "failed": 1, "applied": 3}
    bench.wait(70)
    for _ in range(5):
        bench.verifier.run_once()
        bench.wait(60)
    assert (state_of(bench, "S0"), state_of(bench, "S2")) == (State.VERIFIED, State.FAILED)
    assert max(platform.sent.values()) == 1


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (TransientError("fake", "feed", "busy"), {"failed": 6}),
        (AuthFailed("fake", "feed", "revoked"), {"failed": 6}),
        (OutcomeUnknown("fake", "feed", "no answer"), {"unknown": 6}),
        (KeyError("a bug"), {"unknown": 6}),
    ],
)
def test_what_befell_the_whole_call_befell_each_of_its_lines(error: Exception, ends: dict[str, int]) -> None:
    platform = BulkPlatform(whole=error)
    bench = waiting(platform)
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == ends
    assert len(platform.calls) == 1
    assert len(bench.locked_out) == isinstance(error, AuthFailed)


def test_a_line_that_was_taken_is_known_so_where_others_of_the_call_were_throttled() -> None:
    platform = BulkPlatform({"S0": "throttled", "S3": "throttled"})
    bench = waiting(platform)
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == {"applied": 4, "failed": 2}
    assert {state_of(bench, sku) for sku in ("S0", "S3")} == {State.FAILED}


def test_a_halt_set_meanwhile_stops_what_waits() -> None:
    platform = BulkPlatform()
    bench = waiting(platform)
    with bench.ledger.unit() as book:
        book.halts.open(Halt(f"account:{ACCOUNT}", "stop", "anna", bench.clock.now()))
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == {"denied": 6}
    assert platform.calls == []


def test_a_claim_is_committed_before_anything_leaves_and_while_it_waits_the_quick_sender_goes_on() -> None:
    platform = BulkPlatform()
    bench = waiting(platform)
    seen: list[Any] = []

    def meanwhile() -> None:
        seen.append(states(bench.ledger.tables))
        seen.append(bench.executor().run_once())

    platform.during = meanwhile
    bulk(bench).run_bulk(ACCOUNT, SENDING)
    assert seen == [{"executing": 6, "approved": 2}, {"applied": 2}]
    assert set(platform.sent.values()) == {1}


def test_recovery_leaves_a_feed_of_a_living_process_alone_for_as_long_as_it_may_take() -> None:
    assert LONGEST_BULK_S + 300 < BULK_LASTS_S
    platform = BulkPlatform()
    bench = waiting(platform)
    recovered: list[int] = []

    def meanwhile() -> None:
        bench.clock.sleep(LONGEST_BULK_S)
        recovered.append(bench.executor().recover(lambda name: name == "process-1"))

    platform.during = meanwhile
    assert bulk(bench).run_bulk(ACCOUNT, SENDING) == {"applied": 6}
    assert recovered == [0]


def test_what_a_killed_process_had_in_a_feed_is_read_back_and_never_sent_again() -> None:
    platform = BulkPlatform()
    bench = waiting(platform)

    def dies() -> None:
        raise Killed

    platform.during = dies
    with pytest.raises(Killed):
        bulk(bench).run_bulk(ACCOUNT, SENDING)
    assert states(bench.ledger.tables) == {"executing": 6, "approved": 2}
    assert bench.executor(claimed_by="process-2").recover(lambda name: name == "process-2") == 6
    assert states(bench.ledger.tables) == {"unknown": 6, "approved": 2}
    platform.during = lambda: None
    assert bulk(bench, "process-2").run_bulk(ACCOUNT, {"bulk_from": 1}) == {"applied": 2}
    assert len(platform.calls) == 2
    assert set(platform.calls[1]).isdisjoint(platform.calls[0])


def test_one_that_is_stuck_for_longer_is_left_behind() -> None:
    platform = BulkPlatform()
    bench = waiting(platform)
    recovered: list[int] = []

    def stuck() -> None:
        bench.clock.move_to(bench.clock.now() + timedelta(seconds=BULK_LASTS_S + 1))
        recovered.append(bench.executor().recover(lambda _name: True))

    platform.during = stuck
    bulk(bench).run_bulk(ACCOUNT, SENDING)
    assert recovered == [6]
    assert {state_of(bench, sku) for sku in platform.calls[0]} == {State.APPLIED}, "the late answer completes it"
    assert AccountId("x") not in bulk(bench).accounts
