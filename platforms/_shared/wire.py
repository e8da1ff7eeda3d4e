"""HTTP/1.1 over connections that are kept alive, with a fraction of httpx's own work per request.

A write to a platform is a small request with a small answer: at hundreds a second, building objects around it costs
more than sending it. Answers are read by httptools' parser; what it refuses is an error in httpx's words. Proxies are
left to httpx's own transport.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
import urllib.request
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

import httptools
import httpx

_IDLE: Final = 8  # connections kept for each host
_PIECE: Final = 65_536
_LONGEST_HEAD: Final = 262_144
_PORTS: Final = {"http": 80, "https": 443}
_BARE: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
"""Methods whose requests have no body more often than not, and then say nothing of its length."""
# A URL that httpx would send as it is written: nothing to be quoted, no dots to be walked, no fragment.
_PLAIN: Final = re.compile(
    r"(https?://[A-Za-z0-9.\-]+(?::[0-9]+)?)((?:/(?!\.)(?:[\w\-.~:@,+=]|%[0-9A-F]{2})*)+(?:\?[\w\-.~%&=+]*)?)", re.A
)
Place = tuple[str, str, int]


class Ask(NamedTuple):
    """One request. `headers` are without Host and Content-Length."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Told(NamedTuple):
    """Its answer, whatever the status. `body` is unpacked."""

    status: int
    headers: httpx.Headers
    body: bytes


class Wire(Protocol):
    """What carries requests. Raises httpx's TransportErrors."""

    def exchange(self, ask: Ask) -> Told: ...

    def close(self) -> None: ...


def wire(timeout_s: float, transport: httpx.BaseTransport | None = None) -> Wire:
    """For JSON calls: our own, or httpx's where the environment names a proxy; `transport` takes the place of both."""
    if transport is None and not {"http", "https", "all"} & urllib.request.getproxies().keys():
        return KeepAlive(timeout_s)
    return Through(transport, timeout_s)


class Through:
    """httpx as it is: over any transport of its own, or (None) as the environment says."""

    def __init__(self, transport: httpx.BaseTransport | None, timeout_s: float) -> None:
        self._client = httpx.Client(transport=transport, timeout=timeout_s)

    def exchange(self, ask: Ask) -> Told:
        content = ask.body or None
        response = self._client.send(httpx.Request(ask.method, ask.url, headers=dict(ask.headers), content=content))
        return Told(response.status_code, response.headers, response.content)

    def close(self) -> None:
        self._client.close()


class KeepAlive:
    """Safe between threads: a connection serves one request at a time."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[Place, list[_Connection]] = {}
        self._lock = threading.Lock()

    def exchange(self, ask: Ask) -> Told:
        """Raises httpx's TransportErrors: ConnectError and ConnectTimeout where certainly nothing was sent."""
        place, host, target = whither(ask.url)
        request = _written(ask, host, target)
        connection = self._take(place)
        try:
            connection.send(request)
            answer = connection.read()
        except TimeoutError as error:
            connection.close()
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            connection.close()
            raise httpx.ReadError(f"{type(error).__name__}: {error}") from error
        except (httptools.HttpParserError, ValueError) as error:
            connection.close()
            raise httpx.RemoteProtocolError(str(error)) from error
        except BaseException:
            connection.close()
            raise
        if answer.stays:
            self._put(place, connection)
        else:
            connection.close()
        return answer.told()

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


def whither(url: str) -> tuple[Place, str, bytes]:
    """Where a URL leads: scheme, host and port; what goes into `Host`; path and query as they are sent.

    Raises httpx's InvalidURL, and UnsupportedProtocol for what is neither http nor https.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is None:
        read = httpx.URL(url)
        return *_origin(f"{read.scheme}://{read.netloc.decode('ascii')}"), read.raw_path
    return *_origin(plain[1]), plain[2].encode("ascii")


@lru_cache(maxsize=256)
def _origin(origin: str) -> tuple[Place, str]:
    read = httpx.URL(origin)
    if read.scheme not in _PORTS or not read.host:
        raise httpx.UnsupportedProtocol(f"wanted an http:// or https:// URL, found {read.scheme}://{read.host}")
    return (read.scheme, read.host, read.port or _PORTS[read.scheme]), read.netloc.decode("ascii")


def _written(ask: Ask, host: str, target: bytes) -> bytes:
    """The request as it is sent. Raises httpx's LocalProtocolError where a field would begin another line, and
    UnicodeEncodeError where one is not ASCII."""
    fields = [f"Host: {host}", *(f"{name}: {value}" for name, value in ask.headers.items())]
    if ask.body or ask.method not in _BARE:
        fields.append(f"Content-Length: {len(ask.body)}")
    head = "\r\n".join(fields)
    if head.count("\n") != len(fields) - 1 or head.count("\r") != len(fields) - 1:
        raise httpx.LocalProtocolError("a field of the request holds a line's end")
    return b"%b %b HTTP/1.1\r\n%b\r\n\r\n%b" % (ask.method.encode("ascii"), target, head.encode("ascii"), ask.body)


class _Connection:
    """One socket. Raises OSError where it breaks, HttpParserError or ValueError for what is no HTTP/1."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, request: bytes) -> None:
        self._sock.sendall(request)

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

    def told(self) -> Told:
        headers, body = httpx.Headers(self.headers), b"".join(self._pieces)
        if "content-encoding" in headers:
            body = httpx.Response(self.status, headers=headers, content=body).content
        return Told(self.status, headers, body)

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
