"""bulkUpdatePriceQuantity: each entry is taken or refused by itself, and the answer says which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from platforms.simulated.servers.ebay import inventory
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Operation, error
from platforms.simulated.servers.ebay.inventory import DOMAIN
from platforms.simulated.state import CURRENCY

MOST: Final = 25
REVISIONS: Final = 250
"""So often a listing may be revised in a calendar day."""
_DEAREST_MINOR: Final = 10**9


def update(call: Call) -> Any:
    """200 when all was done, 207 when some of it was not. A malformed call is refused as a whole."""
    requests = call.body.get("requests") if isinstance(call.body, Mapping) else None
    if not isinstance(requests, list) or not requests or len(requests) > MOST:
        raise EbayRefused(
            400, error(25709, DOMAIN, f"Invalid value for requests. 1 to {MOST} are taken.", fieldName="requests")
        )
    offers = [offer.get("offerId") for one in requests for offer in one.get("offers") or ()]
    if len(set(offers)) != len(offers) or len(offers) > MOST:
        raise EbayRefused(
            400, error(25709, DOMAIN, "Invalid value for offers. Duplicates, or too many of them.", fieldName="offers")
        )
    responses = [answer for one in requests for answer in _request(call, one)]
    return Answer({"responses": responses}, 200 if all(one["statusCode"] == 200 for one in responses) else 207)


def _request(call: Call, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for offer in request.get("offers") or ():
        yield _answered({"offerId": str(offer.get("offerId"))}, lambda offer=offer: _offer(call, request, offer))
    shelf = request.get("shipToLocationAvailability")
    if shelf is not None:
        sku = str(request.get("sku"))
        yield _answered({"sku": sku}, lambda: _quantity(call, sku, shelf.get("quantity")))


def _answered(named: dict[str, Any], do: Any) -> dict[str, Any]:
    try:
        sku = do()
    except EbayRefused as refused:
        return {**named, "statusCode": refused.status, "errors": refused.errors}
    return {**named, "sku": sku, "statusCode": 200}


def _offer(call: Call, request: Mapping[str, Any], offer: Mapping[str, Any]) -> str:
    found = inventory.offer_of(call, str(offer.get("offerId")))
    if found is None:
        raise EbayRefused(404, error(25713, DOMAIN, "This Offer is not available : ."))
    if request.get("sku") not in (None, found.sku):
        raise _user_error("The SKU is not the one of the offer.")
    if found.status != "active":
        raise _user_error("The offer is not published.")
    price, units = offer.get("price"), offer.get("availableQuantity")
    if price is None and units is None:
        raise _user_error("Either availableQuantity or price is required.")
    price_minor = None if price is None else _price_minor(price)
    if units is not None:
        _quantity(call, found.sku, units)
    if price_minor is not None:
        if inventory.revisions_today(call, found.sku) >= REVISIONS:
            raise _user_error(f"The listing was revised {REVISIONS} times today. It can be revised again tomorrow.")
        call.do("channel_price", sku=found.sku, price_minor=price_minor)
    return found.sku


def _quantity(call: Call, sku: str, units: Any) -> str:
    if sku not in call.channel.by_sku:
        said = f"{sku[:50]} could not be found or is not available in the system."
        raise EbayRefused(404, error(25702, DOMAIN, said, skuValue=sku[:50]))
    if type(units) is not int or units < 0:
        raise EbayRefused(400, error(25709, DOMAIN, "Invalid value for quantity.", fieldName="quantity"))
    call.do("channel_quantity", sku=sku, quantity=units)
    return sku


def _price_minor(price: Any) -> int:
    try:
        value = Decimal(str(price["value"])).scaleb(2)
        if price["currency"] != CURRENCY:
            raise _user_error(f"The currency of this site is {CURRENCY}.")
    except (InvalidOperation, KeyError, TypeError):
        raise EbayRefused(400, error(25709, DOMAIN, "Invalid value for price.", fieldName="price")) from None
    if not value.is_finite() or value != value.to_integral_value() or not 99 <= value <= _DEAREST_MINOR:
        raise _user_error("The price must be 0.99 or more, with two decimal places at most.")
    return int(value)


def _user_error(said: str) -> EbayRefused:
    return EbayRefused(400, error(25002, DOMAIN, f"A user error has occurred. {said}", additionalInfo=said))


OPERATIONS: Final = (
    Operation(
        "bulkUpdatePriceQuantity",
        "POST",
        f"{inventory.BASE}/bulk_update_price_quantity",
        inventory.API,
        inventory.PER_DAY,
        update,
        writes=True,
    ),
)
