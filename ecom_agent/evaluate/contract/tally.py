"""How the parts of the contract evaluation count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Miss:
    """One case that did not come out as the vendor says: which part, which case, why."""

    part: str
    case: str
    reason: str


@dataclass(slots=True)
class Tally:
    """Counts of one part. `not_built` are cases of platforms or operations that are not built yet, by name."""

    part: str
    ok: int = 0
    total: int = 0
    misses: list[Miss] = field(default_factory=list)
    not_built: Counter[str] = field(default_factory=Counter)

    def count(self, case: str, reason: str | None) -> None:
        """One case; `reason` says why it is a miss, None = it is none."""
        self.total += 1
        if reason is None:
            self.ok += 1
        else:
            self.misses.append(Miss(self.part, case, reason))


def crash(error: Exception) -> str:
    """What to say of an exception nobody meant to raise."""
    return f"crashed with {type(error).__name__}: {error}"[:500]
