"""Buyers come and order from us; what rivals sell is only counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from platforms.simulated import constants as k
from platforms.simulated import demand, lives, logistics, shelf
from platforms.simulated.dice import poisson, weighted
from platforms.simulated.state import AMAZON, SHOPIFY, Buyer, Line, Order, Page, Product

if TYPE_CHECKING:
    from platforms.simulated.world import World

PLACES = (
    ("Austin", "TX", "78701"), ("Portland", "OR", "97205"), ("Columbus", "OH", "43215"), ("Tampa", "FL", "33602"),
    ("Denver", "CO", "80202"), ("Raleigh", "NC", "27601"), ("Madison", "WI", "53703"), ("Albany", "NY", "12207"),
    ("Fresno", "CA", "93721"), ("Tucson", "AZ", "85701"), ("Omaha", "NE", "68102"), ("Boise", "ID", "83702"),
)  # fmt: skip
FIRST = ("Alex", "Sam", "Jordan", "Casey", "Riley", "Morgan", "Avery", "Quinn", "Rowan", "Emery")
LAST = ("Sample", "Example", "Placeholder", "Specimen", "Fixture", "Invented")


def tick(world: World, now: datetime) -> None:
    """One minute of buyers, on every page and in the shop."""
    busy = demand.season(now)
    for page in world.pages.values():
        _page(world, page, busy, now)
    for sku, item in world.shop.items():
        product = world.products[sku]
        rate = demand.per_tick(product.shop_demand, busy, item.price_minor, product.shop_reference_minor)
        for _ in range(poisson(world.dice["demand"], rate)):
            place(world, SHOPIFY, product, now)


def _page(world: World, page: Page, busy: float, now: datetime) -> None:
    product = world.products[page.sku]
    offers = world.in_stock(page)
    if not offers:
        return
    shown = next((o for o in offers if o.seller == page.featured), None) or min(offers, key=lambda o: o.landed_minor)
    rate = demand.per_tick(product.page_demand, busy, shown.landed_minor, product.reference_minor)
    for _ in range(poisson(world.dice["demand"], rate)):
        chosen = demand.choose(world.dice["demand"], offers, page.featured)
        page.market_sales += chosen is not None
        if chosen is page.ours:
            place(world, AMAZON, product, now)
            offers = world.in_stock(page)


def place(world: World, channel: str, product: Product, now: datetime) -> Order | None:
    """One order of one to three lines; nothing happens, and None is given, when our last unit is gone."""
    lines = _lines(world, channel, product)
    if not lines:
        return None
    dice = world.dice["orders"]
    number = len(world.ledger.orders) + 1
    is_fba = channel == AMAZON and product.is_fba
    items = sum(line.total_minor for line in lines)
    free = channel == AMAZON or items >= k.SHOP_FREE_SHIPPING_FROM_MINOR
    order = Order(
        order_id=_order_id(world, channel, number),
        number=number,
        channel=channel,
        created_at=now - timedelta(seconds=dice.randrange(0, k.TICK_S)),
        updated_at=now,
        status="pending" if channel == AMAZON else "unshipped",
        is_fba=is_fba,
        lines=lines,
        shipping_minor=0 if free else k.SHOP_SHIPPING_MINOR,
        buyer=Buyer(f"{dice.choice(FIRST)} {dice.choice(LAST)}", *dice.choice(PLACES)),
        ship_by=now + timedelta(days=1 if is_fba else 2),
    )
    for line in lines:
        if is_fba:
            logistics.take(world.stock[line.sku], line.quantity)
        else:
            shelf.take(world, channel, line.sku, line.quantity)
    world.ledger.orders[order.order_id] = order
    lives.begin(world, order, now)
    return order


def _lines(world: World, channel: str, product: Product) -> list[Line]:
    dice = world.dice["orders"]
    wanted = [product]
    while len(wanted) < 3 and dice.random() < k.SECOND_LINE:
        other = dice.choice(list(world.products.values()))
        same_way = other.is_fba == product.is_fba if channel == AMAZON else other.shop_no is not None
        if same_way and other not in wanted:
            wanted.append(other)
    lines: list[Line] = []
    for item in wanted:
        left = world.sellable(item.sku) if channel == AMAZON else shelf.shown(world, SHOPIFY, item.sku)
        quantity = min(weighted(dice, k.UNITS_PER_LINE), left)
        if quantity > 0:
            lines.append(Line(_line_id(world, channel), item.sku, quantity, _price(world, channel, item.sku)))
    return lines


def _price(world: World, channel: str, sku: str) -> int:
    return world.pages[sku].ours.price_minor if channel == AMAZON else world.shop[sku].price_minor


def _order_id(world: World, channel: str, number: int) -> str:
    ids = world.dice["ids"]
    if channel == AMAZON:
        return f"{ids.choice((111, 112, 113, 114))}-{ids.randrange(10**6, 10**7)}-{ids.randrange(10**6, 10**7)}"
    return f"gid://shopify/Order/{5_600_000_000_000 + number * 32_768}"


def _line_id(world: World, channel: str) -> str:
    number = world.dice["ids"].randrange(10**12, 10**13)
    return f"{number}1" if channel == AMAZON else f"gid://shopify/LineItem/{number}"
