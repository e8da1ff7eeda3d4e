"""What a further sales channel consists of. Plain data, part of the world's snapshot. Times UTC, money US cents.

Everything is numbered by the channel from 1; what a vendor prints as an id is made from the number in `ids`.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from platforms.simulated.ads.model import Ads
from platforms.simulated.channels import constants as k
from platforms.simulated.dice import Dice
from platforms.simulated.sellers import FIRST, channel_id
from platforms.simulated.state import Offer, Pending


@dataclass(slots=True)
class Item:
    """One of our products on one channel.

    `shown` is the quantity set through the channel, less what the channel sold since; None = all of our own stock.
    `status`: active, ended. `featured` is the seller whose offer the buy button stands for, None = nobody's, as of
    `looked_at`; `was_out` says whether nothing was for sale then.
    """

    number: int
    sku: str
    price_minor: int
    shown: int | None
    status: str
    reference_minor: int
    hard_min_minor: int
    demand: float
    rivals: list[Offer]
    created_at: datetime
    updated_at: datetime
    priced_at: datetime
    looked_at: datetime
    featured: str | None = None
    was_out: bool = False


@dataclass(slots=True)
class Customer:
    """A buyer of one channel, invented by the dice; nobody real. `language` is what they write."""

    number: int
    name: str
    street: str
    city: str
    region: str
    postal_code: str
    language: str


@dataclass(slots=True)
class SaleLine:
    """One line. `number` is unique in the channel, `place` counts from 1 in its order.

    `short` = units sold that we did not have; `charged_minor` = what of it is on the statement.
    """

    number: int
    place: int
    item: int
    sku: str
    quantity: int
    price_minor: int
    short: int = 0
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0
    refunded_minor: int = 0
    charged_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.price_minor * self.quantity

    @property
    def open(self) -> int:
        """Units neither shipped nor cancelled."""
        return self.quantity - self.shipped - self.cancelled


@dataclass(slots=True)
class Shipment:
    """One parcel. `lines`: (line number, units)."""

    number: int
    at: datetime
    carrier: str
    tracking: str
    lines: list[tuple[int, int]]


@dataclass(slots=True)
class Sale:
    """An order. `status`: pending, paid, part_shipped, shipped, delivered, cancelled. `version` counts its changes.

    `cancelled_by`: buyer, seller. Shipping is charged and refunded apart from the lines.
    """

    number: int
    customer: Customer
    created_at: datetime
    updated_at: datetime
    status: str
    lines: list[SaleLine]
    shipping_minor: int
    ship_by: datetime
    paid_at: datetime | None = None
    acknowledged_at: datetime | None = None
    shipments: list[Shipment] = field(default_factory=list)
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    shipping_charged: bool = False
    version: int = 1

    @property
    def items_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        return self.items_minor + self.shipping_minor

    @property
    def refunded_minor(self) -> int:
        return sum(line.refunded_minor for line in self.lines)

    def line(self, number: int) -> SaleLine:
        return next(line for line in self.lines if line.number == number)


@dataclass(slots=True)
class Return:
    """Goods on their way back. `status`: requested, approved, declined, received, refunded. `reason` is our word."""

    number: int
    sale: int
    line: int
    sku: str
    quantity: int
    reason: str
    status: str
    requested_at: datetime
    updated_at: datetime
    amount_minor: int
    received_at: datetime | None = None
    refund: int | None = None
    version: int = 1


@dataclass(slots=True)
class Refund:
    """Money paid back. `amounts`: (line number, cents). `return_number` None = without goods coming back."""

    number: int
    sale: int
    at: datetime
    amounts: list[tuple[int, int]]
    reason: str
    return_number: int | None = None

    @property
    def total_minor(self) -> int:
        return sum(amount for _, amount in self.amounts)


@dataclass(slots=True)
class Letter:
    """One text of a thread. `topic` says what an inbound one is about; `read` whether we have read it."""

    number: int
    thread: int
    inbound: bool
    text: str
    at: datetime
    language: str | None
    topic: str | None
    read: bool


@dataclass(slots=True)
class Thread:
    """A conversation with one buyer, about an order or about an item before buying."""

    number: int
    customer: Customer
    sale: int | None
    item: int | None
    created_at: datetime
    updated_at: datetime
    letters: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Charge:
    """A line of the statement, > 0 to us. `kind`: sale, shipping, fee, refund, fee_refund, payout.

    `payout` is the number of the payout that settled it, None while it is open. A payout's own number is its charge's.
    """

    number: int
    at: datetime
    kind: str
    amount_minor: int
    sale: int | None
    line: int | None
    sku: str | None
    payout: int | None = None


@dataclass(slots=True)
class Change:
    """Something that a webhook may tell. `status` and `version` are those of the moment of the change."""

    number: int
    kind: str
    at: datetime
    sale: int | None = None
    item: int | None = None
    return_number: int | None = None
    refund: int | None = None
    thread: int | None = None
    letter: int | None = None
    status: str | None = None
    version: int | None = None


@dataclass(slots=True)
class Listener:
    """A webhook subscription: `topic` is the vendor's word, `kinds` are ours that it stands for."""

    number: int
    topic: str
    kinds: tuple[str, ...]
    url: str
    created_at: datetime
    about: dict[str, Any]


@dataclass(slots=True)
class Delivery:
    """One copy of one change that a listener is owed, not before `due`."""

    number: int
    listener: Listener
    change: Change
    due: datetime


@dataclass
class Channel:
    """Our one account on one channel. `kept` is what its server wants remembered, JSON by key."""

    name: str
    opened_at: datetime
    dice: Dice
    items: dict[int, Item] = field(default_factory=dict)
    by_sku: dict[str, Item] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    sales: dict[int, Sale] = field(default_factory=dict)
    touched: dict[int, None] = field(default_factory=dict)
    """Numbers of orders, the one changed last at the end."""
    sale_of_line: dict[int, int] = field(default_factory=dict)
    """Line number → order number, of lines that will be sent back."""
    returns: dict[int, Return] = field(default_factory=dict)
    refunds: dict[int, Refund] = field(default_factory=dict)
    threads: dict[int, Thread] = field(default_factory=dict)
    letters: dict[int, Letter] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    """Prices that were taken and are not live yet."""
    listeners: dict[int, Listener] = field(default_factory=dict)
    owed: dict[int, Delivery] = field(default_factory=dict)
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=k.CHANGES_KEPT))
    kept: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    seller: int = FIRST
    ads: Ads | None = None
    """Promoted listings that are paid by click; None = nobody asked for them yet."""
    draw: tuple[list[Item], list[float]] | None = None
    """Active items with their summed rates of buyers a tick; None = to be summed anew."""

    @property
    def seller_id(self) -> str:
        """Our name there."""
        return channel_id(self.name, self.seller)

    def next(self, what: str) -> int:
        """The next number of `what`, from 1."""
        self.counts[what] += 1
        return self.counts[what]
