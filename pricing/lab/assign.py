"""Which strategy prices which SKU: the canary its 1 %, the live one the rest, nobody where none is live. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecom_agent.ids import Sku
from ecom_agent.records.strategies import Stage, StrategyPlace
from native_pricer.strategies import Strategy
from pricing.lab.stages import in_canary


def strategy_of(
    sku: Sku, places: Iterable[StrategyPlace], members: Mapping[str, Strategy], share_bp: int
) -> tuple[str, Strategy] | None:
    """The id and genes of the strategy at work on this SKU; None: the rule's own target stands.

    Where two strategies' canaries fall on one SKU, the one that came first keeps it: evidence must not be mixed.
    """
    here = sorted((p for p in places if p.member in members), key=lambda p: (p.since, p.member))
    for place in here:
        if place.stage is Stage.CANARY and in_canary(place.member, sku, share_bp):
            return place.member, members[place.member]
    live = next((p.member for p in here if p.stage is Stage.LIVE), None)
    return None if live is None else (live, members[live])
