"""The lean wire against a real server on a socket: what it reads, keeps, and says when something breaks."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms._shared.wire import Ask, KeepAlive, Told, whither


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[str, list[bytes], list[int]]]:
    """Answers each request with the next of `answers`; an empty one closes. Gives URL, requests and connections."""
    listening = socket.create_server(("127.0.0.1", 0))
    requests: list[bytes] = []
    connections: list[int] = []
    left = list(answers)

    def serve() -> None:
        while left:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            connections.append(1)
            with peer:
                while left and (request := _read(peer)):
                    requests.append(request)
                    answer = left.pop(0)
                    if not answer:
                        break
                    peer.sendall(answer)
                    if b"connection: close" in answer.lower():
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/a%2Fb?x=1", requests, connections
    finally:
        listening.close()
        thread.join(5)


def _read(peer: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        got = peer.recv(65536)
        if not got:
            return b""
        data += got
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


def ok(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(wire: KeepAlive, url: str, method: str = "PATCH") -> Told:
    return wire.exchange(Ask(method, url, {"X-Thing": "1"}, b"{}"))


def test_one_connection_serves_many_requests_and_the_path_stays_as_it_was() -> None:
    with server(ok(b"one"), ok(b"two", "X-Rate: 5")) as (url, requests, connections):
        wire = KeepAlive(5)
        assert ask(wire, url).body == b"one"
        second = ask(wire, url)
        assert (second.body, second.headers["x-rate"], len(connections)) == (b"two", "5", 1)
        assert requests[0].startswith(b"PATCH /a%2Fb?x=1 HTTP/1.1\r\n")
        assert b"x-thing: 1" in requests[0].lower()
        wire.close()


def test_a_body_in_pieces_or_packed_is_read_whole() -> None:
    pieces = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
    packed = ok(gzip.compress(b"much"), "Content-Encoding: gzip")
    with server(pieces, packed, ok(b"", status="204 No Content")) as (url, _, connections):
        wire = KeepAlive(5)
        assert [ask(wire, url).body for _ in range(3)] == [b"abcde", b"much", b""]
        assert len(connections) == 1
        wire.close()


def test_a_connection_that_its_server_closes_is_not_used_again() -> None:
    with server(ok(b"one", "Connection: close"), ok(b"two")) as (url, _, connections):
        wire = KeepAlive(5)
        assert [ask(wire, url).body for _ in range(2)] == [b"one", b"two"]
        assert len(connections) == 2
        wire.close()


def test_a_connection_of_http_1_0_ends_with_its_answer_unless_it_says_otherwise() -> None:
    old = ok(b"one").replace(b"HTTP/1.1", b"HTTP/1.0")
    kept = ok(b"two", "Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0")
    for answer, stays in ((old, False), (kept, True)):
        with server(answer, ok(b"next")) as (url, _, connections):
            wire = KeepAlive(5)
            if stays:
                assert [ask(wire, url).body for _ in range(2)] == [b"two", b"next"]
                assert len(connections) == 1
            else:
                assert ask(wire, url).body == b"one"
                assert not any(wire._idle.values())
            wire.close()


def test_more_than_one_answer_to_one_request_is_no_answer() -> None:
    with server(ok(b"one") + ok(b"two")) as (url, _, _connections), pytest.raises(httpx.RemoteProtocolError):
        ask(KeepAlive(5), url)


def test_an_answer_after_a_hint_is_the_answer() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    with server(hint + ok(b"one", "X: 1")) as (url, _, _connections):
        wire = KeepAlive(5)
        answer = ask(wire, url)
        assert (answer.status, answer.body, "link" in answer.headers) == (200, b"one", False)
        wire.close()


def test_a_write_that_gets_no_answer_is_sent_once_and_its_loss_told() -> None:
    with server(b"", ok(b"never")) as (url, requests, _):
        wire = KeepAlive(5)
        with pytest.raises(httpx.ReadError):
            ask(wire, url)
        assert len(requests) == 1
        ask(wire, url)
        wire.close()


def test_silence_is_a_timeout_and_a_closed_port_is_no_connection() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    wire = KeepAlive(0.05)
    with pytest.raises(httpx.ReadTimeout):
        ask(wire, f"http://127.0.0.1:{listening.getsockname()[1]}/")
    port = listening.getsockname()[1]
    listening.close()
    with pytest.raises(httpx.ConnectError):
        ask(wire, f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "broken", [b"SMTP ready\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"]
)
def test_what_is_no_http_is_an_error_of_the_wire(broken: bytes) -> None:
    with server(broken + b"\r\nConnection: close") as (url, _, _connections), pytest.raises(httpx.TransportError):
        ask(KeepAlive(1), url)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=5000), st.sampled_from([200, 400, 429, 500]))
def test_any_body_comes_through_as_it_was_sent(body: bytes, status: int) -> None:
    with server(ok(body, status=f"{status} X")) as (url, _, _connections):
        wire = KeepAlive(5)
        answer = ask(wire, url)
        assert (answer.status, answer.body) == (status, body)
        wire.close()


_URLS = st.text(st.sampled_from("aZ09-._~:@,+=&?#%/ '\"<>[]{}|\\^`!$()*;éß2F"), max_size=24)


@settings(max_examples=300)
@given(st.sampled_from(["http", "https"]), st.sampled_from(["", ":8080", ":443", ":80"]), _URLS)
def test_a_url_leads_where_httpx_would_go(scheme: str, port: str, rest: str) -> None:
    url = f"{scheme}://shop.example{port}/{rest}"
    there = httpx.Request("GET", url)
    place, host, target = whither(url)
    assert place == (scheme, "shop.example", there.url.port or {"http": 80, "https": 443}[scheme])
    assert (host, target) == (there.headers["host"], there.url.raw_path)


@pytest.mark.parametrize("url", ["shop.example/a", "ftp://shop.example/a", "http:///a", "/a"])
def test_a_url_that_leads_nowhere_is_told_before_anything_is_sent(url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        ask(KeepAlive(1), url)


def test_a_field_cannot_begin_another_line() -> None:
    with pytest.raises(httpx.LocalProtocolError):
        KeepAlive(1).exchange(Ask("GET", "http://127.0.0.1:1/", {"X-Thing": "1\r\nX-Other: 2"}, b""))


@pytest.mark.parametrize(("method", "length"), [("GET", False), ("DELETE", False), ("POST", True), ("PATCH", True)])
def test_a_request_without_a_body_says_so_where_one_is_expected(method: str, length: bool) -> None:
    with server(ok(b"")) as (url, requests, _):
        KeepAlive(5).exchange(Ask(method, url, {}, b""))
    assert (b"Content-Length: 0" in requests[0]) is length
