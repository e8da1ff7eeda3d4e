"""Reading payloads: every missing or misshapen field becomes a ParseFailed that names its path. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from ecom_agent.connector import Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money, exponent

R = TypeVar("R")
Shape = Mapping[str, Any]
"""Field names we know; a nested Shape goes on below that field (through lists too), None = whatever is below."""

_MISSHAPEN: Final = (ParseFailed, KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)


def need(raw: Any, path: str) -> Any:
    """The value at a dotted path; ParseFailed where it is missing or null."""
    value = find(raw, path)
    if value is None:
        raise ParseFailed(path, "missing")
    return value


def find(raw: Any, path: str) -> Any:
    """The value at a dotted path, None where it is missing or null; ParseFailed where something else stands there."""
    for name in path.split("."):
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            raise ParseFailed(path, f"wanted an object around {name}, found {type(raw).__name__}")
        raw = raw.get(name)
    return raw


def text(raw: Any, path: str) -> str:
    value = need(raw, path)
    if not isinstance(value, str) or not value:
        raise ParseFailed(path, f"wanted text, found {type(value).__name__}")
    return value


def maybe_text(raw: Any, path: str) -> str | None:
    return None if find(raw, path) in (None, "") else text(raw, path)


def count(raw: Any, path: str) -> int:
    """A whole number; a bool is none."""
    value = need(raw, path)
    if type(value) is not int:
        raise ParseFailed(path, f"wanted a whole number, found {type(value).__name__}")
    return value


def maybe_count(raw: Any, path: str) -> int | None:
    return None if find(raw, path) is None else count(raw, path)


def items(raw: Any, path: str) -> Sequence[Any]:
    """A list, empty where it is missing."""
    value = find(raw, path)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ParseFailed(path, f"wanted a list, found {type(value).__name__}")
    return value


def hints(raw: Any, path: str) -> list[str]:
    """Texts that are good to know, one or a list of them. No record is lost for their sake: misshapen ones are none."""
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    return [told for told in (raw if isinstance(raw, list) else [raw]) if isinstance(told, str) and told]


def joined(raw: Any, path: str, names: Iterable[str]) -> str | None:
    """The texts that an object has under these names, in one line; None where it has none."""
    return ", ".join(told for name in names for told in hints(raw, f"{path}.{name}")) or None


def moment(raw: Any, path: str) -> datetime:
    """An ISO 8601 time with its zone, as UTC."""
    value = text(raw, path)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ParseFailed(path, f"wanted an ISO 8601 time, found {value[:40]!r}") from None
    if at.tzinfo is None:
        raise ParseFailed(path, f"wanted a time with its zone, found {value[:40]!r}")
    return at.astimezone(UTC)


def maybe_moment(raw: Any, path: str) -> datetime | None:
    return None if find(raw, path) is None else moment(raw, path)


def money(raw: Any, path: str, *, amount: str, currency: str) -> Money:
    """An object of an amount and a currency. JSON numbers go through their shortest text, so they stay exact."""
    value, code = need(raw, f"{path}.{amount}"), text(raw, f"{path}.{currency}")
    try:
        return Money.of(amount_text(value, path), code)
    except ParseFailed as error:
        raise ParseFailed(f"{path}.{error.path}", error.reason) from None


def unit_price(raw: Any, path: str, *, amount: str, currency: str) -> Money | None:
    """The price of one unit; None where it is not told, or is finer than the currency's minor unit."""
    if find(raw, path) is None:
        return None
    value, code = amount_text(need(raw, f"{path}.{amount}"), path), text(raw, f"{path}.{currency}")
    try:
        minor = Decimal(value).scaleb(exponent(code))
    except InvalidOperation:
        raise ParseFailed(f"{path}.{amount}", f"wanted a decimal number; found {value[:40]!r}") from None
    if not minor.is_finite() or minor < 0:
        raise ParseFailed(f"{path}.{amount}", f"wanted a price of zero or more, found {value[:40]}")
    return Money(int(minor), code) if minor == minor.to_integral_value() else None


def amount_text(value: Any, path: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ParseFailed(path, f"wanted an amount, found {type(value).__name__}")
    return value if isinstance(value, str) else repr(value)


def not_negative(value: Money, path: str) -> Money:
    """A price; ParseFailed below zero."""
    if value.minor < 0:
        raise ParseFailed(path, f"wanted a price of zero or more, found {value}")
    return value


def collect(
    raws: Iterable[Any], read: Callable[[Any], Iterable[R]], name: Callable[[Any], Any]
) -> tuple[tuple[R, ...], tuple[Poison, ...]]:
    """Read each item into its records; one that cannot be read is set aside with its reason, the others go on."""
    records: list[R] = []
    poison: list[Poison] = []
    for raw in raws:
        try:
            records.extend(read(raw))
        except _MISSHAPEN as error:
            why = str(error) if isinstance(error, ParseFailed) else f"misshapen: {type(error).__name__}"
            poison.append(Poison(_name(raw, name), why, raw))
    return tuple(records), tuple(poison)


def _name(raw: Any, name: Callable[[Any], Any]) -> str | None:
    try:
        found = name(raw)
    except _MISSHAPEN:
        return None
    return found if isinstance(found, str) else None


def unknown_fields(raw: Any, shape: Shape, path: str = "") -> set[str]:
    """Paths of fields that `shape` does not know: what a vendor added since we looked."""
    if isinstance(raw, list):
        return {found for entry in raw for found in unknown_fields(entry, shape, path)}
    if not isinstance(raw, Mapping):
        return set()
    unknown: set[str] = set()
    for name, value in raw.items():
        here = f"{path}.{name}" if path else str(name)
        if name not in shape:
            unknown.add(here)
        elif shape[name] is not None:
            unknown |= unknown_fields(value, shape[name], here)
    return unknown
