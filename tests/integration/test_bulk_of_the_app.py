"""Very many approved prices over the whole App: some by patch, the rest by one feed, all once, all read back."""

from __future__ import annotations

from typing import Any

import pytest
from seller_kit import AMAZON, PERSON, Seller, rows

from ecom_agent.ids import AccountId
from ecom_agent.wiring import App
from ecom_agent.wiring.deciding import process_lives, process_name
from platforms.amazon import feeds
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services
MANY = 8


def approved(seller: Seller, bulk_from: int | None) -> tuple[App, list[str]]:
    """So many changes that were approved and wait."""
    app = seller.ready()
    body = app.policy("sending")
    changed = {name: line for name, line in body.items() if name != "bulk_from"}
    app.set_policy("sending", {**changed, **({} if bulk_from is None else {"bulk_from": bulk_from})}, by=PERSON)
    told = rows(app, MANY)
    for row in told:
        seller.tell(row, 97)
    while app.consume(wait_s=0).get("received"):
        pass
    for held in app.pending():
        app.approve(held.key, PERSON)
    skus = sorted(row.sku for row in told)
    assert sorted(a.target for a in app.actions(state="approved")) == skus
    return app, skus


def test_some_leave_by_patch_and_the_rest_by_one_feed_each_once(seller: Seller) -> None:
    app, skus = approved(seller, 6)
    assert app.bulk_accounts == (AMAZON,)
    assert app.execute_bulk(AMAZON) == {"applied": MANY - 3}
    by_feed = {a.target for a in app.actions(state="applied")}
    lane = app.lanes[AccountId(AMAZON)].engine_room.lane
    for sku in by_feed:
        assert lane.engine.state(MARKETPLACE, sku).price_minor == seller.writes(sku)[0], "the engine was told"
    assert app.execute_bulk(AMAZON) == {}, "too few are left"
    seller.settle(app)
    assert {a.state for a in app.actions()} == {"verified"}
    assert [len(seller.writes(sku)) for sku in skus] == [1] * MANY
    assert all(seller.price(sku) == seller.writes(sku)[0] for sku in skus)
    assert len(by_feed) == MANY - 3
    key = next(a.key for a in app.actions() if a.target in by_feed)
    _action, events = app.explain(key)
    assert any(str(event.detail.get("receipt", "")).startswith("50000020001/") for event in events)
    assert app.audit_verify().ok
    assert not any(app.watch().values())


def test_below_the_number_or_without_one_there_is_no_feed(seller: Seller) -> None:
    app, _skus = approved(seller, None)
    assert app.execute_bulk(AMAZON) == {}
    assert len(app.actions(state="approved")) == MANY


def test_a_halt_set_meanwhile_stops_them(seller: Seller) -> None:
    app, skus = approved(seller, 2)
    app.halt(f"account:{AMAZON}", PERSON, "stop")
    assert app.execute_bulk(AMAZON) == {"denied": MANY - 1}
    assert [seller.writes(sku) for sku in skus] == [[]] * MANY


def test_a_feed_that_ends_fatally_is_read_back_and_nothing_is_sent_again(seller: Seller) -> None:
    app, skus = approved(seller, 2)
    seller.faults(fatal_feed=1.0)
    assert app.execute_bulk(AMAZON) == {"unknown": MANY - 1}
    seller.faults()
    app.execute()
    for minutes in (2, 15, 50, 1, 1):
        seller.wait(minutes=minutes)
        app.verify()
    failed = [a.target for a in app.actions(state="failed")]
    assert len(failed) == MANY - 1
    assert [seller.writes(sku) for sku in failed] == [[]] * (MANY - 1)
    assert sum(len(seller.writes(sku)) for sku in skus) <= 1


def test_what_a_killed_process_had_in_a_feed_is_read_back_and_not_sent_again(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def dies(*_given: Any) -> Any:
        raise Killed

    app, skus = approved(seller, 2)
    with monkeypatch.context() as while_it_lives:
        while_it_lives.setattr(feeds, "_ended", dies)
        with pytest.raises(Killed):
            app.execute_bulk(AMAZON)
    assert len(app.actions(state="executing")) == MANY - 1
    assert app.recover() == {"unknown": 0}, "its process lives"

    other = seller.open()
    assert other.parts.executor.recover(lambda name: "/" in name) == MANY - 1
    seller.settle(other)
    assert {a.state for a in other.actions()} == {"verified"}
    assert [len(seller.writes(sku)) for sku in skus] == [1] * MANY
    assert other.audit_verify().ok


def test_a_process_is_known_by_its_name_whatever_it_holds() -> None:
    assert process_lives(process_name())
    assert not process_lives("1@0.00")
