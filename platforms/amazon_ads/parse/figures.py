"""Rows of a report file → figures by day. Columns are those that `platforms.amazon_ads.figures` asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

import orjson

from ecom_agent.connector import Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money, exponent
from ecom_agent.records.advertising import AdFigures, AdPerformance, SearchTerm
from platforms._shared.payload import Shape, amount_text, collect, find, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.amazon_ads.parse.profiles import Where

R = TypeVar("R", AdPerformance, SearchTerm)
_MOST_DIGITS: Final = 18
_FIGURES: Final = ("impressions", "clicks", "cost", "campaignBudgetCurrencyCode")
_IDS: Final = ("date", "campaignId", "adGroupId", "keywordId", "keywordType", "matchType", "keyword", "targeting")


def report_rows(content: bytes) -> Sequence[Any]:
    """The list that an unpacked report file holds. Raises ParseFailed for anything else."""
    try:
        rows = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ParseFailed("report", "no JSON") from None
    if not isinstance(rows, list):
        raise ParseFailed("report", f"wanted a list of rows, found {type(rows).__name__}")
    return rows


def targeting(rows: Sequence[Any], where: Where, told_at: datetime) -> Read[AdPerformance]:
    """Rows of `spTargeting` by day."""

    def read(raw: Any) -> AdPerformance:
        return AdPerformance(sku=None, **_common(raw, where, told_at))

    return _read(rows, read, where, lambda one: (one.day, one.campaign_id, one.ad_group_id, one.target_id))


def search_terms(rows: Sequence[Any], where: Where, told_at: datetime) -> Read[SearchTerm]:
    """Rows of `spSearchTerm` by day."""

    def read(raw: Any) -> SearchTerm:
        return SearchTerm(term=text(raw, "searchTerm"), **_common(raw, where, told_at))

    return _read(rows, read, where, lambda one: (one.day, one.campaign_id, one.ad_group_id, one.target_id, one.term))


def _read(rows: Sequence[Any], read: Callable[[Any], R], where: Where, key: Callable[[R], object]) -> Read[R]:
    """Two rows of one key in a report would hide one another: the second is set aside, and said."""
    seen: set[object] = set()

    def once(raw: Any) -> tuple[R, ...]:
        one = read(raw)
        if key(one) in seen:
            raise ParseFailed("row", "a second row for the same day and target")
        seen.add(key(one))
        return (one,)

    records, poison = collect(rows, once, lambda raw: str(raw["keywordId"]))
    shape: Shape = dict.fromkeys((*_FIGURES, *_IDS, "searchTerm", *_credited(where.profile.attribution_days)))
    return Read(records, tuple(_row(one) for one in poison), tuple(sorted(unknown_fields(list(rows), shape, "rows"))))


def _row(poison: Poison) -> Poison:
    """A row has no id of its own: its day and campaign stand before the target."""
    raw = poison.payload
    day, campaign = (raw.get("date"), raw.get("campaignId")) if isinstance(raw, dict) else (None, None)
    return Poison(f"{day} {campaign} {poison.external_id}", poison.reason, raw)


def _credited(days: int) -> tuple[str, str, str]:
    return f"sales{days}d", f"purchases{days}d", f"unitsSoldClicks{days}d"


def _common(raw: Any, where: Where, told_at: datetime) -> dict[str, Any]:
    group = find(raw, "adGroupId")
    target = find(raw, "keywordId")
    return {
        "account": where.account,
        "marketplace": where.marketplace,
        "day": _day(raw),
        "campaign_id": str(_id(need(raw, "campaignId"), "campaignId")),
        "ad_group_id": None if group is None else _id(group, "adGroupId"),
        "target_id": None if target is None else _id(target, "keywordId"),
        "figures": _figures(raw, where),
        "told_at": told_at,
    }


def _figures(raw: Any, where: Where) -> AdFigures:
    currency = find(raw, "campaignBudgetCurrencyCode") or where.profile.currency
    sales, orders, units = _credited(where.profile.attribution_days)
    return AdFigures(
        impressions=_count(raw, "impressions"),
        clicks=_count(raw, "clicks"),
        cost=_sum(raw, "cost", currency),
        sales=_sum(raw, sales, currency),
        orders=_count(raw, orders),
        units=_count(raw, units),
        attribution_days=where.profile.attribution_days,
    )


def _sum(raw: Any, path: str, currency: str) -> Money | None:
    """A sum of many clicks or sales, as a JSON number that may carry a float's dust: rounded to the minor unit."""
    value = find(raw, path)
    if value is None:
        return None
    try:
        minor = Decimal(amount_text(value, path)).scaleb(exponent(currency))
    except InvalidOperation:
        raise ParseFailed(path, f"wanted a number, found {str(value)[:40]!r}") from None
    if not minor.is_finite() or minor < 0 or minor.adjusted() > _MOST_DIGITS:
        raise ParseFailed(path, f"wanted a sum of zero or more, found {str(value)[:40]}")
    return Money(round(minor), currency)


def _count(raw: Any, path: str) -> int | None:
    value = find(raw, path)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
        raise ParseFailed(path, f"wanted a whole number of zero or more, found {value!r}")
    return int(value)


def _id(value: Any, path: str) -> str:
    """Reports write ids as numbers, the lists as text."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ParseFailed(path, f"wanted an id, found {type(value).__name__}")
    return str(value)


def _day(raw: Any) -> date:
    value = text(raw, "date")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ParseFailed("date", f"wanted a day as 2026-11-03, found {value[:40]!r}") from None
