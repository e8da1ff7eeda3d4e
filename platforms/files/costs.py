"""Cost sheets to unit costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import EXPONENTS, Money
from ecom_agent.records.unit_costs import UnitCost
from platforms.files import cells
from platforms.files.mapping_kinds import CostMapping
from platforms.files.rows import Row, only


class CostReader:
    operation, private = "costs file", ()

    def __init__(self, mapping: CostMapping, account: AccountId) -> None:
        self._mapping, self._account = mapping, account

    def id_of(self, row: Row) -> str:
        """A listing: account, marketplace and SKU."""
        return "/".join((*self._place(row), row.needed("sku")))

    def record(self, id: str, rows: Sequence[Row]) -> UnitCost:
        row = only(rows)
        currency = self._mapping.currency or row.needed("currency").upper()
        if currency not in EXPONENTS:
            raise ParseFailed(row.column("currency"), f"wanted an ISO 4217 code such as USD; found {currency[:20]!r}")
        landed = self._amount(row, "unit_cost", currency)
        if landed is None:
            raise ParseFailed(row.column("unit_cost"), "missing")
        account, marketplace = self._place(row)
        return UnitCost(
            account=AccountId(account),
            marketplace=MarketplaceId(marketplace),
            sku=Sku(row.needed("sku")),
            landed=landed,
            ad_cost=self._amount(row, "ad_cost", currency),
            returned_percent=self._percent(row),
            return_cost=self._amount(row, "return_cost", currency),
            costs_on=self._day(row),
        )

    def _place(self, row: Row) -> tuple[str, str]:
        return row.text("account") or self._account, row.text("marketplace") or self._mapping.marketplace

    def _number(self, row: Row, word: str) -> Decimal | None:
        found = cells.number(row.cell(word), row.column(word), self._mapping.decimal_mark)
        if found is not None and found < 0:
            raise ParseFailed(row.column(word), f"wanted 0 or more; found {found}")
        return found

    def _amount(self, row: Row, word: str, currency: str) -> Money | None:
        """A cost finer than the currency is refused: rounded down, a floor that rests on it would be too low."""
        found = self._number(row, word)
        if found is None:
            return None
        amount = cells.exact(found, currency)
        if amount is None:
            raise ParseFailed(row.column(word), f"wanted an amount in whole minor units of {currency}; found {found}")
        return amount

    def _percent(self, row: Row) -> str | None:
        found = self._number(row, "return_percent")
        return None if found is None else f"{found.normalize():f}"

    def _day(self, row: Row) -> date | None:
        cell = row.cell("costs_on")
        if cells.text(cell) is None:
            return None
        if isinstance(cell, date) and not isinstance(cell, datetime):
            return cell
        if self._mapping.time_format is None and isinstance(cell, str):
            try:
                return date.fromisoformat(cell.strip())
            except ValueError:
                pass
        return row.moment("costs_on").astimezone(self._mapping.zone).date()
