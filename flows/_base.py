"""What all flows share: the App, and what Prefect may try again: reading and proposing, when waiting helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecom_agent.errors import StoreError, TransientError

if TYPE_CHECKING:
    from ecom_agent.wiring import App

DELAYS_S: Final[list[float]] = [10, 60, 300]


def app() -> App:
    """The App of this process: each flow run is one."""
    from ecom_agent import wiring

    return wiring.app()


def waiting_helps(_task: Any, _run: Any, state: Any) -> bool:
    """Throttled, timed out, or the database away for a moment. Anything else fails at once and is seen."""
    return isinstance(state.result(raise_on_failure=False), TransientError | StoreError)
