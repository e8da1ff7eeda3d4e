"""`searchReturns` → Return: refunds without goods, goods that come back, replacements and exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.returns import Return, ReturnLine, ReturnStatus
from platforms._shared.payload import collect, find, items, maybe_text, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.scalars import amount, at
from platforms.tiktok_shop.parse.shapes import RETURN
from platforms.tiktok_shop.parse.words import RETURN as STATUS


def returns(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Return]:
    """A page of returns; none where the list is missing, as TikTok does for an empty page."""
    found = items(need(body, "data"), "return_orders")

    def read(raw: Any) -> Iterable[Return]:
        return (_return(raw, account, marketplace),)

    records, poison = collect(found, read, lambda raw: raw["return_id"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, RETURN, "return_orders"))))


def _return(raw: Any, account: AccountId, marketplace: MarketplaceId) -> Return:
    word = text(raw, "return_status")
    status, order = STATUS.get(word, ReturnStatus.UNMAPPED), maybe_text(raw, "order_id")
    reason, refund = maybe_text(raw, "return_reason"), _refund(raw)
    return Return(
        account=account,
        marketplace=marketplace,
        return_id=text(raw, "return_id"),
        order_id=OrderId(order) if order else None,
        status=status,
        status_raw=word,
        opened_at=at(raw, "create_time"),
        updated_at=at(raw, "update_time"),
        refunded=refund if status is ReturnStatus.REFUNDED else None,
        lines=tuple(_line(line, reason) for line in items(raw, "return_line_items")),
    )


def _line(raw: Any, reason: str | None) -> ReturnLine:
    """One unit, as a line of the order is."""
    sku = maybe_text(raw, "seller_sku")
    return ReturnLine(
        line_id=text(raw, "return_line_item_id"),
        order_line_id=maybe_text(raw, "order_line_item_id"),
        sku=Sku(sku) if sku else None,
        quantity=1,
        reason_raw=reason,
        refund=_refund(raw),
    )


def _refund(raw: Any) -> Money | None:
    """The whole refund to the buyer, shipping and tax in it; None where it is not told."""
    if find(raw, "refund_amount.refund_total") in (None, ""):
        return None
    return amount(raw, "refund_amount.refund_total", text(raw, "refund_amount.currency"))
