"""The statements of the market's books as each platform tells them: which charges together, when, of which kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from platforms.simulated.state import EBAY, TIKTOK, WALMART

Told = Mapping[str, Any]


class ChargeKey(NamedTuple):
    """What tells a charge from others; `day` in UTC, `number` counts from 1 those that are equal in all else."""

    order: str | None
    kind: str
    day: str
    amount_minor: int
    number: int


class Line(NamedTuple):
    """A charge before equal ones are numbered."""

    order: str | None
    kind: str
    day: str
    amount_minor: int
    settlement: str | None


def charges(told: Iterable[Told], channel: str) -> Mapping[ChargeKey, str | None]:
    """Settlement by charge, None while it is open. A platform without statements has none."""
    return numbered(_LINES[channel](told)) if channel in _LINES else {}


def numbered(lines: Iterable[Line]) -> Mapping[ChargeKey, str | None]:
    """Equal ones get numbers, the settled ones first: a row that is there twice is one too many."""
    seen: Counter[tuple[Any, ...]] = Counter()
    found: dict[ChargeKey, str | None] = {}
    for line in sorted(lines, key=lambda one: (one.settlement is None, one.settlement)):
        seen[line[:4]] += 1
        found[ChargeKey(*line[:4], seen[line[:4]])] = line.settlement
    return found


def _ebay(told: Iterable[Told]) -> Iterable[Line]:
    """What an order brought at one moment is one sale, its fees apart; it is told at once, its payout later."""
    sold: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in told:
        if one["kind"] in ("sale", "shipping"):
            sold[one["order"], one["at"], one["statement"]] += one["amount_minor"]
        elif one["kind"] != "payout":
            kind = "adjustment" if one["kind"] == "fee_refund" else str(one["kind"])
            yield Line(one["order"], kind, _day(one), one["amount_minor"], one["statement"])
    for (order, at, statement), amount in sold.items():
        yield Line(order, "sale", _day({"at": at}), amount, statement)


def _walmart(told: Iterable[Told]) -> Iterable[Line]:
    """A report is out when it is paid, line by line, and its first line is what is paid."""
    for one in told:
        if one["statement"] is not None:
            kind = "fee" if one["kind"] == "fee_refund" else str(one["kind"])
            yield Line(one["order"], kind, _day(one), one["amount_minor"], one["statement"])


def _tiktok(told: Iterable[Told]) -> Iterable[Line]:
    """A day's statement, out at its end, sums up for each order: sales, what was paid back, shipping, fees."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in told:
        if one["statement"] is not None:
            kind = "fee" if one["kind"] == "fee_refund" else str(one["kind"])
            sums[one["order"], kind, _day(one, later=1), one["statement"]] += one["amount_minor"]
    for (order, kind, day, statement), amount in sums.items():
        if amount:
            yield Line(order, kind, day, amount, statement)


def _day(one: Told, later: int = 0) -> str:
    return str(datetime.fromisoformat(one["at"]).date() + timedelta(days=later))


_LINES: Final[Mapping[str, Callable[[Iterable[Told]], Iterable[Line]]]] = {
    EBAY: _ebay, WALMART: _walmart, TIKTOK: _tiktok,
}  # fmt: skip
