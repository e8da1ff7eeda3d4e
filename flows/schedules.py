"""THE table: what runs how often. Streams and their minutes are policy, automations declare their own.

The table is read when serving starts and once a minute after that: a changed interval is followed without a restart
(see serve.py), a stream's by the next `sync`; a new account or automation comes with the restart that its settings need
anyway.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Interval

from flows.actions import act
from flows.automations import as_flow
from flows.ingest import backfill, look_back, pull, sync
from flows.learn import lab_look, lab_week
from flows.tidy import tidy
from flows.watch import watch

if TYPE_CHECKING:
    from ecom_agent.wiring import App

# One of each at a time. A run that finds the former one still busy is dropped: the next comes soon enough,
# and after a machine slept there is no pile of late runs to work off.
ONE_AT_A_TIME: Final = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
# A fixed beginning: a restart keeps the slots, and so finds the Actions that the same slot already made.
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
OFF_MIN: Final = 60  # the interval of a stream that is switched off; it is not used


When = tuple[timedelta, timedelta, bool]


@dataclass(frozen=True)
class Schedule:
    """One row. `name` is unique among rows of the same flow."""

    flow: Flow[..., Any]
    name: str
    every: timedelta
    tags: tuple[str, ...]
    parameters: dict[str, str] = field(default_factory=dict)
    at: timedelta = timedelta()
    """How long after midnight UTC its first run of a day is."""
    active: bool = True

    @property
    def when(self) -> When:
        return self.every, self.at, self.active

    def deployment(self) -> RunnerDeployment:
        """The row as Prefect wants it. Rows of one interval start spread over it, not all in the same second."""
        seconds = int(self.every.total_seconds())
        offset = timedelta(seconds=zlib.crc32(f"{self.flow.name}/{self.name}".encode()) % min(seconds, 60))
        made = self.flow.to_deployment(
            self.name,
            schedule=Interval(self.every, anchor_date=BEGINNING + self.at + offset, slug="every"),
            paused=not self.active,
            parameters=self.parameters,
            tags=list(self.tags),
            concurrency_limit=ONE_AT_A_TIME,
        )
        return cast("RunnerDeployment", made)  # a coroutine only when called from one


def table(app: App) -> tuple[Schedule, ...]:
    """All rows, as policy and settings say now.

    Streams are pulled by `sync`, which asks the policy each time. A pull of one stream is a row without a schedule:
    it is there to be run by hand.
    """
    night, look_backs = app.look_backs()
    return (
        Schedule(act, "every-minute", timedelta(minutes=1), ("actions",)),
        Schedule(watch, "invariants", timedelta(minutes=5), ("watch",)),
        Schedule(sync, "accounts", timedelta(minutes=1), ("sync",)),
        Schedule(tidy, "daily", timedelta(days=1), ("tidy",)),
        Schedule(lab_look, "daily", timedelta(days=1), ("lab",)),
        Schedule(lab_week, "weekly", timedelta(days=7), ("lab",)),
        *(
            Schedule(pull, f"{account}-{stream}", timedelta(minutes=minutes or OFF_MIN), ("pull", account, stream),
                     {"account": account, "stream": stream}, active=False)
            for account, stream, minutes in app.intervals()
        ),
        Schedule(backfill, "waiting", timedelta(minutes=1), ("backfill",)),
        *(
            Schedule(look_back, f"nightly-{account}-{stream}", timedelta(days=1), ("look-back", account, stream),
                     {"account": account, "stream": stream}, timedelta(hours=night))
            for account, stream, _days in look_backs
        ),
        *(
            Schedule(as_flow(automation), f"{account}-{marketplace}", timedelta(minutes=automation.every_minutes),
                     ("propose", account),
                     {"automation": automation.name, "account": account, "marketplace": marketplace})
            for automation in app.automations()
            for account, _, marketplaces in app.accounts()
            for marketplace in marketplaces
        ),
    )  # fmt: skip
