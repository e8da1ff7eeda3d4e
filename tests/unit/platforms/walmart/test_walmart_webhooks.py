"""Webhooks: what is signed over, what is refused, what the bodies become."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ports.reads import ReceivesWebhooks
from ecom_agent.records.events import OrderChange
from native_pricer.intake import UNNAMED, Place
from platforms.walmart import parse
from platforms.walmart.webhooks import signature

SECRET, PATH = "a-webhook-secret", "/hooks/walmart?src=a"
US = "10000009999"
PLACE = Place("WALMART_US", "0MUG00000001", "new", "USD")
BODY = json.dumps(
    {
        "source": {"eventType": "BUY_BOX_CHANGED", "eventTime": "2026-11-03T11:59:00.000Z", "eventId": "e-1"},
        "payload": {
            "sku": "MUG-01",
            "isSellerBuyBoxWinner": False,
            "buyBoxItemPrice": 12.05,
            "buyBoxShipPrice": 0,
        },
    }
).encode()


def signed(service: Any, body: bytes = BODY, *, off: timedelta = timedelta(), path: str = PATH) -> dict[str, str]:
    stamp = str(int((service.clock.now() + off).timestamp()))
    return {"WM_SEC.TIMESTAMP": stamp, "WM_SEC.SIGNATURE": signature(SECRET, path, stamp, body)}


def test_the_connector_receives_webhooks(service: Any) -> None:
    assert isinstance(service.connector, ReceivesWebhooks)


def test_a_performance_webhook_is_known_by_method_path_time_and_body(service: Any) -> None:
    event = service.connector.verify_webhook(signed(service), BODY)
    assert (event.topic, event.dedupe_id) == ("BUY_BOX_CHANGED", "e-1")
    assert b"MUG" not in repr(event).encode()
    for headers, body in (
        (signed(service), BODY + b" "),
        (signed(service, path="/hooks/walmart"), BODY),
        ({**signed(service), "WM_SEC.TIMESTAMP": "1793707201"}, BODY),
        ({**signed(service), "WM_SEC.SIGNATURE": ""}, BODY),
        ({**signed(service), "WM_SEC.SIGNATURE": "ünicode"}, BODY),
    ):
        with pytest.raises(AuthFailed):
            service.connector.verify_webhook(headers, body)


@pytest.mark.parametrize("off", [timedelta(hours=-2), timedelta(hours=2)])
def test_a_signed_time_far_from_now_is_a_replay(service: Any, off: timedelta) -> None:
    with pytest.raises(AuthFailed, match="replay"):
        service.connector.verify_webhook(signed(service, off=off), BODY)
    service.connector.verify_webhook(signed(service, off=off / 4), BODY)


def test_a_signed_time_may_be_in_milliseconds_and_must_be_a_time(service: Any) -> None:
    stamp = str(int(service.clock.now().timestamp() * 1000))
    headers = {"wm_sec.timestamp": stamp, "wm_sec.signature": signature(SECRET, PATH, stamp, BODY)}
    assert service.connector.verify_webhook(headers, BODY)
    for odd in ("soon", "9" * 30, "-1"):
        with pytest.raises(AuthFailed):
            service.connector.verify_webhook(
                {"WM_SEC.TIMESTAMP": odd, "WM_SEC.SIGNATURE": signature(SECRET, PATH, odd, BODY)}, BODY
            )


def test_a_subscribed_webhook_is_known_by_an_hmac_of_its_body(service: Any) -> None:
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha256)
    for written in (base64.b64encode(digest.digest()).decode(), digest.hexdigest(), digest.hexdigest().upper()):
        assert service.connector.verify_webhook({"wm_hmac": written}, BODY).dedupe_id == "e-1"
        with pytest.raises(AuthFailed):
            service.connector.verify_webhook({"WM_HMAC": written}, BODY + b" ")
    with pytest.raises(ParseFailed, match="wm_hmac"):
        service.connector.verify_webhook({"Authorization": "Basic abc"}, BODY)


def test_without_what_is_needed_all_are_refused(service: Any) -> None:
    with pytest.raises(ConfigError, match="WEBHOOK_SECRET"):
        service.open(WEBHOOK_SECRET="").verify_webhook(signed(service), BODY)
    with pytest.raises(ConfigError, match="WEBHOOK_URL"):
        service.open(WEBHOOK_URL="").verify_webhook(signed(service), BODY)
    with pytest.raises(ParseFailed):
        service.connector.verify_webhook({"WM_SEC.SIGNATURE": "x"}, BODY)


def test_a_body_without_an_id_is_known_by_its_digest() -> None:
    body = b'{"eventType": "PO_CREATED", "eventVersion": "V1", "payload": {}}'
    assert parse.event(body).id == hashlib.sha256(body).hexdigest()
    assert parse.event(body).type == "PO_CREATED"
    told = parse.event(b'{"payload": {"notificationType": "BUY_BOX_CHANGED", "sku": "A"}}')
    assert (told.type, told.at) == ("BUY_BOX_CHANGED", None)


def test_a_webhook_that_only_names_an_order_says_which_one_moved(service: Any) -> None:
    source = {"eventType": "PO_LINE_AUTOCANCELLED", "eventTime": "2026-11-03T11:59:00Z", "eventId": "e-2"}
    raw = json.dumps({"source": source, "payload": {"purchaseOrderId": "108"}}).encode()
    told = service.connector.read_webhook("PO_LINE_AUTOCANCELLED", raw)
    assert told == OrderChange(OrderId("108"), MarketplaceId("WALMART_US"), datetime(2026, 11, 3, 11, 59, tzinfo=UTC))
    assert service.connector.read_webhook("BUY_BOX_CHANGED", BODY) is None
    assert service.requests == [], "reading calls nobody"


def changed(**payload: Any) -> parse.BuyBoxChange:
    raw = json.loads(BODY)
    raw["payload"] |= payload
    return parse.buy_box_change(parse.event(json.dumps(raw).encode()))


def test_the_engine_hears_who_has_the_buy_box_and_at_what_price() -> None:
    rival = changed().parsed(PLACE, US)
    assert (rival.event_id, rival.asin, rival.buy_box_minor) == ("e-1", "0MUG00000001", 1205)
    assert [(o.seller_id, o.listing_minor, o.shipping_minor, o.is_winner) for o in rival.offers] == [
        (UNNAMED, 1205, 0, True)
    ]
    ours = changed(isSellerBuyBoxWinner="Y", buyBoxShipPrice=None).parsed(PLACE, US)
    assert [(o.seller_id, o.shipping_minor) for o in ours.offers] == [(US, None)]
    assert ours.buy_box_minor is None, "an unknown shipping is not free"
    nobody = changed(buyBoxItemPrice=None).parsed(PLACE, US)
    assert (nobody.buy_box_minor, nobody.offers) == (None, ())
    with pytest.raises(ParseFailed):
        changed(buyBoxItemPrice=None, isSellerBuyBoxWinner=True).parsed(PLACE, US)


@pytest.mark.parametrize(
    ("name", "value"),
    [("sku", None), ("buyBoxItemPrice", "cheap"), ("buyBoxItemPrice", -1), ("buyBoxShipPrice", []),
     ("isSellerBuyBoxWinner", "perhaps"), ("isSellerBuyBoxWinner", [1])],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ParseFailed, match=name):
        changed(**{name: value})


def test_a_payload_without_prices_is_refused_and_not_taken_for_nobody() -> None:
    raw = json.loads(BODY)
    del raw["payload"]["buyBoxItemPrice"]
    with pytest.raises(ParseFailed, match="buyBoxItemPrice: missing"):
        parse.buy_box_change(parse.event(json.dumps(raw).encode()))


NAMES = ("source", "payload", "eventType", "eventId", "orderLines", "purchaseOrderId", "x")
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60)
@given(BODIES, st.sampled_from(sorted(parse.ORDER_TOPICS)))
def test_any_body_is_read_or_refused_with_a_reason(body: Any, topic: str) -> None:
    for raw in (body, {"eventType": topic, "payload": body}):
        with contextlib.suppress(ParseFailed):
            said = parse.event(json.dumps(raw).encode())
            parse.order_in(said, account=AccountId("a"), marketplace=MarketplaceId("m"))
            parse.buy_box_change(said)
