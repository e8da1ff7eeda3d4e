"""Checks of what callers hand in as values; the event's bytes are checked where they are parsed."""

from __future__ import annotations

from ecom_agent.money import EXPONENTS
from native_pricer.config import identifier
from native_pricer.words import MAX_MINOR, MAX_OFFERS, ParsedEvent, ParsedOffer

MAX_MOMENT = 2**60


def check_event(event: ParsedEvent) -> None:
    """Raises ValueError naming the field that no parser would have given."""
    for name in ("marketplace", "asin", "condition"):
        identifier(name, getattr(event, name))
    if event.condition != event.condition.lower():
        raise ValueError(f"condition: wanted lower case; found {event.condition!r}")
    if event.event_id is not None:
        identifier("event_id", event.event_id)
    check_moment("changed_at_us", event.changed_at_us)
    if len(event.offers) > MAX_OFFERS:
        raise ValueError(f"offers: wanted at most {MAX_OFFERS}; found {len(event.offers)}")
    if event.currency is None and (event.offers or event.buy_box_minor is not None):
        raise ValueError("currency: wanted one, since there are amounts")
    if event.currency is not None and event.currency not in EXPONENTS:
        raise ValueError(f"currency: wanted an ISO 4217 code such as USD; found {event.currency!r}")
    if event.buy_box_minor is not None:
        check_price("buy_box_minor", event.buy_box_minor)
    for offer in event.offers:
        _check_offer(offer)


def _check_offer(offer: ParsedOffer) -> None:
    identifier("seller_id", offer.seller_id)
    check_price("listing_minor", offer.listing_minor)
    for name in ("shipping_minor", "points_minor", "feedback_count", "feedback_percent", "max_hours"):
        value = getattr(offer, name)
        if value is not None and (type(value) is not int or not 0 <= value <= 10**15):
            raise ValueError(f"{name}: wanted a whole number that is not negative; found {value!r}")
    for name in ("is_fba", "is_prime", "is_winner"):
        if not isinstance(getattr(offer, name), bool | None):
            raise ValueError(f"{name}: wanted true, false or unknown")


def check_price(name: str, minor: int) -> int:
    if type(minor) is not int or not 1 <= minor <= MAX_MINOR:
        raise ValueError(f"{name}: wanted 1 to {MAX_MINOR} minor units; found {minor!r}")
    return minor


def check_moment(name: str, at: int) -> int:
    if type(at) is not int or not 0 <= at <= MAX_MOMENT:
        raise ValueError(f"{name}: wanted epoch microseconds; found {at!r}")
    return at


def check_scope(scope: str) -> str:
    """ "all", "marketplace:<id>" or "sku:<marketplace>/<sku>". Raises ValueError for anything else."""
    kind, _, rest = scope.partition(":")
    whole = kind == "marketplace" or (kind == "sku" and "/" in rest)
    if scope == "all" or (whole and rest.strip("/")):
        return scope
    raise ValueError(f'scope: wanted "all", "marketplace:<id>" or "sku:<marketplace>/<sku>"; found {scope!r}')
