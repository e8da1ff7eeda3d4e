"""Bad news from outside, over the whole App: refused credentials, lost answers, poison, webhooks of others."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from seller_kit import AMAZON, SHOP, START, Seller, only, percent, rows

from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.views import ListingView
from ecom_agent.store.facts import FactStore
from ecom_agent.wiring import App
from platforms.shopify.webhooks import signature
from platforms.simulated import credentials as demo

pytestmark = pytest.mark.services

Webhook = tuple[dict[str, str], bytes]


# Credentials that are refused.


def test_a_refused_account_is_paused_and_told_while_the_other_goes_on_until_it_is_repaired(seller: Seller) -> None:
    good = seller.alone()
    row, (ours, *_) = rows(good, 1)[0], rows(good, 1, SHOP)
    broken = seller.open(ECOM_AMAZON_US__CLIENT_SECRET="not-the-one")
    with pytest.raises(AuthFailed):
        broken.pull(AMAZON, "orders")
    broken.pull(SHOP, "orders")
    (paused,) = broken.health().paused_accounts
    assert paused[0] == AMAZON
    assert paused[1]
    assert any(AMAZON in x.title and x.detail == paused[1] for x in broken.overview().exceptions)

    seller.tell(row, 97)
    broken.consume(wait_s=0)
    assert only(broken, row.sku).state == "denied"
    wished = wish(seller, good, ours)
    seller.settle(broken)
    assert seller.writes() == [wished.after.minor]

    good.pull(AMAZON, "orders")
    assert good.health().paused_accounts == ()
    seller.wait(minutes=1)
    seller.tell(row, 96)
    good.consume(wait_s=0)
    seller.settle(good)
    assert len(seller.writes()) == 2


def test_credentials_refused_while_sending_pause_the_account_and_nothing_was_written(seller: Seller) -> None:
    good = seller.alone()
    one, two = rows(good, 2)
    seller.tell(one, 97)
    seller.tell(two, 97)
    good.consume(wait_s=0)
    broken = seller.open(ECOM_AMAZON_US__CLIENT_SECRET="not-the-one")
    broken.execute()
    assert [account for account, _why in broken.health().paused_accounts] == [AMAZON]
    assert seller.writes() == []
    assert "failed" in {only(broken, row.sku).state for row in (one, two)}
    broken.execute()
    assert seller.writes() == []


# Writes that end otherwise than their answer says.


def test_a_price_that_was_accepted_and_never_applied_fails_and_stops_its_sku(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.faults(not_applied=1.0)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.settle(app)
    failed = only(app, row.sku)
    assert failed.state == "failed"
    assert "drifted" in app.overview().exceptions[1].detail
    scope = f"sku:{row.account}/{row.marketplace}/{row.sku}"
    assert [halt.scope for halt in app.halts()] == [scope]
    told = {x.title for x in app.overview().exceptions}
    assert {f"Halted: {scope}", f"Change of {row.sku} failed"} <= told

    seller.faults()
    seller.wait(minutes=5)
    seller.tell(row, 96)
    app.consume(wait_s=0)
    seller.settle(app)
    assert len(seller.writes(row.sku)) == 1, "the one that was accepted"


@pytest.mark.parametrize("account", [AMAZON, SHOP])
def test_a_write_whose_answer_is_lost_is_read_back_and_never_sent_again(seller: Seller, account: str) -> None:
    app = seller.alone()
    (row,) = rows(app, 1, account)
    action = wish(seller, app, row)
    seller.faults(timeout_after_write=1.0)
    assert app.execute() == {"unknown": 1}
    seller.faults()
    app.execute()
    assert app.recover() == {"unknown": 0}
    seller.settle(app)
    view, events = app.explain(action.key)
    assert view.state == "verified"
    assert [event.step for event in events][-4:] == ["executing", "unknown", "applied", "verified"]
    assert seller.writes(row.sku) == [action.after.minor]


# Poison among good records.


def test_a_poisoned_order_is_set_aside_and_the_others_of_its_page_are_there(seller: Seller) -> None:
    app = seller.ready()
    seller.wait(hours=2)
    seller.faults(poison_record=1.0)
    report = app.pull(AMAZON, "orders")
    assert report.quarantined == report.pages >= 1
    assert report.written > 0
    assert report.written + report.unchanged + report.quarantined == report.fetched  # windows overlap a little
    (aside, *_) = app.quarantine()
    assert (aside.account, aside.stream) == (AMAZON, "orders")
    assert aside.reason
    assert any("set aside" in x.title for x in app.overview().exceptions)


# Webhooks of the shop.


def test_a_webhook_is_taken_once_and_a_later_sweep_does_not_double_its_order(seller: Seller) -> None:
    app = seller.ready()
    with subscribed(seller) as hooks:
        while hooks.empty():
            seller.wait(minutes=10)
            threading.Event().wait(0.5)  # the shop delivers in its own time, not in the world's
        headers, raw = hooks.get()
    assert app.receive_webhook("shopify", SHOP, headers, raw) == "accepted"
    assert app.receive_webhook("shopify", SHOP, headers, raw) == "duplicate"
    with pytest.raises(AuthFailed):
        app.receive_webhook("shopify", SHOP, headers, raw.replace(b'"id":', b'"id": ', 1))
    before = set(app.tally()["order_ids"])
    assert app.process_inbox()["written"] == 1
    assert app.process_inbox() == {}
    (landed,) = set(app.tally()["order_ids"]) - before
    assert landed == json.loads(raw)["admin_graphql_api_id"]
    seller.wait(minutes=15)
    app.pull(SHOP, "orders")
    with app.parts.database.unit() as unit:
        stored = {
            o.order_id: o for o in FactStore(unit.session).orders_between(AccountId(SHOP), START, seller.clock.now())
        }
    real = seller.truth()["orders"]["shopify"][landed]
    assert app.tally()["order_ids"].count(landed) == 1
    assert sum(line.quantity for line in stored[landed].lines) == sum(line["quantity"] for line in real["lines"])


def test_a_signed_webhook_that_cannot_be_read_is_set_aside(seller: Seller) -> None:
    app = seller.ready()
    for number, raw in enumerate(
        (b"no JSON", b'{"id": []}', b'{"admin_graphql_api_id": "gid://shopify/Order/1\\u0000"}')
    ):
        headers = {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Hmac-SHA256": signature(demo.SHOP_SECRET, raw),
            "X-Shopify-Shop-Domain": demo.SHOP,
            "X-Shopify-Webhook-Id": f"w{number}",
        }
        assert app.receive_webhook("shopify", SHOP, headers, raw) == "accepted"
    assert app.process_inbox() == {"processed": 3, "written": 0, "quarantined": 3}
    assert {aside.stream for aside in app.quarantine()} == {"webhooks"}


def wish(seller: Seller, app: App, row: ListingView) -> Any:
    """A small change of a price, wished by the repricing automation and approved."""
    assert row.price is not None
    action = Action(
        kind=Kind.PRICE_SET,
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        target=Sku(row.sku),
        before=row.price,
        after=percent(row.price, 98),
        reason="a test",
        proposed_by="pricing.repricing",
        slot=seller.clock.now(),
        mode=Mode.SANDBOX,
        policy_version=0,
        evidence={},
    )
    assert app.parts.pipeline.propose(action).state == "approved"
    return action


@contextmanager
def subscribed(seller: Seller) -> Iterator[queue.Queue[Webhook]]:
    """What the shop POSTs to us of new orders, as it came."""
    came: queue.Queue[Webhook] = queue.Queue()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((dict(self.headers), raw))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        uri = f"http://127.0.0.1:{server.server_address[1]}/hook"
        made = shop(
            seller,
            f'mutation {{ webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {{uri: "{uri}"}})'
            " { webhookSubscription { id } userErrors { message } } }",
        )["webhookSubscriptionCreate"]
        yield came
        shop(
            seller,
            f'mutation {{ webhookSubscriptionDelete(id: "{made["webhookSubscription"]["id"]}")'
            " { deletedWebhookSubscriptionId userErrors { message } } }",
        )
    finally:
        server.shutdown()
        server.server_close()


def shop(seller: Seller, document: str) -> Any:
    answer = httpx.post(
        f"{seller.market.url}/shopify/{demo.SHOP}/admin/api/2026-10/graphql.json",
        headers={"X-Shopify-Access-Token": demo.SHOP_TOKEN},
        json={"query": document, "variables": {}},
    )
    return answer.raise_for_status().json()["data"]
