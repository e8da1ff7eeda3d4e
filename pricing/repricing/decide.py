"""What one listing should cost, by the engine's rule and guard: there is no second copy of them here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ecom_agent.records.offers import OfferSnapshot
from native_pricer import Decision, Engine, ListingConfig, ListingFacts, epoch_us
from pricing.repricing import pages
from pricing.repricing.inputs import PriceInputs, RepricePolicy, engine_listing


def decide(seen: PriceInputs, policy: RepricePolicy) -> Decision:
    """The engine's answer for this listing on the newest offers known of its page.

    Freshness counts from when the page was last seen, not from its last change: a silent page may be right.
    Cooldown and the day's change are not known here (no history in the facts): the gate counts those.
    Pure. Raises ValueError naming what does not fit: two currencies, a listing that is not on this page.
    """
    cfg = engine_listing(seen.listing, seen.limits, seen.least, seen.seller_id, policy)
    return answer(cfg, ListingFacts(), seen.page, seen.now, policy.max_sweep_age_s)


def answer(
    cfg: ListingConfig,
    facts: ListingFacts,
    page: OfferSnapshot | None,
    now: datetime,
    max_age_s: int,
    memory: bytes | None = None,
) -> Decision:
    """The same for a listing that is configured already; without a page by what else is known of it.

    The engine is new: `memory` is what the strategy of the event lane last knew of this listing, without which it would
    take its rivals for strangers here, and the two ways in would pull one price to and fro. What it learns here is not
    kept: the lane sees the same page with the next event.
    Raises ValueError as `decide`.
    """
    engine = told(cfg, facts, max_age_s)
    if memory is not None:
        remembered(engine, cfg.marketplace, cfg.sku, memory)
    if page is None:
        return engine.on_own(cfg.marketplace, cfg.sku, epoch_us(now))
    decisions = engine.on_offers(pages.event(page), epoch_us(now), epoch_us(page.seen_at))
    if not decisions:
        raise ValueError(f"page: {cfg.sku} is not on the page of {page.external_id}")
    return decisions[0]


def told(cfg: ListingConfig, facts: ListingFacts, max_age_s: int) -> Engine:
    """An engine that knows this listing and nothing else."""
    engine = Engine()
    engine.configure(replace(cfg, max_event_age_s=max_age_s))
    engine.inform(cfg.marketplace, cfg.sku, facts)
    return engine


def remembered(engine: Engine, marketplace: str, sku: str, memory: bytes) -> bool:
    """Give a strategy its memory back, where it is its own: not another strategy's nor another version's."""
    try:
        engine.remember(marketplace, sku, memory)
    except ValueError:
        return False
    return True
