"""Product Pricing 2022-05-01: the answer of `getFeaturedOfferExpectedPriceBatch` → ExpectedPrice."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import ExpectedPrice
from platforms._shared.payload import collect, find, items, money, need, not_negative, text
from platforms._shared.read import Read
from platforms.amazon.parse.batches import answered

_PRICE: Final = "featuredOfferExpectedPrice"
_MONEY: Final = {"amount": "amount", "currency": "currencyCode"}


def expected_prices(body: Any, *, account: AccountId, seen_at: datetime) -> Read[ExpectedPrice]:
    """All answers of one batch; one that Amazon refused is set aside with its words."""
    need(body, "responses")

    def read(raw: Any) -> tuple[ExpectedPrice, ...]:
        return (_expected(raw, account, seen_at),)

    records, poison = collect(items(body, "responses"), read, lambda raw: find(raw, "request.sku"))
    return Read(records, poison, ())


def _expected(raw: Any, account: AccountId, seen_at: datetime) -> ExpectedPrice:
    """The first result, the only one where no segment of buyers is asked for. `points` we would have to give are left
    out: the price is the one to be set."""
    results = items(answered(raw), f"{_PRICE}Results")
    if not results:
        raise ParseFailed(f"{_PRICE}Results", "missing")
    result = results[0]
    told = find(result, _PRICE) is not None
    expected = not_negative(money(result, f"{_PRICE}.listingPrice", **_MONEY), _PRICE) if told else None
    competing = _landed(find(result, "competingFeaturedOffer.price"))
    if expected is not None and competing is not None and expected.currency != competing.currency:
        raise ParseFailed("competingFeaturedOffer.price", f"wanted {expected.currency}, found {competing.currency}")
    return ExpectedPrice(
        account=account,
        marketplace=MarketplaceId(text(raw, "request.marketplaceId")),
        sku=Sku(text(raw, "request.sku")),
        expected=expected,
        competing_landed=competing,
        status=text(result, "resultStatus"),
        seen_at=seen_at,
    )


def _landed(price: Any) -> Money | None:
    """Listing + shipping − points; None without a price, or while its shipping is unknown."""
    if find(price, "shippingPrice") is None:
        return None
    landed = money(price, "listingPrice", **_MONEY) + money(price, "shippingPrice", **_MONEY)
    if find(price, "points.pointsMonetaryValue.amount") is not None:
        landed -= money(price, "points.pointsMonetaryValue", **_MONEY)
    return not_negative(landed, "competingFeaturedOffer.price")
