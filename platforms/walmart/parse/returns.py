"""`getReturns` → Return. The customer's name, mail and words are not taken over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.returns import Return, ReturnLine, ReturnStatus
from platforms._shared.payload import Shape, collect, find, items, maybe_text, money, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.walmart.parse.values import maybe_units, maybe_when, units, when
from platforms.walmart.parse.words import RETURN as STATUS

_UNDER_WAY: Final = "RETURN_IN_TRANSIT"
_ORDER: Final = (
    ReturnStatus.UNMAPPED, ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT,
    ReturnStatus.RECEIVED, ReturnStatus.REFUNDED, ReturnStatus.CLOSED,
)  # fmt: skip
"""A return is as far as its line that is least far."""
_MONEY: Final = {"amount": "currencyAmount", "currency": "currencyUnit"}
_LINE: Final[Shape] = dict.fromkeys(
    (
        "returnOrderLineNumber", "salesOrderLineNumber", "sellerOrderId", "returnReason", "returnDescription",
        "purchaseOrderId", "purchaseOrderLineNumber", "exceptionItemType", "isReturnForException", "rechargeReason",
        "returnCancellationReason", "item", "charges", "unitPrice", "itemReturnSettings", "chargeTotals",
        "cancellableQty", "quantity", "returnExpectedFlag", "isFastReplacement", "isKeepIt", "lastItem",
        "refundedQty", "rechargeableQty", "refundCoveredBy", "returnTrackingDetail", "status", "statusTime",
        "currentDeliveryStatus", "currentRefundStatus", "currentTrackingStatuses", "refundChannels",
    )
)  # fmt: skip
_RETURN: Final[Shape] = {
    **dict.fromkeys(
        (
            "returnOrderId", "customerEmailId", "returnType", "replacementCustomerOrderId", "customerName",
            "customerOrderId", "returnOrderDate", "returnByDate", "refundMode", "totalRefundAmount",
            "returnLineGroups", "returnChannel",
        )
    ),
    "returnOrderLines": _LINE,
}  # fmt: skip


def returns(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Return]:
    """A page of `getReturns`. Raises ParseFailed where the page itself has another shape."""
    need(body, "returnOrders")
    found = items(body, "returnOrders")

    def read(raw: Any) -> tuple[Return, ...]:
        return (_return(raw, account, marketplace),)

    records, poison = collect(found, read, lambda raw: raw["returnOrderId"])
    return Read(records, poison, tuple(sorted(unknown_fields(list(found), _RETURN, "returnOrders"))))


def _return(raw: Any, account: AccountId, marketplace: MarketplaceId) -> Return:
    """`order_id` is the purchase order where all lines are of one: a customer's order may hold several."""
    lines = items(raw, "returnOrderLines")
    if not lines:
        raise ParseFailed("returnOrderLines", "a return without lines")
    orders = {maybe_text(line, "purchaseOrderId") for line in lines}
    order = orders.pop() if len(orders) == 1 else None
    opened = when(raw, "returnOrderDate")
    states = [_state(line) for line in lines]
    status = min(states, key=_ORDER.index)
    told = find(raw, "totalRefundAmount") is not None
    amount = money(raw, "totalRefundAmount", **_MONEY) if told else None
    return Return(
        account=account,
        marketplace=marketplace,
        return_id=text(raw, "returnOrderId"),
        order_id=OrderId(order) if order else None,
        status=status,
        status_raw="/".join(dict.fromkeys(_word(line) for line in lines)),
        opened_at=opened,
        updated_at=max([opened, *(moment for line in lines for moment in _moments(line))]),
        refunded=amount if status is ReturnStatus.REFUNDED else None,
        lines=tuple(_line(line) for line in lines),
    )


def _state(line: Any) -> ReturnStatus:
    word, refund = text(line, "status"), maybe_text(line, "currentRefundStatus")
    status = STATUS.get((word, refund), ReturnStatus.UNMAPPED)
    tags = {maybe_text(event, "eventTag") for event in items(line, "returnTrackingDetail")}
    return ReturnStatus.IN_TRANSIT if status is ReturnStatus.APPROVED and _UNDER_WAY in tags else status


def _word(line: Any) -> str:
    return "+".join(part for part in (text(line, "status"), maybe_text(line, "currentRefundStatus")) if part)


def _moments(line: Any) -> Sequence[datetime]:
    """Every time a line tells: Walmart gives no time of change of a return."""
    told = [maybe_when(line, "statusTime")]
    told += [maybe_when(event, "eventTime") for event in items(line, "returnTrackingDetail")]
    told += [maybe_when(part, "statusTime") for part in items(line, "currentTrackingStatuses")]
    return [moment for moment in told if moment is not None]


def _line(raw: Any) -> ReturnLine:
    quantity = units(raw, "quantity.measurementValue")
    if quantity <= 0:
        raise ParseFailed("quantity.measurementValue", f"wanted one unit or more, found {quantity}")
    number, sku = maybe_units(raw, "purchaseOrderLineNumber"), maybe_text(raw, "item.sku")
    return ReturnLine(
        line_id=str(units(raw, "returnOrderLineNumber")),
        order_line_id=None if number is None else str(number),
        sku=Sku(sku) if sku else None,
        quantity=quantity,
        reason_raw=maybe_text(raw, "returnReason"),
        refund=_refund(raw),
    )


def _refund(line: Any) -> Money | None:
    for total in items(line, "chargeTotals"):
        if find(total, "name") == "lineTotal":
            return money(total, "value", **_MONEY)
    return None
