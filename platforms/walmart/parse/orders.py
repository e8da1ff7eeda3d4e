"""Purchase orders → Order: as `getAllOrders` and `getAnOrder` show them, and as webhooks may carry them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.records.people import Buyer
from platforms._shared.payload import Shape, collect, find, hints, items, maybe_text, money, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.walmart.parse.values import maybe_when, units, when
from platforms.walmart.parse.words import FULFILMENT
from platforms.walmart.parse.words import ORDER as STATUS

_CHARGE: Final = {"amount": "amount", "currency": "currency"}
_SUMMARY: Final = {"amount": "currencyAmount", "currency": "currencyUnit"}
_LINE: Final[Shape] = {
    "lineNumber": None, "item": None, "charges": None, "orderLineQuantity": None, "statusDate": None,
    "orderLineStatuses": None, "returnOrderId": None, "refund": None, "originalCarrierMethod": None,
    "referenceLineId": None, "fulfillment": None, "serialNumbers": None, "intentToCancel": None, "configId": None,
    "sellerOrderId": None, "miscAttributes": None,
}  # fmt: skip
_ORDER: Final[Shape] = {
    "purchaseOrderId": None, "customerOrderId": None, "customerEmailId": None, "orderType": None,
    "originalCustomerOrderID": None, "orderDate": None, "buyerId": None, "mart": None, "isGuest": None,
    "shippingInfo": None, "orderLines": {"orderLine": _LINE}, "paymentTypes": None, "orderSummary": None,
    "pickupPersons": None, "shipNode": None,
}  # fmt: skip


def orders(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Order]:
    """A page of `getAllOrders`. Raises ParseFailed where the page itself has another shape."""
    need(body, "list.elements")
    found = [_bare(raw) for raw in items(body, "list.elements.order")]

    def read(raw: Any) -> tuple[Order, ...]:
        return (_order(raw, account, marketplace),)

    records, poison = collect(found, read, lambda raw: raw["purchaseOrderId"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, _ORDER, "order"))))


def one_order(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Order:
    """The answer of `getAnOrder`. Raises ParseFailed naming the field."""
    return _order(_bare(body), account, marketplace)


def _bare(raw: Any) -> Any:
    """An order itself by the contract; the vendor's examples wrap it in `order`, alone and in lists."""
    inner = raw.get("order") if isinstance(raw, Mapping) else None
    return inner if isinstance(inner, Mapping) else raw


def _order(raw: Any, account: AccountId, marketplace: MarketplaceId) -> Order:
    """`updated_at` is the newest of its lines' status dates: Walmart tells no time of change of an order."""
    need(raw, "orderLines")
    lines = items(raw, "orderLines.orderLine")
    if not lines:
        raise ParseFailed("orderLines.orderLine", "an order without lines")
    read = tuple(_line(line) for line in lines)
    status, words = _status(lines)
    bought = when(raw, "orderDate")
    total = _total(raw, lines)
    return Order(
        account=account,
        marketplace=marketplace,
        order_id=OrderId(text(raw, "purchaseOrderId")),
        status=status,
        status_raw=words,
        purchased_at=bought,
        updated_at=max([bought, *(moment for line in lines for moment in _moments(line))]),
        currency=None if total is None else total.currency,
        total=total,
        country=maybe_text(raw, "shippingInfo.postalAddress.country"),
        fulfilment=_fulfilment(raw),
        lines=read,
        buyer=next((Buyer("walmart", told) for told in hints(raw, "buyerId")), None),
    )


def _moments(line: Any) -> list[Any]:
    told = [maybe_when(line, "statusDate")]
    told += [maybe_when(s, "trackingInfo.shipDateTime") for s in items(line, "orderLineStatuses.orderLineStatus")]
    return [moment for moment in told if moment is not None]


def _fulfilment(raw: Any) -> str | None:
    word = maybe_text(raw, "shipNode.type")
    return FULFILMENT.get(word, word) if word else None


def _status(lines: Sequence[Any]) -> tuple[OrderStatus, str]:
    """Our status from the units in each state, and Walmart's words in the order of their coming: "Shipped/Created"."""
    counted: Counter[OrderStatus] = Counter()
    words: dict[str, None] = {}
    for line in lines:
        states = items(line, "orderLineStatuses.orderLineStatus")
        if not states:
            raise ParseFailed("orderLineStatuses.orderLineStatus", "a line without a status")
        for state in states:
            word = text(state, "status")
            words[word] = None
            counted[STATUS.get(word, OrderStatus.UNMAPPED)] += units(state, "statusQuantity.amount")
    return _together(counted), "/".join(words)


def _together(counted: Mapping[OrderStatus, int]) -> OrderStatus:
    if OrderStatus.UNMAPPED in counted:
        return OrderStatus.UNMAPPED
    if not counted.get(OrderStatus.SHIPPED):
        return OrderStatus.UNSHIPPED if counted.get(OrderStatus.UNSHIPPED) else OrderStatus.CANCELLED
    return OrderStatus.PARTIALLY_SHIPPED if counted.get(OrderStatus.UNSHIPPED) else OrderStatus.SHIPPED


def _line(raw: Any) -> OrderLine:
    """Charges are the line's, for all of its units."""
    quantity = units(raw, "orderLineQuantity.amount")
    total = _product(raw)
    exact = total is not None and quantity > 0 and total.minor % quantity == 0
    return OrderLine(
        line_id=text(raw, "lineNumber"),
        sku=Sku(text(raw, "item.sku")),
        external_id=None,
        title=maybe_text(raw, "item.productName") or "",
        quantity=quantity,
        unit_price=Money(total.minor // quantity, total.currency) if total is not None and exact else None,
        total=total,
    )


def _product(line: Any) -> Money | None:
    """What the goods cost before tax, discounts that Walmart books as charges taken off; None where none is told."""
    charges = [c for c in items(line, "charges.charge") if find(c, "chargeType") == "PRODUCT"]
    amounts = [money(charge, "chargeAmount", **_CHARGE) for charge in charges]
    return sum(amounts[1:], amounts[0]) if amounts else None


def _total(raw: Any, lines: Sequence[Any]) -> Money | None:
    """As summed up by Walmart; where it sends no summary, all charges and the taxes on them."""
    if find(raw, "orderSummary.totalAmount") is not None:
        return money(raw, "orderSummary.totalAmount", **_SUMMARY)
    parts = [part for line in lines for charge in items(line, "charges.charge") for part in _with_tax(charge)]
    return sum(parts[1:], parts[0]) if parts else None


def _with_tax(charge: Any) -> list[Money]:
    """`taxAndOtherFees` holds the tax once more, with fees: it stands for `tax` where it is there."""
    taxed = next((name for name in ("taxAndOtherFees", "tax") if find(charge, name) is not None), None)
    tax = [money(charge, f"{taxed}.taxAmount", **_CHARGE)] if taxed else []
    return [money(charge, "chargeAmount", **_CHARGE), *tax]
