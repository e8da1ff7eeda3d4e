"""Running for real: all processes under one supervisor, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from ecom_agent.errors import ConfigError
from ecom_agent.runtime.supervisor import Service, Supervisor, Watched


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process. Raises ConfigError where another supervisor has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "supervisor.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(
                f"another ecom is running on {data_dir}: stop it (Ctrl-C there), or set ECOM_DATA_DIR to another folder"
            ) from None
        yield


def run(
    services: Sequence[Service],
    report: Callable[[Watched], None],
    say: Callable[[str], None],
    banner: Mapping[str, str],
) -> int:
    """Start, print where everything is, keep it alive, stop on SIGINT or SIGTERM. Gives the exit code."""
    keeper = Supervisor(services, report)
    with _signals(keeper.stop_soon):
        try:
            keeper.start(say)
            for name, where in banner.items():
                say(f"  {name:<12} {where}")
            say("ready. Ctrl-C stops everything; the data stays.")
            keeper.watch()
        finally:
            keeper.stop(say)
    say("stopped")
    return 0


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM ask for a clean stop; a third one within it ends at once."""
    asked = 0

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        stop()
        if asked > 2:
            os._exit(130)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
