"""Statements and their transactions → Charge: each part of a settlement is one line, and the parts add up.

TikTok's samples sign what it takes (-70), its words subtract it (revenue - costs): the settlement itself tells which
of the two an answer follows. Where neither holds, the transaction is set aside: money is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.records.finance import Charge, ChargeKind
from platforms._shared.payload import collect, find, items, maybe_text, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.scalars import at, maybe_amount
from platforms.tiktok_shop.parse.shapes import TRANSACTION

_BY_KIND: Final[Mapping[ChargeKind, str]] = {
    ChargeKind.ADVERTISING: "GMV_PAYMENT_FOR_ADS",
    ChargeKind.FEE: """PLATFORM_COMMISSION_ADJUSTMENT PLATFORM_COMMISSION_COMPENSATION PLATFORM_PENALTY REBATE
        COFUNDED_CREATOR_REWARDS FBT_WAREHOUSE_SERVICE_FEE""",
    ChargeKind.TAX: "STAMP_DUTY",
    ChargeKind.SHIPPING: """SHIPPING_FEE_ADJUSTMENT SHIPPING_FEE_COMPENSATION SHIPPING_FEE_REBATE
        SAMPLE_SHIPPING_FEE""",
    ChargeKind.ADJUSTMENT: """ORDER CHARGE_BACK CUSTOMER_SERVICE_COMPENSATION DEDUCTIONS_INCURRED_BY_SELLER
        PROMOTION_ADJUSTMENT PLATFORM_COMPENSATION PLATFORM_REIMBURSEMENT LOGISTICS_REIMBURSEMENT
        SELLER_MISSION_REWARD OTHER_ADJUSTMENT""",
}
ADJUSTMENTS: Final[Mapping[str, ChargeKind]] = {
    word: kind for kind, words in _BY_KIND.items() for word in words.split()
}
"""What the adjusted amount of a transaction is, by the transaction's word; of a word that is not here nobody knows."""
ADS: Final = frozenset({"gmv_max_ad_fee_amount", "affiliate_ads_commission_amount", "tap_shop_ads_commission"})
_REFUNDED: Final = ("refund_subtotal_before_discount_amount", "seller_discount_refund_amount")


@dataclass(frozen=True, slots=True)
class Statement:
    """One day's statement: what its transactions are asked by."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    kind: ChargeKind
    amount: Money


def statements(body: Any) -> tuple[Statement, ...]:
    """A page of `getStatements`. Raises ParseFailed: without its id and time a statement cannot be asked about."""
    return tuple(
        Statement(text(raw, "id"), at(raw, "statement_time")) for raw in items(need(body, "data"), "statements")
    )


def charges(body: Any, *, account: AccountId, marketplace: MarketplaceId, statement: Statement) -> Read[Charge]:
    """A page of `getTransactionsByStatement`."""
    found = items(need(body, "data"), "transactions")
    currency = text(body, "data.currency") if found else ""

    def read(raw: Any) -> Iterable[Charge]:
        ours = text(raw, "id")
        order = next((maybe_text(raw, name) for name in _ORDERS if maybe_text(raw, name)), None)
        return [
            Charge(
                account=account,
                marketplace=marketplace,
                charge_id=f"{statement.id}:{ours}:{part.name}",
                order_id=OrderId(order) if order else None,
                sku=None,
                kind=part.kind,
                kind_raw=f"{text(raw, 'type')}/{part.name}",
                amount=part.amount,
                booked_at=statement.at,
                settlement_id=statement.id,
            )
            for part in _parts(raw, currency)
            if part.amount.minor != 0
        ]

    records, poison = collect(found, read, lambda raw: raw["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, TRANSACTION, "transactions"))))


_ORDERS: Final = ("order_id", "adjustment_order_id", "associated_order_id")


def _parts(raw: Any, currency: str) -> list[_Part]:
    word = text(raw, "type")
    if word == "RESERVE":
        held = _needed(raw, "reserve_amount", currency)
        return [_Part("reserve_amount", ChargeKind.ADJUSTMENT, held)]
    nothing = Money(0, currency)
    revenue = _told(raw, "revenue_amount", currency)
    taken = [_told(raw, name, currency) for name in ("shipping_cost_amount", "fee_tax_amount", "adjustment_amount")]
    shipping, fees, adjusted = taken
    settled, costs = _needed(raw, "settlement_amount", currency), sum(taken, nothing)
    if revenue + costs == settled:
        sign = 1
    elif revenue - costs == settled:
        sign = -1
    else:
        raise ParseFailed("settlement_amount", f"{settled} is not the sum of its parts ({revenue} and {costs})")
    adjustment = ADJUSTMENTS.get(word, ChargeKind.UNMAPPED)
    return [
        *_revenue(raw, revenue, currency),
        _Part("shipping_cost_amount", ChargeKind.SHIPPING, shipping * sign),
        *_fees(raw, fees, currency, sign),
        _Part("adjustment_amount", adjustment, adjusted * sign),
    ]


def _revenue(raw: Any, whole: Money, currency: str) -> Iterator[_Part]:
    """Sales and what was paid back, apart where the breakdown adds up; else the whole as one."""
    told = dict(_breakdown(raw, "revenue_breakdown", currency))
    if sum(told.values(), Money(0, currency)) != whole:
        yield _Part("revenue_amount", ChargeKind.SALE if whole.minor >= 0 else ChargeKind.REFUND, whole)
        return
    for name, part in told.items():
        yield _Part(name, ChargeKind.REFUND if name in _REFUNDED else ChargeKind.SALE, part)


def _fees(raw: Any, whole: Money, currency: str, sign: int) -> Iterator[_Part]:
    """Each fee and tax apart where the breakdown adds up; else the whole as one fee."""
    fees = dict(_breakdown(raw, "fee_tax_breakdown.fee", currency))
    taxes = dict(_breakdown(raw, "fee_tax_breakdown.tax", currency))
    if sum([*fees.values(), *taxes.values()], Money(0, currency)) != whole:
        yield _Part("fee_tax_amount", ChargeKind.FEE, whole * sign)
        return
    for name, part in fees.items():
        yield _Part(name, ChargeKind.ADVERTISING if name in ADS else ChargeKind.FEE, part * sign)
    for name, part in taxes.items():
        yield _Part(name, ChargeKind.TAX, part * sign)


def _breakdown(raw: Any, path: str, currency: str) -> Iterator[tuple[str, Money]]:
    told = find(raw, path)
    for name in told if isinstance(told, Mapping) else ():
        part = maybe_amount(told, name, currency)
        if part is not None:
            yield name, part


def _told(raw: Any, name: str, currency: str) -> Money:
    """A part that a transaction of this type does not have is nothing."""
    found = maybe_amount(raw, name, currency)
    return Money(0, currency) if found is None else found


def _needed(raw: Any, name: str, currency: str) -> Money:
    found = maybe_amount(raw, name, currency)
    if found is None:
        raise ParseFailed(name, "missing")
    return found
