"""The attribute `purchasable_offer`: one instance for each marketplace, currency and audience.

It is what was submitted, not what is live. What consumers pay is audience ALL, which may stay unsaid; companies are
B2B. A price is a list with a schedule; only the first entry of each is asked for, as the product types allow one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import SalePrice
from platforms._shared.payload import amount_text, count, find, items, need, text

PATH: Final = "attributes.purchasable_offer"
CONSUMERS: Final = "ALL"
COMPANIES: Final = "B2B"
_EASTMOST, _WESTMOST = timedelta(hours=14), timedelta(hours=12)


def submitted_price(body: Any, marketplace: MarketplaceId) -> Money | None:
    """The regular price that consumers are to pay."""
    offer = _instance(body, marketplace, CONSUMERS)
    return None if offer is None else _price(offer, "our_price")


def sale(body: Any, marketplace: MarketplaceId, at: datetime) -> SalePrice | None:
    """The sale that runs or is still to come; None where there is none, and after its end.

    Amazon's days are the marketplace's: one without an hour counts from its first to its last moment anywhere.
    """
    offer = _instance(body, marketplace, CONSUMERS)
    for price in () if offer is None else _schedule(offer, "discounted_price"):
        money = _amount(price, offer, "discounted_price")
        found = SalePrice(
            money, _moment(price, "start_at", -_EASTMOST), _moment(price, "end_at", _WESTMOST, whole=True)
        )
        if found.until is None or at < found.until:
            return found
    return None


def business(body: Any, marketplace: MarketplaceId) -> BusinessPrices | None:
    """What companies are to pay; None where the attributes are not told or cannot be understood: then hands off."""
    if not isinstance(find(body, "attributes"), Mapping):
        return None
    try:
        offer = _instance(body, marketplace, COMPANIES)
        if offer is None:
            return NOT_OFFERED
        price = _price(offer, "our_price")
        return None if price is None else BusinessPrices(price, tuple(_tiers(offer, price)))
    except (ParseFailed, InvalidOperation):
        return None


def _tiers(offer: Any, price: Money) -> Iterator[tuple[int, Money]]:
    for plan in _schedule(offer, "quantity_discount_plan"):
        kind = text(plan, "discount_type")
        for level in items(plan, "levels"):
            units, value = count(level, "lower_bound"), amount_text(need(level, "value"), PATH)
            if kind == "fixed":
                yield units, Money.of(value, price.currency)
            elif kind == "percent":
                yield units, price.share(1 - Decimal(value) / 100, rounding=ROUND_HALF_UP)
            else:
                raise ParseFailed(f"{PATH}.discount_type", f"wanted fixed or percent, found {kind[:20]!r}")


def _instance(body: Any, marketplace: MarketplaceId, audience: str) -> Any:
    for offer in items(body, PATH):
        if find(offer, "marketplace_id") == marketplace and (find(offer, "audience") or CONSUMERS) == audience:
            return offer
    return None


def _price(offer: Any, name: str) -> Money | None:
    return next((_amount(price, offer, name) for price in _schedule(offer, name)), None)


def _schedule(offer: Any, name: str) -> Iterator[Any]:
    for price in items(offer, name):
        yield from items(price, "schedule")


def _amount(price: Any, offer: Any, name: str) -> Money:
    return Money.of(amount_text(need(price, "value_with_tax"), f"{PATH}.{name}"), text(offer, "currency"))


def _moment(price: Any, name: str, about: timedelta, *, whole: bool = False) -> datetime | None:
    """A moment, or a day with `about` for the zone; `whole`: the day's end."""
    told = find(price, name)
    if told is None:
        return None
    try:
        found = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        raise ParseFailed(f"{PATH}.{name}", f"wanted a day or a moment, found {str(told)[:40]!r}") from None
    if len(told) == len("2026-11-03"):
        return found.replace(tzinfo=UTC) + about + (timedelta(days=1) if whole else timedelta(0))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
