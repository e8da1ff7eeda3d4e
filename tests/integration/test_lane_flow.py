"""The lane's overlapping stages over the whole App: nothing lost or doubled, and what keeps failing is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from seller_kit import AMAZON, HIDDEN_S, PERSON, Seller, notice, only, rows

from ecom_agent.ids import AccountId
from ecom_agent.runtime import flow
from ecom_agent.runtime.lane import MOST_TRIES
from ecom_agent.wiring import App

pytestmark = pytest.mark.services


def run_until(app: App, done: Callable[[], bool]) -> None:
    """The lanes as they run live, until it is so; then they finish what they have."""
    stop = threading.Event()
    threads = [threading.Thread(target=one.run) for one in app.flows(stop)]
    for thread in threads:
        thread.start()
    tick = threading.Event()
    try:
        for _ in range(6_000):
            if done():
                break
            tick.wait(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert done()


def test_events_become_writes_once_each_and_are_acknowledged(seller: Seller) -> None:
    app = seller.alone()
    told = rows(app, 5)
    for row in told:
        id = seller.tell(row, 97)
        seller.tell(row, 97, id=id)
    seller.send("no JSON at all")
    run_until(app, lambda: seller.waiting_messages() == 0 and not app.actions(state="approved"))
    assert sorted(len(seller.writes(row.sku)) for row in told) == [1] * 5
    assert [q.stream for q in app.quarantine()] == ["events"]
    assert {a.state for a in app.actions()} == {"applied"}
    assert app.audit_verify().ok


def test_what_was_sent_and_not_kept_comes_again_and_is_not_sent_twice(seller: Seller) -> None:
    """The process dies between the commit that lets a change leave and the one that keeps its event."""
    app = seller.alone()
    told = rows(app, 3)
    for row in told:
        seller.tell(row, 97)
    (dies,) = app.flows(threading.Event())
    events = dies.lane.source.receive(wait_s=0, most=10)
    done = dies.lane.decide(events, dies.executor, lambda wishes: wishes)
    dies.executor.send(done.claims)
    assert done.batch is not None
    assert (len(done.batch), seller.waiting_messages()) == (3, 3), "nothing is acknowledged"

    seller.wait(seconds=HIDDEN_S)
    other = seller.open()
    assert other.consume(wait_s=0)["received"] == 3
    seller.settle(other)
    assert [len(seller.writes(row.sku)) for row in told] == [1] * 3
    assert seller.waiting_messages() == 0
    assert other.audit_verify().ok


def test_of_a_backlog_only_the_newest_event_of_each_listing_is_sent(seller: Seller) -> None:
    app = seller.alone()
    told, now = rows(app, 4), seller.clock.now()
    shares = [97, 96, 98, 95, 97, 96, 98, 99, 95, 97]
    for number, share in enumerate(shares):
        for row in told:
            seller.tell(row, share, at=now + timedelta(seconds=number - len(shares)))
    (stages,) = app.flows(threading.Event())
    lane, executor = stages.lane, stages.executor
    batches = []
    while events := lane.source.receive(wait_s=0, most=10):
        batches.append(lane.decide(events, executor, lambda wishes: wishes, put_off=True).batch)
    assert app.actions() == []
    while lane.behind:
        executor.send(lane.catch_up(executor, lambda wishes: wishes, most=3).claims)
    kept = lane.keep([batch for batch in batches if batch is not None])
    assert (kept.counts["move"], kept.left) == (40, [])
    for row in told:
        (sent,) = seller.writes(row.sku)
        assert row.price is not None
        assert sent == pytest.approx(row.price.minor * shares[-1] / 100, rel=0.006)
    assert [a.state for a in app.actions()] == ["applied"] * 4, "the older ones never reached the gate"


def test_a_poison_wish_that_was_put_off_holds_up_no_other(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    app = seller.alone()
    told = rows(app, 3)
    for row in told:
        seller.tell(row, 97)
    (stages,) = app.flows(threading.Event())
    lane, executor, poison = stages.lane, stages.executor, told[1].sku
    lane.decide(lane.source.receive(wait_s=0, most=10), executor, lambda wishes: wishes, put_off=True)
    propose = lane.pipeline.propose_all_in

    def breaks(book: Any, wishes: Any) -> Any:
        if any(wish.target == poison for wish in wishes):
            raise ValueError("a bug of ours")
        return propose(book, wishes)

    monkeypatch.setattr(lane.pipeline, "propose_all_in", breaks)
    done = lane.catch_up(executor, lambda wishes: wishes)
    assert (done.counts["left_to_sweep"], done.counts["action_approved"], done.waiting) == (1, 2, 2)
    assert not lane.behind
    assert {a.target for a in app.actions()} == {row.sku for row in told} - {poison}


def test_a_flow_is_behind_from_a_deep_batch_until_the_queue_gives_less_than_was_asked_for(seller: Seller) -> None:
    (stages,) = seller.alone().flows(threading.Event())
    assert not stages._is_behind(flow.DEEP - 1)
    assert stages._is_behind(flow.DEEP)
    assert stages._is_behind(1)
    stages._slack.set()
    assert not stages._is_behind(1)
    assert stages._is_behind(flow.DEEP)
    assert not stages._is_behind(0)


def test_after_a_mere_pause_nothing_is_put_off(seller: Seller) -> None:
    (stages,) = seller.alone().flows(threading.Event())
    stages._taken_at -= 1.0
    assert not stages._is_behind(2 * flow.DEEP), "they came no faster than the gate keeps up with"
    stages._taken_at -= 1.0
    assert stages._is_behind(20 * flow.DEEP)
    stages._taken_at -= 1.0
    assert not stages._is_behind(2 * flow.DEEP), "the backlog is drained"


def test_the_engine_knows_at_once_what_this_process_sent(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    run_until(app, lambda: bool(seller.writes(row.sku)) and not app.actions(state="executing"))
    engine = app.lanes[AccountId(AMAZON)].engine_room.lane.engine
    assert engine.state(row.marketplace, row.sku).price_minor == seller.writes(row.sku)[0]


def test_what_another_process_sent_is_learnt_while_nothing_comes(seller: Seller) -> None:
    app, other = seller.alone(), seller.open()
    first, theirs = rows(app, 2)
    engine = app.lanes[AccountId(AMAZON)].engine_room.lane.engine
    other.parts.executor.claimed_by = "another process"
    (stages,) = other.flows(threading.Event())

    def sent_by_the_other() -> int:
        if not seller.writes(theirs.sku):
            body = notice(seller.asin(theirs.sku), "theirs", seller.clock.now(), ours=20, rival=19)
            done = stages.lane.decide([Plain(body.encode())], stages.executor, lambda wishes: wishes)
            stages.executor.send(done.claims)
            seller.wait(seconds=2 * flow.QUIET_S)
        return seller.writes(theirs.sku)[0]

    def known() -> bool:
        if not seller.writes(first.sku):  # the lane has decided by then, on what it knew
            return False
        return engine.state(theirs.marketplace, theirs.sku).price_minor == sent_by_the_other()

    seller.tell(first, 97)
    run_until(app, known)


def test_what_a_person_let_go_is_sent_by_the_lane(seller: Seller) -> None:
    app = seller.ready()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    app.approve(only(app, row.sku).key, PERSON)
    run_until(app, lambda: bool(seller.writes(row.sku)))


def test_a_newer_event_that_wants_no_change_takes_back_what_waits(seller: Seller) -> None:
    app = seller.ready()
    (row,) = rows(app, 1)
    assert row.price is not None
    seller.tell(row, 97)
    assert app.consume(wait_s=0)["action_held"] == 1
    seller.wait(seconds=30)
    # the rival went above us: we are the cheapest, and a raise is not what waits
    ours, above = row.price.major, row.price.major * 2
    seller.send(notice(seller.asin(row.sku), "later", seller.clock.now(), ours=ours, rival=above))
    done = app.consume(wait_s=0)
    assert done.get("withdrawn", 0) + done.get("action_held", 0) >= 1
    states = {a.state for a in app.actions(sku=row.sku) if a.after != above}
    assert "denied" in states


def test_a_message_that_keeps_failing_is_given_up_with_its_reason_and_counted(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    lane = app.lanes[AccountId(AMAZON)]
    read = lane.source.read_event

    def bug(event: Any) -> Any:
        if b"FEE_PROMOTION" in event.body:
            raise KeyError("a bug of ours")
        return read(event)

    monkeypatch.setattr(lane.source, "read_event", bug)
    seller.send('{"NotificationType": "FEE_PROMOTION", "Payload": {}}')
    seller.tell(row, 97)
    first = app.consume(wait_s=0)
    assert (first["left"], first["move"]) == (1, 1), "it stops nothing but itself"
    for _ in range(MOST_TRIES - 2):
        seller.wait(seconds=HIDDEN_S)
        assert app.consume(wait_s=0) == {"received": 1, "left": 1}
    seller.wait(seconds=HIDDEN_S)
    last = app.consume(wait_s=0)
    assert (last["dead"], last["unreadable"]) == (1, 1)
    (aside,) = app.quarantine()
    assert f"given up after {MOST_TRIES} tries: KeyError" in aside.reason
    assert seller.waiting_messages() == 0


def test_a_page_that_changes_without_events_is_silent_until_one_comes(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    asin = seller.asin(row.sku)
    assert app.silent() == []
    for _ in range(2):
        seller.wait(hours=4)
        app.pull(AMAZON, "offers")
    (page,) = [p for p in app.silent() if p.external_id == asin]
    assert page.changes >= 1
    assert page.event_at is not None
    assert app.pull(AMAZON, "silent_offers").fetched == len({p.external_id for p in app.silent()})
    seller.tell(row, 95)
    app.consume(wait_s=0)
    assert [p for p in app.silent() if p.external_id == asin] == []


@dataclass(frozen=True)
class Plain:
    body: bytes = b""
    receipt: str = ""
    tries: int = 1
