"""Once a day: what tells who buyers are goes when the policy `privacy` keeps it no longer."""

from __future__ import annotations

from prefect import flow

from flows._base import app


@flow(name="tidy", timeout_seconds=3_600)
def tidy() -> dict[str, int]:
    """Persons, answers and payloads that are too old; gives how many were erased."""
    return dict(app().retain())
