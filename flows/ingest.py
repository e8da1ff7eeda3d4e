"""Pull one stream of one account."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from prefect import flow, task

from flows._base import DELAYS_S, app, waiting_helps


@task(retries=len(DELAYS_S), retry_delay_seconds=DELAYS_S, retry_condition_fn=waiting_helps)
def pull_stream(account: str, stream: str) -> dict[str, Any]:
    return asdict(app().pull(account, stream))


@flow(name="pull", flow_run_name="pull {account} {stream}", timeout_seconds=900)
def pull(account: str, stream: str) -> dict[str, Any]:
    """Bring one stream up to date, from its cursor on."""
    return pull_stream(account, stream)
