"""Setting prices and stock by bulkUpdatePriceQuantity: each entry has an answer of its own. Taken is not applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import EcomError, OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.payload import find, items
from platforms.ebay import rates
from platforms.ebay.client import NAME, EbayClient, Operation, issue
from platforms.ebay.parse.catalog import SHIP_TO_HOME

UPDATE: Final = Operation(
    "bulkUpdatePriceQuantity", "POST", "/sell/inventory/v1/bulk_update_price_quantity", rates.INVENTORY
)
BATCH: Final = 25
"""The most offers of one call."""


def set_price(client: EbayClient, listing: Listing, price: Money) -> Receipt:
    """Raises Rejected, before anything is sent, for a price that is not positive or in another currency."""
    offer = _checked(listing, price)
    answers = _send(client, [_priced(offer, price)])
    return _receipt(client, _of(answers, "offerId", offer), offer, {"price": f"{price.major}"})


def set_prices(client: EbayClient, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
    """What became of each, in order. Where eBay refuses a call as a whole, nothing of it was done: each goes alone."""
    answers: dict[int, Receipt | Exception] = {}
    good: list[tuple[int, str, Money]] = []
    for number, change in enumerate(changes):
        try:
            good.append((number, _checked(change.listing, change.price), change.price))
        except Rejected as error:
            answers[number] = error
    for several in paging.chunks(good, BATCH):
        answers |= _together(client, several)
    return [answers[number] for number in range(len(changes))]


def set_stock(client: EbayClient, level: StockLevel, quantity: int) -> Receipt:
    """Set what may be sold by mail. eBay has no compare-and-swap for it."""
    if level.location != SHIP_TO_HOME:
        raise Rejected(NAME, UPDATE.name, f"stock at {level.location!r} cannot be set; only {SHIP_TO_HOME!r} can")
    if quantity < 0:
        raise Rejected(NAME, UPDATE.name, f"wanted a quantity of zero or more, found {quantity}")
    wish = {"sku": level.sku, "shipToLocationAvailability": {"quantity": quantity}}
    return _receipt(client, _of(_send(client, [wish]), "sku", level.sku), level.sku, {"quantity": str(quantity)})


def _checked(listing: Listing, price: Money) -> str:
    """The offer whose price it is. Raises Rejected."""
    if price.minor <= 0:
        raise Rejected(NAME, UPDATE.name, f"wanted a price above zero for {listing.sku}, found {price}")
    if listing.price is not None and listing.price.currency != price.currency:
        raise Rejected(NAME, UPDATE.name, f"{listing.sku} sells in {listing.price.currency}, found {price}")
    if listing.parent_id is None:
        raise Rejected(NAME, UPDATE.name, f"{listing.sku} has no offer id: pull the listings first")
    return listing.parent_id


def _priced(offer: str, price: Money) -> Mapping[str, Any]:
    return {"offers": [{"offerId": offer, "price": {"currency": price.currency, "value": f"{price.major}"}}]}


def _together(client: EbayClient, several: Sequence[tuple[int, str, Money]]) -> dict[int, Receipt | Exception]:
    try:
        answers = _send(client, [_priced(offer, price) for _, offer, price in several])
    except Rejected as error:
        if len(several) == 1:
            return {several[0][0]: error}
        return {number: found for one in several for number, found in _together(client, [one]).items()}
    except EcomError as error:
        return {number: error for number, _, _ in several}
    found: dict[int, Receipt | Exception] = {}
    for number, offer, price in several:
        try:
            found[number] = _receipt(client, _of(answers, "offerId", offer), offer, {"price": f"{price.major}"})
        except EcomError as error:
            found[number] = error
    return found


def _send(client: EbayClient, requests: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """The answer to each entry; none where the answer has another shape: then the outcome is unknown."""
    body = client.call(UPDATE, body={"requests": requests}, write=True).parsed
    try:
        return items(body, "responses")
    except ParseFailed:
        return ()


def _of(answers: Sequence[Any], field: str, wanted: str) -> Any:
    return next((one for one in answers if isinstance(one, Mapping) and one.get(field) == wanted), None)


def _receipt(client: EbayClient, answer: Any, wanted: str, details: Mapping[str, str]) -> Receipt:
    """Raises Rejected with eBay's words for an entry it refused, OutcomeUnknown where it does not say."""
    status, errors = find(answer, "statusCode"), find(answer, "errors")
    several = errors if isinstance(errors, list) else ()
    words = tuple(client.http.masked(issue(e)) for e in several if isinstance(e, Mapping))
    if type(status) is int and 400 <= status < 500:
        raise Rejected(NAME, UPDATE.name, f"{wanted} was refused: {'; '.join(words) or status}", words, status)
    if type(status) is not int or not 200 <= status < 300 or words:
        said = "; ".join(words) or f"status {status!r:.20}"
        raise OutcomeUnknown(NAME, UPDATE.name, f"the answer does not say that {wanted} was set ({said}): read back")
    return Receipt(wanted, details)
