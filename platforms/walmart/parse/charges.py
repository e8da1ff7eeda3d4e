"""Lines of the reconciliation report → Charge.

Its amounts are signed as we want them: what is paid to us is above zero; a payout empties the account, so it is below.
Only the report's first line, the payment's summary, names the currency; it holds for the lines after it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.finance import Charge, ChargeKind
from platforms._shared.payload import collect, items, maybe_text, need, text
from platforms._shared.read import Read
from platforms.walmart.parse.words import CHARGE as KINDS
from platforms.walmart.parse.words import CHARGE_BY_AMOUNT as BY_AMOUNT

SUMMARY: Final = "PaymentSummary"
BY_TRANSACTION: Final[Mapping[str, ChargeKind]] = {
    SUMMARY: ChargeKind.PAYOUT,
    "Adjustment": ChargeKind.ADJUSTMENT,
    "Dispute Settlement": ChargeKind.ADJUSTMENT,
}
COLUMNS: Final = frozenset(
    {
        "Period Start Date", "Period End Date", "Currency", "Transaction Type", "Total Payable",
        "Transaction Description", "Transaction Posted Timestamp", "Shipping Method", "Partner Item Name",
        "Customer Order line #", "Contract Category", "Product Tax Code", "Ship to Zipcode", "Ship to City",
        "Transaction Key", "Ship Qty", "Amount", "Partner GTIN", "Ship to State", "Amount Type", "Fulfillment Type",
        "Customer Order #", "Purchase Order #", "Product Type", "Partner Item Id", "Purchase Order line #",
        "Commission Rate", "Transaction Reason Code", "Customer Promo Type", "Total Walmart Funded Savings Program",
        "Original Item price", "Original Commission Amount", "Spec Category", "Commission Incentive Program",
        "Campaign Id", "Fulfillment Details", "Original Commission",
    }
)  # fmt: skip
_DAY: Final = "%m/%d/%Y"


def report_days(body: Any) -> Mapping[str, datetime]:
    """The reports there are, as Walmart names them, with their days, oldest first. Raises ParseFailed."""
    need(body, "availableApReportDates")
    names = [str(name) for name in items(body, "availableApReportDates")]
    days = {name: _day(name, "availableApReportDates") for name in names}
    return dict(sorted(days.items(), key=lambda named: named[1]))


class ReportRows:
    """The pages of one report, read one after the other: currency and the count of equal lines go along."""

    def __init__(self, report_date: str, *, account: AccountId, marketplace: MarketplaceId) -> None:
        self._date, self._account, self._marketplace = report_date, account, marketplace
        self._currency: str | None = None
        self._seen: Counter[str] = Counter()

    def page(self, body: Any) -> Read[Charge]:
        """Raises ParseFailed where the page itself has another shape."""
        need(body, "reportData")
        rows = items(body, "reportData")
        records, poison = collect(rows, lambda raw: (self._charge(raw),), lambda raw: raw["Transaction Key"])
        unknown = {f"reportData.{name}" for row in rows for name in row if name not in COLUMNS}
        return Read(records, poison, tuple(sorted(unknown)))

    def _charge(self, raw: Any) -> Charge:
        kind, words = _kind(raw)
        amount_of = "Total Payable" if kind is ChargeKind.PAYOUT else "Amount"
        self._currency = maybe_text(raw, "Currency") or self._currency
        if self._currency is None:
            raise ParseFailed("Currency", "no line before this one told it")
        amount = Money.of(text(raw, amount_of).replace(",", ""), self._currency)
        order, sku = maybe_text(raw, "Purchase Order #"), maybe_text(raw, "Partner Item Id")
        return Charge(
            account=self._account,
            marketplace=self._marketplace,
            charge_id=self._id(raw),
            order_id=OrderId(order) if order else None,
            sku=Sku(sku) if sku else None,
            kind=kind,
            kind_raw=words,
            amount=-amount if kind is ChargeKind.PAYOUT else amount,
            booked_at=_day(text(raw, "Transaction Posted Timestamp"), "Transaction Posted Timestamp"),
            settlement_id=self._date,
        )

    def _id(self, raw: Any) -> str:
        """Walmart numbers transactions, not lines: a line is told by what it says, and by how many equal ones came.

        Only columns that we know count: one that is there today and not tomorrow must not make another charge of it.
        """
        said = {name: value for name, value in raw.items() if name in COLUMNS}
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        self._seen[digest] += 1
        return f"{self._date}:{digest}:{self._seen[digest]}"


def _kind(raw: Any) -> tuple[ChargeKind, str]:
    transaction, amount = text(raw, "Transaction Type"), maybe_text(raw, "Amount Type") or ""
    found = KINDS.get((transaction, amount)) or BY_AMOUNT.get(amount) or BY_TRANSACTION.get(transaction)
    words = "/".join(part for part in (transaction, amount) if part)
    return found or ChargeKind.UNMAPPED, words


def _day(value: str, path: str) -> datetime:
    """A day as Walmart writes it (12/18/2020, or 12182020 in the list of reports), as its first moment in UTC."""
    for form in (_DAY, "%m%d%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(value[:10], form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ParseFailed(path, f"wanted a day such as 12/18/2020, found {value[:40]!r}")
