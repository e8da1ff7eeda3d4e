"""App's verb to lead our own recorded pages through other ways of pricing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from ecom_agent.errors import BadInput
from ecom_agent.ids import MarketplaceId
from ecom_agent.records.backtests import BacktestReport, BacktestRow
from ecom_agent.store.facts import FactStore
from ecom_agent.store.kept_events import EventKeeper
from ecom_agent.wiring.parts import Parts
from native_pricer import epoch_us
from native_pricer.journal import about_listing, about_page
from native_pricer.strategies import strategy
from pricing.lab import recorded

MOST_DAYS: Final = 7
MOST_LISTINGS: Final = 50
"""A sample: each is led through all its events once for every way, a tenth of a millisecond an event."""
RULES: Final = "rules as they are"
FIXED: Final = "price as it was"
WAYS: Final[Mapping[str, Callable[[recorded.Recorded], float]]] = MappingProxyType(
    {
        RULES: recorded.profit_by_rules,
        "beat by a cent": lambda one: recorded.profit(one, strategy("beat")),
        "match the Buy Box": lambda one: recorded.profit(one, strategy("match")),
        "rival model": lambda one: recorded.profit(one, strategy("rival_model")),
        FIXED: lambda one: recorded.profit(one, strategy("fixed")),
    }
)


class Backtesting:
    parts: Parts

    def backtest(self, account: str, marketplace: str, days: int) -> BacktestReport:
        """The last `days` of our pages there, priced in several ways: what each is expected to have left a day.

        Rivals stay as recorded, so what would have been answered is flattered. Of at most 50 listings whose unit cost
        is known. Nothing is sent or kept.
        Raises NotFound for an account that is none, BadInput for days out of range.
        """
        opened, place = self.parts.accounts.get(account), MarketplaceId(marketplace)
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(f"1 to {MOST_DAYS} days", str(days), "choose fewer days")
        until = self.parts.clock.now()
        since = until - timedelta(days=days)
        with self.parts.database.unit() as unit:
            facts = FactStore(unit.session)
            costed = {x.sku for x in facts.price_limits(opened.name, place) if x.unit_cost is not None}
            chosen = [x for x in facts.listings(opened.name, place) if x.sku in costed][:MOST_LISTINGS]
            about = [about_listing(place, x.sku) for x in chosen]
            about += [about_page(place, x.external_id, x.condition.lower()) for x in chosen]
            stretches = EventKeeper(unit.session).stretches(opened.name, since, until, about) if chosen else iter(())
            found = [one for _, calls in stretches for one in recorded.records(calls, epoch_us(since))]
        here = [one for one in found if one.config.marketplace == place]
        rows = _rows(here)
        events = sum(len(one.events) for one in here)
        return BacktestReport(account, marketplace, since, until, len(chosen), len(here), events, tuple(rows))


def _rows(found: list[recorded.Recorded]) -> list[BacktestRow]:
    """Best first within a currency; currencies are never added up."""
    profit, better = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in found:
        left = {name: recorded.a_day(one, way(one)) for name, way in WAYS.items()}
        for name, value in left.items():
            profit[one.config.currency, name] += value  # type: ignore[assignment]  # a Counter adds up floats as well
            better[one.config.currency, name] += value > left[FIXED]
    rows = [BacktestRow(name, money, value, better[money, name]) for (money, name), value in profit.items()]
    return sorted(rows, key=lambda row: (row.currency, -row.profit_a_day))
