"""Look at the breakers, and ask whether what must always hold still holds."""

from __future__ import annotations

from prefect import flow

from flows._base import app


@flow(name="watch", timeout_seconds=300)
def watch() -> dict[str, int]:
    """One look at all breakers, which may trip, and at all invariants; a broken one is recorded."""
    return {**app().trip(), **app().watch()}
