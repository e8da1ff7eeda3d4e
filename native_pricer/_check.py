"""Checks of what callers hand in as values; the event's bytes are checked where they are parsed."""

from __future__ import annotations

import re
from typing import Final

from ecom_agent.money import EXPONENTS
from native_pricer.facts import ListingFacts, ListingStatus
from native_pricer.words import MAX_MINOR, MAX_OFFERS, ParsedEvent, ParsedOffer

MAX_ID: Final = 128
MAX_MOMENT: Final = 2**60
MAX_COUNT: Final = 10**12
_IDENTIFIER: Final = re.compile(rf"[^\x00-\x1f\ud800-\udfff]{{1,{MAX_ID}}}")  # no control characters, no half of a pair
_COUNTS: Final = ("stock_units", "cover_centidays", "velocity_centiunits", "age_days", "pace_bp")
_AMOUNTS: Final = ("expected_minor", "reference_minor", "unit_cost_minor")


def identifier(name: str, value: object) -> None:
    """An id is text of 1 to 128 characters without control characters. Raises ValueError naming it."""
    if not isinstance(value, str) or not is_identifier(value):
        raise ValueError(f"{name}: wanted 1 to {MAX_ID} characters of plain text; found {value!r}")


def is_identifier(value: str) -> bool:
    return _IDENTIFIER.fullmatch(value) is not None


def whole(name: str, value: object, least: int, most: int) -> None:
    """A whole number within bounds. Raises ValueError naming it."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name}: wanted a whole number from {least} to {most}; found {value!r}")


def yes_or_no(name: str, value: object) -> None:
    if type(value) is not bool:
        raise ValueError(f"{name}: wanted true or false; found {value!r}")


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
    for name in ("is_fba", "is_prime", "is_winner", "is_featured_merchant"):
        if not isinstance(getattr(offer, name), bool | None):
            raise ValueError(f"{name}: wanted true, false or unknown")
    if offer.sub_condition is not None:
        identifier("sub_condition", offer.sub_condition)
        if offer.sub_condition != offer.sub_condition.lower():
            raise ValueError(f"sub_condition: wanted lower case; found {offer.sub_condition!r}")
    if offer.ships_from is not None:
        identifier("ships_from", offer.ships_from)


def check_facts(facts: ListingFacts) -> None:
    """Raises ValueError naming the fact that is none."""
    if not isinstance(facts.our_is_fba, bool | None):
        raise ValueError(f"our_is_fba: wanted true, false or unknown; found {facts.our_is_fba!r}")
    if facts.status is not None and facts.status not in tuple(ListingStatus):
        raise ValueError(f"status: wanted a ListingStatus or unknown; found {facts.status!r}")
    for names, least, most in ((_COUNTS, 0, MAX_COUNT), (_AMOUNTS, 0, MAX_MINOR), (("fee_bp",), 0, 10_000)):
        for name in names:
            if getattr(facts, name) is not None:
                whole(name, getattr(facts, name), least, most)
    if facts.elasticity_centi is not None:
        whole("elasticity_centi", facts.elasticity_centi, -100_000, 100_000)
    whole("utc_offset_minutes", facts.utc_offset_minutes, -1_440, 1_440)


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
    known = kind == "marketplace" or (kind == "sku" and "/" in rest)
    if scope == "all" or (known and rest.strip("/")):
        return scope
    raise ValueError(f'scope: wanted "all", "marketplace:<id>" or "sku:<marketplace>/<sku>"; found {scope!r}')
