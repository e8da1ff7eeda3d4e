"""HTTP/1.1 over connections that are kept alive, with a fraction of httpx's own work per request.

A write to a platform is a small request with a small answer: at hundreds a second, building objects around it costs
more than sending it. Answers are read by httptools' parser; what it refuses is an error in httpx's words. Proxies are
left to httpx's own transport.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import urllib.request
from typing import Final

import httptools
import httpx

_IDLE: Final = 8  # connections kept for each host
_PIECE: Final = 65_536
_LONGEST_HEAD: Final = 262_144
_PORTS: Final = {"http": 80, "https": 443}
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
            answer = connection.read()
        except TimeoutError as error:
            connection.close()
            raise httpx.ReadTimeout(str(error), request=request) from error
        except OSError as error:
            connection.close()
            raise httpx.ReadError(f"{type(error).__name__}: {error}", request=request) from error
        except (httptools.HttpParserError, ValueError) as error:
            connection.close()
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except BaseException:
            connection.close()
            raise
        if answer.stays:
            self._put(place, connection)
        else:
            connection.close()
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

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
    """One socket. Raises OSError where it breaks, HttpParserError or ValueError for what is no HTTP/1."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, request: httpx.Request) -> None:
        lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
        lines += [b"%b: %b" % header for header in request.headers.raw]
        self._sock.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + request.read())

    def read(self) -> _Answer:
        """The answer to the request that was sent last; not for HEAD, whose answers say more than they bring."""
        answer = _Answer()
        try:
            while not answer.whole:
                piece = self._sock.recv(_PIECE)
                if not piece:
                    answer.broke_off()
                    break
                answer.feed(piece)
        finally:
            answer.end()
        return answer

    def quiet(self) -> bool:
        """Whether nothing came in while it rested: what comes then is the server's goodbye."""
        watch = select.poll()
        watch.register(self._sock, select.POLLIN)
        return not watch.poll(0)

    def close(self) -> None:
        self._sock.close()


class _Answer:
    """One answer as it comes in. The methods `on_…` are the parser's to call."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._read_head, self._measured, self._size = False, False, 0
        self._pieces: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.whole = False
        self.stays = False

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    def feed(self, piece: bytes) -> None:
        self._parser.feed_data(piece)
        self._size += len(piece)
        if not self._read_head and self._size > _LONGEST_HEAD:
            raise ValueError("header fields without end")

    def end(self) -> None:
        """Part from the parser, which knows us: a circle for each answer is work for the garbage collector."""
        del self._parser

    def broke_off(self) -> None:
        """The server closed: the end of a body without a length. Raises ConnectionResetError for any other."""
        if not self._read_head or self._measured:
            raise ConnectionResetError("closed without an answer" if not self._size else "closed within the answer")

    def on_message_begin(self) -> None:
        if self.whole:
            raise ValueError("more than the answer came")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._read_head:  # what comes after the body are trailers
            self._measured |= name.lower() in (b"content-length", b"transfer-encoding")
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._read_head = self.status >= 200

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        if self.status < 200:  # the answer proper is still to come
            self.headers.clear()
            self._measured = False
            return
        self.whole, self.stays = True, self._parser.should_keep_alive()
