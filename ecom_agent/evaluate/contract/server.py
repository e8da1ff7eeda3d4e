"""A real HTTP server on the loopback that answers as Amazon's sandbox does: official answers to official requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from ecom_agent.evaluate.contract.official import SandboxCase

TOKEN_PATH: Final = "/auth/o2/token"


class OfficialServer:
    """Serves one case at a time; `complaints` are what arrived and was not its request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.served = 0
        self._case: SandboxCase | None = None
        self._beside: Sequence[SandboxCase] | None = None

    @property
    def token_url(self) -> str:
        return self.url + TOKEN_PATH

    def expect(self, case: SandboxCase, *, beside: Sequence[SandboxCase] | None = None) -> None:
        """Answer `case` from now on, to its very request.

        With `beside`: to any request of its operation, and as these other cases to requests of theirs; what
        fits none is "not found", as a thing that is not there yet.
        """
        self._case, self._beside = case, beside
        self.complaints.clear()
        self.served = 0

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if path == TOKEN_PATH:
            return 200, b'{"access_token": "Atza|official", "token_type": "bearer", "expires_in": 3600}'
        case, complaint = self._meant(method, path, query, body)
        if case is None:
            if complaint:
                self.complaints.append(complaint)
            return 404, orjson.dumps({"errors": [{"code": "NotFound", "message": complaint or "not there"}]})
        self.served += case is self._case
        return case.status, b"" if case.response is None else orjson.dumps(case.response)

    def _meant(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[SandboxCase | None, str]:
        """The case to answer as, or None and what is wrong with what arrived."""
        if self._case is None:
            return None, "nothing was expected"
        if self._beside is None:
            complaint = _differs(self._case, method, path, query, orjson.loads(body) if body else None)
            return (None, complaint) if complaint else (self._case, "")
        fitting = (c for c in (self._case, *self._beside) if c.method == method and c.pattern.fullmatch(path))
        return next(fitting, None), ""


def _differs(case: SandboxCase, method: str, path: str, query: dict[str, str], body: Any) -> str:
    """How what arrived differs from the case's request; "" = not at all."""
    for what, came, wanted in (
        ("method", method, case.method),
        ("path", path, case.path),
        ("query", query, dict(case.query)),
        ("body", body, case.body),
    ):
        if came != wanted:
            return f"{what} arrived as {came!r}, wanted {wanted!r}"[:500]
    return ""


@contextmanager
def running() -> Iterator[OfficialServer]:
    """The server on a free port of the loopback, stopped at the end of the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listening:
        official = OfficialServer(f"http://127.0.0.1:{listening.server_port}")
        listening.RequestHandlerClass = _handler(official)
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield official
        finally:
            listening.shutdown()
            thread.join()


def _handler(official: OfficialServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, sent = official.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is logged of a server that lives for one evaluation."""

    for method in ("GET", "PUT", "POST", "DELETE", "PATCH"):
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler
