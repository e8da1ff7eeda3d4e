"""The sync that is written first: what changed since the last run, appended; the time noted when the run is over."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecom_agent.errors import EcomError
from ecom_agent.evaluate.sync.compare import Verdict
from ecom_agent.evaluate.sync.life import Life
from ecom_agent.evaluate.sync.truth import Books, KnownOrder
from ecom_agent.records.orders import Order
from platforms._shared import paging
from platforms.simulated.accounts import SimulatedAccount


@dataclass
class Naive:
    """Orders of one account: no key, no overlap, no lag; a run that breaks off leaves the time where it was.

    It asks through the same connectors, so it pages, waits and tries again as well as they do.
    """

    account: SimulatedAccount
    since: datetime
    dice: random.Random
    rows: list[tuple[str, datetime, KnownOrder]] = field(default_factory=list, init=False)

    def run(self, life: Life, crash: float) -> None:
        """`crash`: the chance that it ends in the middle of this run."""
        now = life.place.clock.now()
        ends_at = self.dice.randint(0, 3) if self.dice.random() < crash else None
        try:
            cursor = paging.encode(after=self.since)
            for number, page in enumerate(life.connector(self.account).pull_orders(cursor)):
                new = [order for order in page.records if order.updated_at > self.since]
                self.rows += [(order.order_id, order.updated_at, _known(order)) for order in new]
                if number == ends_at:
                    return
        except EcomError:
            return
        if ends_at is None:
            self.since = now

    def judge(self, books: Books) -> tuple[int, int]:
        """(orders that are missing or stand in an old state, rows that stand there more than once)."""
        newest: dict[str, Any] = {}
        for order_id, at, known in self.rows:
            if order_id not in newest or at >= newest[order_id][0]:
                newest[order_id] = at, known
        verdict = Verdict()
        verdict.rows("orders", self.account.name, books.orders, {key: known for key, (_, known) in newest.items()})
        times = Counter(self.rows)
        return verdict.lost["orders"], sum(count - 1 for count in times.values())


def _known(order: Order) -> KnownOrder:
    units: Counter[str] = Counter()
    for line in order.lines:
        units[str(line.sku)] += line.quantity
    return KnownOrder(order.status, None if order.total is None else order.total.minor, tuple(sorted(units.items())))
