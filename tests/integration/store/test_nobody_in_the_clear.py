"""Whatever platforms send of a buyer: nothing of it stands readable in any table or log, and he is one customer."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from postgres_kit import VAULT
from sqlmodel import select
from store_kit import US
from vendor_kit import ACCOUNT, Vendor, bodies, sample

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from ecom_agent.ingest.inbox import process
from ecom_agent.ingest.pull import pull
from ecom_agent.store.customers import CustomerStore
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxStore
from ecom_agent.store.line import driver
from ecom_agent.store.orders import OrderRow
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from platforms import registry

pytestmark = pytest.mark.services
NAME, MAIL, PHONE, STREET, ID = "Zyx Quarkmann", "zyx@quark.example", "+49-555-7788", "77 Quark Lane", "zyxq_4711"
PERSONAL = (NAME, "Quarkmann", MAIL, PHONE, STREET, ID)


def _ebay(order: Any) -> None:
    place = {"addressLine1": STREET, "city": "Quarkton", "countryCode": "US"}
    person = {"fullName": NAME, "email": MAIL, "primaryPhone": {"phoneNumber": PHONE}, "contactAddress": place}
    order["buyer"] = {"username": ID, "buyerRegistrationAddress": person}
    order["fulfillmentStartInstructions"] = [{"shippingStep": {"shipTo": person}}]


def _amazon(order: Any) -> None:
    order["buyer"] = {"buyerName": NAME, "buyerEmail": ID}
    order["recipient"] = {
        "deliveryAddress": {"name": NAME, "addressLine1": STREET, "phone": PHONE, "countryCode": "US"}
    }


def _tiktok(order: Any) -> None:
    order |= {"user_id": ID, "buyer_email": MAIL, "buyer_nickname": NAME}
    order["recipient_address"] = {"region_code": "US", "name": NAME, "full_address": STREET, "phone_number": PHONE}


def _walmart(order: Any) -> None:
    order |= {"buyerId": ID, "customerEmailId": MAIL}
    place = {"name": NAME, "address1": STREET, "country": "USA"}
    order["shippingInfo"] = {**order.get("shippingInfo", {}), "phone": PHONE, "postalAddress": place}


def _shopify(order: Any) -> None:
    order |= {"email": MAIL, "phone": PHONE, "customer": {"displayName": NAME, "id": ID}}
    order["shippingAddress"] = {"countryCodeV2": "US", "name": NAME, "address1": STREET}


VENDORS: dict[str, tuple[str, Callable[[Any], None], str]] = {
    "amazon": ("orders", _amazon, "createdTime"),
    "ebay": ("orders", _ebay, "creationDate"),
    "shopify": ("nodes", _shopify, "createdAt"),
    "tiktok_shop": ("orders", _tiktok, "create_time"),
    "walmart": ("order", _walmart, "orderDate"),
}


def bought_by_him(platform: str) -> Callable[[Any], Any]:
    """A body in which he bought every order, with one order more that cannot be read."""
    where, tell, needed = VENDORS[platform]

    def twist(part: Any) -> Any:
        if isinstance(part, list):
            return [twist(one) for one in part]
        if not isinstance(part, dict):
            return part
        told = {name: twist(value) for name, value in part.items()}
        found = told.get(where)
        if isinstance(found, list) and found and isinstance(found[0], dict) and needed in found[0]:
            for order in found:
                tell(order)
            told[where] = [*found, {**copy.deepcopy(found[0]), needed: {"odd": 1}}]
        return told

    return twist


def dump(database: Database) -> bytes:
    """Every byte of every row of every table, as the database prints it, and bytea as bytes."""
    found: list[bytes] = []
    with database.unit() as unit:
        connection = driver(unit.session)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'.encode()).fetchall():
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


@pytest.mark.parametrize("platform", VENDORS)
def test_orders_of_every_platform(database: Database, caplog: pytest.LogCaptureFixture, platform: str) -> None:
    vendor = Vendor(registry.spec(platform), "orders")
    bodies(vendor, bought_by_him(platform), only="orders")
    with caplog.at_level(logging.DEBUG):
        report = pull("orders", ACCOUNT, vendor.open(), database, vendor.clock)
    assert report.written > 0
    assert report.quarantined > 0
    stored, logged = dump(database), caplog.text
    assert [told for told in PERSONAL if told.encode() in stored or told in logged] == []
    with database.unit() as unit:
        raw, aside = RawStore(unit.session), QuarantineStore(unit.session)
        assert all(json.loads(raw.get_one(one).body.splitlines()[0]) for one in raw.digests(ACCOUNT, "orders"))
        assert all(aside.payload(one.id) for one in aside.open())
        found = CustomerStore(unit.session, VAULT).all(open_them=True)
        keys = set(unit.session.exec(select(OrderRow.customer)))
    if platform == "shopify":  # the query asks for no customers: few apps may see them
        assert (found, keys) == ([], {None})
        return
    (him,) = found
    assert him.buyer is not None
    assert (him.platform, him.buyer.id, him.orders, keys) == (platform, ID, report.written, {him.key})
    if platform == "ebay":
        assert (him.buyer.name, him.buyer.email, him.buyer.phone) == (NAME, MAIL, PHONE)
        assert STREET in str(him.buyer.address)
    assert NAME not in repr(him)


def test_webhooks_before_and_after_they_are_worked_on(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    vendor = Vendor(registry.spec("shopify"), "orders")
    body = {**sample("shopify", "webhook_order"), "email": MAIL, "phone": PHONE}
    body["customer"] = {"id": 4711, "first_name": "Zyx", "last_name": "Quarkmann", "email": MAIL}
    body["shipping_address"] = {"country_code": "DE", "address1": STREET, "name": NAME}
    broken = {**body, "line_items": None}
    shop = AccountId("shop")
    with database.unit() as unit:
        for number, one in enumerate((body, broken)):
            raw = json.dumps(one).encode()
            assert InboxStore(unit.session).put(
                shop, "shopify", "orders/updated", f"{number}", raw, at=vendor.clock.now()
            )
    waiting = dump(database)
    with caplog.at_level(logging.DEBUG):
        counts = process({shop: vendor.open(), US: None}, database, FrozenClock(vendor.clock.now()))
    assert (counts["written"], counts["quarantined"]) == (1, 1)
    done = dump(database)
    assert [told for told in PERSONAL if told.encode() in waiting + done or told in caplog.text] == []
    with database.unit() as unit:
        (him,) = CustomerStore(unit.session, VAULT).all(open_them=True)
    assert him.buyer is not None
    assert (him.buyer.name, him.buyer.email, him.orders) == (NAME, MAIL, 1)
