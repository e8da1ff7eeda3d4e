"""The first moment of the world: products, pages with their sellers, the shop, stock. All from the seed."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta

from platforms.simulated import catalogue, fees, logistics
from platforms.simulated import constants as k
from platforms.simulated.dice import Dice, between, weighted
from platforms.simulated.sellers import amazon_id
from platforms.simulated.state import Offer, Page, Product, ShopItem, Stock

SELLER_ID = amazon_id()
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def _code(dice: random.Random, prefix: str, length: int) -> str:
    return prefix + "".join(dice.choice(_LETTERS) for _ in range(length - len(prefix)))


def _above(break_even_minor: int) -> int:
    """The hard minimum handed to the demo's seller."""
    return math.ceil(break_even_minor * (1 + k.MIN_MARGIN_SHARE))


def products(dice: Dice, count: int | None = None) -> dict[str, Product]:
    """The first `count` of the catalogue, None = what the demo sells."""
    found: dict[str, Product] = {}
    for no, item in enumerate(catalogue.items(count), start=1):
        busy = 1.0 if no <= len(catalogue.ITEMS) else k.TAIL_DEMAND
        is_fba = dice["logistics"].random() < k.OUR_FBA_CHANCE
        hard_min = _above(fees.break_even(item.category, item.weight_g, item.cost_minor, is_fba=is_fba))
        shop_min = _above(fees.shop_break_even(item.weight_g, item.cost_minor))
        found[item.sku] = Product(
            sku=item.sku,
            asin=_code(dice["ids"], "B0", 10),
            fnsku=_code(dice["ids"], "X00", 10),
            title=item.title,
            category=item.category,
            weight_g=item.weight_g,
            reference_minor=item.reference_minor,
            cost_minor=item.cost_minor,
            hard_min_minor=hard_min,
            shop_hard_min_minor=shop_min,
            ceiling_minor=max(round(item.reference_minor * k.CEILING_OF_REFERENCE), hard_min + 100, shop_min + 100),
            is_fba=is_fba,
            page_demand=busy * between(dice["demand"], k.PAGE_DEMAND_PER_DAY) * (2500 / item.reference_minor) ** 0.4,
            shop_no=no if item.in_shop else None,
            shop_demand=busy * between(dice["demand"], k.SHOP_DEMAND_PER_DAY) if item.in_shop else 0.0,
            shop_reference_minor=max(item.reference_minor, shop_min),
        )
    return found


def _ours(product: Product, dice: random.Random, start: datetime, seller_id: str) -> Offer:
    price = max(round(product.reference_minor * between(dice, k.OUR_START)), product.hard_min_minor)
    return Offer(
        seller=seller_id,
        policy="ours",
        price_minor=price,
        shipping_minor=0,
        is_fba=product.is_fba,
        rating=k.OUR_RATING,
        feedback=k.OUR_FEEDBACK,
        handling_days=1,
        floor_minor=0,
        home_minor=price,
        delay_s=0,
        wakes_at=start,
    )


def rival(product: Product, dice: random.Random, start: datetime) -> Offer:
    is_fba = dice.random() < k.RIVAL_FBA_CHANCE
    shipping = 0 if is_fba or dice.random() < 0.6 else dice.choice((299, 399, 499))
    home = round(product.reference_minor * between(dice, k.RIVAL_START)) - shipping
    wrong = dice.random() < k.WRONG_FLOOR_CHANCE
    floor = round(product.reference_minor * between(dice, k.WRONG_FLOOR if wrong else k.RIVAL_FLOOR)) - shipping
    delay = round(between(dice, k.RIVAL_DELAY_S))
    return Offer(
        seller=_code(dice, "A", 14),
        policy=weighted(dice, k.RIVAL_MIX),
        price_minor=max(home, 100),
        shipping_minor=shipping,
        is_fba=is_fba,
        rating=round(dice.uniform(0.82, 0.99), 2),
        feedback=dice.randrange(12, 9000),
        handling_days=1 if is_fba else dice.choice((1, 1, 2, 3, 4)),
        floor_minor=max(floor, 90),
        home_minor=max(home, 100),
        delay_s=delay,
        wakes_at=start + timedelta(seconds=dice.uniform(0, delay + k.RIVAL_IDLE_S[0])),
    )


def pages(found: dict[str, Product], dice: Dice, start: datetime, seller_id: str = SELLER_ID) -> dict[str, Page]:
    rivals = dice["rivals"]
    silent = set(rivals.sample(sorted(found), k.SILENT_PAGES))
    made: dict[str, Page] = {}
    for sku, product in found.items():
        sellers = [rival(product, rivals, start) for _ in range(rivals.randint(*k.RIVALS_PER_PAGE))]
        offers = [_ours(product, rivals, start, seller_id), *sellers]
        made[sku] = Page(sku=sku, offers=offers, silent=sku in silent, listed_at=start - timedelta(days=200))
    return made


def shop(found: dict[str, Product], dice: Dice, start: datetime) -> dict[str, ShopItem]:
    return {
        product.sku: ShopItem(
            product.sku, round(product.shop_reference_minor * between(dice["demand"], k.OUR_START)), start
        )
        for product in found.values()
        if product.shop_no is not None
    }


def units_per_day(product: Product) -> tuple[float, float]:
    """What the marketplace's warehouse and ours may expect to lose a day; a rough third of the page is ours."""
    page = product.page_demand / 3
    return (page, product.shop_demand) if product.is_fba else (0.0, product.shop_demand + page)


def stock(found: dict[str, Product], dice: Dice, start: datetime) -> dict[str, Stock]:
    made: dict[str, Stock] = {}
    for product in found.values():
        fba_rate, own_rate = units_per_day(product)
        made[product.sku] = Stock(
            fba=logistics.opening(dice["logistics"], fba_rate) if product.is_fba else 0,
            fba_reserved=0,
            fba_inbound=0,
            fba_unfulfillable=0,
            own=logistics.opening(dice["logistics"], own_rate) if own_rate else 0,
            own_inbound=0,
            fba_updated_at=start,
            own_updated_at=start,
        )
    return made
