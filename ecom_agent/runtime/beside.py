"""A process that keeps what the lanes decided and acknowledges it, beside the one that decides and sends.

Keeping costs as much of Python's time as deciding, and no change waits for it: in one process it would take its turns
from those that are to leave. Here it has less right to the processor, too.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, Literal

from ecom_agent.errors import StoreError
from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.batch import Carried
from ecom_agent.runtime.traces import Keeper, Traces

Keepers = Mapping[AccountId, Keeper]
Verb = Literal["keep", "acknowledge"]
_NICER: Final = 5
_END_S: Final = 30.0


class Beside:
    """Safe between threads: one is served after the other. A process that died is started anew with the next turn."""

    def __init__(self, open_keepers: Callable[[], Keepers]) -> None:
        """`open_keepers` is called in the process, so it must be a function that can be named from there."""
        self._open = open_keepers
        self._lock = threading.Lock()
        self._running: tuple[BaseProcess, Connection] | None = None

    def start(self) -> None:
        """Have it come up; it is not waited for."""
        with self._lock:
            self._line()

    def keeper(self, account: AccountId) -> Keeper:
        return _Keeper(self, account)

    def ask(self, account: AccountId, verb: Verb, told: object) -> Any:
        """Have the account's keeper do it. Raises what it raised there; StoreError where the process is gone, and
        whether it was done is not known."""
        with self._lock:
            line = self._line()
            try:
                line.send((account, verb, told))
                answer = line.recv()
            except (EOFError, OSError):
                self._hang_up()
                raise StoreError("the process that keeps events is gone: it is started anew") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """What it has in hand is finished."""
        with self._lock:
            self._hang_up()

    def _line(self) -> Connection:
        if self._running is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._open), name="keeper", daemon=True)
            process.start()
            theirs.close()
            self._running = process, ours
        return self._running[1]

    def _hang_up(self) -> None:
        if self._running is not None:
            (process, line), self._running = self._running, None
            line.close()
            process.join(_END_S)
            process.kill()


@dataclass(frozen=True, slots=True)
class _Keeper:
    beside: Beside
    account: AccountId

    def keep(self, traces: Traces) -> Counter[str]:
        found: Counter[str] = self.beside.ask(self.account, "keep", traces)
        return found

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        self.beside.ask(self.account, "acknowledge", [Carried(receipt=e.receipt, tries=e.tries) for e in events])


def _serve(line: Connection, open_keepers: Callable[[], Keepers]) -> None:
    """Until the other end hangs up, or its process is gone."""
    for one in (signal.SIGINT, signal.SIGTERM):  # a terminal tells all its processes: ours is ended by hanging up
        signal.signal(one, signal.SIG_IGN)
    os.nice(_NICER)
    keepers = open_keepers()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            account, verb, told = line.recv()
            line.send(_done(keepers[account], verb, told))


def _done(keeper: Keeper, verb: Verb, told: Any) -> Any:
    try:
        return keeper.keep(told) if verb == "keep" else keeper.acknowledge(told)
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        return _fit_to_travel(error)


def _fit_to_travel(error: Exception) -> Exception:
    """As it is where it survives the way, else its name alone: one poison record may not end the process each time."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever it is made of
        return RuntimeError(f"{type(error).__name__} where events are kept")
    return error
