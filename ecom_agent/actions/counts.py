"""How writes fared lately on one account: what the breakers look at. Plain numbers, kept and handed on as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Feed(NamedTuple):
    """One stream of the account: how long since its last good run (or a person's reset), failed tries since."""

    stream: str
    age_min: int
    failed: int


class Runaway(NamedTuple):
    """A listing whose price went far from where our own changes began; minor units of its currency."""

    marketplace: str
    sku: str
    from_minor: int
    to_minor: int


@dataclass(frozen=True, slots=True)
class Counts:
    """One account at one moment. Windows are the policy's, and never begin before a person's last reset.

    `errors_in_row`: writes refused or unanswered since the last one that was taken. `read_back`: changes whose
    read-back was due, `mismatched`: those that were not there. `listings`: live ones. `at_floor`: those that our own
    change left at their floor. `moved_minute`: those sent within a minute or about to be. `gaps`: those that show
    another price than we set. `paired`, `apart`: SKUs sold on a second account too, in the same currency, and those of
    them priced apart by our change. `runaways` are beyond the policy's factor already.
    """

    errors_in_row: int = 0
    read_back: int = 0
    mismatched: int = 0
    listings: int = 0
    at_floor: int = 0
    moved_minute: int = 0
    gaps: int = 0
    paired: int = 0
    apart: int = 0
    feeds: tuple[Feed, ...] = ()
    runaways: tuple[Runaway, ...] = ()
