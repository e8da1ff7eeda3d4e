"""What really happened, for the demo and the tests: no seller's program may ask this."""

from __future__ import annotations

from typing import Any

from platforms.simulated import shelf
from platforms.simulated.ads import truth as ad_truth
from platforms.simulated.channels import truth as channel_truth
from platforms.simulated.state import AMAZON, CURRENCY, SHOPIFY, Order, PriceWrite, Stock
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import moment
from platforms.simulated.world import World


def counts(world: World) -> dict[str, int]:
    ledger = world.ledger
    return {
        "ticks": world.ticks,
        "products": len(world.products),
        "orders": len(ledger.orders),
        "price_writes": len(ledger.writes),
        "events_made": ledger.events_made,
        "events_sent": ledger.events_sent,
        "events_lost": ledger.events_lost,
        "queue": len(world.queue.messages),
        "featured_changes": ledger.featured_changes,
        "subscriptions": len(world.subscriptions),
        "webhooks_owed": len(world.hooks.owed),
    }


def box_share(world: World) -> float | None:
    """Our share of the minutes in which our offers could have been featured; None before the first."""
    eligible = sum(page.eligible_minutes for page in world.pages.values())
    held = sum(page.held_minutes for page in world.pages.values())
    return held / eligible if eligible else None


def tell(world: World, shop: str) -> dict[str, Any]:
    """Orders, price writes, profit, Buy Box share, live prices, and all that the demo needs to set limits."""
    orders = list(world.ledger.orders.values())
    return {
        "now": world.now.isoformat(),
        "seed": world.seed,
        "currency": CURRENCY,
        "orders": {
            **{
                channel: {o.order_id: _order(o) for o in orders if o.channel == channel}
                for channel in (AMAZON, SHOPIFY)
            },
            **{name: channel_truth.orders(channel) for name, channel in world.channels.items()},
        },
        "price_writes": [_write(write) for write in world.ledger.writes],
        "profit_minor": world.ledger.profit_minor,
        "buy_box_share": box_share(world),
        "eligible_minutes": sum(page.eligible_minutes for page in world.pages.values()),
        "listings": _listings(world, shop),
        "stock": {sku: _stock(stock) for sku, stock in world.stock.items()},
        "units_short": shelf.units_short(world),
        "channels": {name: channel_truth.account(world, channel) for name, channel in world.channels.items()},
        **({} if world.ads is None else {"ads": ad_truth.account(world.ads)}),
        "counts": counts(world),
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "status": order.status,
        "total_minor": order.total_minor,
        "refunded_minor": order.refunded_minor,
        "created_at": moment(order.created_at),
        "updated_at": moment(order.updated_at),
        "lines": [
            {"sku": line.sku, "quantity": line.quantity, "price_minor": line.price_minor, "returned": line.returned}
            for line in order.lines
        ],
    }


def _stock(stock: Stock) -> dict[str, int]:
    return {
        "fba": stock.fba,
        "fba_reserved": stock.fba_reserved,
        "fba_inbound": stock.fba_inbound,
        "fba_unfulfillable": stock.fba_unfulfillable,
        "own": stock.own,
        "own_inbound": stock.own_inbound,
    }


def _write(write: PriceWrite) -> dict[str, Any]:
    return {
        "at": write.at.isoformat(),
        "channel": write.channel,
        "sku": write.sku,
        "price_minor": write.price_minor,
        "submission_id": write.submission_id,
        "preview": write.preview,
        "applied_at": write.applied_at.isoformat() if write.applied_at else None,
    }


def _listings(world: World, shop: str) -> list[dict[str, Any]]:
    """One row per listing and channel. `hard_min_minor` is the floor that no live write may go below."""
    rows = []
    for product in world.products.values():
        page = world.pages[product.sku]
        common = {"sku": product.sku, "title": product.title, "unit_cost_minor": product.cost_minor}
        rows.append(
            {
                **common,
                "channel": AMAZON,
                "marketplace": MARKETPLACE,
                "seller_id": world.seller_id,
                "external_id": product.asin,
                "hard_min_minor": product.hard_min_minor,
                "ceiling_minor": product.ceiling_minor,
                "price_minor": page.ours.price_minor,
                "reference_minor": product.reference_minor,
                "fulfilment": "fba" if product.is_fba else "fbm",
                "units": world.sellable(product.sku),
                "silent": page.silent,
            }
        )
        if product.shop_no is not None:
            rows.append(
                {
                    **common,
                    "channel": SHOPIFY,
                    "marketplace": shop,
                    "external_id": f"gid://shopify/ProductVariant/{44_000_000_000_000 + product.shop_no}",
                    "hard_min_minor": product.shop_hard_min_minor,
                    "ceiling_minor": product.ceiling_minor,
                    "price_minor": world.shop[product.sku].price_minor,
                    "reference_minor": product.shop_reference_minor,
                    "fulfilment": "own",
                    "units": shelf.shown(world, SHOPIFY, product.sku),
                    "silent": False,
                }
            )
    for channel in world.channels.values():
        rows += channel_truth.listings(world, channel)
    return rows
