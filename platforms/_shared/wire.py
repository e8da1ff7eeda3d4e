"""HTTP/1.1 over connections that are kept alive, with a fraction of httpx's own work per request.

A write to a platform is a small request with a small answer: at hundreds a second, building objects around it costs
more than sending it. Only what answers to JSON calls need is understood (a length, chunks, or the end of the line);
anything else is an error in httpx's words. Proxies are left to httpx's own transport.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import urllib.request
from typing import Final

import httpx

_IDLE: Final = 8  # connections kept for each host
_LONGEST_LINE: Final = 65_536
_MOST_HEADERS: Final = 200
_PORTS: Final = {"http": 80, "https": 443}
_BODILESS: Final = frozenset({204, 304})
Place = tuple[str, str, int]


def transport(timeout_s: float) -> httpx.BaseTransport:
    """The transport for JSON calls: this one, or httpx's where the environment names a proxy."""
    if {"http", "https", "all"} & urllib.request.getproxies().keys():
        return _Proxied(timeout_s)
    return KeepAlive(timeout_s)


class _Proxied(httpx.BaseTransport):
    """httpx as it is, environment and all."""

    def __init__(self, timeout_s: float) -> None:
        self._client = httpx.Client(timeout=timeout_s)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._client.send(request)

    def close(self) -> None:
        self._client.close()


class KeepAlive(httpx.BaseTransport):
    """Safe between threads: a connection serves one request at a time."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[Place, list[_Connection]] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx's TransportErrors: ConnectError and ConnectTimeout where certainly nothing was sent."""
        url = request.url
        place = (url.scheme, url.host, url.port or _PORTS[url.scheme])
        connection = self._take(place)
        try:
            connection.send(request)
            status, headers, body, stays = connection.read(request.method)
        except TimeoutError as error:
            connection.close()
            raise httpx.ReadTimeout(str(error), request=request) from error
        except OSError as error:
            connection.close()
            raise httpx.ReadError(f"{type(error).__name__}: {error}", request=request) from error
        except ValueError as error:
            connection.close()
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except BaseException:
            connection.close()
            raise
        if stays:
            self._put(place, connection)
        else:
            connection.close()
        return httpx.Response(status, headers=headers, content=body, request=request)

    def close(self) -> None:
        with self._lock:
            kept, self._idle = self._idle, {}
        for connections in kept.values():
            for connection in connections:
                connection.close()

    def _take(self, place: Place) -> _Connection:
        """A connection that rested, unless its server closed it meanwhile; else a new one."""
        while True:
            with self._lock:
                resting = self._idle.get(place)
                connection = resting.pop() if resting else None
            if connection is None:
                return self._open(place)
            if connection.quiet():
                return connection
            connection.close()

    def _put(self, place: Place, connection: _Connection) -> None:
        with self._lock:
            resting = self._idle.setdefault(place, [])
            if len(resting) < _IDLE:
                resting.append(connection)
                return
        connection.close()

    def _open(self, place: Place) -> _Connection:
        scheme, host, port = place
        try:
            sock = socket.create_connection((host, port), self._timeout_s)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if scheme == "https":
                if self._tls is None:
                    self._tls = httpx.create_ssl_context()
                sock = self._tls.wrap_socket(sock, server_hostname=host)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return _Connection(sock)


class _Connection:
    """One socket and what is read from it. Raises OSError where it breaks, ValueError for what is no HTTP/1.1."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb")

    def send(self, request: httpx.Request) -> None:
        lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
        lines += [b"%b: %b" % header for header in request.headers.raw]
        self._sock.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + request.read())

    def read(self, method: str) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
        """Status, header fields, body, and whether the connection may be used again."""
        status, headers = self._head()
        while status < 200:  # the answer proper is still to come
            status, headers = self._head()
        fields = {name.lower(): value for name, value in headers}
        stays = fields.get(b"connection", b"").lower() != b"close"
        if method == "HEAD" or status in _BODILESS:
            return status, headers, b"", stays
        if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
            return status, headers, self._chunks(), stays
        length = fields.get(b"content-length")
        if length is None:
            return status, headers, self._file.read(), False
        return status, headers, self._exactly(_number(length, 10)), stays

    def quiet(self) -> bool:
        """Whether nothing came in while it rested: what comes then is the server's goodbye."""
        watch = select.poll()
        watch.register(self._sock, select.POLLIN)
        return not watch.poll(0)

    def close(self) -> None:
        self._file.close()
        self._sock.close()

    def _head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        line = self._line()
        parts = line.split(None, 2)
        if len(parts) < 2 or not parts[0].startswith(b"HTTP/1."):
            raise ValueError("an answer that is no HTTP/1.1")
        headers: list[tuple[bytes, bytes]] = []
        while line := self._line():
            name, colon, value = line.partition(b":")
            if not colon or len(headers) == _MOST_HEADERS:
                raise ValueError("header fields that make no sense, or too many of them")
            headers.append((name.strip(), value.strip()))
        return _number(parts[1], 10), headers

    def _line(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise ConnectionResetError("closed without an answer")
        if not line.endswith(b"\n"):
            raise ValueError("an answer that breaks off, or a line without end")
        return line.rstrip(b"\r\n")

    def _chunks(self) -> bytes:
        body = []
        while size := _number(self._line().partition(b";")[0].strip(), 16):
            body.append(self._exactly(size))
            self._line()
        while self._line():  # trailer fields
            pass
        return b"".join(body)

    def _exactly(self, size: int) -> bytes:
        body = self._file.read(size)
        if len(body) != size:
            raise ConnectionResetError(f"closed after {len(body)} of {size} bytes")
        return body


def _number(text: bytes, base: int) -> int:
    digits = b"0123456789abcdefABCDEF" if base == 16 else b"0123456789"
    if not text or any(c not in digits for c in text):
        raise ValueError("a number was wanted")
    return int(text, base)
