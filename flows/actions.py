"""Move Actions along: look at the breakers, find claims of killed processes, let old ones expire, send, read back.

No task here is retried: the executor claims each Action once, and what came to nothing is found by the next run.
"""

from __future__ import annotations

from prefect import flow, task

from flows._base import app


@task
def trip() -> dict[str, int]:
    return app().trip()


@task
def recover() -> dict[str, int]:
    return app().recover()


@task
def expire() -> dict[str, int]:
    return app().expire()


@task
def execute() -> dict[str, int]:
    return app().execute()


@task
def verify() -> dict[str, int]:
    return app().verify()


@task
def inbox() -> dict[str, int]:
    return app().process_inbox()


@flow(name="actions", timeout_seconds=600)
def act() -> dict[str, dict[str, int]]:
    """One round. A step that fails does not keep the others from their turn; the run is then marked failed."""
    steps = (trip, recover, expire, execute, verify, inbox)
    states = {step.name: step(return_state=True) for step in steps}
    return {name: state.result() for name, state in states.items()}
