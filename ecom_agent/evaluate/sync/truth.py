"""What the market's own books say that a seller's programs should know in the end, in our words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ecom_agent.evaluate.sync.statements import ChargeKey, charges
from platforms.simulated.accounts import SimulatedAccount
from platforms.simulated.state import ADS, AMAZON, EBAY, SHOPIFY, TIKTOK, WALMART

STATUS: Final = {
    "pending": "pending", "unshipped": "unshipped", "paid": "unshipped", "part_shipped": "partially_shipped",
    "shipped": "shipped", "delivered": "shipped", "cancelled": "cancelled",
}  # fmt: skip
RETURNS: Final = {
    "requested": "requested", "approved": "approved", "declined": "closed", "received": "received",
    "refunded": "refunded",
}  # fmt: skip
_ONE_WORD: Final = {(WALMART, "requested"): "approved", (TIKTOK, "received"): "approved"}
"""Two states with one word: Walmart grants returns itself, TikTok tells no arrival before the refund."""


AD_FIGURES: Final = ("impressions", "clicks", "cost_minor", "orders", "units", "sales_minor")


class KnownOrder(NamedTuple):
    """An order as it should stand. `units` by SKU; `total_minor` None = the platform does not tell it yet."""

    status: str
    total_minor: int | None
    units: tuple[tuple[str, int], ...]


class KnownListing(NamedTuple):
    """A listing as it should stand. `page` is the platform's id of it, None where an ended listing has none."""

    page: str | None
    title: str
    status: str
    price_minor: int


class Books(NamedTuple):
    """Of one account. `stock` and `listings` by SKU, `returns` by id, `messages` ids, `charges` with their settlement.

    `ads`: what a day brought a target; `terms`: what it brought a target by what people typed.
    """

    orders: Mapping[str, KnownOrder]
    stock: Mapping[str, int]
    listings: Mapping[str, KnownListing]
    returns: Mapping[str, str]
    messages: frozenset[str]
    charges: Mapping[ChargeKey, str | None]
    ads: Mapping[tuple[str, ...], tuple[int, ...]]
    terms: Mapping[tuple[str, ...], tuple[int, ...]]


def books(truth: Mapping[str, Any], account: SimulatedAccount) -> Books:
    """Out of `/_sim/truth` of the account's seller."""
    told = truth["orders"].get(account.channel, {})
    orders = {number: _order(one, account.channel) for number, one in told.items() if _shown(one, account.channel)}
    there = truth["channels"].get(account.channel, {})
    rows = [row for row in truth["listings"] if row["channel"] == account.channel]
    figures = truth["ads"]["figures"] if account.channel == ADS else there.get("ads", ())
    return Books(
        orders,
        {row["sku"]: _units(row) for row in rows},
        {row["sku"]: _listing(row) for row in rows},
        {number: return_status(one["status"], account.channel) for number, one in there.get("returns", {}).items()},
        frozenset(there.get("messages", ())),
        charges(there.get("charges", {}).values(), account.channel),
        _ads(figures, "day", "target"),
        _ads(figures, "day", "target", "term"),
    )


def _units(row: Mapping[str, Any]) -> int:
    """eBay tells the units of an item also where it is not on offer just now."""
    return int(row["shown"] if row["channel"] == EBAY else row["units"])


def _listing(row: Mapping[str, Any]) -> KnownListing:
    """Amazon and eBay call a listing inactive when there is nothing to sell; Shopify adds the variant to the title."""
    channel = row["channel"]
    ended = row.get("status") == "ended"
    empty = row["units"] <= 0 and channel in (AMAZON, EBAY)
    return KnownListing(
        None if ended and channel == EBAY else row["external_id"],
        row["title"] + (" - Default Title" if channel == SHOPIFY else ""),
        "inactive" if ended or empty else "active",
        row["price_minor"],
    )


def _ads(figures: Sequence[Mapping[str, Any]], *names: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    """(impressions, clicks, cost, orders, units, sales) by what the names name; what brought nothing is left out."""
    found: dict[tuple[str, ...], tuple[int, ...]] = {}
    for row in figures:
        key = tuple(row[name] for name in names)
        told = tuple(int(row[name]) for name in AD_FIGURES)
        found[key] = tuple(map(sum, zip(told, found[key], strict=True))) if key in found else told
    return {key: row for key, row in found.items() if any(row)}


def return_status(status: str, channel: str) -> str:
    """How far a return is, as far as its platform has words for it."""
    return _ONE_WORD.get((channel, status), RETURNS[status])


def _shown(order: Mapping[str, Any], channel: str) -> bool:
    """A purchase order of Walmart begins when its payment is sure."""
    return not (channel == WALMART and order["status"] == "pending")


def _order(order: Mapping[str, Any], channel: str) -> KnownOrder:
    units: Counter[str] = Counter()
    for line in order["lines"]:
        units[line["sku"]] += line["quantity"]
    return KnownOrder(_status(order, channel), _total(order, channel), tuple(sorted(units.items())))


def _status(order: Mapping[str, Any], channel: str) -> str:
    """Walmart's orders have no status of their own: it is put together from their lines' units."""
    if channel != WALMART:
        return STATUS[order["status"]]
    shipped = sum(line["shipped"] for line in order["lines"])
    waiting = sum(line["quantity"] - line["shipped"] - line["cancelled"] for line in order["lines"])
    if not shipped:
        return "unshipped" if waiting else "cancelled"
    return "partially_shipped" if waiting else "shipped"


def _total(order: Mapping[str, Any], channel: str) -> int | None:
    """Amazon tells no total of a pending order; Shopify tells what is left of it after refunds."""
    total = int(order["total_minor"])
    if channel == AMAZON and order["status"] == "pending":
        return None
    if channel == SHOPIFY:
        return 0 if order["status"] == "cancelled" else total - int(order["refunded_minor"])
    return total
