"""Lines of the lab's policy, checked in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar

from ecom_agent.errors import BadInput

_MEND: Final = "correct it in pricing.lab"


class Confident(Protocol):
    @property
    def confidence(self) -> float: ...


Lines = TypeVar("Lines", bound=Confident)


def checked(kind: type[Lines], body: Mapping[str, Any], whole: Mapping[str, tuple[int, int]]) -> Lines:
    """A dataclass of lines from policy data. `whole`: its whole numbers, from and to; `confidence` is a share.

    Raises BadInput naming the line that is unknown or out of bounds.
    """
    names = {*whole, "confidence"}
    if unknown := sorted(set(body) - names):
        raise BadInput(f"keys {', '.join(sorted(names))}", unknown[0], _MEND)
    lines = kind(**body)
    for name, (least, most) in whole.items():
        value = getattr(lines, name)
        if type(value) is not int or not least <= value <= most:
            raise BadInput(f"{name} as a whole number from {least} to {most}", repr(value), _MEND)
    if not isinstance(lines.confidence, float) or not 0.8 <= lines.confidence < 1:
        raise BadInput("confidence from 0.8 to below 1", repr(lines.confidence), _MEND)
    return lines
