"""What the lane decided comes out the same again, after a restart too; another policy is told from the one in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from seller_kit import AMAZON, Seller, rows

from ecom_agent.errors import BadInput, NotFound
from ecom_agent.wiring import App

pytestmark = pytest.mark.services


def test_recorded_events_are_decided_the_same_again_also_over_a_restart(seller: Seller) -> None:
    first = seller.alone()
    began = first.clock.now()
    told = rows(first, 2)
    for price in (97, 95):
        for row in told:
            seller.tell(row, price)
        first.consume(wait_s=0)
        first.execute()
        seller.wait(minutes=10)
    second = seller.open()
    for row in told:
        seller.tell(row, 93)
    second.consume(wait_s=0)
    seller.wait(minutes=1)
    report = second.replay(AMAZON, began, second.clock.now())
    assert report.runs == 2
    assert report.decisions >= 6
    assert (report.different, report.first) == (0, ())
    assert report.then_moves == report.now_moves > 0


def test_another_policy_is_asked_on_the_same_events(seller: Seller) -> None:
    app = seller.alone()
    began = app.clock.now()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.wait(minutes=1)
    other = app.replay(AMAZON, began, app.clock.now(), sku=row.sku, policy={"target": "lowest", "offset_bp": -300})
    assert other.decisions == other.different == 1
    assert other.first[0].now_minor != other.first[0].then_minor


def test_a_written_rule_is_asked_on_the_same_events(seller: Seller) -> None:
    app = seller.alone()
    began = app.clock.now()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.wait(minutes=1)
    rule = "rule: dearer\nclauses:\n  - target: lowest\n    offset: +1 %\n"
    other = app.replay(AMAZON, began, app.clock.now(), rules=rule)
    assert other.decisions == other.different == 1
    assert (other.first[0].now_minor or 0) > (other.first[0].then_minor or 0)
    with pytest.raises(BadInput, match="target"):
        app.replay(AMAZON, began, app.clock.now(), rules="rule: x\nclauses:\n  - offset: 1 %\n")
    with pytest.raises(BadInput, match="both"):
        app.replay(AMAZON, began, app.clock.now(), rules=rule, policy={})


def test_hours_and_listings_that_are_none_are_told(seller: Seller) -> None:
    app = seller.alone()
    now = app.clock.now()
    with pytest.raises(BadInput, match="--from before --to"):
        app.replay(AMAZON, now, now - timedelta(hours=1))
    with pytest.raises(NotFound, match="no listing"):
        app.replay(AMAZON, now - timedelta(hours=1), now, sku="NONE")


def test_what_a_strategy_knows_outlives_the_process(seller: Seller) -> None:
    first = seller.alone()
    first.set_rule("rule: by-strategy\nclauses: [{target: {strategy: raise_alone}}]", by="anna")
    first.assign_rule(["default"], "by-strategy", by="anna")
    (row,) = rows(first, 1)
    seller.tell(row, 97)
    first.consume(wait_s=0)

    def known(app: App) -> bytes | None:
        lane = app.lanes[AMAZON]
        lane.prepare()
        return lane.engine_room.lane.engine.memory(row.marketplace, row.sku)

    second = seller.open()
    assert known(first) is not None
    assert known(second) == known(first)
