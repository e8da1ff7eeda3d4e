"""Several processes, one bucket in the database: together they get what one would, each lane its share."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ecom_agent.records.sync import Lane

pytestmark = pytest.mark.services
BURST = 40
# No time passes, so the bucket never refills: what is given out is all there ever was, however slow this machine is.
TAKES = """
import sys
from datetime import UTC, datetime
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Rate
from ecom_agent.errors import OutOfQuota
from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Lane
from ecom_agent.store.db import Database
from ecom_agent.store.quotas import QuotaStore
from platforms._shared.throttle import Bucket, Quota

now = datetime(2026, 11, 2, tzinfo=UTC)
quota, got = Quota(FrozenClock(now), QuotaStore(Database(sys.argv[1]), Bucket)), 0
quota.seed(AccountId("shop"), "shop", {"graphql": Rate(1.0, float(sys.argv[3]))})
try:
    with quota.lane(Lane(int(sys.argv[2])), until=now):
        while True:
            quota.acquire(AccountId("shop"), "graphql")
            got += 1
except OutOfQuota:
    print(got)
"""


def taken(url: str, lane: Lane, processes: int = 3) -> int:
    argv = [sys.executable, "-c", TAKES, url, str(int(lane)), str(BURST)]
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return sum(int(process.communicate(timeout=120)[0]) for process in running)


def test_all_processes_together_take_what_the_lane_may(postgres_url: str) -> None:
    assert taken(postgres_url, Lane.BACKFILL) == BURST // 2
    assert taken(postgres_url, Lane.REPORTS, 1) == BURST // 5
    assert taken(postgres_url, Lane.PRICES, 2) == BURST - BURST // 2 - BURST // 5
