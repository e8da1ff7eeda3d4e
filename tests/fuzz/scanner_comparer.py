"""Whether a scanner reads what `_twin/parse.py` reads: the same event, or "not understood"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from native_pricer._twin import parse


class Core(Protocol):
    """What is asked of the compiled `Core`."""

    def understands(self, raw: bytes) -> bool: ...
    def parse(self, raw: bytes) -> Any: ...


@dataclass(slots=True)
class Comparer:
    """Asks one scanner that has seen everything before (it learns layouts) and a new one that has seen nothing."""

    make: Callable[[], Core]
    warm: Core = field(init=False)
    asked: int = 0
    understood: int = 0

    def __post_init__(self) -> None:
        self.warm = self.make()

    def disagreement(self, raw: bytes) -> str | None:
        """What differs, in words, or None."""
        self.asked += 1
        understood = self.warm.understands(raw)
        if understood != self.make().understands(raw):
            return f"with layouts: {'understood' if understood else 'not understood'}; without: the other way"
        if not understood:
            return None
        self.understood += 1
        wanted = repr(parse.parse_event(raw))
        for when in ("first", "again"):
            found = repr(self.warm.parse(raw))
            if found != wanted:
                return f"read {when}: {found}\nwanted: {wanted}"
        return None
