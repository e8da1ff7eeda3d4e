"""Fewer journeys to the database and shorter plans, where a change waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import PipelineStatus
from sqlmodel import Session

from ecom_agent.store.bulk import driver

# What the guards ask joins ten tables: planning it takes six times as long as answering it, so each connection plans it
# once. That plan outlives small tables: it may count on nothing but indexes, and nothing is compiled for it.
_PLAN_ONCE: Final = b"""SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"""


@contextmanager
def together(session: Session) -> Iterator[psycopg.Connection[Any]]:
    """Statements of the block leave together and are answered at its end: of the outer one, where it is within one."""
    connection = driver(session)
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        yield connection
        return
    with connection.pipeline():
        yield connection


def plan_once(session: Session) -> None:
    """From here to the end of the unit of work a statement is planned once for each connection."""
    if not session.info.get("plans_once"):
        session.info["plans_once"] = True
        driver(session).execute(_PLAN_ONCE)
