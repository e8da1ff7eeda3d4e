"""App's verbs for the seller's books: exchange rates by day, and sales by each marketplace's own days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ecom_agent.actions.actors import is_person
from ecom_agent.actions.audit import AuditEvent
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.money import exponent
from ecom_agent.records.costs import FxRate
from ecom_agent.records.daily import DaySales
from ecom_agent.records.zones import zones
from ecom_agent.store.daily import sales_by_day
from ecom_agent.store.fx_rates import FxRateStore
from ecom_agent.wiring.parts import Parts

POLICY: Final = "books"
COLUMNS: Final = ("day", "base", "quote", "rate")


class Booking:
    parts: Parts

    def sales_by_day(self, days: int = 7) -> Sequence[DaySales]:
        """The last days of every marketplace, each by its own midnight; unknown is None, never nothing."""
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, POLICY, {})
            return sales_by_day(unit.session, self.parts.clock.now(), days, zones(policy), home_of(policy))

    def fx_rates(self, days: int = 30) -> Sequence[FxRate]:
        """Rates that were entered for the last days, the latest first."""
        with self.parts.database.unit() as unit:
            return FxRateStore(unit.session).since((self.parts.clock.now() - timedelta(days=days)).date())

    def enter_fx_rates(self, rows: Sequence[Mapping[str, str]], source: str, by: str) -> int:
        """Enter rates by day: one `base` was worth `rate` of `quote`. All rows, or none if one is wrong.

        Gives how many. A day that is entered again is corrected. Raises BadInput naming the row.
        """
        if not is_person(by):
            raise BadInput("the name of a person", repr(by), "rates are not entered by software")
        now = self.parts.clock.now()
        rates = [_rate(row, f"row {at}", source, now.date()) for at, row in enumerate(rows, 1)]
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            entered = FxRateStore(unit.session).put(rates, by=by, at=now)
            if entered:
                book.audit.append(AuditEvent(now, None, "fx rates entered", by, {"rates": entered, "source": source}))
        return entered


def home_of(policy: Mapping[str, Any]) -> str | None:
    """The currency of the seller's books. Raises BadInput for one that there is not."""
    named = policy.get("home_currency")
    return None if named is None else _currency(named, f"{POLICY}.home_currency")


def check(policy: Mapping[str, Any]) -> None:
    """Raises BadInput naming the line."""
    home_of(policy)
    zones(policy)


def _rate(row: Mapping[str, str], where: str, source: str, today: date) -> FxRate:
    base, quote = (_currency(row.get(name), f"{where}, {name}") for name in ("base", "quote"))
    try:
        day, rate = date.fromisoformat(row.get("day", "")), Decimal(row.get("rate", ""))
    except (ValueError, InvalidOperation):
        raise BadInput(f"{where}: a day such as 2026-11-20 and a rate", repr(dict(row)), "correct that row") from None
    if not rate.is_finite() or rate <= 0 or base == quote or day > today:
        raise BadInput(f"{where}: a rate above 0 of two currencies, not of the future", repr(dict(row)), "correct it")
    return FxRate(base, quote, rate, datetime.combine(day, time.min, UTC), source)


def _currency(told: object, where: str) -> str:
    try:
        exponent(str(told))
    except ParseFailed:
        raise BadInput(f"{where}: a currency such as EUR", repr(told), "correct it") from None
    return str(told)
