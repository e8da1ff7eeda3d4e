"""Ask whether what must always hold still holds."""

from __future__ import annotations

from prefect import flow

from flows._base import app


@flow(name="watch", timeout_seconds=300)
def watch() -> dict[str, int]:
    """One look at all invariants; a broken one is recorded and halts by App's own rules."""
    return app().watch()
