"""What screens and commands show of pricing rules. Values are text for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing to correct in a document; `line` and `column` count from 1, `text` is the whole sentence."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule. `version` 0 = a preset that came with the program and was not taken yet."""

    name: str
    version: int
    about: str
    by: str
    at: datetime | None
    scopes: tuple[str, ...]
    listings: int


@dataclass(frozen=True, slots=True)
class RuleText:
    """One version of a rule, as it was written. `document` None = it was withdrawn then."""

    name: str
    version: int
    document: str | None
    by: str
    at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One scope that has a rule, and how many listings it decides for."""

    scope: str
    rule: str
    listings: int
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RuleEdit:
    """One edit in the history. `what`: "rule" or "assignment"; `subject` its name or scope."""

    at: datetime
    what: str
    subject: str
    version: int
    becomes: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class MissedClause:
    """A clause that comes before the one that decides, and what it lacked."""

    clause: str
    lacked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleWhy:
    """Why a listing has the rule it has, and what that rule says now.

    `rule` None = none is assigned: the policy's default decides. `clause` None = no part of the rule applies.
    `problem`: why the rule cannot be run for this listing; then its price is left alone. `wanted` is the price that
    would be proposed, None = none. `business`: (units, price) for business buyers, derived, written to no platform.
    """

    account: str
    marketplace: str
    sku: str
    rule: str | None
    version: int | None
    scope: str | None
    overridden: tuple[tuple[str, str], ...]
    clause: str | None
    missed: tuple[MissedClause, ...]
    seen: tuple[tuple[str, str], ...]
    price: str | None
    wanted: str | None
    decision: str
    floor: str
    ceiling: str
    business: tuple[tuple[int, str], ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class RulePreviewLine:
    """One decision under the rule in force and under the rule that is looked at; prices None = none would be set."""

    at: datetime
    sku: str
    before: str | None
    now: str | None
    then: str | None
    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class RulePreview:
    """`source` says on what: recorded events or the newest known offers. `lines` are those that differ, at most some.

    `skipped`: (SKU, why) of listings that the rule could not price at all.
    """

    source: str
    decisions: int
    different: int
    moves_now: int
    moves_then: int
    lines: tuple[RulePreviewLine, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an import or a rollback would change. None = there is none."""

    subject: str
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What would change. With `errors` nothing can be written. `digest` names exactly these changes: whoever confirms
    hands it back, so that nothing else is written than what was seen."""

    what: str
    rows: int
    changes: tuple[Change, ...]
    errors: tuple[str, ...]
    digest: str
