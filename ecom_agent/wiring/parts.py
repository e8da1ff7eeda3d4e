"""Everything concrete that App's verbs work with, made once per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecom_agent.actions.bulk import BulkExecutor
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.automation import Automation
from ecom_agent.clock import Clock
from ecom_agent.errors import NotFound
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.policies import PolicyStore
from ecom_agent.wiring.accounts import Accounts, Pauses
from ecom_agent.wiring.chats import Chats
from platforms._shared.throttle import Quota


@dataclass(frozen=True)
class Parts:
    """One process's concrete things. `mode` is fixed for its life."""

    mode: Mode
    clock: Clock
    person: str
    data_dir: Path
    shared: Path | None
    database: Database
    accounts: Accounts
    chats: Chats
    pauses: Pauses
    quota: Quota
    ledger: PgLedger
    pipeline: Pipeline
    executor: Executor
    verifier: Verifier
    automations: Sequence[Automation]
    vault: Callable[[], Vault]
    """Opened at first use, for that may make the data key. Raises ConfigError."""
    bulk: BulkExecutor | None = None
    """Sends very many prices at once, beside `executor`; None in a dry run."""

    def policy(self, unit: Unit, name: str, shipped: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """The seller's policy of this name over the shipped one; version 0 = nobody changed it."""
        try:
            version, body = PolicyStore(unit.session).current(name)
        except NotFound:
            return 0, shipped
        return version, {**shipped, **body}

    def automation_policy(self, unit: Unit, automation: Automation) -> tuple[int, Mapping[str, Any]]:
        """The same for one automation, which is also told who we are on each account."""
        version, body = self.policy(unit, automation.name, automation.policy)
        opened = self.accounts.opened.items()
        ours = {
            name: account.connector.seller_id for name, account in opened if hasattr(account.connector, "seller_id")
        }
        return version, {**body, "seller_ids": {**ours, **body.get("seller_ids", {})}}
