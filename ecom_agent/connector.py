"""What a connector declares and what its reads and writes hand back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

R = TypeVar("R")


class Capability(StrEnum):
    """What a connector can do; what it lacks it does not declare."""

    READ_ORDERS = "read_orders"
    READ_RETURNS = "read_returns"
    READ_CHARGES = "read_charges"
    READ_MESSAGES = "read_messages"
    READ_STOCK = "read_stock"
    READ_LISTINGS = "read_listings"
    READ_OFFERS = "read_offers"
    READ_FEES = "read_fees"
    READ_EXPECTED_PRICES = "read_expected_prices"
    READ_EVENTS = "read_events"
    READ_CAMPAIGNS = "read_campaigns"
    READ_AD_FIGURES = "read_ad_figures"
    READ_SEARCH_TERMS = "read_search_terms"
    BULK_ORDERS = "bulk_orders"
    WRITE_PRICE = "write_price"
    WRITE_STOCK = "write_stock"
    WRITE_MESSAGE = "write_message"
    WRITE_BID = "write_bid"
    PREVIEW_PRICE = "preview_price"
    VERIFY_WEBHOOK = "verify_webhook"


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `per_s` tokens a second, at most `burst` saved up."""

    per_s: float
    burst: float


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """A connector's card. Importing it is cheap: `build` ("module:Class") is loaded when opened.

    `settings` ("module:Class") is a pydantic model of the account's credentials and base URLs.
    `rates` seed the token buckets by the vendor's operation name; the service's own answers correct them.
    `live_hosts` are the vendor's real hosts: never called in sandbox mode. `login_hosts` only hand out tokens,
    for its sandbox too.
    """

    name: str
    title: str
    capabilities: frozenset[Capability]
    rates: Mapping[str, Rate]
    build: str
    settings: str
    live_hosts: tuple[str, ...]
    login_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Poison:
    """One record that could not be read: set aside with its reason, the page goes on."""

    external_id: str | None
    reason: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Window:
    """What a page is part of: the source's changes in [since, until), by its own clock.

    `expected` = how many records the source says there are in all of the window; None: it does not say.
    `ends` = this page is its last one; the last page of a pull ends its window anyway.
    """

    since: datetime
    until: datetime
    expected: int | None = None
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a pull, oldest first.

    `next_cursor` is safe to save once the page's records are; None = keep the cursor as it is.
    `more` tells whether another page follows. `raw` is the payload as received. `window` None = no stretch of time.
    `whole_since`: with this page all that the source has now was read since then; what was not seen is gone there.
    `waits`: no more comes now, for the source is still making what it was asked for; the cursor finds it later.
    """

    records: tuple[R, ...]
    next_cursor: str | None
    more: bool
    operation: str
    raw: bytes
    poison: tuple[Poison, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    window: Window | None = None
    whole_since: datetime | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took a write. Taken is not applied: read back. `details` never hold secrets."""

    external_ref: str
    details: Mapping[str, str] = field(default_factory=dict)
