"""HTTP/1.1 over connections that are kept alive, with a third of httpx's own work per request.

A write to a platform is a small request with a small answer: at hundreds a second, building objects around it costs
more than sending it. The standard library's client does the protocol; this keeps its connections, one for each
request that is under way, and says what went wrong in httpx's words. Proxies are left to httpx's own transport.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import urllib.request
from typing import Final

import httpx

_IDLE: Final = 8  # connections kept for each host


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
        self._idle: dict[tuple[str, str, int | None], list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx's TransportErrors: ConnectError where certainly nothing was sent."""
        place = (request.url.scheme, request.url.host, request.url.port)
        content = request.read()
        connection = self._take(place)
        try:
            status, headers, body = self._exchange(connection, request, content)
        except TimeoutError as error:
            connection.close()
            raise httpx.ReadTimeout(str(error), request=request) from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise httpx.ReadError(f"{type(error).__name__}: {error}", request=request) from error
        except BaseException:
            connection.close()
            raise
        if headers.get("connection", "").lower() == "close":
            connection.close()
        else:
            self._put(place, connection)
        return httpx.Response(status, headers=headers, content=body, request=request)

    def close(self) -> None:
        with self._lock:
            kept, self._idle = self._idle, {}
        for connections in kept.values():
            for connection in connections:
                connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, request: httpx.Request, content: bytes
    ) -> tuple[int, httpx.Headers, bytes]:
        connection.request(request.method, request.url.raw_path.decode("ascii"), content, dict(request.headers))
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, httpx.Headers(answer.getheaders()), body

    def _take(self, place: tuple[str, str, int | None]) -> http.client.HTTPConnection:
        """A connection that rested, unless its server closed it meanwhile; else a new one."""
        while True:
            with self._lock:
                resting = self._idle.get(place)
                connection = resting.pop() if resting else None
            if connection is None:
                return self._open(place)
            if _quiet(connection):
                return connection
            connection.close()

    def _put(self, place: tuple[str, str, int | None], connection: http.client.HTTPConnection) -> None:
        with self._lock:
            resting = self._idle.setdefault(place, [])
            if len(resting) < _IDLE:
                resting.append(connection)
                return
        connection.close()

    def _open(self, place: tuple[str, str, int | None]) -> http.client.HTTPConnection:
        scheme, host, port = place
        connection: http.client.HTTPConnection
        if scheme == "https":
            if self._tls is None:
                self._tls = httpx.create_ssl_context()
            connection = http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=self._tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return connection


def _quiet(connection: http.client.HTTPConnection) -> bool:
    """Whether nothing came in while it rested: what comes then is the server's goodbye."""
    if connection.sock is None:
        return False
    watch = select.poll()
    watch.register(connection.sock, select.POLLIN)
    return not watch.poll(0)
