"""Strategies' memories, one per listing, as they were after the last event that counted.

Written in the commit that holds what followed from the event; read by a lane that begins and by the sweep.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.store.columns import WHEN

STILL_TRUE: Final = timedelta(days=7)
"""What a rival did longer ago tells little, and hours that nobody watched would count as if nothing had happened."""
_LEVEL: Final = 1


class MemoryRow(SQLModel, table=True):
    __tablename__ = "strategy_memory"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    at: datetime = Field(sa_type=WHEN)
    memory: bytes = Field(sa_type=LargeBinary)


class MindStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, account: AccountId, memories: Mapping[tuple[str, str], bytes], at: datetime) -> None:
        """(marketplace, SKU) → memory as the engine sealed it; an older one never takes the place of a newer."""
        if not memories:
            return
        rows = [
            {"account": account, "marketplace": marketplace, "sku": sku, "at": at, "memory": _packed(memory)}
            for (marketplace, sku), memory in sorted(memories.items())  # in one order: writers never wait in a circle
        ]
        new = insert(MemoryRow).values(rows)
        changes = {"at": new.excluded.at, "memory": new.excluded.memory}
        key, newer = ["account", "marketplace", "sku"], col(MemoryRow.at) <= new.excluded.at
        self._session.execute(new.on_conflict_do_update(index_elements=key, set_=changes, where=newer))

    def of(self, account: AccountId, marketplace: MarketplaceId, now: datetime) -> dict[Sku, bytes]:
        """Memories of one marketplace that are still worth something."""
        found = self._session.exec(
            select(MemoryRow.sku, MemoryRow.memory).where(
                MemoryRow.account == account, MemoryRow.marketplace == marketplace, MemoryRow.at > now - STILL_TRUE
            )
        )
        return {Sku(sku): zlib.decompress(memory) for sku, memory in found}


def _packed(memory: bytes) -> bytes:
    """Most of it is empty places for rivals."""
    return zlib.compress(memory, _LEVEL)
