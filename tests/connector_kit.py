"""What the promises of every connector are asked over: its streams, its writes, a vendor that answers as recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pytest
from vendor_kit import Vendor, sample

from ecom_agent.connector import Capability, ConnectorSpec, Page
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.messages import Message
from platforms import registry

STREAMS = {
    Capability.READ_ORDERS: "orders",
    Capability.READ_RETURNS: "returns",
    Capability.READ_CHARGES: "charges",
    Capability.READ_MESSAGES: "messages",
    Capability.READ_STOCK: "stock",
    Capability.READ_LISTINGS: "listings",
    Capability.READ_OFFERS: "offers",
    Capability.READ_FEES: "fees",
    Capability.READ_EXPECTED_PRICES: "expected_prices",
    Capability.READ_CAMPAIGNS: "campaigns",
    Capability.READ_AD_FIGURES: "ad_figures",
    Capability.READ_SEARCH_TERMS: "search_terms",
}
ADS = ("campaigns", "ad_figures", "search_terms")
PULLED = ("orders", "returns", "charges", "messages", "stock", "listings", *ADS)
"""The streams that have a cursor; the others are asked for listings."""
WITH_MONEY = tuple(stream for stream in STREAMS.values() if stream not in ("stock", "messages"))
TIMES = ("updated_at", "seen_at", "quoted_at", "changed_at", "booked_at", "sent_at", "opened_at", "told_at")
AMOUNTS = ("price", "total", "at_price", "referral", "expected", "competing_landed", "bid", "default_bid")
SPECS = list(registry.specs().values())
OVER_HTTP = [spec for spec in SPECS if sample(spec.name, "account").get("speaks_http", True)]
"""Those that a recorded answer can be given to. Mail keeps the same promises against a server: test_mail_promises."""

PRIVATE_WORDS = "Your parcel, Mrs Sample, will be with you on Friday"

every = pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)


def streams(*, of: Collection[str] = tuple(STREAMS.values()), unless: str = "") -> Any:
    """Every stream of every connector, or those of these names; but for those its account lists under `unless`."""
    offered = [(s, stream) for s in OVER_HTTP for capability, stream in STREAMS.items() if capability in s.capabilities]
    pairs = [
        (s, stream) for s, stream in offered if stream in of and stream not in sample(s.name, "account").get(unless, ())
    ]
    return pytest.mark.parametrize(("spec", "stream"), pairs, ids=lambda value: getattr(value, "name", value))


def can(*capabilities: Capability) -> Any:
    """Every connector that has all of these."""
    have = [spec for spec in OVER_HTTP if set(capabilities) <= spec.capabilities]
    return pytest.mark.parametrize("spec", have, ids=lambda s: s.name)


def pulled(connector: Any, stream: str, cursor: str | None = None, *, of: Any = None) -> Iterator[Page[Any]]:
    """The pages of a stream; those without a cursor are asked for listings: `of`, else those the connector has."""
    pages: Iterator[Page[Any]]
    if stream in PULLED:
        pages = getattr(connector, f"pull_{stream}")(cursor)
    else:
        pages = getattr(connector, stream)(of or listings_of(connector))
    return pages


def known_listings(spec: ConnectorSpec) -> list[Listing]:
    """What streams are asked about that have no cursor; nothing where a platform has no listings."""
    return listings_of(Vendor(spec, "listings").open()) if Capability.READ_LISTINGS in spec.capabilities else []


def listings_of(connector: Any) -> list[Listing]:
    return [listing for page in connector.pull_listings(None) for listing in page.records]


def a_listing(spec: ConnectorSpec) -> Listing:
    return listings_of(Vendor(spec, "listings").open())[0]


def asked(spec: ConnectorSpec) -> Message:
    """A message of a buyer."""
    pages = Vendor(spec, "messages").open().pull_messages(None)
    return next(message for page in pages for message in page.records if message.from_buyer)


def write(connector: Any, spec: ConnectorSpec, capability: Capability) -> Any:
    """The one write that shows a capability at work."""
    if capability is Capability.WRITE_MESSAGE:
        return connector.send_message(asked(spec), PRIVATE_WORDS, idempotency_key="a" * 64)
    if capability is Capability.WRITE_STOCK:
        levels = [level for page in Vendor(spec, "stock").open().pull_stock(None) for level in page.records]
        level = next(x for x in levels if x.location != "fba")
        return connector.set_stock(level, 7, idempotency_key="a" * 64)
    listing = a_listing(spec)
    assert listing.price is not None
    return connector.set_price(listing, listing.price + Money(16, listing.price.currency), idempotency_key="a" * 64)
