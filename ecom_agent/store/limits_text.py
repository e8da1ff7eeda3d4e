"""Limits as a person typed them, read strictly: what is wrong is told with its row and the way out. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import EXPONENTS, Money
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.views import LimitsView


def read(row: LimitsView, *, by: str, at: datetime) -> PriceLimits:
    """One row. Raises BadInput naming it, and the field."""
    where = f"{row.sku} in {row.marketplace} of {row.account}"
    if row.currency not in EXPONENTS:
        raise BadInput(f"a known currency for {where}", repr(row.currency), "use an ISO 4217 code such as USD")

    def amount(name: str, told: str | None, currency: str = row.currency) -> Money | None:
        if told is None or not told.strip():
            return None
        try:
            read = Money.of(told.strip(), currency)
        except ParseFailed as e:
            raise BadInput(f"{name} of {where} as an amount in {currency}", repr(told), e.reason) from e
        if read.minor < 0:
            raise BadInput(f"{name} of {where} of 0 or more", told, "leave it empty where there is none")
        return read

    def foreign(told: str | None) -> Money | None:
        if told is None or not told.strip():
            return None
        number, _, currency = told.strip().partition(" ")
        currency = currency.strip().upper()
        if currency not in EXPONENTS or currency == row.currency:
            raise BadInput(
                f"foreign_cost of {where} as an amount and a currency other than {row.currency}", repr(told),
                "write it like 5.00 EUR, or use unit_cost",
            )  # fmt: skip
        return amount("foreign_cost", number, currency)

    limits = PriceLimits(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        currency=row.currency,
        hard_min=amount("hard_min", row.hard_min),
        ceiling=amount("ceiling", row.ceiling),
        map_price=amount("map_price", row.map_price),
        unit_cost=amount("unit_cost", row.unit_cost),
        min_margin=amount("min_margin", row.min_margin),
        version=row.version,
        updated_at=at,
        updated_by=by,
        foreign_cost=foreign(row.foreign_cost),
        ad_cost=amount("ad_cost", row.ad_cost),
        return_bp=_share("return_percent", row.return_percent, where, most=10_000),
        return_cost=amount("return_cost", row.return_cost),
        margin_bp=_share("margin_percent", row.margin_percent, where, most=9_999),
        roi_bp=_share("roi_percent", row.roi_percent, where, most=10**9),
        fee_class=(row.fee_class or "").strip() or None,
        costs_on=_day(row.costs_on, where, at),
    )
    _check_order(limits, where)
    return limits


def _share(name: str, told: str | None, where: str, *, most: int) -> int | None:
    """Percent as text → basis points."""
    if told is None or not told.strip():
        return None
    try:
        share = Decimal(told.strip().removesuffix("%")) * 100
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or share != share.to_integral_value() or not 0 <= share <= most:
        wanted = f"{name} of {where} as a number from 0 to {most / 100:g} with at most two digits after the point"
        raise BadInput(wanted, repr(told), "correct it, or leave it empty")
    return int(share)


def _day(told: str | None, where: str, at: datetime) -> date | None:
    if told is None or not told.strip():
        return None
    try:
        day = date.fromisoformat(told.strip())
    except ValueError as e:
        raise BadInput(f"costs_on of {where} as a day", repr(told), "write it like 2026-11-20") from e
    if day > at.date():
        raise BadInput(f"costs_on of {where} not after today", told, "use the day the costs were last right")
    return day


def _check_order(limits: PriceLimits, where: str) -> None:
    if limits.hard_min is not None and limits.hard_min.minor == 0:
        raise BadInput(f"hard_min of {where} above 0", "0", "leave it empty to switch repricing off for it")
    if limits.unit_cost is not None and limits.foreign_cost is not None:
        raise BadInput(
            f"one landed cost of {where}", f"{limits.unit_cost} and {limits.foreign_cost}", "leave one of them empty"
        )
    if limits.ceiling is None:
        return
    cost = limits.unit_cost
    if cost is not None and limits.min_margin is not None:
        cost = cost + limits.min_margin
    floors = {"hard_min": limits.hard_min, "map_price": limits.map_price, "unit_cost + min_margin": cost}
    for name, floor in floors.items():
        if floor is not None and floor > limits.ceiling:
            raise BadInput(
                f"{name} of {where} at or below its ceiling",
                f"{floor} above {limits.ceiling}",
                "lower it or raise the ceiling",
            )
