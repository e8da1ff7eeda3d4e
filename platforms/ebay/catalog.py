"""Inventory items with their stock, the offers of each, and price and stock of one SKU right now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed, TerminalError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, items, maybe_text, text
from platforms.ebay import parse, rates
from platforms.ebay.client import EbayClient, Operation, listed
from platforms.ebay.parse.catalog import SHIP_TO_HOME

_BASE: Final = "/sell/inventory/v1"
GET_ITEMS: Final = Operation("getInventoryItems", "GET", f"{_BASE}/inventory_item", rates.INVENTORY)
GET_ITEM: Final = Operation("getInventoryItem", "GET", f"{_BASE}/inventory_item/{{sku}}", rates.INVENTORY)
GET_OFFERS: Final = Operation("getOffers", "GET", f"{_BASE}/offer", rates.INVENTORY)
AT_ONCE: Final = 1000
"""So many SKUs are read in one pull. Offers are told for one SKU a call."""
SLICE: Final = 2
"""Where there are more: pages of items whose offers one pull reads (400 SKUs)."""
_A_PAGE: Final = "200"
_NO_SUCH_SKU: Final = ("25702", "25710")


def pull_stock(client: EbayClient, cursor: str | None) -> Iterator[Page[StockLevel]]:
    """All levels, each time: an item tells no time of change."""
    if cursor:
        paging.decode(cursor)
    for answer, more in _items(client, 0):
        read = parse.levels(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        following = None if more else paging.encode(at=client.clock.now())
        yield Page(read.records, following, more, GET_ITEMS.name, answer.raw, read.poison, read.unknown_fields)


def pull_listings(client: EbayClient, cursor: str | None) -> Iterator[Page[Listing]]:
    """The offers of all items; of many the next pages, and after the last page it goes on with the first.

    A cursor is saved after each page of items, so a sweep that broke off is taken up where it was. Only one that goes
    from the first page to the last tells what is gone.
    """
    page = _page_of(cursor)
    started = client.clock.now() if page == 0 else None
    for answer, more in _items(client, page):
        page = page + 1 if more else 0
        last = not more or (page % SLICE == 0 and _many(answer))
        read = _listings(client, answer, paging.encode(page=str(page), at=client.clock.now()), more=not last)
        yield read if more else replace(read, whole_since=started)
        if last:
            return


def live_price(client: EbayClient, sku: Sku, marketplace: MarketplaceId) -> Money | None:
    """None where the SKU has no published fixed-price offer on this marketplace."""
    answer = _offers(client, sku)
    return None if answer is None else parse.price_of_sku(answer.parsed, marketplace)


def live_stock(client: EbayClient, sku: Sku, location: str) -> int | None:
    if location != SHIP_TO_HOME:
        return None
    try:
        answer = client.call(GET_ITEM, path={"sku": sku})
    except TerminalError as error:
        if _unknown(error):
            return None
        raise
    return parse.quantity(answer.parsed)


def _many(answer: Answer) -> bool:
    total = find(answer.parsed, "total")
    return not isinstance(total, int) or total > AT_ONCE


def _page_of(cursor: str | None) -> int:
    told = paging.decode(cursor).get("page", "0") if cursor else "0"
    if not told.isdecimal():
        raise ParseFailed("cursor", f"page is not a number: {told[:40]!r}; delete it to start anew")
    return int(told)


def _items(client: EbayClient, page: int) -> Iterator[tuple[Answer, bool]]:
    """Pages of items from `page` on, with "another page follows". Here eBay's offset counts pages."""
    while True:
        answer = client.call(GET_ITEMS, query={"limit": _A_PAGE, "offset": str(page)})
        more = maybe_text(answer.parsed, "next") is not None
        if not listed(answer, "inventoryItems") and more:
            raise ParseFailed("next", "another page after an empty one: paging would not end")
        yield answer, more
        if not more:
            return
        page += 1


def _listings(client: EbayClient, answer: Answer, cursor: str, *, more: bool) -> Page[Listing]:
    """The offers of one page of items as one page; its raw is the list of all that came.

    Items without offers have no listing, one whose SKU cannot be read is set aside. What sells on a marketplace that
    the account does not name is not ours to run.
    """
    records: list[Listing] = []
    poison: list[Poison] = []
    unknown: set[str] = set()
    raws = [answer.raw]
    for item in items(answer.parsed, "inventoryItems"):
        try:
            offers = _offers(client, Sku(text(item, "sku")))
        except ParseFailed as error:
            poison.append(Poison(None, str(error), item))
            continue
        if offers is None:
            continue
        read = parse.listings(offers.parsed, item, account=client.account, seen_at=client.clock.now())
        raws.append(offers.raw)
        records += [listing for listing in read.records if listing.marketplace in client.settings.marketplaces]
        poison += read.poison
        unknown |= set(read.unknown_fields)
    raw = b"[" + b",".join(raws) + b"]"
    return Page(tuple(records), cursor, more, GET_OFFERS.name, raw, tuple(poison), tuple(sorted(unknown)))


def _offers(client: EbayClient, sku: Sku) -> Answer | None:
    """All offers of one SKU, None where eBay has none: it says so with 404."""
    try:
        answer = client.call(GET_OFFERS, query={"sku": sku, "limit": "100"})
    except TerminalError as error:
        if _unknown(error):
            return None
        raise
    if find(answer.parsed, "next") is not None:
        raise TerminalError("ebay", GET_OFFERS.name, f"more than 100 offers of {sku}: one SKU has two at most")
    return answer


def _unknown(error: TerminalError) -> bool:
    return error.status == 404 or any(issue.startswith(_NO_SUCH_SKU) for issue in error.issues)
