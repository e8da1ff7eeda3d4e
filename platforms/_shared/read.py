"""What one page of a payload becomes: records, those set aside, and fields we did not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ecom_agent.connector import Poison

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Read(Generic[R]):
    records: tuple[R, ...]
    poison: tuple[Poison, ...]
    unknown_fields: tuple[str, ...]
