"""python -m ecom_agent.evaluate.lane.stub: takes Amazon's price patches at once and keeps count, a process of its own.

It speaks what the connector sends and reads: the token call of LWA, `patchListingsItem` with an offer's price, and the
rate in the answer's header. GET /counts tells what was taken.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from ecom_agent.evaluate.lane.goods import RATE_PER_S

_HEAD: Final = (
    "HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\n"
    f"x-amzn-RateLimit-Limit: {RATE_PER_S}\r\ncontent-length: {{length}}\r\n\r\n"
)


class Shop:
    """Prices taken, by SKU, in the order in which they came."""

    def __init__(self) -> None:
        self.prices: dict[str, list[float]] = {}

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        path = urlsplit(target).path
        if path.endswith("/token"):
            return 200, {"access_token": "stub", "token_type": "bearer", "expires_in": 3600}
        if path == "/counts":
            return 200, self.prices
        if method == "PATCH" and path.startswith("/listings/2021-08-01/items/"):
            return self._patch(unquote(path.rsplit("/", 1)[1]), orjson.loads(body))
        return 404, {"errors": [{"code": "NotFound", "message": f"{method} {path}"}]}

    def _patch(self, sku: str, body: Any) -> tuple[int, Any]:
        try:
            (patch,) = body["patches"]
            (offer,) = patch["value"]
            price = offer["our_price"][0]["schedule"][0]["value_with_tax"]
        except (KeyError, TypeError, ValueError, IndexError):
            return 400, {"errors": [{"code": "InvalidInput", "message": "no price"}]}
        taken = self.prices.setdefault(sku, [])
        taken.append(price)
        return 200, {"sku": sku, "status": "ACCEPTED", "submissionId": f"{sku}-{len(taken)}", "issues": []}


class Connection(asyncio.Protocol):
    """One client, requests one after the other."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._unread = shop, b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end].decode("latin-1")
            length = _length(head)
            if len(self._unread) < end + 4 + length:
                return
            body = self._unread[end + 4 : end + 4 + length]
            self._unread = self._unread[end + 4 + length :]
            method, target, _ = head.split(" ", 2)
            status, told = self._shop.answer(method, target, body)
            raw = orjson.dumps(told)
            self._transport.write(_HEAD.format(status=status, length=len(raw)).encode() + raw)


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


async def _serve() -> None:
    shop = Shop()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(shop), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    sys.stdout.write(orjson.dumps({"url": url, "ready": True}).decode() + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
