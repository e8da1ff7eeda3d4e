"""A process that pulls is killed with -9 at random moments and started again: no order lost, none doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from store_kit import US

from ecom_agent.store.db import Database
from ecom_agent.store.line import driver
from ecom_agent.store.pulls import CursorStore

pytestmark = pytest.mark.services
PAGES, PER_PAGE, KILLS = 40, 25, 8

PULL = f"""
import sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from postgres_kit import VAULT
from store_kit import US, a_line, an_order
from ecom_agent.clock import SystemClock
from ecom_agent.connector import Page
from ecom_agent.ingest.pull import pull_pages
from ecom_agent.store.db import Database

def pages(cursor):
    for number in range(int(cursor or 0), {PAGES}):
        orders = [an_order(f"{{number}}-{{i}}", lines=(a_line("1"), a_line("2"))) for i in range({PER_PAGE})]
        print(number, flush=True)
        yield Page(tuple(orders), str(number + 1), True, "searchOrders", str(number).encode())

pull_pages("orders", US, pages, Database(sys.argv[1], vault=lambda: VAULT), SystemClock())
"""


def test_killed_at_random_moments_nothing_is_lost_or_doubled(postgres_url: str, database: Database) -> None:
    dice = random.Random(11)
    for _ in range(KILLS):
        child = started(postgres_url)
        assert child.stdout is not None
        for _ in range(dice.randint(1, PAGES // KILLS)):  # so far it comes, and a moment further
            child.stdout.readline()
        os.sched_yield()
        child.kill()
        child.wait()
        stands = counts(database)
        assert stands == consistent(database)
    last = started(postgres_url)
    last.communicate()
    assert last.returncode == 0
    assert counts(database) == (PAGES * PER_PAGE, PAGES * PER_PAGE * 2, PAGES)


def started(url: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", PULL, url], stdout=subprocess.PIPE, text=True, env=environment)


def counts(database: Database) -> tuple[int, ...]:
    with database.unit() as unit:
        found = driver(unit.session).execute(
            "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_line),"
            " (SELECT count(*) FROM raw_payload)"
        )
        row = found.fetchone()
    assert row is not None
    return tuple(row)


def consistent(database: Database) -> tuple[int, ...]:
    """What must stand by the cursor."""
    with database.unit() as unit:
        done = int(CursorStore(unit.session).get(US, "orders") or 0)
    return done * PER_PAGE, done * PER_PAGE * 2, done
