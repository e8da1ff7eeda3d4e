"""Setting a bid: within the marketplace's bounds, one target a call, whose fate is read out of the answer of 207."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Target, TargetKind
from platforms.amazon_ads import parse
from platforms.amazon_ads.client import NAME, AmazonAdsClient, item_errors
from platforms.amazon_ads.entities import KEYWORDS, TARGETS

SET_KEYWORD: Final = "UpdateSponsoredProductsKeywords"
SET_TARGET: Final = "UpdateSponsoredProductsTargetingClauses"
_PLACES: Final = {  # country of the profile: currency, least and highest bid
    "AE": ("AED", "0.24", "184"), "AU": ("AUD", "0.02", "1410"), "BE": ("EUR", "0.02", "1000"),
    "BR": ("BRL", "0.07", "3700"), "CA": ("CAD", "0.02", "1000"), "DE": ("EUR", "0.02", "1000"),
    "EG": ("EGP", "0.15", "5.50"), "ES": ("EUR", "0.02", "1000"), "FR": ("EUR", "0.02", "1000"),
    "IE": ("EUR", "0.02", "1000"), "IN": ("INR", "1", "5000"), "IT": ("EUR", "0.02", "1000"),
    "JP": ("JPY", "2", "100000"), "MX": ("MXN", "0.1", "20000"), "NL": ("EUR", "0.02", "1000"),
    "PL": ("PLN", "0.04", "2000"), "SA": ("SAR", "0.10", "3670"), "SE": ("SEK", "0.18", "9300"),
    "SG": ("SGD", "0.02", "1100"), "TR": ("TRY", "0.05", "2500"), "UK": ("GBP", "0.02", "1000"),
    "US": ("USD", "0.02", "1000"), "ZA": ("ZAR", "1", "7000"),
}  # fmt: skip
BOUNDS: Final = {
    place: (Money.of(Decimal(least), currency), Money.of(Decimal(most), currency))
    for place, (currency, least, most) in _PLACES.items()
}
"""Sponsored Products, "Bid constraints by marketplace" of Amazon's page on limits, 2025-09."""


def set_bid(client: AmazonAdsClient, target: Target, bid: Money) -> Receipt:
    """Raises Rejected, before anything is sent, for a bid out of bounds or for what takes none."""
    keyword = target.kind is TargetKind.KEYWORD
    operation = SET_KEYWORD if keyword else SET_TARGET
    check(target, bid, client.profile.country, operation)
    group, key = ("keywords", "keywordId") if keyword else ("targetingClauses", "targetId")
    entities = KEYWORDS if keyword else TARGETS
    answer = client.answer(
        "PUT",
        entities.path.removesuffix("/list"),
        operation=operation,
        body={group: [{key: target.target_id, "bid": float(bid.major)}]},
        media=entities.media,
        write=True,
    )
    return _receipt(client, answer.parsed, target, operation, group, key)


def check(target: Target, bid: Money, country: str, operation: str) -> None:
    """Raises Rejected. A marketplace whose bounds are not known takes no bid from us."""
    if target.negative or target.state is AdState.ENDED:
        what = "refuses searches" if target.negative else f"is {target.state_raw}"
        raise Rejected(NAME, operation, f"target {target.target_id} {what}: it takes no bid")
    if country not in BOUNDS:
        raise Rejected(NAME, operation, f"no bounds of bids are known for {country}: no bid is set there")
    least, most = BOUNDS[country]
    if bid.currency != least.currency:
        raise Rejected(NAME, operation, f"{country} takes bids in {least.currency}, found {bid}")
    if not least <= bid <= most:
        raise Rejected(NAME, operation, f"wanted a bid from {least} to {most}, found {bid}")


def _receipt(client: AmazonAdsClient, body: Any, target: Target, operation: str, group: str, key: str) -> Receipt:
    """A 207 is no yes: the item's own fate decides. An answer that does not show it leaves the outcome unknown."""
    item = "keyword" if group == "keywords" else "targetingClause"
    try:
        fate = parse.fate(body, group=group, item=item, key=key)
    except ParseFailed as error:
        what = f"an answer of another shape ({error}) for {target.target_id}: read back"
        raise OutcomeUnknown(NAME, operation, what) from None
    if fate.errors:
        words = tuple(client.http.masked(word) for error in fate.errors for word in item_errors(error))
        raise Rejected(NAME, operation, f"{target.target_id}: {'; '.join(words)}", words, 207)
    if fate.target_id != target.target_id:
        raise OutcomeUnknown(NAME, operation, f"the answer does not show {target.target_id}: read back")
    return Receipt(target.target_id, {} if fate.bid is None else {"bid": str(fate.bid)})
