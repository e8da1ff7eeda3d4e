"""What happens to an order after it was placed, and what each step does to stock and to our profit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from platforms.simulated import constants as k
from platforms.simulated import fees, hooks, logistics, notices
from platforms.simulated.channels import lives as channel_lives
from platforms.simulated.dice import between
from platforms.simulated.feeds import STEPS as FEED_STEPS
from platforms.simulated.state import AMAZON, Order

if TYPE_CHECKING:
    from platforms.simulated.world import World


def run(world: World, now: datetime) -> None:
    """Do all that is due by `now`."""
    while (step := world.agenda.pop(now)) is not None:
        kind, what, units = step
        STEPS[kind](world, what, units, now)


def begin(world: World, order: Order, now: datetime) -> None:
    """Draw the order's further life and tell that it is there."""
    dice = world.dice["orders"]
    _touch_stock(world, order, now)
    if order.channel == AMAZON:
        world.agenda.add(_in(world, now, k.PENDING_S), "pay", order.order_id)
    if dice.random() < k.CANCEL_SHARE:
        world.agenda.add(_in(world, now, k.CANCEL_S), "cancel", order.order_id)
    world.agenda.add(_in(world, now, k.SHIP_FBA_S if order.is_fba else k.SHIP_OWN_S), "ship", order.order_id)
    world.ledger.profit_minor += profit(world, order)
    _tell(world, order, "orders/create", now)


def profit(world: World, order: Order) -> int:
    """Price − referral or card fee − fulfilment fee − unit cost, over all units, + the shipping that was paid."""
    total = order.shipping_minor
    for line in order.lines:
        item = world.products[line.sku]
        if order.channel == AMAZON:
            each = fees.unit_margin(
                item.category, item.weight_g, item.cost_minor, line.price_minor, is_fba=order.is_fba
            )
        else:
            each = fees.shop_unit_margin(item.weight_g, item.cost_minor, line.price_minor)
        total += each * line.quantity
    return total


def _pay(world: World, order_id: str, units: int, now: datetime) -> None:
    order = world.ledger.orders[order_id]
    if order.status == "pending":
        _move(world, order, "unshipped", now)


def _ship(world: World, order_id: str, units: int, now: datetime) -> None:
    order = world.ledger.orders[order_id]
    if order.status != "unshipped":
        return
    order.shipped_at = now
    for line in order.lines:
        if order.is_fba:
            world.stock[line.sku].fba_reserved -= line.quantity
        if world.dice["orders"].random() < k.RETURN_SHARE:
            world.agenda.add(_in(world, now, k.RETURN_S), "return", f"{order.order_id}|{line.line_id}")
    _touch_stock(world, order, now)
    _move(world, order, "shipped", now)


def _cancel(world: World, order_id: str, units: int, now: datetime) -> None:
    order = world.ledger.orders[order_id]
    if order.status not in ("pending", "unshipped"):
        return
    order.cancelled_at = now
    for line in order.lines:
        logistics.put_back(world.stock[line.sku], line.quantity, is_fba=order.is_fba)
    _touch_stock(world, order, now)
    world.ledger.profit_minor -= profit(world, order)
    _move(world, order, "cancelled", now)


def _return(world: World, what: str, units: int, now: datetime) -> None:
    """One line comes back: the buyer gets its price, we get most of the referral fee, and perhaps the goods."""
    order_id, line_id = what.split("|")
    order = world.ledger.orders[order_id]
    line = next(line for line in order.lines if line.line_id == line_id)
    item = world.products[line.sku]
    resellable = world.dice["logistics"].random() < k.RESELLABLE_SHARE
    logistics.take_return(world.stock[line.sku], line.quantity, is_fba=order.is_fba, resellable=resellable)
    line.returned = line.quantity
    order.refunded_minor += line.total_minor
    order.refunded_at = now
    loss = line.total_minor - (item.cost_minor * line.quantity if resellable else 0)
    if order.channel == AMAZON:
        referral = fees.referral(item.category, line.price_minor)
        loss -= (referral - fees.refund_admin(referral)) * line.quantity
    world.ledger.profit_minor -= loss
    _touch_stock(world, order, now)
    order.updated_at = now
    order.version += 1
    _tell(world, order, "orders/updated", now)


def _arrive_fba(world: World, sku: str, units: int, now: datetime) -> None:
    stock = world.stock[sku]
    stock.fba_inbound -= units
    stock.fba += units
    stock.fba_updated_at = now


def _arrive_own(world: World, sku: str, units: int, now: datetime) -> None:
    stock = world.stock[sku]
    stock.own_inbound -= units
    stock.own += units
    stock.own_updated_at = now


STEPS: Final[dict[str, Callable[[World, str, int, datetime], None]]] = {
    "pay": _pay,
    "ship": _ship,
    "cancel": _cancel,
    "return": _return,
    "arrive_fba": _arrive_fba,
    "arrive_own": _arrive_own,
    "channel": channel_lives.step,
    **FEED_STEPS,
}


def _in(world: World, now: datetime, bounds: tuple[float, float]) -> datetime:
    return now + timedelta(seconds=between(world.dice["orders"], bounds))


def _move(world: World, order: Order, status: str, now: datetime) -> None:
    order.status = status
    order.updated_at = now
    order.version += 1
    _tell(world, order, "orders/updated", now)


def _touch_stock(world: World, order: Order, now: datetime) -> None:
    for line in order.lines:
        stock = world.stock[line.sku]
        if order.is_fba:
            stock.fba_updated_at = now
        else:
            stock.own_updated_at = now


def _tell(world: World, order: Order, topic: str, now: datetime) -> None:
    if order.channel == AMAZON:
        notices.order_change(world, order)
    else:
        hooks.owe(world, order, topic, now)
