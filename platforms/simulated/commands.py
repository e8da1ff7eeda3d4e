"""All that may change the world from outside: named commands with plain arguments, so that they can be journaled.

Who calls has checked the arguments: a command never fails. It returns what the vendor's answer needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated import hands, patches, shelf
from platforms.simulated.ads.commands import COMMANDS as AD_COMMANDS
from platforms.simulated.channels.ads import COMMANDS as CHANNEL_AD_COMMANDS
from platforms.simulated.channels.commands import COMMANDS as CHANNEL_COMMANDS
from platforms.simulated.feeds import COMMANDS as FEED_COMMANDS
from platforms.simulated.state import AMAZON, SHOPIFY, BulkRun, Message, PriceWrite, Subscription

if TYPE_CHECKING:
    from platforms.simulated.world import World


def _advance(world: World, to: str) -> int:
    return world.advance(datetime.fromisoformat(to))


def _skip(world: World, to: str) -> None:
    world.skip(datetime.fromisoformat(to))


def _amazon_quantity(world: World, sku: str, quantity: int) -> str:
    shelf.tell(world, AMAZON, sku, quantity)
    return world.dice.uuid().replace("-", "")


def _shop_price(world: World, changes: Sequence[tuple[str, int]]) -> None:
    """The shop applies a price at once."""
    for sku, price_minor in changes:
        item = world.shop[sku]
        item.price_minor, item.updated_at = price_minor, world.now
        write = PriceWrite(world.now, SHOPIFY, sku, price_minor, world.dice.uuid(), False, True, world.now)
        world.ledger.writes.append(write)


def _shop_stock(world: World, sets: Sequence[tuple[str, int]], key: str, fingerprint: str) -> dict[str, Any]:
    """Set the units in the shop; the answer is kept under the idempotency key."""
    was = {sku: shelf.shown(world, SHOPIFY, sku) for sku, _quantity in sets}
    changes = [{"sku": sku, "delta": quantity - was[sku], "after": quantity} for sku, quantity in sets]
    for sku, quantity in sets:
        shelf.tell(world, SHOPIFY, sku, quantity)
    number = world.dice["ids"].randrange(10**9, 10**10)
    answer = {"id": f"gid://shopify/InventoryAdjustmentGroup/{number}", "at": world.now, "changes": changes}
    world.answers[key] = (fingerprint, answer)
    return answer


def _destination(world: World, name: str, arn: str) -> str:
    made = world.dice.uuid()
    world.destinations[made] = (name, arn)
    return made


def _drop_destination(world: World, destination_id: str) -> None:
    world.destinations.pop(destination_id, None)


def _subscribe(
    world: World, kind: str, version: str, destination_id: str, directive: dict[str, object] | None
) -> Subscription:
    made = Subscription(world.dice.uuid(), kind, version, destination_id, directive)
    world.subscriptions[made.subscription_id] = made
    return made


def _unsubscribe(world: World, subscription_id: str) -> None:
    world.subscriptions.pop(subscription_id, None)


def _queue_create(world: World, name: str) -> None:
    world.queue.name = name


def _queue_send(world: World, bodies: Sequence[tuple[str, int]]) -> list[str]:
    """Bodies with their delay in seconds; returns the ids of the messages."""
    ids = []
    for body, delay_s in bodies:
        message = Message(world.dice.uuid(), body, world.now, world.now + timedelta(seconds=delay_s))
        world.queue.put(message)
        ids.append(message.message_id)
    return ids


def _queue_delete(world: World, ids: Sequence[str]) -> None:
    for message_id in ids:
        world.queue.delete(message_id)


def _queue_purge(world: World) -> None:
    world.queue.purge()


def _hook_subscribe(world: World, topic: str, url: str) -> str:
    return world.hooks.subscribe(topic, url, world.now).hook_id


def _hook_unsubscribe(world: World, hook_id: str) -> None:
    world.hooks.subscriptions.pop(hook_id, None)


def _hook_done(world: World, webhook_id: str) -> None:
    world.hooks.owed.pop(webhook_id, None)


def _bulk_run(world: World, query: str, jsonl: str, objects: int, roots: int) -> str:
    bulk_id = f"gid://shopify/BulkOperation/{700_000_000 + len(world.bulk_runs) + 1}"
    world.bulk_runs[bulk_id] = BulkRun(bulk_id, query, world.now, objects, roots, jsonl.encode())
    return bulk_id


def _warehouse_apart(world: World) -> None:
    shelf.part(world)


def _hands(world: World, listings: int) -> None:
    hands.touch(world, listings)


def _faults(world: World, chances: Mapping[str, float]) -> None:
    world.faults.set(chances)


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "advance": _advance,
    "skip": _skip,
    "amazon_price": patches.take_price,
    "amazon_quantity": _amazon_quantity,
    **FEED_COMMANDS,
    "shop_price": _shop_price,
    "shop_stock": _shop_stock,
    "destination": _destination,
    "drop_destination": _drop_destination,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "queue_create": _queue_create,
    "queue_send": _queue_send,
    "queue_delete": _queue_delete,
    "queue_purge": _queue_purge,
    "hook_subscribe": _hook_subscribe,
    "hook_unsubscribe": _hook_unsubscribe,
    "hook_done": _hook_done,
    "bulk_run": _bulk_run,
    "faults": _faults,
    "hands": _hands,
    "warehouse_apart": _warehouse_apart,
    **CHANNEL_COMMANDS,
    **AD_COMMANDS,
    **CHANNEL_AD_COMMANDS,
}
