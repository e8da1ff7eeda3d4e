"""What the seller does in the platforms' own screens, past every program: other prices, listings ended and relisted."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Final

from platforms.simulated import notices
from platforms.simulated.channels import lives
from platforms.simulated.channels.commands import COMMANDS
from platforms.simulated.state import AMAZON, SHOPIFY, Pending, PriceWrite

if TYPE_CHECKING:
    from platforms.simulated.world import World

STEP: Final = (0.96, 1.05)
"""Of the price that stands."""
ENDED: Final = 0.3
"""Share of what is done to listings of the further channels that ends one, or lists it again."""


def touch(world: World, listings: int) -> None:
    """Do something to so many listings, wherever they are. Drawn apart: nothing else is drawn otherwise for it."""
    dice = random.Random(f"{world.seed}/{world.seller_id}/hands/{world.now.isoformat()}")
    everywhere = [
        *((AMAZON, sku) for sku in world.pages),
        *((SHOPIFY, sku) for sku in world.shop),
        *((name, sku) for name, there in world.channels.items() for sku in there.by_sku),
    ]
    for name, sku in dice.sample(everywhere, min(listings, len(everywhere))):
        step = dice.uniform(*STEP)
        if name == AMAZON:
            _at_amazon(world, sku, step, world.now)
        elif name == SHOPIFY:
            item = world.shop[sku]
            item.price_minor = max(world.products[sku].shop_hard_min_minor, round(item.price_minor * step))
            item.updated_at = world.now
        else:
            there = world.channels[name].by_sku[sku]
            if dice.random() < ENDED:
                status = "active" if there.status == "ended" else "ended"
                COMMANDS["channel_status"](world, channel=name, sku=sku, status=status)
            else:
                _on_a_channel(world, name, sku, max(there.hard_min_minor, round(there.price_minor * step)))


def _on_a_channel(world: World, name: str, sku: str, price_minor: int) -> None:
    """Live at once, and no write of a program's: the ledger does not know it."""
    write = PriceWrite(world.now, name, sku, price_minor, "", False, True)
    lives.price_live(world, world.channels[name], Pending(world.now, sku, price_minor, write))


def _at_amazon(world: World, sku: str, step: float, now: datetime) -> None:
    page = world.pages[sku]
    page.ours.price_minor = max(world.products[sku].hard_min_minor, round(page.ours.price_minor * step))
    page.priced_at = page.changed_at = now
    notices.offer_changed(world, page, "Internal")
