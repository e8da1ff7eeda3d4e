"""The vendor's own example of ANY_OFFER_CHANGED, in the spellings it may come in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from native_pricer import ParsedEvent, backends, parse_event

SCHEMA = "specs/amazon-sp-api/schemas/notifications/AnyOfferChangedNotification.json"


@pytest.mark.shared
@pytest.mark.parametrize("backend", sorted(backends()))
@pytest.mark.parametrize("indent", [None, 2])
def test_it_is_read_whole(shared_dir: Path, backend: str, indent: int | None) -> None:
    (example,) = json.loads((shared_dir / SCHEMA).read_bytes())["examples"]
    event = parse_event(json.dumps(example, indent=indent).encode(), backend)
    assert isinstance(event, ParsedEvent)
    assert (event.marketplace, event.asin, event.condition, event.currency) == ("ATVPDKIKX0DER", "123", "new", "USD")
    assert (event.event_id, event.buy_box_minor) == ("d0e9e693-c3ad-4373-979f-ed4ec98dd746", 1_000)
    (offer,) = event.offers
    assert (offer.seller_id, offer.listing_minor, offer.shipping_minor, offer.points_minor) == (
        "111",
        2_300,
        11_000,
        None,
    )
    assert (offer.feedback_count, offer.feedback_percent, offer.max_hours) == (9, 10, 30)
    assert (offer.is_fba, offer.is_prime, offer.is_winner) == (True, True, None)
