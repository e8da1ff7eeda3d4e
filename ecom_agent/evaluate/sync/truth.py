"""What the market's own books say that a seller's programs should know in the end, in our words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from platforms.simulated.accounts import SimulatedAccount
from platforms.simulated.state import ADS, AMAZON, SHOPIFY, WALMART

STATUS: Final = {
    "pending": "pending", "unshipped": "unshipped", "paid": "unshipped", "part_shipped": "partially_shipped",
    "shipped": "shipped", "delivered": "shipped", "cancelled": "cancelled",
}  # fmt: skip
RETURNS: Final = {
    "requested": "requested", "approved": "approved", "declined": "closed", "received": "received",
    "refunded": "refunded",
}  # fmt: skip


AD_FIGURES: Final = ("impressions", "clicks", "cost_minor", "orders", "units", "sales_minor")


class KnownOrder(NamedTuple):
    """An order as it should stand. `units` by SKU; `total_minor` None = the platform does not tell it yet."""

    status: str
    total_minor: int | None
    units: tuple[tuple[str, int], ...]


class Books(NamedTuple):
    """Of one account. `stock` by SKU, `returns` by id, `messages` ids; `ads`: what a day brought a target."""

    orders: Mapping[str, KnownOrder]
    stock: Mapping[str, int]
    returns: Mapping[str, str]
    messages: frozenset[str]
    ads: Mapping[tuple[str, str], tuple[int, ...]]


def books(truth: Mapping[str, Any], account: SimulatedAccount) -> Books:
    """Out of `/_sim/truth` of the account's seller."""
    told = truth["orders"].get(account.channel, {})
    orders = {number: _order(one, account.channel) for number, one in told.items() if _shown(one, account.channel)}
    there = truth["channels"].get(account.channel, {})
    rows = [row for row in truth["listings"] if row["channel"] == account.channel]
    return Books(
        orders,
        {row["sku"]: row["units"] for row in rows},
        {number: RETURNS[one["status"]] for number, one in there.get("returns", {}).items()},
        frozenset(there.get("messages", ())),
        _ads(truth["ads"]["figures"] if account.channel == ADS else there.get("ads", ())),
    )


def _ads(figures: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[int, ...]]:
    """(impressions, clicks, cost, orders, units, sales) by day and target; a day without any is left out."""
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for row in figures:
        key = row["day"], row["target"]
        told = tuple(int(row[name]) for name in AD_FIGURES)
        found[key] = tuple(map(sum, zip(told, found[key], strict=True))) if key in found else told
    return {key: row for key, row in found.items() if any(row)}


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
