"""Our own desk: where an approved Action that concerns only ourselves is carried out and read back."""

from __future__ import annotations

from ecom_agent.clock import Clock
from ecom_agent.connector import Receipt
from ecom_agent.errors import Rejected
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.strategies import Stage, StrategyPlace
from ecom_agent.store.db import Database
from ecom_agent.store.lab import LabStore


class Desk:
    """Each call is a unit of work of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def set_stage(self, strategy: str, place: str, stage: int, *, idempotency_key: str) -> Receipt:
        """Raises Rejected for a strategy that is not in the pool, a place that is none, or a stage that is none."""
        account, slash, marketplace = place.partition("/")
        if not (account and slash and marketplace) or stage not in tuple(Stage):
            raise Rejected(
                "house", "set_stage", f"wanted <account>/<marketplace> and a stage; found {place!r}, {stage}"
            )
        with self._database.unit() as unit:
            lab = LabStore(unit.session)
            if lab.stage_of(strategy, place) is None:
                raise Rejected("house", "set_stage", f"no strategy {strategy!r} is in the pool; `ecom lab` lists them")
            now = self._clock.now()
            lab.put(StrategyPlace(AccountId(account), MarketplaceId(marketplace), strategy, Stage(stage), now))
        return Receipt(idempotency_key[:12])

    def live_stage(self, strategy: str, place: str) -> int | None:
        with self._database.unit() as unit:
            return LabStore(unit.session).stage_of(strategy, place)
