"""What an import or a rollback would change, before anything is written: each change, each wrong row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.rule_views import Change, ChangePreview
from ecom_agent.records.rules import Place, RuleAssignment, RuleBook, RuleVersion
from ecom_agent.records.views import LimitsView
from ecom_agent.store import limits_text
from ecom_agent.store.db import Unit
from ecom_agent.wiring.parts import Parts
from ecom_agent.wiring.rule_desks import every_listing, new_problems, unknown_places
from pricing.rules import presets
from pricing.rules.scopes import scope, tag
from pricing.rules.sheets import Row

K = TypeVar("K")
PLACE: Final = ("account", "marketplace", "sku")
LIMITS: Final = tuple(f.name for f in fields(LimitsView) if f.name not in (*PLACE, "version"))
COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "assignments": (("scope", "rule"), ("scope", "rule", "note")),
    "tags": ((*PLACE, "tags"), (*PLACE, "tags")),
    "limits": (PLACE, (*PLACE, *LIMITS, "version")),
}
"""table → (columns it must have, columns it may have)."""


@dataclass(slots=True)
class Plan:
    """Changes and errors as people are told them, and what would be written."""

    what: str
    rows: int = 0
    changes: list[Change] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    assignments: dict[str, str | None] = field(default_factory=dict)
    tags: dict[Place, frozenset[str]] = field(default_factory=dict)
    limits: list[LimitsView] = field(default_factory=list)
    documents: dict[str, str | None] = field(default_factory=dict)

    def shown(self) -> ChangePreview:
        told = [self.what, [[c.subject, c.field, c.old, c.new] for c in self.changes]]
        digest = hashlib.sha256(orjson.dumps(told)).hexdigest()
        return ChangePreview(self.what, self.rows, tuple(self.changes), tuple(self.errors), digest)

    def differs(self, subject: str, name: str, old: str | None, new: str | None) -> bool:
        """Note a change, unless it is none."""
        if old != new:
            self.changes.append(Change(subject, name, old, new))
        return old != new


def plan_assignments(parts: Parts, unit: Unit, book: RuleBook, rows: Sequence[Row]) -> Plan:
    plan = Plan("assignments", len(rows))
    lines: dict[str, int] = {}
    for row in rows:
        name = row.cells["rule"] or None
        where = _once(plan, row, lines, lambda row=row: scope(row.cells["scope"]))  # type: ignore[misc]
        if where is None:
            continue
        if name is not None and name not in book.rules and name not in presets():
            plan.errors.append(f"line {row.line}: there is no rule {name!r}")
            continue
        old = book.assignments.get(where)
        if plan.differs(where, "rule", None if old is None else old.rule, name):
            plan.assignments[where] = name
    plan.errors += [f"line {lines[s]}: {s} is not known" for s in unknown_places(parts, unit, lines)]
    _look_ahead(plan, parts, unit, book)
    return plan


def plan_tags(parts: Parts, unit: Unit, book: RuleBook, rows: Sequence[Row]) -> Plan:
    plan = Plan("tags", len(rows))
    known = {(x.account, x.marketplace, x.sku) for x in every_listing(parts, unit)}
    lines: dict[Place, int] = {}
    for row in rows:
        place = _once(plan, row, lines, lambda row=row: _place(row))  # type: ignore[misc]
        if place is None:
            continue
        if place not in known:
            plan.errors.append(f"line {row.line}: no listing {'/'.join(place)} is known")
            continue
        try:
            given = frozenset(tag(t) for t in row.cells["tags"].replace(";", ",").split(",") if t.strip())
        except BadInput as e:
            plan.errors.append(f"line {row.line}: {e}")
            continue
        old = book.tags.get(place, frozenset())
        if plan.differs("/".join(place), "tags", ", ".join(sorted(old)) or None, ", ".join(sorted(given)) or None):
            plan.tags[place] = given
    _look_ahead(plan, parts, unit, book)
    return plan


def plan_limits(now: Sequence[LimitsView], rows: Sequence[Row], by: str, at: datetime) -> Plan:
    """A column that is left out stays as it is; an empty cell means: not set."""
    plan = Plan("limits", len(rows))
    known = {(r.account, r.marketplace, r.sku): r for r in now}
    lines: dict[Place, int] = {}
    for row in rows:
        place = _once(plan, row, lines, lambda row=row: _place(row))  # type: ignore[misc]
        if place is None:
            continue
        old = known.get(place)
        if old is None:
            plan.errors.append(f"line {row.line}: no listing {'/'.join(place)} is known")
            continue
        given: dict[str, Any] = {name: row.cells[name] or None for name in LIMITS if name in row.cells}
        given["currency"] = given.get("currency") or old.currency
        version = row.cells.get("version", "")
        if version and version != str(old.version):
            plan.errors.append(f"line {row.line}: version {version} of these limits is not the newest, {old.version}")
            continue
        new = replace(old, **given)
        try:
            limits_text.read(new, by=by, at=at)
        except BadInput as e:
            plan.errors.append(f"line {row.line}: {e}")
            continue
        _limits_differ(plan, old, new)
    return plan


def plan_rollback(
    parts: Parts, unit: Unit, now: RuleBook, then: RuleBook, limits: Iterable[tuple[LimitsView, LimitsView]]
) -> Plan:
    """Everything as it was: rules and assignments that were not there yet are taken out of use, tags taken off."""
    plan = Plan("rollback")
    for name in sorted({*now.rules, *then.rules}):
        new, old = then.rules.get(name), now.rules.get(name)
        if (None if new is None else new.document) != (None if old is None else old.document):
            plan.changes.append(
                Change(name, "rule", *(None if v is None else f"version {v.version}" for v in (old, new)))
            )
            plan.documents[name] = None if new is None else new.document
    for where in sorted({*now.assignments, *then.assignments}):
        was, will = now.assignments.get(where), then.assignments.get(where)
        if plan.differs(where, "rule", None if was is None else was.rule, None if will is None else will.rule):
            plan.assignments[where] = None if will is None else will.rule
    for place in sorted({*now.tags, *then.tags}):
        have, had = (", ".join(sorted(book.tags.get(place, ()))) or None for book in (now, then))
        if plan.differs("/".join(place), "tags", have, had):
            plan.tags[place] = then.tags.get(place, frozenset())
    for present, former in limits:
        _limits_differ(plan, present, former)
    plan.errors += new_problems(parts, unit, now, then)
    return plan


def _limits_differ(plan: Plan, old: LimitsView, new: LimitsView) -> None:
    subject = f"{old.account}/{old.marketplace}/{old.sku}"
    moved = [plan.differs(subject, name, getattr(old, name), getattr(new, name)) for name in LIMITS]
    if any(moved):
        plan.limits.append(new)


def _look_ahead(plan: Plan, parts: Parts, unit: Unit, book: RuleBook) -> None:
    """Whether every listing could still be priced after these changes."""
    if plan.errors or not (plan.assignments or plan.tags):
        return
    now = parts.clock.now()
    assignments = dict(book.assignments)
    rules = dict(book.rules)
    for where, name in plan.assignments.items():
        assignments.pop(where, None)
        if name is not None:
            assignments[where] = RuleAssignment(where, 0, name, "", now, "")
    for name in {*plan.assignments.values()} - {None, *rules}:
        if name is not None:
            rules[name] = RuleVersion(name, 0, presets()[name], "", now, "")
    after = replace(book, rules=rules, assignments=assignments, tags={**book.tags, **plan.tags})
    plan.errors += new_problems(parts, unit, book, after)


def _once(plan: Plan, row: Row, lines: dict[K, int], read: Callable[[], K]) -> K | None:
    """What a row is about; None where it cannot be read or another row is about the same, which is told."""
    try:
        key = read()
    except BadInput as e:
        plan.errors.append(f"line {row.line}: {e}")
        return None
    if key in lines:
        plan.errors.append(f"line {row.line}: the same as line {lines[key]}")
        return None
    lines[key] = row.line
    return key


def _place(row: Row) -> Place:
    account, marketplace, sku = (row.cells[name] for name in PLACE)
    if not (account and marketplace and sku):
        raise BadInput("account, marketplace and sku", "an empty cell", "fill it in")
    return AccountId(account), MarketplaceId(marketplace), Sku(sku)
