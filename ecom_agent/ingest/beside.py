"""Accounts beside one another, what one account has to do in line: nobody's wait or failure holds up another's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ALL_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId
from ecom_agent.records.views import PullReport
from ecom_agent.store.pulls import PullRun

MOST: Final = 16
"""Accounts at once; those beyond wait for one of them to be through. Each mostly waits for its platform."""
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
    """Whether a stream that is pulled `every` so often is to be pulled again; `last` is its newest run."""
    if last is None:
        return True
    pause = min(every, AGAIN) if last.error is not None else every
    return now - last.started_at >= pause - SLACK


def pull_beside(
    due: Callable[[], Mapping[AccountId, Sequence[str]]],
    pull: Callable[[AccountId, str], PullReport],
    told: Callable[[Pulled], Any],
    *,
    most: int = MOST,
    look_every_s: float = LOOK_EVERY_S,
) -> None:
    """Pull what is due of each account, until nobody is busy and nothing is due any more.

    While one account is at it for long, the others go on with what becomes due for them. `told` hears of each stream
    in the thread that called. Raises what `due` raises, when those at work are through.
    """
    busy: dict[Future[list[Pulled]], AccountId] = {}
    with ThreadPoolExecutor(most, thread_name_prefix="pull") as pool:
        while True:
            for account, streams in due().items():
                if streams and account not in busy.values():
                    busy[pool.submit(_in_line, account, tuple(streams), pull)] = account
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
