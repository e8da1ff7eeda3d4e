"""What the ledger in memory keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecom_agent.actions.audit import Sealed
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.record import ActionRecord
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.records.advertising import Target
from ecom_agent.records.catalog import Listing
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.messages import Message, Reply
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.pools import PoolBook
from ecom_agent.records.stock import StockLevel

Place = tuple[AccountId, MarketplaceId, Sku]


@dataclass
class Tables:
    """All that is kept. Values are frozen, so a copy of the dictionaries is a copy of the state."""

    actions: dict[ActionKey, ActionRecord] = field(default_factory=dict)
    chain: list[Sealed] = field(default_factory=list)
    halts: dict[str, Halt] = field(default_factory=dict)
    listings: dict[Place, Listing] = field(default_factory=dict)
    limits: dict[Place, PriceLimits] = field(default_factory=dict)
    fees: dict[Place, FeeQuote] = field(default_factory=dict)
    levels: dict[tuple[Place, str], StockLevel] = field(default_factory=dict)
    pools: dict[Place, PoolBook] = field(default_factory=dict)
    stages: dict[Place, int] = field(default_factory=dict)
    ad_targets: dict[tuple[AccountId, str], Target] = field(default_factory=dict)
    messages: dict[tuple[AccountId, str], list[Message]] = field(default_factory=dict)
    """(account, conversation) → its messages, oldest first"""
    replies: dict[tuple[AccountId, str, str], Reply] = field(default_factory=dict)
    """(account, conversation, digest) → what we wish to say"""
    paused: dict[AccountId, str] = field(default_factory=dict)
    policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    lifted: dict[str, datetime] = field(default_factory=dict)
    feeds: dict[tuple[AccountId, str], tuple[datetime, int]] = field(default_factory=dict)
    """(account, stream) → (last good run, failed runs since)"""

    def copy(self) -> Tables:
        return Tables(**{name: value.copy() for name, value in vars(self).items()})
