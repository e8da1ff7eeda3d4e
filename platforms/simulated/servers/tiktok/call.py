"""One call of the Open API, and the ways to refuse it: HTTP 200 with a `code` other than 0."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from platforms.simulated.channels.model import Channel
from platforms.simulated.servers.base import Servers
from platforms.simulated.world import World

T = TypeVar("T")
NO_TOKEN: Final = 105000
BAD_TOKEN: Final = 105001
EXPIRED_TOKEN: Final = 105002
BAD_SIGNATURE: Final = 106001
BAD_SHOP: Final = 106011
BAD_REFRESH: Final = 36004004
TOO_MANY: Final = 36009002
INTERNAL: Final = 36009003
INVALID: Final = 36009004
NO_SUCH_PATH: Final = 36009009
NO_PRODUCT: Final = 12052023
NOT_FOR_SALE: Final = 12052048
PRICE_OFF: Final = 12052220
NO_SKU: Final = 12052901
STOCK_LINES: Final = 12052990
WAREHOUSES: Final = 12052003
NO_THING: Final = 36009010
"""TikTok publishes no list of its codes: some are known (see the connector), the rest are ours of their shape."""


class TikTokRefused(Exception):
    """Answered with `code` and `message`; nothing was done."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def invalid(message: str) -> TikTokRefused:
    return TikTokRefused(INVALID, f"Invalid parameters: {message}")


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the path's variables, `query` the parameters as sent, `body` the decoded JSON."""

    servers: Servers
    channel: Channel
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def world(self) -> World:
        return self.servers.sim.world

    def page(self, rows: Sequence[T], most: int = 100) -> tuple[list[T], dict[str, str]]:
        """One page of `rows`, and what tells where the next one starts: a number of rows to skip, as TikTok has it."""
        size = self.query.get("page_size", "20")
        if not size.isdigit() or not 1 <= int(size) <= most:
            raise invalid(f"page_size must be from 1 to {most}")
        start, end = self._start(), self._start() + int(size)
        token = base64.b64encode(f"offset={end}\n".encode()).decode() if end < len(rows) else ""
        return list(rows[start:end]), {"next_page_token": token}

    def _start(self) -> int:
        token = self.query.get("page_token")
        if not token:
            return 0
        try:
            text = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise invalid("page_token") from None
        number = text.removeprefix("offset=").strip()
        if not text.startswith("offset=") or not number.isdigit():
            raise invalid("page_token")
        return int(number)

    def window(self, name: str, where: Mapping[str, Any], *, upper: str = "lt") -> Callable[[int], bool]:
        """Whether a Unix second lies in `<name>_ge` … `<name>_<upper>`; a bound that is missing is open."""
        low, high = _bound(where, f"{name}_ge"), _bound(where, f"{name}_{upper}")
        if upper == "le" and high is not None:
            high += 1
        return lambda at: (low is None or at >= low) and (high is None or at < high)

    def newest_first(self) -> bool:
        return self.query.get("sort_order", "ASC").upper() == "DESC"


def _bound(where: Mapping[str, Any], name: str) -> int | None:
    value = where.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if type(value) is not int:
        raise invalid(f"{name} must be Unix seconds")
    return value


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation and what answers its `data`. `records` is the list that faults may spoil, with its heart.

    `status` is the field of a record that holds its status word.
    """

    name: str
    method: str
    path: str
    handler: Handler
    writes: bool = False
    records: tuple[str, str] | None = None
    status: tuple[str, ...] = ()
