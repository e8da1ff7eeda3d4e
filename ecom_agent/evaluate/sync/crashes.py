"""Ends a syncing process where it hurts: before and after a call, between statements, around a commit, by SIGKILL."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from platforms._shared.wire import Ask, Wire

_BY_THE_WIRE: Final = ("host", "content-length", "content-encoding", "transfer-encoding")
DROPPED: Final = 0.002
"""Share of answers that the network loses on their way to us; the market's own faults come on top."""


class Crash(BaseException):
    """The process is gone from here on: nothing that an error would clean up may count on being asked."""


class Cutter:
    """Counts the moments at which a process could end, and ends it at the one it is armed for."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"{seed}/crashes")
        self.moments = 0
        self.where: Counter[str] = Counter()
        self._left: int | None = None

    def arm(self, moments: int) -> None:
        """End the process at the `moments`-th moment from now."""
        self._left = moments

    def disarm(self) -> None:
        self._left = None

    def moment(self, where: str) -> None:
        """Raises Crash when it is the one."""
        self.moments += 1
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            self.where[where] += 1
            raise Crash(where)


class CutWire(httpx.BaseTransport):
    """The connectors' own wire with a cutter on both sides of each call. Now and then an answer is lost on its way."""

    def __init__(self, inner: Wire, cutter: Cutter) -> None:
        self._inner, self._cutter = inner, cutter

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fields = {name: value for name, value in request.headers.items() if name not in _BY_THE_WIRE}
        self._cutter.moment("before a call")
        told = self._inner.exchange(Ask(request.method, str(request.url), fields, request.read()))
        self._cutter.moment("after a call")
        if self._cutter.dice.random() < DROPPED:
            raise httpx.ReadError("the connection was reset", request=request)
        about = [(name, value) for name, value in told.headers.multi_items() if name not in _BY_THE_WIRE]
        return httpx.Response(told.status, headers=about, content=told.body)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def cutting_database(cutter: Cutter) -> Iterator[None]:
    """While this lasts, statements and commits of all databases of this process are moments of the cutter."""

    def statement(*_given: Any) -> None:
        cutter.moment("before a statement")

    def committing(_session: Session) -> None:
        cutter.moment("before a commit")

    def committed(_session: Session) -> None:
        cutter.moment("after a commit")

    listeners = (
        (Engine, "before_cursor_execute", statement),
        (Session, "before_commit", committing),
        (Session, "after_commit", committed),
    )
    for target, name, told in listeners:
        event.listen(target, name, told)
    try:
        yield
    finally:
        for target, name, told in listeners:
            event.remove(target, name, told)


def killed(work: Callable[[], object], after_s: float) -> bool:
    """Do `work` in a copy of this process and kill -9 that after so many seconds; False where it was done before."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)  # nothing of ours may be closed or flushed by a copy
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
