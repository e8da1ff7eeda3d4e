"""How a vendor's simulated server is met: what is sent, as whom, and what an answer says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from starlette.testclient import TestClient

from platforms.simulated.simulation import Simulation


class Said(Enum):
    """What an answer says, in the vendor's own way to say it."""

    DONE = "done"
    NO_SUCH_THING = "understood, but this world does not hold the thing"
    REFUSED = "refused for its form"
    NOT_PLAYED = "no simulated server plays this operation"
    OTHER = "something that no request case may be answered with"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes to the server; `path` as the vendor documents it."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes


Dress = Callable[[TestClient, Simulation, Asked], Asked]


@dataclass(frozen=True, slots=True)
class Door:
    """`prefix` is where the server stands, `played` are its operations, `dress` puts our seller's identity on.

    `ours` turns a case's path into one of our seller's, by the template of its operation.
    """

    prefix: str
    played: frozenset[str]
    dress: Dress
    says: Callable[[int, Any], Said]
    ours: Callable[[str, str], str] = lambda path, _template: path
