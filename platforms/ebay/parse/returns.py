"""Return requests → Return, as the Post-Order API's search shows them.

eBay's contract file for it names the operation only; the fields are those of its developer pages ("Search Returns").
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.returns import Return, ReturnLine, ReturnStatus
from platforms._shared.payload import (
    Shape,
    collect,
    count,
    items,
    maybe_text,
    moment,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import maybe_amount
from platforms.ebay.parse.words import RETURN as STATUS

_SUMMARY: Final[Shape] = {
    "creationInfo": {"item": None, "type": None, "reasonType": None, "reason": None, "comments": None,
                     "creationDate": None},
    **dict.fromkeys(
        (
            "returnId", "orderId", "buyerLoginName", "sellerLoginName", "currentType", "state", "status",
            "sellerTotalRefund", "buyerTotalRefund", "sellerResponseDue", "buyerResponseDue", "escalationInfo",
            "buyerEscalationEligibilityInfo", "sellerEscalationEligibilityInfo", "buyerAvailableOptions",
            "sellerAvailableOptions", "timeoutDate", "dispositionRuleTriggered", "returnPolicy",
        )
    ),
}  # fmt: skip


def returns(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[Return]:
    """A page of the search. A summary has no time of change: what was read later is newer, so it is `seen_at`."""
    raws = items(body, "members")
    records, poison = collect(
        raws, lambda raw: (_return(raw, account, marketplace, seen_at),), lambda raw: raw["returnId"]
    )
    return Read(records, poison, tuple(sorted(unknown_fields(list(raws), _SUMMARY, "members"))))


def _return(raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Return:
    """A closed return with money paid back is REFUNDED: eBay closes both ways with the same word."""
    word = text(raw, "status")
    refunded = maybe_amount(raw, "sellerTotalRefund.actualRefundAmount")
    if refunded is not None:
        not_negative(refunded, "sellerTotalRefund.actualRefundAmount")
    status = STATUS.get(word, ReturnStatus.UNMAPPED)
    if status is ReturnStatus.CLOSED and refunded is not None and refunded.minor > 0:
        status = ReturnStatus.REFUNDED
    order_id = maybe_text(raw, "orderId")
    line = ReturnLine(
        line_id=text(raw, "returnId"),
        order_line_id=maybe_text(raw, "creationInfo.item.transactionId"),
        sku=None,
        quantity=count(raw, "creationInfo.item.returnQuantity"),
        reason_raw=maybe_text(raw, "creationInfo.reason"),
        refund=refunded or maybe_amount(raw, "sellerTotalRefund.estimatedRefundAmount"),
    )
    state = maybe_text(raw, "state")
    return Return(
        account=account,
        marketplace=marketplace,
        return_id=text(raw, "returnId"),
        order_id=OrderId(order_id) if order_id else None,
        status=status,
        status_raw=f"{word}/{state}" if state and state != word else word,
        opened_at=moment(raw, "creationInfo.creationDate.value"),
        updated_at=seen_at,
        refunded=refunded,
        lines=(line,),
    )
