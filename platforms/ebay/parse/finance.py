"""Monetary transactions → Charge. A sale is booked less its fees: here each fee is a charge of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.records.finance import Charge, ChargeKind
from platforms._shared.payload import (
    Shape,
    collect,
    items,
    maybe_text,
    moment,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import amount
from platforms.ebay.parse.words import CHARGE as KIND

_ADVERTISING: Final = frozenset({"AD_FEE", "PREMIUM_AD_FEES", "PROMOTED_LISTING_FEE"})
_SIGN: Final = {"CREDIT": 1, "DEBIT": -1}
_LINE: Final[Shape] = {"feeBasisAmount": None, "lineItemId": None, "marketplaceFees": None, "donations": None}
_TRANSACTION: Final[Shape] = {
    "orderLineItems": _LINE,
    **dict.fromkeys(
        (
            "amount", "bookingEntry", "buyer", "feeType", "orderId", "paymentsEntity", "payoutId", "references",
            "salesRecordReference", "totalFeeBasisAmount", "totalFeeAmount", "transactionDate", "transactionId",
            "transactionMemo", "transactionStatus", "transactionType", "eBayCollectedTaxAmount", "feeJurisdiction",
            "taxes",
        )
    ),
}  # fmt: skip


def charges(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Charge]:
    """A page of `getTransactions`, which comes newest first, turned round. None = there were none (204)."""
    raws = [] if body is None else list(items(body, "transactions"))[::-1]
    records, poison = collect(raws, lambda raw: _charges(raw, account, marketplace), lambda raw: raw["transactionId"])
    return Read(records, poison, tuple(sorted(unknown_fields(raws, _TRANSACTION, "transactions"))))


def _charges(raw: Any, account: AccountId, marketplace: MarketplaceId) -> Iterator[Charge]:
    """All charges of one transaction; their sum is what eBay booked."""
    word, number = text(raw, "transactionType"), text(raw, "transactionId")
    booked = amount(raw, "amount")
    entry = text(raw, "bookingEntry")
    if entry not in _SIGN:
        raise ParseFailed("bookingEntry", f"a word we do not know: {entry[:40]!r}")
    booked = not_negative(booked, "amount") * _SIGN[entry]
    order_id, fee_type = maybe_text(raw, "orderId"), maybe_text(raw, "feeType")

    def charge(charge_id: str, kind: ChargeKind, said: str, value: Money) -> Charge:
        return Charge(
            account=account,
            marketplace=marketplace,
            charge_id=charge_id,
            order_id=OrderId(order_id) if order_id else None,
            sku=None,
            kind=kind,
            kind_raw=said,
            amount=value,
            booked_at=moment(raw, "transactionDate"),
            settlement_id=maybe_text(raw, "payoutId"),
        )

    # one transaction number may name a sale and its refund: eBay tells them apart by the type alone
    main = f"{number}/{word}"
    fees = list(_fees(raw, main)) if word == "SALE" else []
    gross = booked
    for _, _, fee in fees:
        gross = gross - fee
    kind = KIND.get(word, ChargeKind.UNMAPPED)
    if kind is ChargeKind.FEE and fee_type in _ADVERTISING:
        kind = ChargeKind.ADVERTISING
    yield charge(main, kind, f"{word}/{fee_type}" if fee_type else word, gross)
    for charge_id, said, fee in fees:
        yield charge(charge_id, ChargeKind.ADVERTISING if said in _ADVERTISING else ChargeKind.FEE, said, fee)


def _fees(raw: Any, main: str) -> Iterator[tuple[str, str, Money]]:
    """(charge id, eBay's word, amount below zero) of each fee of each line; equal ones of one line are numbered."""
    seen: dict[str, int] = {}
    for line in items(raw, "orderLineItems"):
        for fee in items(line, "marketplaceFees"):
            said = text(fee, "feeType")
            name = f"{main}/{text(line, 'lineItemId')}/{said}"
            seen[name] = seen.get(name, 0) + 1
            yield name if seen[name] == 1 else f"{name}/{seen[name]}", said, -amount(fee, "amount")
