"""What really happened on a further channel, by the ids that its vendor prints. No seller's program may ask this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from platforms.simulated.ads.model import Ads
from platforms.simulated.channels import box
from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Charge, Sale
from platforms.simulated.shelf import item_shown
from platforms.simulated.state import TIKTOK, WALMART
from platforms.simulated.wire import tiktok_goods, walmart_money
from platforms.simulated.wire.text import moment

if TYPE_CHECKING:
    from platforms.simulated.world import World


def orders(channel: Channel) -> dict[str, Any]:
    """Orders by id, in the shape of the other channels' and a little more."""
    return {print_id(channel.name, "sale", sale.number): _order(channel, sale) for sale in channel.sales.values()}


def account(world: World, channel: Channel) -> dict[str, Any]:
    """Items, returns, refunds, messages, charges and counts of our account."""
    name = channel.name
    payouts = {one.number: one for one in channel.charges if one.kind == "payout"}
    return {
        "opened_at": moment(channel.opened_at),
        "items": {item.sku: _item(world, channel, item.number) for item in channel.items.values()},
        "returns": {
            print_id(name, "return", one.number): {
                "order": print_id(name, "sale", one.sale),
                "sku": one.sku,
                "quantity": one.quantity,
                "reason": one.reason,
                "status": one.status,
                "amount_minor": one.amount_minor,
                "requested_at": moment(one.requested_at),
                "updated_at": moment(one.updated_at),
                "version": one.version,
            }
            for one in channel.returns.values()
        },
        "refunds": {
            print_id(name, "refund", one.number): {
                "order": print_id(name, "sale", one.sale),
                "at": moment(one.at),
                "amount_minor": one.total_minor,
                "return": print_id(name, "return", one.return_number) if one.return_number else None,
            }
            for one in channel.refunds.values()
        },
        "messages": {
            print_id(name, "letter", one.number): {
                "thread": print_id(name, "thread", one.thread),
                "inbound": one.inbound,
                "topic": one.topic,
                "language": one.language,
                "text": one.text,
                "at": moment(one.at),
                "read": one.read,
            }
            for one in channel.letters.values()
        },
        "charges": {
            print_id(name, "charge", one.number): {
                "at": moment(one.at),
                "kind": one.kind,
                "amount_minor": one.amount_minor,
                "order": print_id(name, "sale", one.sale) if one.sale else None,
                "sku": one.sku,
                "payout": print_id(name, "charge", one.payout) if one.payout else None,
                "statement": _statement(world, channel, one, payouts.get(one.payout or 0)),
            }
            for one in channel.charges
        },
        "ads": [] if channel.ads is None else _figures(channel.name, channel.ads),
        "counts": counts(channel),
    }


def _statement(world: World, channel: Channel, one: Charge, payout: Charge | None) -> str | None:
    """What names the statement that a charge stands on, None as long as there is none.

    It is a payout, at Walmart the report of one; at TikTok a day's, which is there from its end on.
    """
    if channel.name == TIKTOK:
        made = tiktok_goods.Statement(one.at.date())
        return made.number if made.at <= world.now and one.kind != "payout" else None
    if payout is None:
        return None
    return walmart_money.name(payout) if channel.name == WALMART else print_id(channel.name, "charge", payout.number)


def _figures(name: str, ads: Ads) -> list[dict[str, Any]]:
    """What each day brought each keyword, by search term."""
    return [
        {
            "day": day,
            "target": print_id(name, "keyword", target),
            "term": term,
            "impressions": one.impressions,
            "clicks": one.clicks,
            "cost_minor": one.cost_minor,
            "orders": one.orders,
            "units": one.units,
            "sales_minor": one.sales_minor,
        }
        for day, figures in ads.tally.items()
        for (target, term), one in figures.items()
    ]


def counts(channel: Channel) -> dict[str, int]:
    """How much of everything there is; `units_short` were sold and not there, `news_lost` are lost webhooks."""
    return {
        "items": len(channel.items),
        "orders": len(channel.sales),
        "returns": len(channel.returns),
        "refunds": len(channel.refunds),
        "messages": len(channel.letters),
        "charges": len(channel.charges),
        "changes": channel.counts["change"],
        "webhooks_owed": len(channel.owed),
        "news_lost": channel.counts["news_lost"],
        "units_short": channel.counts["units_short"],
    }


def listings(world: World, channel: Channel) -> list[dict[str, Any]]:
    """Rows as for the other channels' listings."""
    rows = []
    for item in channel.items.values():
        product = world.products[item.sku]
        rows.append(
            {
                "sku": item.sku,
                "title": product.title,
                "unit_cost_minor": product.cost_minor,
                "channel": channel.name,
                "marketplace": channel.name,
                "seller_id": channel.seller_id,
                "external_id": print_id(channel.name, "item", item.number),
                "hard_min_minor": item.hard_min_minor,
                "ceiling_minor": max(product.ceiling_minor, item.hard_min_minor + 100),
                "price_minor": item.price_minor,
                "reference_minor": item.reference_minor,
                "fulfilment": "own",
                "units": box.available(world, item),
                "shown": item_shown(world, item),
                "status": item.status,
                "silent": False,
            }
        )
    return rows


def _order(channel: Channel, sale: Sale) -> dict[str, Any]:
    return {
        "status": sale.status,
        "total_minor": sale.total_minor,
        "shipping_minor": sale.shipping_minor,
        "refunded_minor": sale.refunded_minor,
        "created_at": moment(sale.created_at),
        "updated_at": moment(sale.updated_at),
        "version": sale.version,
        "cancelled_by": sale.cancelled_by,
        "tracking": [parcel.tracking for parcel in sale.shipments],
        "lines": [
            {
                "line": line.number,
                "sku": line.sku,
                "quantity": line.quantity,
                "price_minor": line.price_minor,
                "shipped": line.shipped,
                "cancelled": line.cancelled,
                "returned": line.returned,
                "refunded_minor": line.refunded_minor,
                "short": line.short,
            }
            for line in sale.lines
        ],
    }


def _item(world: World, channel: Channel, number: int) -> dict[str, Any]:
    item = channel.items[number]
    return {
        "item": print_id(channel.name, "item", number),
        "price_minor": item.price_minor,
        "status": item.status,
        "shown": item.shown,
        "available": box.available(world, item),
        "featured": item.featured,
        "featured_is_ours": item.featured == channel.seller_id,
        "rivals": [
            {"seller": offer.seller, "price_minor": offer.price_minor, "shipping_minor": offer.shipping_minor}
            for offer in item.rivals
            if offer.back_at is None
        ],
    }
