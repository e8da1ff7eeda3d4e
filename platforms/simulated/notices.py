"""Notifications that the marketplace sends: made here, faults drawn, put into the queue of who subscribed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from platforms.simulated import constants as k
from platforms.simulated import featured
from platforms.simulated.state import Message, Order, Page, Subscription
from platforms.simulated.wire import offers, sp_orders
from platforms.simulated.wire.text import camel, moment

if TYPE_CHECKING:
    from platforms.simulated.world import World

APPLICATION = "amzn1.sp.solution.demo-0000"
WINNER_UNTOLD = 0.05  # some notifications do not say which offer is featured


def offer_changed(world: World, page: Page, kind: str) -> None:
    """ANY_OFFER_CHANGED; none for a page where we have nothing to sell, none for a silent one."""
    asin = world.products[page.sku].asin
    if page.silent or world.sellable(page.sku) <= 0 or world.faults.silences(asin, world.seed):
        return
    world.ledger.events_made += 1
    subscription = _subscription(world, "ANY_OFFER_CHANGED")
    if subscription is None:
        return
    tell_winner = world.dice["notices"].random() >= WINNER_UNTOLD
    payload = {"AnyOfferChangedNotification": offers.changed(world, page, kind, tell_winner=tell_winner)}
    _send(world, subscription, _pascal(world, subscription, payload))


def pricing_health(world: World, page: Page) -> None:
    """PRICING_HEALTH when our price has just put us out of the running for the featured offer."""
    product = world.products[page.sku]
    unhealthy = not featured.eligible(page.ours, product.reference_minor)
    was, page.unhealthy = page.unhealthy, unhealthy
    subscription = _subscription(world, "PRICING_HEALTH")
    if subscription is None or not unhealthy or was or page.silent or world.sellable(page.sku) <= 0:
        return
    everybody = offers.cheapest_first(world, page)
    able = [offer for offer in everybody if featured.eligible(offer, product.reference_minor)]
    holder = offers.winner(page, everybody)
    ours = page.ours
    prices = {
        "landedPrice": camel(ours.landed_minor),
        "listingPrice": camel(ours.price_minor),
        "shipping": camel(ours.shipping_minor),
    }
    payload: dict[str, Any] = {
        "issueType": "BuyBoxDisqualification",
        "sellerId": ours.seller,
        "offerChangeTrigger": {
            "marketplaceId": offers.MARKETPLACE,
            "asin": product.asin,
            "itemCondition": "new",
            "timeOfOfferChange": moment(world.now),
        },
        "merchantOffer": {"condition": "new", "fulfillmentType": "AFN" if ours.is_fba else "MFN", **prices},
        "summary": {
            "numberOfOffers": _by_type(everybody),
            "buyBoxEligibleOffers": _by_type(able),
            "buyBoxPrices": [_box(holder)] if holder else [],
            "salesRankings": [
                {"productCategoryId": f"{product.category.lower()}_display", "rank": offers.sales_rank(world, page)}
            ],
            "referencePrice": {
                "averageSellingPrice": camel(product.reference_minor),
                "competitivePriceThreshold": camel(offers.threshold(product.reference_minor)),
                "msrpPrice": camel(round(product.reference_minor * k.CEILING_OF_REFERENCE)),
            },
        },
    }
    _send(world, subscription, _camel(world, subscription, payload))


def order_change(world: World, order: Order) -> None:
    """ORDER_CHANGE with the order's new status."""
    subscription = _subscription(world, "ORDER_CHANGE")
    if subscription is not None:
        body = {"OrderChangeNotification": sp_orders.change(world, order, world.pages[order.lines[0].sku].ours.seller)}
        _send(world, subscription, _pascal(world, subscription, body))


def _by_type(found: list[Any]) -> list[dict[str, Any]]:
    counted = [(way, sum(1 for offer in found if offer.is_fba == (way == "AFN"))) for way in ("AFN", "MFN")]
    return [{"condition": "new", "fulfillmentType": way, "offerCount": count} for way, count in counted if count]


def _box(holder: Any) -> dict[str, Any]:
    return {
        "condition": "new",
        "landedPrice": camel(holder.landed_minor),
        "listingPrice": camel(holder.price_minor),
        "shipping": camel(holder.shipping_minor),
    }


def _subscription(world: World, kind: str) -> Subscription | None:
    return next((s for s in world.subscriptions.values() if s.kind == kind), None)


def _pascal(world: World, subscription: Subscription, payload: dict[str, Any]) -> dict[str, Any]:
    at = moment(world.now)
    return {
        "NotificationVersion": "1.0",
        "NotificationType": subscription.kind,
        "PayloadVersion": subscription.payload_version,
        "EventTime": at,
        "Payload": payload,
        "NotificationMetadata": {
            "ApplicationId": APPLICATION,
            "SubscriptionId": subscription.subscription_id,
            "PublishTime": at,
            "NotificationId": world.dice.uuid(),
        },
    }


def _camel(world: World, subscription: Subscription, payload: dict[str, Any]) -> dict[str, Any]:
    at = moment(world.now)
    return {
        "notificationVersion": "1.0",
        "notificationType": subscription.kind,
        "payloadVersion": subscription.payload_version,
        "eventTime": at,
        "payload": payload,
        "notificationMetadata": {
            "applicationId": APPLICATION,
            "subscriptionId": subscription.subscription_id,
            "publishTime": at,
            "notificationId": world.dice.uuid(),
        },
    }


def _send(world: World, subscription: Subscription, notice: dict[str, Any]) -> None:
    body = orjson.dumps(notice).decode()
    copies = world.faults.deliveries(world.now, world.dice["faults"])
    world.ledger.events_lost += not copies
    for due in copies:
        world.ledger.events_sent += 1
        world.queue.put(Message(world.dice.uuid(), body, world.now, due))
