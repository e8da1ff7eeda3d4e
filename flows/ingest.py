"""Bring facts in: one stream of one account, a look back over its last days, and the backfill that waits longest."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from prefect import flow, task

from ecom_agent.errors import OutOfQuota
from ecom_agent.records.views import PullReport
from flows._base import DELAYS_S, app, waiting_helps


@task(retries=len(DELAYS_S), retry_delay_seconds=DELAYS_S, retry_condition_fn=waiting_helps)
def pull_stream(account: str, stream: str) -> dict[str, Any]:
    """What cannot get its tokens in time is put off: the next turn goes on from the same cursor."""
    try:
        report = app().pull(account, stream)
    except OutOfQuota as error:
        return {"account": account, "stream": stream, "put_off": str(error)}
    stock_follows(report)
    return asdict(report)


def stock_follows(report: PullReport) -> None:
    """Orders take stock: what is left is given to the channels anew."""
    if report.stream == "orders" and report.written:
        app().reallocate(app().clock.now())


@task
def pull_due() -> dict[str, int]:
    """Not tried again: what failed is due again with the next run."""
    return app().pull_due(stock_follows)


@flow(name="sync")
def sync() -> dict[str, int]:
    """Bring up to date what is due, accounts beside one another in this one process.

    It ends when nothing is due and nobody is busy, so it may go on for long where somebody always is: the others'
    streams are taken by it meanwhile. Calls have time limits of their own.
    """
    return pull_due()


@flow(name="pull", flow_run_name="pull {account} {stream}", timeout_seconds=900)
def pull(account: str, stream: str) -> dict[str, Any]:
    """Bring one stream up to date now, from its cursor on: by hand, for on schedule `sync` does it."""
    return pull_stream(account, stream)


@task(retries=len(DELAYS_S), retry_delay_seconds=DELAYS_S, retry_condition_fn=waiting_helps)
def read_back(account: str, stream: str) -> dict[str, Any]:
    try:
        return asdict(app().look_back(account, stream))
    except OutOfQuota as error:
        return {"account": account, "stream": stream, "put_off": str(error)}


@flow(name="look-back", flow_run_name="look back {account} {stream}", timeout_seconds=900)
def look_back(account: str, stream: str) -> dict[str, Any]:
    """Read the last days of one stream again, whatever its cursor says."""
    return read_back(account, stream)


@task
def work_backfill() -> dict[str, Any]:
    return app().work_backfill()


@flow(name="backfill", timeout_seconds=1200)
def backfill(
    stream: str | None = None, account: str | None = None, start: datetime | None = None, end: datetime | None = None
) -> dict[str, Any]:
    """Go on with the backfill that waits longest; given a stream, an account and a span, that is asked for first."""
    if stream and account and start:
        app().ask_backfill(stream, account, start, end or app().clock.now(), "prefect")
    return work_backfill()
