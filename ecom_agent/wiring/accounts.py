"""Seller accounts out of the settings: each opened on its own, so that one that is set up wrong stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecom_agent.actions.model import HOUSE
from ecom_agent.actions.modes import Outlet
from ecom_agent.clock import Clock
from ecom_agent.connector import Capability, ConnectorSpec
from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.ingest.streams import STREAMS, every_minutes
from ecom_agent.settings import account_fields
from ecom_agent.store.db import Database
from ecom_agent.store.processes import PausedAccountStore
from platforms import registry
from platforms._shared.throttle import Quota


@dataclass(frozen=True, slots=True)
class Account:
    """One account that can be called."""

    name: AccountId
    spec: ConnectorSpec
    connector: Any
    marketplaces: tuple[MarketplaceId, ...]
    base_urls: tuple[str, ...]

    def can(self, capability: Capability) -> bool:
        return capability in self.spec.capabilities

    @property
    def streams(self) -> tuple[str, ...]:
        """Those that its platform offers."""
        return tuple(stream.name for stream in STREAMS.values() if self.can(stream.capability))

    @property
    def outlet(self) -> Outlet:
        return Outlet(self.connector, self.spec, self.base_urls)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Accounts whose credentials were refused: no write leaves for one until a pull succeeds again."""

    database: Database
    clock: Clock

    def pause(self, account: AccountId, why: str) -> None:
        with self.database.unit() as unit:
            PausedAccountStore(unit.session).pause(account, why, at=self.clock.now())

    def resume(self, account: AccountId) -> None:
        with self.database.unit() as unit:
            PausedAccountStore(unit.session).resume(account)


@dataclass(frozen=True, slots=True)
class Accounts:
    """`opened` by name; `broken` says of each other one what is wrong with its settings."""

    opened: Mapping[AccountId, Account]
    broken: Mapping[AccountId, str]

    def get(self, name: str) -> Account:
        """Raises ConfigError for one that is unknown or wrongly set up."""
        account = AccountId(name)
        if account in self.broken:
            raise ConfigError(self.broken[account])
        if account not in self.opened:
            raise ConfigError(f"no account {name!r}; ECOM_ACCOUNTS names: {', '.join(self.opened) or 'none'}")
        return self.opened[account]


def open_accounts(platforms: Mapping[str, str], values: Mapping[str, str], clock: Clock, quota: Quota) -> Accounts:
    """Open each account of `platforms` (name → platform) with its credentials out of `values`."""
    opened: dict[AccountId, Account] = {}
    broken: dict[AccountId, str] = {}
    for name, platform in platforms.items():
        account = AccountId(name)
        try:
            if account == HOUSE:
                raise ConfigError(f"no account can be called {HOUSE!r}: that is ourselves; choose another name")
            fields = account_fields(name, values)
            connector = registry.open(platform, account, fields, clock, quota)
            opened[account] = Account(
                account,
                registry.spec(platform),
                connector,
                tuple(connector.marketplaces),
                tuple(connector.base_urls),
            )
        except ConfigError as error:
            broken[account] = str(error)
    return Accounts(opened, broken)


def intervals(accounts: Accounts, policy: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(account, stream, minutes between two pulls) by the policy `streams`, 0 = never by itself."""
    return [
        (account.name, stream, every_minutes(policy, account.name, stream))
        for account in accounts.opened.values()
        for stream in account.streams
    ]


def scheduled(accounts: Accounts, policy: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """The same without those that are never pulled."""
    return [row for row in intervals(accounts, policy) if row[2] > 0]
