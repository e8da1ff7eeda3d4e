"""One call of an eBay operation, and the ways to refuse it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from platforms.simulated.channels.model import Channel
from platforms.simulated.servers.base import Servers
from platforms.simulated.state import EBAY
from platforms.simulated.wire.text import moment, read_moment
from platforms.simulated.world import World

_SKEW: Final = timedelta(minutes=5)
"""How far ahead of ours a caller's clock may be where eBay refuses moments to come."""


def error(number: int, domain: str, message: str, *, long: str = "", **parameters: str) -> dict[str, Any]:
    """One entry of eBay's error body; the numbers are those that its contract files print for the operation."""
    entry: dict[str, Any] = {"errorId": number, "domain": domain, "category": "REQUEST", "message": message}
    if long:
        entry["longMessage"] = long
    if parameters:
        entry["parameters"] = [{"name": name, "value": value} for name, value in parameters.items()]
    return entry


class EbayRefused(Exception):
    """An answer in eBay's error shape: {"errors": [{errorId, domain, category, message, parameters}]}."""

    def __init__(self, status: int, *errors: dict[str, Any]) -> None:
        super().__init__(errors[0]["message"])
        self.status, self.errors = status, list(errors)

    def body(self) -> dict[str, Any]:
        return {"errors": self.errors}


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the path's variables, `query` the parameters as sent, `body` the decoded JSON."""

    servers: Servers
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def world(self) -> World:
        return self.servers.sim.world

    @property
    def channel(self) -> Channel:
        return self.servers.channel(EBAY)

    @property
    def now(self) -> datetime:
        return self.servers.sim.now()

    def do(self, command: str, **args: Any) -> Any:
        """Change our account, durably."""
        return self.servers.sim.do(command, channel=EBAY, **args)

    def href(self, api: str, **query: str) -> str:
        """A link of paging: eBay prints whole addresses."""
        asked = "&".join(f"{name}={value}" for name, value in {**self.query, **query}.items())
        return f"{self.servers.base_url()}/ebay{api}?{asked}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The error numbers of one API for what a search asks wrongly. `future` None = moments to come are fine."""

    domain: str
    limit: int
    offset: int
    filter: int
    date: int
    order: int
    future: int | None = None


def whole(call: Call, name: str, default: int, low: int, high: int, number: int, domain: str) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit() or not low <= int(text) <= high:
        raise EbayRefused(400, error(number, domain, f"Invalid {name}: {text[:40]}", value=text[:40]))
    return int(text)


def page(
    call: Call, api: str, key: str, rows: list[Any], numbers: Numbers, *, default: int, most: int
) -> dict[str, Any]:
    """A page of a search whose offset counts rows; `rows` are printed already or cheap to print."""
    size = whole(call, "limit", default, 1, most, numbers.limit, numbers.domain)
    start = whole(call, "offset", 0, 0, 10**9, numbers.offset, numbers.domain)
    answer: dict[str, Any] = {
        "href": call.href(api, limit=str(size), offset=str(start)),
        "limit": size,
        "offset": start,
        "total": len(rows),
        key: rows[start : start + size],
    }
    if start + size < len(rows):
        answer["next"] = call.href(api, limit=str(size), offset=str(start + size))
    if start:
        answer["prev"] = call.href(api, limit=str(size), offset=str(max(0, start - size)))
    return answer


_TERM: Final = re.compile(r"(\w+):(\[[^\]]*\]|\{[^}]*\})(?:,|$)")


def filters(call: Call, known: tuple[str, ...], numbers: Numbers) -> dict[str, str]:
    """`filter` as name → what stands between its brackets."""
    text = call.query.get("filter", "")
    found, rest = {}, text
    while rest:
        term = _TERM.match(rest)
        if term is None or term[1] not in known:
            raise EbayRefused(400, error(numbers.filter, numbers.domain, f"Invalid filter: {rest[:80]}"))
        found[term[1]] = term[2][1:-1]
        rest = rest[term.end() :]
    return found


def span(call: Call, text: str, numbers: Numbers) -> tuple[datetime, datetime]:
    """The two ends of "[from..to]", both inclusive; without an end it is now."""
    low, _, high = text.partition("..")
    try:
        start = read_moment(low)
        end = read_moment(high) if high else call.now
    except ValueError:
        raise EbayRefused(400, error(numbers.date, numbers.domain, f"Invalid date format: {text[:80]}")) from None
    if start > end:
        raise EbayRefused(400, error(numbers.order, numbers.domain, "Start date should be before end date"))
    if numbers.future is not None and end > call.now + _SKEW:
        said = f"Start and end dates can't be in the future: {moment(end)}"
        raise EbayRefused(400, error(numbers.future, numbers.domain, said))
    return start, end


Handler = Callable[[Call], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with another status than the operation's own, or with header fields; `content` None = no body."""

    content: Any
    status: int
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `per_day` = how many calls of its API eBay allows, counted together under `api`."""

    name: str
    method: str
    path: str
    api: str
    per_day: int
    handler: Handler
    writes: bool = False
    for_anyone: bool = False
    """An application's token is enough."""
