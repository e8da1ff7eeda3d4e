"""Words and fields of platforms that nobody here knows: kept raw where they came, counted and shown here."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from ecom_agent.store.columns import ID, WHEN


class UnmappedRow(SQLModel, table=True):
    __tablename__ = "unmapped"
    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    seen: int = Field(sa_type=ID)
    first_seen_at: datetime = Field(sa_type=WHEN)
    last_seen_at: datetime = Field(sa_type=WHEN)
