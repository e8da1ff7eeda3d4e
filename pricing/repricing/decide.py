"""What one listing should cost, by the engine's rule and guard: there is no second copy of them here."""

from __future__ import annotations

from dataclasses import replace

from native_pricer import Decision, Engine, epoch_us
from pricing.repricing import pages
from pricing.repricing.inputs import PriceInputs, RepricePolicy, engine_listing


def decide(seen: PriceInputs, policy: RepricePolicy) -> Decision:
    """The engine's answer for this listing on the newest offers known of its page.

    Freshness counts from when the page was last seen, not from its last change: a silent page may be right.
    Cooldown and the day's change are not known here (no history in the facts): the gate counts those.
    Pure. Raises ValueError naming what does not fit: two currencies, a listing that is not on this page.
    """
    cfg = engine_listing(seen.listing, seen.limits, seen.least, seen.seller_id, policy)
    engine = Engine()
    engine.configure(replace(cfg, max_event_age_s=policy.max_sweep_age_s))
    decisions = engine.on_offers(pages.event(seen.page), epoch_us(seen.now), epoch_us(seen.page.seen_at))
    if not decisions:
        raise ValueError(f"page: {seen.listing.sku} is not on the page of {seen.page.external_id}")
    return decisions[0]
