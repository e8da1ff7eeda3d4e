"""What an automation declares about itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.ports.reads import Facts


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of an automation is handed: where, when, on which facts, under which policy.

    `shows_offers`: whether this account's platform shows us the offers of other sellers.
    """

    account: AccountId
    marketplace: MarketplaceId
    slot: datetime
    mode: Mode
    facts: Facts
    policy: Mapping[str, Any]
    policy_version: int
    shows_offers: bool = True


@dataclass(frozen=True, slots=True)
class Automation:
    """One folder `<room>/<automation>/`. `propose` yields wishes and sends nothing.

    `name` is "<room>.<automation>"; `kinds` what it may wish for; `every_minutes` its default schedule;
    `policy` the defaults of its own business policy; `check` raises BadInput for a policy, defaults included, that it
    could not work with. Without one, a policy must have the defaults' keys and kinds of values.
    """

    name: str
    title: str
    kinds: frozenset[Kind]
    every_minutes: int
    propose: Callable[[Run], Iterable[Action]]
    policy: Mapping[str, Any]
    check: Callable[[Mapping[str, Any]], object] | None = None
