"""App's verbs around Actions: propose, send, read back, approve, undo, audit."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

import psutil

from ecom_agent import invariants
from ecom_agent.actions.record import ActionRecord
from ecom_agent.automation import Automation, Run
from ecom_agent.connector import Capability
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId
from ecom_agent.records.views import ActionView, AuditEventView, AuditReport
from ecom_agent.runtime.lane import EventLane
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.actions import view as shown
from ecom_agent.store.audit import AuditStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.tally import count_under_way, tally
from ecom_agent.wiring.parts import Parts


class Deciding:
    parts: Parts
    lanes: Mapping[AccountId, EventLane]

    def automations(self) -> Sequence[Automation]:
        return self.parts.automations

    def propose(self, automation: str, account: str, marketplace: str, slot: datetime) -> dict[str, int]:
        """Let one automation wish, once; `slot` is the run's now. Gives counts by the state its wishes reached."""
        found = next((a for a in self.parts.automations if a.name == automation), None)
        if found is None:
            raise NotFound(f"no automation {automation!r}; there are: {', '.join(a.name for a in self.automations())}")
        opened = self.parts.accounts.get(account)
        with self.parts.database.unit() as unit:
            version, policy = self.parts.automation_policy(unit, found)
            run = Run(
                opened.name,
                MarketplaceId(marketplace),
                slot,
                self.parts.mode,
                FactStore(unit.session),
                policy,
                version,
                shows_offers=opened.can(Capability.READ_OFFERS),
            )
            wishes = list(found.propose(run))
        if any(wish.kind not in found.kinds for wish in wishes):
            raise BadInput(
                f"Actions of {found.name}'s kinds", "others", "this is a bug: the automation wished too much"
            )
        states = Counter(self.parts.pipeline.propose(wish).state for wish in wishes)
        return {"proposed": len(wishes), **{str(state): count for state, count in states.items()}}

    def propose_all(self, slot: datetime) -> dict[str, int]:
        """Every automation at every marketplace: what the schedules do, in one call."""
        counts: Counter[str] = Counter()
        for automation in self.parts.automations:
            for account in self.parts.accounts.opened.values():
                for marketplace in account.marketplaces:
                    counts.update(self.propose(automation.name, account.name, marketplace, slot))
        return dict(counts)

    def execute(self, limit: int = 100, *, without: Container[str] = ()) -> dict[str, int]:
        """Let go what waited for a limit that is free again, then send; `without` these accounts."""
        self.parts.pipeline.judge_again()
        accounts = [name for name in self.parts.accounts.opened if name not in without]
        return self.parts.executor.run_once(limit, accounts if without else None)

    @property
    def bulk_accounts(self) -> Sequence[AccountId]:
        """Accounts whose platform takes very many prices in one call."""
        return () if self.parts.bulk is None else self.parts.bulk.accounts

    def execute_bulk(self, account: str) -> dict[str, int]:
        """Send the prices worth least in one call, where so many wait that one by one would take longer. Takes minutes.

        Gives how many reached which state; nothing where too few wait.
        """
        if self.parts.bulk is None:
            return {}
        with self.parts.database.unit() as unit:
            _version, sending = self.parts.policy(unit, "sending", {})
        name, run = AccountId(account), self.parts.bulk.run_bulk
        lane = self.lanes.get(name)
        # the engine is told: what was sent so long ago it does not look for by itself
        return run(name, sending) if lane is None else run(name, sending, lane.engine_room.sent)

    def verify(self) -> dict[str, int]:
        return self.parts.verifier.run_once()

    def recover(self) -> dict[str, int]:
        """Actions that a killed process left in hand become of unknown outcome, to be read back."""
        return {"unknown": self.parts.executor.recover(process_lives)}

    def expire(self) -> dict[str, int]:
        return {"expired": self.parts.pipeline.expire()}

    def watch(self) -> dict[str, int]:
        """Ask all invariants; gives how many of each are broken, and their sum as `violations`."""
        return invariants.check(self.parts.database, self.parts.clock.now())

    def actions(self, *, state: str | None = None, sku: str | None = None, limit: int = 200) -> Sequence[ActionView]:
        with self.parts.database.unit() as unit:
            return ActionStore(unit.session).views(state=state, sku=sku, limit=limit)

    def pending(self) -> Sequence[ActionView]:
        return self.actions(state="held")

    def under_way(self) -> int:
        """How many Actions are to be sent or read back."""
        with self.parts.database.unit() as unit:
            return count_under_way(unit.session, self.parts.mode)

    def tally(self) -> dict[str, Any]:
        """What the run amounted to so far; decisions are those of this process."""
        with self.parts.database.unit() as unit:
            counted = tally(unit.session, list(self.parts.accounts.opened))
        decisions = sum(lane.decided for lane in self.lanes.values())
        return {**counted, "decisions": decisions}

    def approve(self, key: str, by: str, note: str = "") -> ActionView:
        """A person says yes; `note` is kept in the audit."""
        return self._view(self.parts.pipeline.approve(self._key(key), by, note))

    def deny(self, key: str, by: str, reason: str) -> ActionView:
        return self._view(self.parts.pipeline.deny(self._key(key), by, reason))

    def undo(self, key: str, by: str) -> ActionView:
        """Propose the inverse; it passes the same gate."""
        return self._view(self.parts.pipeline.undo(self._key(key), by))

    def explain(self, key: str) -> tuple[ActionView, Sequence[AuditEventView]]:
        """One Action and all that was written down about it, first to last. `key` may be a unique prefix."""
        with self.parts.database.unit() as unit:
            store = ActionStore(unit.session)
            full = store.find(key)
            record = store.get(full)
            if record is None:
                raise NotFound(f"no Action {key!r}")
            return shown(record), AuditStore(unit.session).of(full)

    def audit_events(self, *, limit: int = 200, before: int | None = None) -> Sequence[AuditEventView]:
        with self.parts.database.unit() as unit:
            return AuditStore(unit.session).newest(limit=limit, before=before)

    def audit_verify(self) -> AuditReport:
        with self.parts.database.unit() as unit:
            return AuditStore(unit.session).verify()

    def _key(self, prefix: str) -> ActionKey:
        with self.parts.database.unit() as unit:
            return ActionStore(unit.session).find(prefix)

    def _view(self, record: ActionRecord) -> ActionView:
        return shown(record)


def process_name() -> str:
    """This process's life, never used again: its pid and when it began."""
    me = psutil.Process(os.getpid())
    return f"{me.pid}@{me.create_time():.2f}"


def process_lives(name: str) -> bool:
    """Whether the process that `process_name` named is still running on this machine."""
    pid, _, began = name.partition("@")
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == began
    except (psutil.Error, ValueError):
        return False
