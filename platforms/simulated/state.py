"""What the world consists of. Plain data: it is pickled whole into a snapshot. Times are UTC, money is US cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CURRENCY = "USD"
AMAZON, SHOPIFY = "amazon", "shopify"
EBAY, WALMART, TIKTOK = "ebay", "walmart", "tiktok"
CHANNELS = (EBAY, WALMART, TIKTOK)  # beside the two: `platforms.simulated.channels`

ADS = "ads"  # our advertising at Amazon: `platforms.simulated.ads`


@dataclass(slots=True)
class Product:
    """One thing we sell. `shop_no` is the number its ids in the shop are made of, None = not in the shop."""

    sku: str
    asin: str
    fnsku: str
    title: str
    category: str
    weight_g: int
    reference_minor: int
    cost_minor: int
    hard_min_minor: int
    shop_hard_min_minor: int
    ceiling_minor: int
    is_fba: bool
    page_demand: float
    shop_no: int | None
    shop_demand: float
    shop_reference_minor: int


@dataclass(slots=True)
class Offer:
    """One seller's price on one page. `policy` is "ours" for us; `floor_minor` is the rival's own."""

    seller: str
    policy: str
    price_minor: int
    shipping_minor: int
    is_fba: bool
    rating: float
    feedback: int
    handling_days: int
    floor_minor: int
    home_minor: int
    delay_s: int
    wakes_at: datetime
    back_at: datetime | None = None

    @property
    def landed_minor(self) -> int:
        return self.price_minor + self.shipping_minor


@dataclass(slots=True)
class Page:
    """A product page: our offer first, then the rivals. Featured None = the Buy Box is suppressed."""

    sku: str
    offers: list[Offer]
    silent: bool
    featured: str | None = None
    changed_at: datetime | None = None
    eligible_minutes: int = 0
    held_minutes: int = 0
    market_sales: int = 0
    unhealthy: bool = False
    listed_at: datetime | None = None
    priced_at: datetime | None = None
    # what our `purchasable_offer` says beside the regular price: sales, limits, prices for companies
    beside: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ours(self) -> Offer:
        return self.offers[0]


@dataclass(slots=True)
class ShopItem:
    """Our product in our own shop."""

    sku: str
    price_minor: int
    updated_at: datetime


@dataclass(slots=True)
class Stock:
    """Units of one SKU: in the marketplace's warehouse (FBA) and in ours, which FBM and the shop share."""

    fba: int
    fba_reserved: int
    fba_inbound: int
    fba_unfulfillable: int
    own: int
    own_inbound: int
    fba_updated_at: datetime
    own_updated_at: datetime


@dataclass(slots=True)
class Line:
    line_id: str
    sku: str
    quantity: int
    price_minor: int
    returned: int = 0

    @property
    def total_minor(self) -> int:
        return self.price_minor * self.quantity


@dataclass(slots=True)
class Buyer:
    """Invented by the dice; nobody real."""

    name: str
    city: str
    region: str
    postal_code: str


@dataclass(slots=True)
class Order:
    """`status`: pending, unshipped, shipped, cancelled. `version` counts its changes."""

    order_id: str
    number: int
    channel: str
    created_at: datetime
    updated_at: datetime
    status: str
    is_fba: bool
    lines: list[Line]
    shipping_minor: int
    buyer: Buyer
    ship_by: datetime
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_minor: int = 0
    refunded_at: datetime | None = None
    version: int = 1

    @property
    def items_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        return self.items_minor + self.shipping_minor


@dataclass(slots=True)
class PriceWrite:
    """One price write as received. `applied_at` None = not (yet) live."""

    at: datetime
    channel: str
    sku: str
    price_minor: int
    submission_id: str
    preview: bool
    will_apply: bool
    applied_at: datetime | None = None


@dataclass(slots=True)
class Pending:
    """A price that was taken and is not live yet."""

    due: datetime
    sku: str
    price_minor: int
    write: PriceWrite
    beside: list[dict[str, Any]] | None = None


@dataclass(slots=True)
class FeedDocument:
    """What lies behind a signed link. `content` None = nothing was uploaded yet, or it is not needed any more."""

    document_id: str
    content: str | None = None


@dataclass(slots=True)
class ListingsFeed:
    """`status` is the vendor's word; `result` the document of its processing report."""

    feed_id: str
    kind: str
    marketplaces: list[str]
    document_id: str
    created_at: datetime
    status: str = "IN_QUEUE"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: str | None = None


@dataclass(slots=True)
class FeedBook:
    """All feeds and their documents, by id."""

    feeds: dict[str, ListingsFeed] = field(default_factory=dict)
    documents: dict[str, FeedDocument] = field(default_factory=dict)


@dataclass(slots=True)
class Subscription:
    subscription_id: str
    kind: str
    payload_version: str
    destination_id: str
    directive: dict[str, object] | None = None


@dataclass(slots=True)
class Message:
    """One message in the queue. `visible_at` in the future = it is late."""

    message_id: str
    body: str
    sent_at: datetime
    visible_at: datetime


@dataclass(slots=True)
class Hook:
    """A webhook that the shop owes somebody."""

    webhook_id: str
    topic: str
    url: str
    body: bytes
    at: datetime


@dataclass(slots=True)
class BulkRun:
    bulk_id: str
    query: str
    created_at: datetime
    objects: int
    roots: int
    jsonl: bytes


@dataclass(slots=True)
class HookSubscription:
    hook_id: str
    number: int
    topic: str
    url: str
    created_at: datetime


@dataclass(slots=True)
class Ledger:
    """What really happened: the demo and the tests compare the product's books with this."""

    orders: dict[str, Order] = field(default_factory=dict)
    writes: list[PriceWrite] = field(default_factory=list)
    profit_minor: int = 0
    events_made: int = 0
    events_sent: int = 0
    events_lost: int = 0
    featured_changes: int = 0
