"""Who bought: one customer for each (platform, buyer's id), however many of our accounts he bought at.

He goes by a keyed hash of that id, which tells nobody without the data key who he is. What a platform tells of the
person (id, name, mail, phone, address) is sealed beside it, and goes when it is asked or when it is old; figures stay.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from ecom_agent.store.columns import WHEN


class CustomerRow(SQLModel, table=True):
    __tablename__ = "customer"
    key: str = Field(primary_key=True)
    platform: str
    sealed_person: bytes | None
    first_seen_at: datetime = Field(sa_type=WHEN)
    last_seen_at: datetime = Field(sa_type=WHEN)
    forgotten_at: datetime | None = Field(sa_type=WHEN)
