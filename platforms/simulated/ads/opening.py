"""The first moment: which products are advertised, on what, at which bids. From the seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from platforms.simulated.ads import constants as k
from platforms.simulated.ads.model import AUTOMATIC, KEYWORD, PRODUCT, Ads, Campaign, Negative, Target, Term
from platforms.simulated.dice import Dice, between
from platforms.simulated.state import Product

if TYPE_CHECKING:
    from platforms.simulated.world import World

BEGAN_BEFORE = timedelta(days=60)
_AROUND = ("best {}", "{} gift", "cheap {}", "{} large", "{} for home", "{} used")


def ads(world: World) -> Ads:
    """Open our account now. Its dice are its own: nobody else's luck depends on it."""
    return account(Ads(world.now, Dice(f"{world.seed}/ads")), world.products.values(), k.AUTOMATIC_SHARE)


def account(made: Ads, products: Iterable[Product], automatic_share: float) -> Ads:
    """Campaigns for some of these; none are automatic, nor bid on pages of others, where the share is 0."""
    dice = made.dice["demand"]
    for product in products:
        if dice.random() < k.ADVERTISED_SHARE and len(made.campaigns) < k.MOST_CAMPAIGNS:
            _campaign(made, product, made.opened_at, automatic_share)
    return made


def _campaign(made: Ads, product: Product, now: datetime, automatic_share: float) -> None:
    dice, began = made.dice["demand"], now - BEGAN_BEFORE
    price = dice.randint(*k.CLICK_PRICE_MINOR)
    automatic = dice.random() < automatic_share
    campaign = Campaign(
        number=made.next("campaign"),
        sku=product.sku,
        name=f"{product.title} {'automatic' if automatic else 'by keyword'}",
        automatic=automatic,
        state="ENABLED",
        budget_minor=dice.randint(*k.DAILY_BUDGET_MINOR),
        default_bid_minor=round(price * between(dice, k.START_BID)),
        created_at=began,
    )
    made.campaigns[campaign.number] = campaign
    words = _words(product)
    wanted = (
        [(AUTOMATIC, "QUERY_HIGH_REL_MATCHES", None), (AUTOMATIC, "QUERY_BROAD_REL_MATCHES", None)]
        if automatic
        else [(KEYWORD, words, "EXACT"), (KEYWORD, words, "PHRASE"), (KEYWORD, words.split()[-1], "BROAD"),
              *([(PRODUCT, f"B0RIVAL{campaign.number:03d}", None)] if automatic_share else [])]
    )  # fmt: skip
    for kind, text, match in wanted:
        own = None if dice.random() < 0.2 else max(k.LEAST_BID_MINOR, round(price * between(dice, k.START_BID)))
        target = Target(
            number=made.next("target"),
            campaign=campaign.number,
            sku=product.sku,
            kind=kind,
            text=text,
            match=match,
            bid_minor=own,
            state="ENABLED",
            auctions=between(dice, k.AUCTIONS_PER_DAY),
            click_rate=between(dice, k.CLICK_RATE),
            price_minor=price,
            terms=_terms(dice, words, kind, match),
            created_at=began,
            updated_at=began,
        )
        made.targets[target.number] = target
    number = made.next("negative")
    made.negatives[number] = Negative(number, campaign.number, "free", "phrase", "ENABLED", began)


def _words(product: Product) -> str:
    """The title's last words, as people type them."""
    return " ".join(product.title.lower().replace(",", " ").split()[-2:])


def _terms(dice: random.Random, words: str, kind: str, match: str | None) -> list[Term]:
    """An exact keyword has one search, a product page is named by its own; all others have three."""
    good = between(dice, k.CONVERSION)
    if kind == PRODUCT or match == "EXACT":
        return [Term(words, 1.0, good)]
    texts = [words, *(around.format(words) for around in dice.sample(_AROUND, 2))]
    return [
        Term(text, share, good * between(dice, k.TERM_CONVERSION))
        for text, share in zip(texts, (0.5, 0.3, 0.2), strict=True)
    ]
