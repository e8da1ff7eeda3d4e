"""What really happened in advertising, by the ids that Amazon prints. No seller's program may ask this."""

from __future__ import annotations

from typing import Any

from platforms.simulated.ads.model import Ads, Figures
from platforms.simulated.ads.reports import total
from platforms.simulated.wire import ads as wire
from platforms.simulated.wire.text import moment


def account(ads: Ads) -> dict[str, Any]:
    """Campaigns, targets with their live bids, figures by day, target and term, and the orders that clicks brought."""
    return {
        "opened_at": moment(ads.opened_at),
        "campaigns": {wire.print_id("campaign", one.number): {"sku": one.sku} for one in ads.campaigns.values()},
        "targets": {
            wire.print_id("target", one.number): {"sku": one.sku, "bid_minor": one.bid_minor, "state": one.state}
            for one in ads.targets.values()
        },
        "figures": [
            {"day": day, "target": wire.print_id("target", target), "term": term, **_told(one)}
            for day, figures in ads.tally.items()
            for (target, term), one in figures.items()
        ],
        "credited": {order: day for order, (day, _target, _term) in ads.credited.items()},
        "totals": _told(total([one for figures in ads.tally.values() for one in figures.values()])),
        "clicks_taken_back": ads.counts["invalid"],
    }


def _told(one: Figures) -> dict[str, int]:
    return {
        "impressions": one.impressions,
        "clicks": one.clicks,
        "cost_minor": one.cost_minor,
        "orders": one.orders,
        "units": one.units,
        "sales_minor": one.sales_minor,
    }
