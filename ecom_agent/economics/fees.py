"""What a platform takes of a sale: by its own quote, or by a dated table where no quote is at hand or fresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from fractions import Fraction

from ecom_agent.records.costs import CostSheets, FeeRow
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits


@dataclass(frozen=True, slots=True)
class Fees:
    """A fee as sums need it: the larger of `share` of the price and `least`, plus `fixed`; minor units, exact.

    `source` says in words where it is from, `at` when it was so; `from_table` which limit its age has.
    """

    share: Fraction
    least: Fraction
    fixed: Fraction
    currency: str
    source: str
    at: datetime
    from_table: bool

    def on(self, minor: int) -> Fraction:
        """What is taken of a sale at this price."""
        return max(self.share * minor, self.least) + self.fixed


def referral_share(quote: FeeQuote) -> Fraction | None:
    """The share of the price the platform keeps (3/20 = 15 %), exact; None when the quote makes no sense.

    Quotes are for one price; between two pulls the share is taken as constant. Nonsense is a price of zero or
    less, a negative fee, or a share of one or more: no price at all would then earn anything.
    """
    if quote.at_price.minor <= 0 or quote.referral.minor < 0 or quote.fulfilment.minor < 0:
        return None
    share = Fraction(quote.referral.minor, quote.at_price.minor)
    return share if share < 1 else None


def quoted(quote: FeeQuote) -> Fees | None:
    """The quote as fees; None when it makes no sense."""
    share = referral_share(quote)
    if share is None:
        return None
    return Fees(
        share,
        Fraction(0),
        Fraction(quote.fulfilment.minor),
        quote.at_price.currency,
        "fee quote",
        quote.quoted_at,
        False,
    )


def tabled(row: FeeRow) -> Fees:
    """A table's row as fees, as old as its last check."""
    checked = datetime.combine(row.checked, time(), UTC)
    words = f"fee table {row.fee_class} since {row.since.isoformat()} ({row.source})"
    share, least, fixed = Fraction(row.referral), Fraction(row.least.minor), Fraction(row.fixed.minor)
    return Fees(share, least, fixed, row.fixed.currency, words, checked, from_table=True)


def table_row(limits: PriceLimits, sheets: CostSheets, now: datetime | None) -> FeeRow | None:
    """The row in force for the listing's class of goods; None where the seller named no class or there is none."""
    rows = [
        row
        for row in sheets.fees
        if row.marketplace == limits.marketplace
        and row.fee_class == limits.fee_class
        and (now is None or row.since <= now.date())
    ]
    return max(rows, key=lambda row: row.since, default=None)


def basis(limits: PriceLimits, quote: FeeQuote | None, sheets: CostSheets, now: datetime | None) -> Fees | None:
    """The fees to reckon with: a fresh quote, else the table, else the old quote (which the guards then refuse).

    None = nothing is known, or the quote makes no sense and there is no table. `now` None = ages are judged elsewhere.
    """
    told = None if quote is None else quoted(quote)
    if told is not None and not _too_old(told, sheets, now):
        return told
    row = table_row(limits, sheets, now)
    return told if row is None else tabled(row)


def _too_old(told: Fees, sheets: CostSheets, now: datetime | None) -> bool:
    return now is not None and sheets.quote_max_age is not None and now - told.at > sheets.quote_max_age
