"""Who buys. Nothing in here is ever part of a log, an error or a record's repr; the store keeps it sealed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Buyer:
    """One customer of a platform, by the id that the platform gives him, and what else it tells of him.

    Two accounts of one platform that sold to the same id sold to the same customer. None = not told.
    """

    platform: str
    id: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)

    @property
    def is_told_of(self) -> bool:
        """Whether more than his id is known."""
        return any(getattr(self, name) for name in DETAILS)


DETAILS: Final = tuple(f.name for f in fields(Buyer) if f.name not in ("platform", "id"))


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as lists show him: by his key, masked. `buyer` None = forgotten, or nothing but his key was kept."""

    key: str
    platform: str
    orders: int
    messages: int
    first_seen_at: datetime
    last_seen_at: datetime
    forgotten_at: datetime | None
    buyer: Buyer | None = field(default=None, repr=False)
