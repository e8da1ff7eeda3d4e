"""Let an automation propose for one marketplace. When and how often is here; what and why is in its room."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import Flow, flow, task
from prefect.runtime import flow_run

from ecom_agent.automation import Automation
from flows._base import DELAYS_S, app, waiting_helps


@task(retries=len(DELAYS_S), retry_delay_seconds=DELAYS_S, retry_condition_fn=waiting_helps)
def propose_for(automation: str, account: str, marketplace: str, slot: datetime) -> dict[str, int]:
    return app().propose(automation, account, marketplace, slot)


@flow(name="propose", flow_run_name="{automation} {account} {marketplace}", timeout_seconds=900)
def propose(automation: str, account: str, marketplace: str) -> dict[str, int]:
    """Propose, once, as of the scheduled moment: a run that starts late decides as if it had not."""
    slot: datetime = flow_run.scheduled_start_time
    return propose_for(automation, account, marketplace, slot.astimezone(UTC))


def as_flow(automation: Automation) -> Flow[..., dict[str, int]]:
    """The same flow under the automation's own name, so that each is seen by itself."""
    return propose.with_options(name=automation.name, description=automation.title)
