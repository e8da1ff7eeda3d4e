"""The event lane over the whole App: unreadable, doubled, reordered and uncommitted notifications."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from postgres_kit import full_disk
from seller_kit import AMAZON, HIDDEN_S, Seller, notice, only, rows

from ecom_agent.errors import StoreError
from ecom_agent.ids import AccountId
from ecom_agent.store.raw import RawStore
from platforms.simulated.credentials import demo_environment

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    "body",
    [
        "no JSON at all",
        '{"NotificationType": "ANY_OFFER_CHANGED", "Payload": {"AnyOfferChangedNotification": {"Offers": 7}}}',
        '{"NotificationType": "ORDER_CHANGE", "Payload": []}',
        '["a list"]',
    ],
)
def test_an_unreadable_notification_is_set_aside_and_the_lane_goes_on(seller: Seller, body: str) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.send(body)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert [(aside.account, aside.stream) for aside in app.quarantine()] == [(AMAZON, "events")]
    assert app.quarantine()[0].reason
    assert seller.waiting_messages() == 0
    assert only(app, row.sku).state == "approved"


def test_a_notification_that_the_database_cannot_hold_is_set_aside_and_the_lane_goes_on(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    wrong = json.loads(notice("B0\0", "with\0nul", seller.clock.now(), ours=10, rival=9))
    seller.send(json.dumps(wrong))
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert app.quarantine()
    assert seller.waiting_messages() == 0
    assert only(app, row.sku).state == "approved"


def test_news_of_an_order_that_amazon_does_not_know_is_set_aside_and_the_lane_goes_on(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    change = {"OrderChangeNotification": {"AmazonOrderId": "999-0000000-0000000", "Summary": {}}}
    seller.send(
        json.dumps(
            {
                "NotificationType": "ORDER_CHANGE",
                "EventTime": seller.clock.now().isoformat(),
                "NotificationMetadata": {"NotificationId": "unknown-order"},
                "Payload": change,
            }
        )
    )
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert len(app.quarantine()) == 1
    assert seller.waiting_messages() == 0
    assert only(app, row.sku).state == "approved"


def test_a_notification_that_decides_nothing_is_kept_as_received_once(seller: Seller) -> None:
    """Pricing health, and whatever else a subscription brings: nothing is lost, and nothing is done about it."""
    app = seller.alone()
    told = {"NotificationType": "FEE_PROMOTION", "NotificationMetadata": {"NotificationId": "f1"}, "Payload": {"a": 1}}
    for _ in range(2):
        seller.send(json.dumps(told))
    assert app.consume(wait_s=0) == {"received": 2, "other": 1, "duplicate": 1}
    with app.parts.database.unit() as unit:
        (digest,) = RawStore(unit.session).digests(AccountId(AMAZON), "events")
        kept = RawStore(unit.session).get_one(digest)
    assert json.loads(kept.body) == told
    assert app.quarantine() == []
    assert app.actions() == []


def test_the_same_notification_ten_times_is_one_decision(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    at = seller.clock.now()
    for _ in range(5):
        seller.tell(row, 97, id="once", at=at)
    first = app.consume(wait_s=0)
    for _ in range(5):
        seller.tell(row, 97, id="once", at=at)
    again = app.consume(wait_s=0)
    assert (first["move"], first["duplicate"], again["duplicate"]) == (1, 4, 5)
    assert "move" not in again
    seller.settle(app)
    assert len(seller.writes(row.sku)) == 1


def test_a_notification_is_known_to_every_process_and_after_a_restart(seller: Seller) -> None:
    first = seller.alone()
    (row,) = rows(first, 1)
    at = seller.clock.now()
    seller.tell(row, 97, id="once", at=at)
    first.consume(wait_s=0)
    second = seller.open()
    seller.tell(row, 97, id="once", at=at)
    assert second.consume(wait_s=0) == {"received": 1, "duplicate": 1}
    assert only(second, row.sku)


@pytest.mark.parametrize("together", [True, False])
def test_of_reordered_notifications_the_newest_wins(seller: Seller, together: bool) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    assert row.price is not None
    now = seller.clock.now()
    seller.tell(row, 97, at=now)
    if not together:
        app.consume(wait_s=0)
    seller.tell(row, 93, at=now - timedelta(seconds=20))
    app.consume(wait_s=0)
    seller.settle(app)
    (sent,) = seller.writes(row.sku)
    assert sent > row.price.minor * 95 // 100


def test_a_notification_whose_commit_fails_comes_again_and_is_handled_once(seller: Seller, postgres_url: str) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    with full_disk(postgres_url, "event_seen"), pytest.raises(StoreError, match="disk is full"):
        app.consume(wait_s=0)
    assert app.actions() == []
    assert seller.waiting_messages() == 1
    assert app.consume(wait_s=0) == {}, "it is hidden still"
    seller.wait(seconds=HIDDEN_S)
    assert app.consume(wait_s=0)["move"] == 1
    assert seller.waiting_messages() == 0
    seller.settle(app)
    assert only(app, row.sku).state == "verified"
    assert len(seller.writes(row.sku)) == 1


def test_an_account_whose_queue_refuses_us_does_not_stop_the_other_one_s_lane(seller: Seller) -> None:
    prefix = f"ECOM_{AMAZON.upper()}__"
    values = demo_environment(seller.market.url)
    broken = {f"ECOM_A_BROKEN__{k.removeprefix(prefix)}": v for k, v in values.items() if k.startswith(prefix)}
    seller.alone()
    app = seller.open(
        **{**broken, "ECOM_A_BROKEN__AWS_ACCESS_KEY_ID": "AKIAWRONG"},
        ECOM_ACCOUNTS=f"a_broken:amazon,{values['ECOM_ACCOUNTS']}",
    )
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert only(app, row.sku).state == "approved"
    assert [account for account, _why in app.health().paused_accounts] == ["a_broken"]
