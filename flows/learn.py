"""What is learnt on a schedule: the strategy lab's week, and a daily look at its canaries. Nothing here is sent."""

from __future__ import annotations

from prefect import flow

from flows._base import app


@flow(name="lab-week", timeout_seconds=7_200)
def lab_week() -> dict[str, int]:
    """Tournaments, culling, breeding. What they show becomes Actions by the automation `pricing.lab`."""
    return dict(app().lab_week())


@flow(name="lab-look", timeout_seconds=900)
def lab_look() -> dict[str, int]:
    """Measure canaries on our own listings, and likely ones on our recorded days."""
    return dict(app().lab_look())
