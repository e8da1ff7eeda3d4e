"""Serve all schedules until stopped: `python -m flows.serve`. PREFECT_* is set by whoever starts it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from prefect import serve

from ecom_agent.errors import EcomError
from ecom_agent.telemetry import log, set_up
from flows._base import app
from flows.schedules import Schedule, When, table

AT_ONCE: Final = 3  # a run is a process of its own: more than this only slows one another down
LOOK_EVERY_S: Final = 60
_log = log("schedules")


def follow(served: Sequence[Schedule], read: Callable[[], Sequence[Schedule]], stopped: threading.Event) -> None:
    """Carry changed intervals over to Prefect while serving. Rows that are not served wait for a restart."""
    now = {(row.flow.name, row.name): row.when for row in served}
    while not stopped.wait(LOOK_EVERY_S):
        try:
            wanted = read()
        except EcomError as e:
            _log.warning("schedules could not be read; they stay as they are", error=str(e))
            continue
        for row in changed(now, wanted):
            row.deployment().apply()
            now[row.flow.name, row.name] = row.when
            every_s = int(row.every.total_seconds()) if row.active else 0
            _log.info("schedule changed", flow=row.flow.name, name=row.name, every_s=every_s)


def changed(now: Mapping[tuple[str, str], When], wanted: Sequence[Schedule]) -> list[Schedule]:
    """Served rows that are due at other times than before, or not at all any more, or again."""
    return [row for row in wanted if now.get((row.flow.name, row.name), row.when) != row.when]


def main() -> None:
    set_up()
    rows, stopped = table(app()), threading.Event()
    threading.Thread(target=follow, args=(rows, lambda: table(app()), stopped), daemon=True).start()
    try:
        # Schedules stay active when we stop: a restart goes on with them.
        serve(*(row.deployment() for row in rows), pause_on_shutdown=False, print_starting_message=False, limit=AT_ONCE)
    finally:
        stopped.set()


if __name__ == "__main__":
    main()
