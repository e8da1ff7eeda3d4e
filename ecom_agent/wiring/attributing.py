"""App's verb that says where a change in profit came from."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from ecom_agent.economics.fees import referral_share
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.records.attributions import AttributionReport
from ecom_agent.store.db import Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.store.sold import sales
from ecom_agent.wiring.parts import Parts
from pricing.changes import Costs, Place, compare

MOST_DAYS: Final = 366


class Attributing:
    parts: Parts

    def attribution(self, account: str, split: datetime, days: int) -> AttributionReport:
        """The `days` before a moment against as many after it: what of the change in profit came from price, Buy Box,
        demand, cost, and luck.

        Raises NotFound for an account that is none, BadInput for days that are none or not over yet.
        """
        opened = self.parts.accounts.get(account)
        span = timedelta(days=days)
        if not 1 <= days <= MOST_DAYS or split.tzinfo is None:
            raise BadInput(f"1 to {MOST_DAYS} days", str(days), "choose fewer days")
        if split + span > self.parts.clock.now():
            raise BadInput("days that are over", f"{days} days after {split:%Y-%m-%d %H:%M}", "choose fewer days")
        with self.parts.database.unit() as unit:
            before = sales(unit.session, opened.name, split - span, split)
            after = sales(unit.session, opened.name, split, split + span)
            costs = self._costs(unit, opened.name)
        totals, listings, left_out = compare(before, after, days, costs)
        return AttributionReport(
            account, split, days, tuple(totals), tuple(listings), tuple(sorted(left_out.items()))
        )  # fmt: skip

    def _costs(self, unit: Unit, account: AccountId) -> dict[Place, Costs]:
        """Of each listing whose cost is known in its own currency; without a fee quote the platform keeps nothing."""
        facts, found = FactStore(unit.session), dict[Place, Costs]()
        for marketplace in self.parts.accounts.get(account).marketplaces:
            quotes = {quote.sku: quote for quote in facts.fee_quotes(account, marketplace)}
            for limits in facts.price_limits(account, marketplace):
                quote = quotes.get(limits.sku)
                share = None if quote is None else referral_share(quote)
                if limits.unit_cost is None or (quote is not None and share is None):
                    continue
                if quote is None or share is None:
                    found[marketplace, limits.sku] = Costs(limits.unit_cost.minor, Fraction(0), 0)
                else:
                    found[marketplace, limits.sku] = Costs(limits.unit_cost.minor, share, quote.fulfilment.minor)
        return found
