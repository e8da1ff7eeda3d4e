"""A word or a field that nobody knows: its record is kept, the word stays raw, and both are told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from vendor_kit import ACCOUNT, Vendor, bodies

from ecom_agent import invariants
from ecom_agent.ingest.pull import pull
from ecom_agent.store.db import Database
from ecom_agent.store.unmapped import UnmappedStore
from platforms import registry

pytestmark = pytest.mark.services
WORD = "DREAMING"
TABLES = "orders, order_line, listing, return_case, return_line, charge, stream_cursor, quarantine"
STATUSES = [
    ("amazon", "orders", "fulfillmentStatus", "order.status"),
    ("amazon", "orders", "fulfilledBy", "order.fulfilment"),
    ("ebay", "orders", "orderFulfillmentStatus", "order.status"),
    ("ebay", "returns", "state", "return.status"),
    ("ebay", "listings", "listingStatus", "listing.status"),
    ("shopify", "orders", "displayFulfillmentStatus", "order.status"),
    ("shopify", "listings", "status", "listing.status"),
    ("tiktok_shop", "orders", "status", "order.status"),
    ("tiktok_shop", "orders", "fulfillment_type", "order.fulfilment"),
    ("tiktok_shop", "returns", "return_status", "return.status"),
    ("tiktok_shop", "listings", "status", "listing.status"),
    ("walmart", "orders", "status", "order.status"),
    ("walmart", "returns", "status", "return.status"),
    ("walmart", "listings", "publishedStatus", "listing.status"),
]


def saying(field: str) -> Callable[[Any], Any]:
    """A body in which every text under `field` is a word that nobody knows, and every object has a field too many."""

    def swap(part: Any) -> Any:
        if isinstance(part, dict):
            told = {n: WORD if n == field and isinstance(v, str) else swap(v) for n, v in part.items()}
            return {**told, "moonPhase": "waning"} if "id" in told or "orderId" in told or "sku" in told else told
        return [swap(one) for one in part] if isinstance(part, list) else part

    return swap


def landed(database: Database, platform: str, stream: str, twist: Callable[[Any], Any] | None) -> tuple[int, int]:
    vendor = Vendor(registry.spec(platform), stream)
    if twist is not None:
        bodies(vendor, twist, only=stream)
    report = pull(stream, ACCOUNT, vendor.open(), database, vendor.clock)
    return report.written + report.unchanged, report.quarantined


@pytest.mark.parametrize(("platform", "stream", "field", "name"), STATUSES)
def test_an_unknown_word_is_kept_counted_and_told(
    database: Database, platform: str, stream: str, field: str, name: str
) -> None:
    kept, aside = landed(database, platform, stream, saying(field))
    assert kept > 0
    with database.unit() as unit:
        found = UnmappedStore(unit.session).all({ACCOUNT: platform})
    words = [one for one in found if one.field == name and WORD in one.value]
    assert {(one.kind, one.platform, one.account) for one in words} == {("word", platform, ACCOUNT)}
    assert all(one.seen > 0 for one in words)
    broken = invariants.find(database, max(one.last_seen_at for one in words))
    told = [one.detail for one in broken if (one.invariant, one.subject) == ("words_are_known", f"{ACCOUNT} {name}")]
    assert any(WORD in detail for detail in told)
    with database.unit() as unit:
        unit.session.connection().exec_driver_sql(f"TRUNCATE {TABLES}")
    usual = landed(database, platform, stream, None)
    assert (kept, aside) == usual, "no record is lost for a word"


def test_an_unknown_field_is_told_by_its_path_and_never_its_value(database: Database) -> None:
    landed(database, "ebay", "orders", saying("nothing at all"))
    with database.unit() as unit:
        found = UnmappedStore(unit.session).all({})
    fields = [one for one in found if one.kind == "field"]
    assert {(one.value, one.platform) for one in fields} == {("", None)}
    assert all(one.field.endswith("moonPhase") for one in fields)
    assert "waning" not in repr(found)
