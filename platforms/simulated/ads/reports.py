"""Figures as a report cuts them: by target or by search term, by day or summed, only the columns asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from platforms.simulated.ads.model import Ads, Figures, Target
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire import ads as wire

TYPES: Final[Mapping[str, str]] = {"spTargeting": "targeting", "spSearchTerm": "searchTerm"}
"""Report types that are played, and the one grouping of each."""
_SUMS: Final[Mapping[str, Callable[[Figures], Any]]] = {
    "impressions": lambda one: one.impressions,
    "clicks": lambda one: one.clicks,
    "cost": lambda one: one.cost_minor / 100,
    **{f"sales{days}d": lambda one: one.sales_minor / 100 for days in (7, 14, 30)},
    **{f"purchases{days}d": lambda one: one.orders for days in (7, 14, 30)},
    **{f"unitsSoldClicks{days}d": lambda one: one.units for days in (7, 14, 30)},
}
"""The world credits orders of one window only: longer ones show the same."""
_OF_TARGET: Final[Mapping[str, Callable[[Ads, Target], Any]]] = {
    "campaignId": lambda ads, one: int(wire.print_id("campaign", one.campaign)),
    "campaignName": lambda ads, one: ads.campaigns[one.campaign].name,
    "campaignStatus": lambda ads, one: ads.campaigns[one.campaign].state,
    "campaignBudgetType": lambda ads, one: "DAILY_BUDGET",
    "campaignBudgetAmount": lambda ads, one: ads.campaigns[one.campaign].budget_minor / 100,
    "campaignBudgetCurrencyCode": lambda ads, one: CURRENCY,
    "adGroupId": lambda ads, one: int(wire.print_id("group", one.campaign)),
    "adGroupName": lambda ads, one: ads.campaigns[one.campaign].sku,
    "keywordId": lambda ads, one: int(wire.print_id("target", one.number)),
    "keyword": lambda ads, one: one.text,
    "targeting": lambda ads, one: one.text,
    "keywordBid": lambda ads, one: None if one.bid_minor is None else one.bid_minor / 100,
    "keywordType": lambda ads, one: wire.keyword_type(one),
    "matchType": lambda ads, one: wire.keyword_type(one),
    "adKeywordStatus": lambda ads, one: one.state,
}
_DAYS: Final = {"DAILY": ("date",), "SUMMARY": ("startDate", "endDate")}


def unknown_columns(type_id: str, unit: str, columns: list[str]) -> list[str]:
    """Those that a report of this type does not have here."""
    known = {*_SUMS, *_OF_TARGET, *_DAYS[unit], *(("searchTerm",) if type_id == "spSearchTerm" else ())}
    return [name for name in columns if name not in known]


def rows(ads: Ads, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each day (or the whole span), target and, where asked by term, term that appeared."""
    wanted = asked["configuration"]
    daily, by_term = wanted["timeUnit"] == "DAILY", wanted["reportTypeId"] == "spSearchTerm"
    summed: dict[tuple[str, int, str], list[Figures]] = defaultdict(list)
    for day, figures in sorted(ads.tally.items()):
        if asked["startDate"] <= day <= asked["endDate"]:
            for (target, term), one in figures.items():
                summed[day if daily else "", target, term if by_term else ""].append(one)
    return [
        {name: _value(name, ads, asked, key, total(found)) for name in wanted["columns"]}
        for key, found in summed.items()
    ]


def total(found: list[Figures]) -> Figures:
    return Figures(
        *(
            sum(getattr(one, name) for one in found)
            for name in ("impressions", "clicks", "cost_minor", "orders", "units", "sales_minor")
        )
    )


def _value(name: str, ads: Ads, asked: Mapping[str, Any], key: tuple[str, int, str], figures: Figures) -> Any:
    day, target, term = key
    if name in _SUMS:
        return _SUMS[name](figures)
    if name in _OF_TARGET:
        return _OF_TARGET[name](ads, ads.targets[target])
    return {"date": day, "searchTerm": term, "startDate": asked["startDate"], "endDate": asked["endDate"]}[name]
