"""What a policy in force lacks of the one that the program ships by now: a person is shown it, and may take it over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Lack(StrEnum):
    """How a line of a policy differs from the shipped one."""

    MISSING = "missing"  # there is no such line: what needs it is refused, or a default is used
    CHANGED = "changed"  # shipped with another value then; only told where nobody edited the policy
    GONE = "gone"  # not shipped any more; only told where nobody edited the policy


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One line: `place` is its dotted name from the policy's on; values are plain data, None where there is no line."""

    place: str
    lack: Lack
    found: Any
    wanted: Any


@dataclass(frozen=True, slots=True)
class PolicyOffer:
    """What may be taken over into version `version` of a policy. `refuses`: until then some writes are refused."""

    name: str
    version: int
    by: str
    refuses: bool
    lines: tuple[PolicyLine, ...]

    @property
    def says(self) -> str:
        """What it is about, in a few words."""
        missing = sum(line.lack is Lack.MISSING for line in self.lines)
        told = [(missing, "missing"), (len(self.lines) - missing, "shipped otherwise by now")]
        parts = [f"{many} {'line' if many == 1 else 'lines'} {what}" for many, what in told if many]
        return ", ".join(parts) + ("; until then some writes are refused" if self.refuses else "")
