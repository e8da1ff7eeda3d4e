"""App's verbs about buyers and bindings on a real database: one customer over two accounts, forgotten for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from seller_kit import AMAZON, PERSON, SHOP, Seller
from store_kit import ATV, an_order

from ecom_agent.connector import Page
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ingest.land import land_page
from ecom_agent.records.messages import Message, Reply
from ecom_agent.records.people import Buyer
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.raw import RawStore
from ecom_agent.store.replies import ReplyStore
from ecom_agent.wiring import App

pytestmark = pytest.mark.services
HIM = Buyer("amazon", "relay-4711@mail.example", "Ann Quark", "ann@quark.example", "+1-555-7788", "77 Quark Lane")


def land(app: App, account: str, records: tuple[Any, ...], raw: bytes, *, days: float = 0) -> None:
    with app.parts.database.unit() as unit:
        page: Page[Any] = Page(records, None, False, "searchOrders", raw)
        land_page(unit.session, AccountId(account), "orders", page, at=app.clock.now() - timedelta(days=days))


def bought(app: App, order_id: str, account: str, *, days: float = 0, buyer: Buyer | None = HIM) -> Any:
    order = an_order(order_id, account=AccountId(account))
    at = app.clock.now() - timedelta(days=days)
    return replace(order, purchased_at=at, updated_at=at, buyer=buyer)


def test_one_customer_over_two_accounts_is_masked_shown_on_purpose_and_forgotten(seller: Seller) -> None:
    app = seller.open()
    land(app, AMAZON, (bought(app, "1", AMAZON, days=2),), b'{"orders": ["relay-4711@mail.example"]}')
    land(app, SHOP, (bought(app, "2", SHOP, days=1, buyer=Buyer("amazon", " RELAY-4711@mail.example")),), b"{}")
    wrote = Message(
        AccountId(AMAZON), ATV, "m1", "c1", True, app.clock.now(), "My cup broke", HIM.id, platform="amazon"
    )
    land(app, AMAZON, (wrote,), b"[]")
    (him,) = app.customers()
    assert (him.orders, him.messages, him.key) == (2, 1, app.customer_key("amazon", HIM.id))
    assert him.buyer == Buyer("amazon", "r•••@mail.example", "A•••", "a•••@quark.example", "+•••", "7•••")
    assert app.customer(him.key, plainly=True, by=PERSON).buyer == HIM
    land(app, AMAZON, (bought(app, "1", AMAZON, days=2, buyer=None),), b"without a buyer")
    assert app.customer(him.key).orders == 2, "what is known is not lost to a source that does not tell"

    done = app.forget_customer(him.key, PERSON)
    assert (done["customers"], done["messages"], done["payloads"]) == (1, 1, 1)
    land(app, AMAZON, (bought(app, "1", AMAZON, days=2), bought(app, "1b", AMAZON, days=1)), b"read again")
    gone = app.customer(him.key, plainly=True, by=PERSON)
    assert (gone.buyer, gone.orders, gone.forgotten_at) == (None, 3, app.clock.now())
    with app.parts.database.unit() as unit:
        assert OrderStore(unit.session).get(AccountId(SHOP), OrderId("2")) is not None
        raw = RawStore(unit.session)
        kept = {raw.get_one(digest).body for digest in raw.digests(AccountId(AMAZON), "orders")}
    assert kept == {b"[]", b"without a buyer", b"read again"}
    seller.wait(hours=1)
    land(app, AMAZON, (bought(app, "3", AMAZON),), b"he came again")
    back = app.customer(him.key, plainly=True, by=PERSON)
    assert (back.buyer, back.forgotten_at, back.orders) == (HIM, None, 4)
    told = [event.step for event in app.audit_events(limit=20)]
    assert told.count("customer shown") == 3
    assert "customer forgotten" in told
    with pytest.raises(NotFound):
        app.forget_customer("0" * 32, PERSON)


def test_what_is_too_old_goes_by_policy(seller: Seller) -> None:
    app = seller.open()
    other = Buyer("ebay", "tea_friend_9", "Tea Friend")
    land(app, AMAZON, (bought(app, "1", AMAZON, days=31), bought(app, "2", AMAZON, days=40, buyer=other)), b"{}")
    assert app.retain() == {"persons": 1, "replies": 0, "payloads": 0}
    assert {c.platform: c.buyer is None for c in app.customers()} == {"amazon": True, "ebay": False}
    land(app, AMAZON, (), b"long ago", days=401)
    assert app.retain()["payloads"] == 1
    with pytest.raises(BadInput, match="payload_days"):
        app.set_policy("privacy", {"person_days": {"default": 30}, "payload_days": 0}, PERSON)


def test_listings_are_bound_by_people_only(seller: Seller) -> None:
    app = seller.open()
    for account in (AMAZON, SHOP):
        app.pull(account, "listings")
    board = app.binding_board()
    assert (board.bound, board.rejected) == ((), ())
    sure = [review.sure for review in board.reviews if review.sure is not None]
    assert sure, "the simulated shop sells under the same SKUs"
    first = sure[0]
    app.reject_binding(*first.place, first.our_sku, PERSON)
    many = app.accept_sure_bindings(PERSON)
    after = app.binding_board()
    assert (len(after.bound), len(after.rejected)) == (many, 1)
    assert many == len(sure) - 1
    assert first.place in {(x.listing.account, x.listing.marketplace, x.listing.sku) for x in after.reviews}
    one = after.bound[0]
    app.bind(*one.place, "OTHER", PERSON)
    assert ("OTHER", one.sku) in {(b.our_sku, b.sku) for b in app.binding_board().bound}
    rows = [{"account": one.account, "marketplace": one.marketplace, "sku": s, "our_sku": "Z"} for s in (one.sku, "NO")]
    with pytest.raises(NotFound, match="NO"):
        app.import_bindings(rows, PERSON)
    assert app.import_bindings(rows[:1], PERSON) == 1
    assert "Z" in {b.our_sku for b in app.binding_board().bound}
    assert app.unbind(*one.place, PERSON) >= 1
    with pytest.raises(BadInput, match="person"):
        app.bind(one.account, MarketplaceId(one.marketplace), one.sku, "A", "system:scheduler")


def answered(app: App, written: str, *, message: str, conversation: str, buyer: str, days: float = 0) -> Reply:
    """A message of a buyer, and what we wished to answer so many days ago."""
    at = app.clock.now() - timedelta(days=days)
    asked = Message(AccountId(AMAZON), ATV, message, conversation, True, at, "Where is it?", buyer, platform="amazon")
    land(app, AMAZON, (asked,), b"[]")
    reply = Reply(asked, written, PERSON, at)
    with app.parts.database.unit() as unit:
        ReplyStore(unit.session, app.parts.vault()).keep(reply)
    return reply


def kept(app: App, reply: Reply) -> bool:
    with app.parts.database.unit() as unit:
        store = ReplyStore(unit.session, app.parts.vault())
        return store.find(reply.to.account, reply.to.conversation_id, reply.said.digest) is not None


def test_our_answers_go_with_the_customer_they_were_written_to(seller: Seller) -> None:
    app = seller.open()
    his = answered(app, "Dear Ann, it is with UPS", message="m1", conversation="c1", buyer=HIM.id)
    hers = answered(app, "Dear Bea, it is sold out", message="m2", conversation="c2", buyer="bea@mail.example")
    key = app.customer_key("amazon", HIM.id)
    assert app.forget_customer(key, PERSON)["replies"] == 1
    assert (kept(app, his), kept(app, hers)) == (False, True)
    assert app.forget_customer(key, PERSON)["replies"] == 0


def test_our_answers_go_when_they_are_old_and_stay_where_the_policy_does_not_say(seller: Seller) -> None:
    app = seller.open()
    old = answered(app, "It left us on Monday", message="m1", conversation="c1", buyer=HIM.id, days=401)
    young = answered(app, "It will come on Friday", message="m2", conversation="c1", buyer=HIM.id, days=399)
    whole = dict(app.policy("privacy"))
    silent = {name: value for name, value in whole.items() if name != "reply_days"}
    app.set_policy("privacy", silent, PERSON)
    assert (app.retain()["replies"], kept(app, old)) == (0, True)
    app.set_policy("privacy", whole, PERSON)
    assert app.retain()["replies"] == 1
    assert (kept(app, old), kept(app, young)) == (False, True)
    with pytest.raises(BadInput, match="reply_days"):
        app.set_policy("privacy", {**whole, "reply_days": "long"}, PERSON)
