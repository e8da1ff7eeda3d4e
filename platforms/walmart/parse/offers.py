"""Lines of the BUYBOX report → OfferSnapshot: our own offer, and the one that holds the Buy Box where it is another's.

The report names columns in its first line and no currency: the US marketplace sells in US dollars. No contract names
its columns; these are those of Seller Center's Buy Box report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import Offer, OfferSnapshot
from native_pricer.intake import UNNAMED
from platforms._shared.payload import collect, find, maybe_text, text
from platforms._shared.read import Read
from platforms.walmart.parse.values import price_of

SOURCE: Final = "BUYBOX"
CURRENCY: Final = "USD"
SKU: Final = "SKU"
OUR_PRICE: Final = "Seller Item Price"
OUR_SHIPPING: Final = "Seller Ship Price"
WE_HOLD: Final = "Is Seller Buy Box Winner"
BOX_PRICE: Final = "Buy Box Item Price"
BOX_SHIPPING: Final = "Buy Box Ship Price"
COLUMNS: Final = (
    SKU, "Item ID", "Product Name", "Product Category", OUR_PRICE, OUR_SHIPPING, WE_HOLD, BOX_PRICE, BOX_SHIPPING,
)  # fmt: skip
_SAID: Final[Mapping[str, bool]] = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def buy_box_offers(
    rows: Sequence[Mapping[str, str]],
    listings: Sequence[Listing],
    *,
    account: AccountId,
    seller_id: str,
    made_at: datetime,
    seen_at: datetime,
) -> Read[OfferSnapshot]:
    """The lines about these listings; lines about other SKUs are left out. `made_at`: as of when the report is."""
    wanted = {str(listing.sku): listing for listing in listings}

    def read(raw: Any) -> tuple[OfferSnapshot, ...]:
        listing = wanted.get(text(raw, SKU))
        if listing is None:
            return ()
        return (_snapshot(raw, listing, account, seller_id, made_at, seen_at),)

    records, poison = collect(rows, read, lambda raw: raw[SKU])
    unknown = {name for row in rows[:1] for name in row if name not in COLUMNS}
    return Read(records, poison, tuple(sorted(unknown)))


def _snapshot(
    raw: Any, listing: Listing, account: AccountId, seller_id: str, made_at: datetime, seen_at: datetime
) -> OfferSnapshot:
    we_hold, box = _said(raw), _price(raw, BOX_PRICE)
    shipping = None if box is None else _price(raw, BOX_SHIPPING)
    ours = _price(raw, OUR_PRICE)
    offers = []
    if ours is not None:
        offers.append(_offer(seller_id, ours, _price(raw, OUR_SHIPPING), featured=we_hold))
    if box is not None and we_hold is False:
        offers.append(_offer(UNNAMED, box, shipping, featured=True))
    return OfferSnapshot(
        account=account,
        marketplace=listing.marketplace,
        external_id=listing.external_id,
        condition=listing.condition,
        offers=tuple(offers),
        buy_box_landed=None if box is None or shipping is None else box + shipping,
        changed_at=made_at,
        seen_at=seen_at,
        source=SOURCE,
        event_id=None,
    )


def _said(raw: Any) -> bool | None:
    """None where the line does not say who holds it. A word we do not know is no "no"."""
    if find(raw, WE_HOLD) is None:
        raise ParseFailed(WE_HOLD, "missing")
    word = (maybe_text(raw, WE_HOLD) or "").strip().lower()
    if word and word not in _SAID:
        raise ParseFailed(WE_HOLD, f"wanted Yes or No, found {word[:40]!r}")
    return _SAID.get(word)


def _price(raw: Any, column: str) -> Money | None:
    """None where the cell is empty: not told is not free."""
    if find(raw, column) is None:
        raise ParseFailed(column, "missing")
    cell = (maybe_text(raw, column) or "").strip().removeprefix("$").replace(",", "")
    return price_of(cell, CURRENCY, column) if cell else None


def _offer(seller: str, price: Money, shipping: Money | None, *, featured: bool | None) -> Offer:
    return Offer(
        seller_id=seller,
        listing_price=price,
        shipping=shipping,
        points=None,
        is_fba=None,
        is_featured=featured,
        is_prime=None,
        feedback_count=None,
        feedback_percent=None,
        max_handling_hours=None,
    )
