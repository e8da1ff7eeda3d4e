"""Orders that were recorded elsewhere, put into a simulated market as if they had come in there.

For worlds in which nothing else happens: no tick ever touches such an order. The market counts in US cents; whoever
serves recorded orders of another currency says its name on the wire (`InCurrency`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platforms.simulated.channels.model import Channel, Customer, Sale, SaleLine
from platforms.simulated.dice import Dice
from platforms.simulated.state import CURRENCY, SHOPIFY, Buyer, Line, Order, Product, ShopItem, Stock
from platforms.simulated.world import World

_NOBODY: Final = Customer(1, "Recorded Buyer", "1 Recorded Street", "Recorded", "ZZ", "00000", "en")
_LINE_NO: Final = 14_000_000_000_000


@dataclass(frozen=True, slots=True)
class RecordedLine:
    sku: str
    title: str
    quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """`number` from 1, in the order of their coming. Lines have quantities above 0, also of a cancelled order."""

    number: int
    at: datetime
    lines: Sequence[RecordedLine]
    cancelled: bool


def empty(world: World) -> World:
    """The same world without anything that could happen in it."""
    for things in (world.products, world.by_asin, world.pages, world.shop, world.stock, world.channels):
        things.clear()
    return world


def on_channel(world: World, name: str, orders: Sequence[RecordedOrder]) -> None:
    """They come in on a further channel, as orders that arrived or were cancelled."""
    channel = world.channels.get(name) or Channel(name, world.start, Dice(f"{world.seed}/{name}"))
    world.channels[name] = channel
    for order in orders:
        lines = [_sale_line(world, channel, line, place, order) for place, line in enumerate(order.lines, start=1)]
        sale = Sale(
            number=order.number,
            customer=_NOBODY,
            created_at=order.at,
            updated_at=order.at,
            status="cancelled" if order.cancelled else "delivered",
            lines=lines,
            shipping_minor=0,
            ship_by=order.at + timedelta(days=2),
            paid_at=order.at,
            cancelled_at=order.at if order.cancelled else None,
            delivered_at=None if order.cancelled else order.at,
        )
        channel.sales[sale.number] = sale
        channel.touched[sale.number] = None


def in_shop(world: World, orders: Sequence[RecordedOrder]) -> None:
    """They come in in our own shop, and take the place of those that came before."""
    world.ledger.orders.clear()
    for order in orders:
        lines = []
        for place, line in enumerate(order.lines):
            _know(world, line)
            line_id = f"gid://shopify/LineItem/{_LINE_NO + order.number * 10_000 + place}"
            lines.append(Line(line_id, line.sku, line.quantity, line.price_minor))
        made = Order(
            order_id=f"gid://shopify/Order/{5_600_000_000_000 + order.number * 32_768}",
            number=order.number,
            channel=SHOPIFY,
            created_at=order.at,
            updated_at=order.at,
            status="cancelled" if order.cancelled else "shipped",
            is_fba=False,
            lines=lines,
            shipping_minor=0,
            buyer=Buyer(_NOBODY.name, _NOBODY.city, _NOBODY.region, _NOBODY.postal_code),
            ship_by=order.at + timedelta(days=2),
            cancelled_at=order.at if order.cancelled else None,
        )
        world.ledger.orders[made.order_id] = made


def _sale_line(world: World, channel: Channel, line: RecordedLine, place: int, order: RecordedOrder) -> SaleLine:
    item = _know(world, line)
    shipped, cancelled = (0, line.quantity) if order.cancelled else (line.quantity, 0)
    return SaleLine(channel.next("line"), place, item, line.sku, line.quantity, line.price_minor, 0, shipped, cancelled)


def _know(world: World, line: RecordedLine) -> int:
    """The product's number; one that is new is made from what its first line tells."""
    if line.sku not in world.products:
        number = len(world.products) + 1
        world.products[line.sku] = Product(
            sku=line.sku, asin=f"B{number:09d}", fnsku=f"X{number:09d}", title=line.title, category="HOME", weight_g=0,
            reference_minor=line.price_minor, cost_minor=0, hard_min_minor=0, shop_hard_min_minor=0, ceiling_minor=0,
            is_fba=False, page_demand=0.0, shop_no=number, shop_demand=0.0, shop_reference_minor=line.price_minor,
        )  # fmt: skip
        world.shop[line.sku] = ShopItem(line.sku, line.price_minor, world.start)
        world.stock[line.sku] = Stock(0, 0, 0, 0, 0, 0, world.start, world.start)
    return world.products[line.sku].shop_no or 0


class InCurrency:
    """The application with another currency's name wherever it prints its own."""

    def __init__(self, app: ASGIApp, currency: str) -> None:
        self._app, self._old, self._new = app, f'"{CURRENCY}"'.encode(), f'"{currency}"'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def renamed(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message.get("body", b"").replace(self._old, self._new)}
            await send(message)

        await self._app(scope, receive, renamed)
