"""The policies `fx` and `fees`, read strictly into dated sheets. Pure.

A wrong line is told to its writer (`read_*` raise BadInput); `sheets` is for decisions and never raises: a line that
cannot be read is left out, and what rests on it is then unknown, which no floor takes for "fine".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money, exponent
from ecom_agent.records.costs import CostSheets, FeeRow, FxRate

_Row = TypeVar("_Row")
_RATE: Final = frozenset({"base", "quote", "rate", "on", "source"})
_FEE: Final = frozenset(
    {"marketplace", "class", "currency", "referral", "least", "fixed", "since", "checked", "source"}
)


def read_rates(body: Mapping[str, Any]) -> tuple[FxRate, ...]:
    """`rates` of the policy fx. Raises BadInput naming the line."""
    return tuple(_rows(body, "fx", "rates", _rate))


def read_fees(body: Mapping[str, Any]) -> tuple[FeeRow, ...]:
    """`tables` of the policy fees. Raises BadInput naming the line."""
    return tuple(_rows(body, "fees", "tables", _fee))


def sheets(fx: Mapping[str, Any], fees: Mapping[str, Any], guards: Mapping[str, Any]) -> CostSheets:
    """All that can be read. Never raises."""
    freshness = guards.get("freshness")
    ages = freshness if isinstance(freshness, Mapping) else {}
    return CostSheets(
        rates=tuple(_readable(fx, "fx", "rates", _rate)),
        fees=tuple(_readable(fees, "fees", "tables", _fee)),
        rate_max_age=_age(ages.get("fx_max_age_days"), 24),
        quote_max_age=_age(ages.get("fees_max_age_h"), 1),
    )


def _rows(body: Mapping[str, Any], policy: str, name: str, read: Callable[[Mapping[str, Any]], _Row]) -> Iterator[_Row]:
    unknown = sorted(set(body) - {name})
    if unknown:
        raise BadInput(f"under {policy} only {name}", str(unknown[0]), "correct that line of the policy")
    rows = body.get(name)
    if not isinstance(rows, list):
        raise BadInput(f"{policy}.{name}: a list", repr(rows), "correct that line of the policy")
    for at, row in enumerate(rows):
        where = f"{policy}.{name}[{at}]"
        if not isinstance(row, Mapping):
            raise BadInput(f"{where}: names with values", repr(row), "correct that line of the policy")
        try:
            yield read(row)
        except (KeyError, ValueError, ParseFailed) as e:
            missing = f"{e.args[0]} is missing" if isinstance(e, KeyError) else str(e)
            raise BadInput(f"{where} as the shipped policy shows one", missing, "correct that line") from e


def _readable(
    body: Mapping[str, Any], policy: str, name: str, read: Callable[[Mapping[str, Any]], _Row]
) -> Iterator[_Row]:
    rows = body.get(name)
    for row in rows if isinstance(rows, list) else ():
        try:
            yield from _rows({name: [row]}, policy, name, read)
        except BadInput:
            continue


def _rate(row: Mapping[str, Any]) -> FxRate:
    _only(row, _RATE)
    rate = FxRate(str(row["base"]), str(row["quote"]), _number(row, "rate"), _midnight(row, "on"), str(row["source"]))
    exponent(rate.base), exponent(rate.quote)  # both must be known
    if rate.rate <= 0 or rate.base == rate.quote:
        raise ValueError(f"rate {rate.rate} of {rate.base} in {rate.quote}: wanted above 0, of two currencies")
    return rate


def _fee(row: Mapping[str, Any]) -> FeeRow:
    _only(row, _FEE)
    currency, referral = str(row["currency"]), _number(row, "referral")
    least, fixed = (Money.of(_number(row, name), currency) for name in ("least", "fixed"))
    if not 0 <= referral < 1 or least.minor < 0 or fixed.minor < 0:
        raise ValueError(
            f"referral {referral}, least {least}, fixed {fixed}: wanted a share below 1, and no less than 0"
        )
    return FeeRow(
        MarketplaceId(str(row["marketplace"])), str(row["class"]), referral, least, fixed,
        _day(row, "since"), _day(row, "checked"), str(row["source"]),
    )  # fmt: skip


def _only(row: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(str(name) for name in set(row) - known)
    if unknown:
        raise ValueError(f"{unknown[0]} is not one of {', '.join(sorted(known))}")


def _number(row: Mapping[str, Any], name: str) -> Decimal:
    value = row[name]
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{name}: wanted a number, found {value!r}") from None
    if not number.is_finite() or isinstance(value, bool):
        raise ValueError(f"{name}: wanted a number, found {value!r}")
    return number


def _day(row: Mapping[str, Any], name: str) -> date:
    value = row[name]
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{name}: wanted a day such as 2026-11-20, found {value!r}") from None


def _midnight(row: Mapping[str, Any], name: str) -> datetime:
    return datetime.combine(_day(row, name), time(), UTC)


def _age(value: Any, hours: int) -> timedelta | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    fits = not isinstance(value, bool) and number.is_finite() and 0 <= number <= 36_500
    return timedelta(hours=float(number) * hours) if fits else None
