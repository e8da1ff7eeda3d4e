"""Records for tests of store and ingest, each with everything filled in and a few things to choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import ExpectedPrice, Offer, OfferSnapshot
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.records.stock import StockLevel

US = AccountId("amazon_us")
ATV = MarketplaceId("ATVPDKIKX0DER")
T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def a_line(line_id: str = "1", *, quantity: int = 1, price: int = 1230, title: str = "Mug, 350 ml") -> OrderLine:
    return OrderLine(line_id, Sku("MUG-01"), "B000000001", title, quantity, usd(price), usd(price * quantity))


def an_order(
    order_id: str = "111-1",
    *,
    updated: float = 0,
    status: OrderStatus = OrderStatus.UNSHIPPED,
    lines: tuple[OrderLine, ...] = (a_line(),),
    total: int | None = 1230,
    account: AccountId = US,
) -> Order:
    return Order(
        account=account, marketplace=ATV, order_id=OrderId(order_id), status=status, status_raw=status.value.title(),
        purchased_at=T0, updated_at=at(updated), currency="USD", total=None if total is None else usd(total),
        country="US", fulfilment="fba", lines=lines,
    )  # fmt: skip


def a_listing(
    sku: str = "MUG-01",
    *,
    price: int | None = 1230,
    updated: float | None = 0,
    seen: float = 0,
    external_id: str = "B000000001",
    status: ListingStatus = ListingStatus.ACTIVE,
    title: str = "Mug",
    account: AccountId = US,
) -> Listing:
    return Listing(
        account=account, marketplace=ATV, sku=Sku(sku), external_id=external_id, parent_id="MUG", title=title,
        status=status, price=None if price is None else usd(price), condition="new", fulfilment="fba",
        updated_at=None if updated is None else at(updated), seen_at=at(seen),
    )  # fmt: skip


def a_level(sku: str = "MUG-01", *, fulfillable: int = 5, updated: float = 0, seen: float = 0) -> StockLevel:
    return StockLevel(US, ATV, Sku(sku), "FBA", None, fulfillable, 1, None, 0, at(updated), at(seen))


def a_quote(sku: str = "MUG-01", *, referral: int = 185, quoted: float = 0) -> FeeQuote:
    return FeeQuote(US, ATV, Sku(sku), usd(1230), usd(referral), usd(322), at(quoted))


def an_expected_price(
    sku: str = "MUG-01", *, expected: int | None = 1201, competing: int | None = 1250, seen: float = 0
) -> ExpectedPrice:
    return ExpectedPrice(
        US, ATV, Sku(sku), None if expected is None else usd(expected), None if competing is None else usd(competing),
        "NO_COMPETING_OFFER" if expected is None else "VALID_FOEP", at(seen),
    )  # fmt: skip


def a_snapshot(
    external_id: str = "B000000001", *, rival: int = 1199, changed: float = 0, seen: float = 0
) -> OfferSnapshot:
    rivals = Offer("RIVAL", usd(rival), usd(0), None, False, True, False, 120, 98, 24)
    hidden = Offer("OTHER", usd(rival + 100), None, usd(5), None, None, None, None, None, None)
    return OfferSnapshot(
        US, ATV, external_id, "new", (rivals, hidden), usd(rival), at(changed), at(seen), "event", f"n-{changed}"
    )
