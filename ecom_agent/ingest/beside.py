"""Accounts beside one another, and of each its orders, its stock and its reports: a line holds up no other.

Within a line streams come one after another. Reports may wait for minutes, for their platform or for its tokens; what
sells does not wait with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ALL_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Lane
from ecom_agent.records.views import PullReport
from ecom_agent.store.pulls import PullRun

Line = tuple[AccountId, Lane]
MOST: Final = 32
"""Lines at once; those beyond wait for one of them to be through. Each mostly waits for its platform."""
LOOK_EVERY_S: Final = 15.0
"""While somebody is busy, so often is looked for what became due for others."""
AGAIN: Final = timedelta(minutes=5)
"""What failed is not left until its next turn where that is further off."""
SLACK: Final = timedelta(seconds=30)
"""So much before its time a stream is due: who looks once a minute would else be a minute late each time."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became of one stream of an account: its report or why there is none."""

    account: AccountId
    stream: str
    report: PullReport | None = None
    error: Exception | None = None


def is_due(every: timedelta, last: PullRun | None, now: datetime) -> bool:
    """Whether a stream that is pulled `every` so often is to be pulled again; `last` is its newest run.

    A run without an end failed too: its process is gone. Where it is only slow, its line is busy still.
    """
    if last is None:
        return True
    well = last.error is None and last.finished_at is not None
    pause = every if well else min(every, AGAIN)
    return now - last.started_at >= pause - SLACK


def pull_beside(
    due: Callable[[], Mapping[Line, Sequence[str]]],
    pull: Callable[[AccountId, str], PullReport],
    told: Callable[[Pulled], Any],
    *,
    most: int = MOST,
    look_every_s: float = LOOK_EVERY_S,
) -> None:
    """Pull what is due in each line, until nobody is busy and nothing is due any more; what is urgent begins first.

    While one line is at it for long, the others go on with what becomes due for them. `told` hears of each stream
    in the thread that called. Raises what `due` raises, when those at work are through.
    """
    busy: dict[Future[list[Pulled]], Line] = {}
    with ThreadPoolExecutor(most, thread_name_prefix="pull") as pool:
        while True:
            for line, streams in sorted(due().items(), key=lambda entry: entry[0][1]):
                if streams and line not in busy.values():
                    busy[pool.submit(_in_line, line[0], tuple(streams), pull)] = line
            if not busy:
                return
            finished, _ = wait(busy, look_every_s, ALL_COMPLETED)
            for future in finished:
                del busy[future]
                for one in future.result():
                    told(one)


def _in_line(account: AccountId, streams: Sequence[str], pull: Callable[[AccountId, str], PullReport]) -> list[Pulled]:
    """A stream that fails holds up no other, but for refused credentials: they would be for each."""
    found: list[Pulled] = []
    for stream in streams:
        try:
            found.append(Pulled(account, stream, pull(account, stream)))
        except AuthFailed as error:
            found.append(Pulled(account, stream, error=error))
            break
        except Exception as error:  # noqa: BLE001 - told with its stream, whatever it is
            found.append(Pulled(account, stream, error=error))
    return found
