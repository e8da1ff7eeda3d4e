"""Orders → Order, as Sell Fulfillment shows them: `getOrders` and `getOrder`."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.records.people import Buyer
from platforms._shared.payload import (
    Shape,
    collect,
    count,
    find,
    hints,
    items,
    joined,
    maybe_text,
    moment,
    need,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import amount
from platforms.ebay.parse.words import CANCELLED as _CANCELLED
from platforms.ebay.parse.words import ORDER as STATUS
from platforms.ebay.parse.words import UNPAID as _UNPAID

OWN, BY_EBAY = "fbm", "3pl"

_ADDRESS: Final = ("addressLine1", "addressLine2", "postalCode", "city", "stateOrProvince", "countryCode")

_LINE: Final[Shape] = dict.fromkeys(
    (
        "appliedPromotions", "compatibilityProperties", "deliveryCost", "discountedLineItemCost",
        "ebayCollectAndRemitTaxes", "ebayCollectedCharges", "giftDetails", "itemLocation", "legacyItemId",
        "legacyVariationId", "lineItemCost", "lineItemFulfillmentInstructions", "lineItemFulfillmentStatus",
        "lineItemId", "linkedOrderLineItems", "listingMarketplaceId", "properties", "purchaseMarketplaceId", "quantity",
        "refunds", "sku", "soldFormat", "taxes", "title", "total", "variationAspects",
    )
)  # fmt: skip
_ORDER: Final[Shape] = {
    "lineItems": _LINE,
    **dict.fromkeys(
        (
            "buyer", "buyerCheckoutNotes", "cancelStatus", "creationDate", "ebayCollectAndRemitTax", "fulfillmentHrefs",
            "fulfillmentStartInstructions", "lastModifiedDate", "orderFulfillmentStatus", "orderId",
            "orderPaymentStatus", "paymentSummary", "pricingSummary", "program", "salesRecordReference", "sellerId",
            "totalFeeBasisAmount", "totalMarketplaceFee", "legacyOrderId",
        )
    ),
}  # fmt: skip


def orders(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Order]:
    """A page of `getOrders`. `marketplace` is where an order is booked whose lines name none."""
    raws = items(body, "orders")
    records, poison = collect(
        raws, lambda raw: (order(raw, account=account, marketplace=marketplace),), lambda raw: raw["orderId"]
    )
    return Read(records, poison, tuple(sorted(unknown_fields(list(raws), _ORDER, "orders"))))


def order(raw: Any, *, account: AccountId, marketplace: MarketplaceId) -> Order:
    """One order. Raises ParseFailed naming the field. `total` is what the buyer pays, shipping and tax included."""
    total = not_negative(amount(raw, "pricingSummary.total"), "pricingSummary.total")
    status, word = _status(
        text(raw, "orderFulfillmentStatus"),
        text(raw, "orderPaymentStatus"),
        maybe_text(raw, "cancelStatus.cancelState") == _CANCELLED,
    )
    need(raw, "lineItems")
    lines = items(raw, "lineItems")
    sold_on = {place for line in lines if (place := maybe_text(line, "listingMarketplaceId"))}
    return Order(
        account=account,
        marketplace=MarketplaceId(min(sold_on)) if sold_on else marketplace,
        order_id=OrderId(text(raw, "orderId")),
        status=status,
        status_raw=word,
        purchased_at=moment(raw, "creationDate"),
        updated_at=moment(raw, "lastModifiedDate"),
        currency=total.currency,
        total=total,
        country=_country(raw),
        fulfilment=BY_EBAY if "FULFILLED_BY_EBAY" in _instructions(raw) else OWN,
        lines=tuple(_line(line) for line in lines),
        buyer=_buyer(raw),
    )


def _buyer(raw: Any) -> Buyer | None:
    """By his name on eBay; in some countries eBay gives an id in its place. Where he lives is where it is sent."""
    known = next(iter(hints(raw, "buyer.username")), None)
    if known is None:
        return None
    person = find(raw, "buyer.buyerRegistrationAddress") or _sent_to(raw)
    return Buyer(
        "ebay",
        known,
        name=next(iter(hints(person, "fullName")), None),
        email=next(iter(hints(person, "email")), None),
        phone=next(iter(hints(person, "primaryPhone.phoneNumber")), None),
        address=joined(person, "contactAddress", _ADDRESS),
    )


def _sent_to(raw: Any) -> Any:
    steps = (find(one, "shippingStep.shipTo") for one in items(raw, "fulfillmentStartInstructions"))
    return next((place for place in steps if place), None)


def _status(fulfilment: str, payment: str, cancelled: bool) -> tuple[OrderStatus, str]:
    """Our status, and eBay's words in one text: "NOT_STARTED/PAID", "FULFILLED/FULLY_REFUNDED"."""
    word = "/".join((fulfilment, payment, *((_CANCELLED,) if cancelled else ())))
    if cancelled:
        return OrderStatus.CANCELLED, word
    status = STATUS.get(fulfilment, OrderStatus.UNMAPPED)
    unpaid = status is OrderStatus.UNSHIPPED and payment in _UNPAID
    return (OrderStatus.PENDING if unpaid else status), word


def _country(raw: Any) -> str | None:
    """Where it goes in the end; with eBay's international shipping the parcel itself goes to a hub first."""
    for instruction in items(raw, "fulfillmentStartInstructions"):
        for path in ("finalDestinationAddress.countryCode", "shippingStep.shipTo.contactAddress.countryCode"):
            if found := maybe_text(instruction, path):
                return found
    return None


def _instructions(raw: Any) -> set[Any]:
    return {find(one, "fulfillmentInstructionsType") for one in items(raw, "fulfillmentStartInstructions")}


def _line(raw: Any) -> OrderLine:
    """`lineItemCost` is price × quantity before discounts. A price of one unit that is no whole cent is not told."""
    sku, quantity = maybe_text(raw, "sku"), count(raw, "quantity")
    cost = not_negative(amount(raw, "lineItemCost"), "lineItemCost")
    whole = quantity > 0 and cost.minor % quantity == 0
    return OrderLine(
        line_id=text(raw, "lineItemId"),
        sku=Sku(sku) if sku else None,
        external_id=maybe_text(raw, "legacyItemId"),
        title=maybe_text(raw, "title") or "",
        quantity=quantity,
        unit_price=Money(cost.minor // quantity, cost.currency) if whole else None,
        total=cost,
    )
