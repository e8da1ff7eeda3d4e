"""What a platform takes of a sale, read from its own quote."""

from __future__ import annotations

from fractions import Fraction

from ecom_agent.records.finance import FeeQuote


def referral_share(quote: FeeQuote) -> Fraction | None:
    """The share of the price the platform keeps (3/20 = 15 %), exact; None when the quote makes no sense.

    Quotes are for one price; between two pulls the share is taken as constant. Nonsense is a price of zero or
    less, a negative fee, or a share of one or more: no price at all would then earn anything.
    """
    if quote.at_price.minor <= 0 or quote.referral.minor < 0 or quote.fulfilment.minor < 0:
        return None
    share = Fraction(quote.referral.minor, quote.at_price.minor)
    return share if share < 1 else None
