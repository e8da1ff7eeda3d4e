"""App's verbs around many rules at once: tables out and in with a preview, and back to any moment. All or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecom_agent.actions.actors import is_person
from ecom_agent.errors import BadInput
from ecom_agent.records.rule_views import ChangePreview
from ecom_agent.records.views import LimitsView
from ecom_agent.store.db import Unit
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.limits import view as shown
from ecom_agent.store.rules import Edit, RuleStore
from ecom_agent.wiring.rule_desks import every_listing
from ecom_agent.wiring.rule_plans import (
    COLUMNS,
    LIMITS,
    Plan,
    plan_assignments,
    plan_limits,
    plan_rollback,
    plan_tags,
)
from ecom_agent.wiring.ruling import Ruling, put_assignments
from ecom_agent.wiring.showing import Showing
from pricing.rules import sheets


class RuleTables(Ruling, Showing):
    def export_table(self, what: str, form: str) -> bytes:
        """Assignments, every listing's tags or every listing's limits, as CSV or XLSX, ready to be imported again."""
        _needed, columns = _columns(what)
        rows: list[list[str | int | None]]
        with self.parts.database.unit() as unit:
            book = RuleStore(unit.session).book()
            places = sorted((x.account, x.marketplace, x.sku) for x in every_listing(self.parts, unit))
        if what == "assignments":
            rows = [[a.scope, a.rule, a.note] for _, a in sorted(book.assignments.items())]
        elif what == "tags":
            rows = [[*place, ", ".join(sorted(book.tags.get(place, ())))] for place in places]
        else:
            rows = [[getattr(limits, name) for name in columns] for limits in self.limits()]
        return sheets.write(columns, rows, form)

    def preview_import(self, what: str, data: bytes, form: str) -> ChangePreview:
        """What a table would change; nothing is written. Wrong rows are told, all of them.

        Raises BadInput for a file that cannot be read, or its columns.
        """
        needed, known = _columns(what)
        rows = sheets.read(data, form, needed=needed, known=known)
        return self._plan_rows(what, rows, self.parts.person).shown()

    def apply_import(self, what: str, data: bytes, form: str, digest: str, by: str, note: str = "") -> int:
        """Write exactly the changes that a preview showed, all or none; gives how many rows.

        Raises BadInput where rows are wrong, or the changes are not those of `digest` any more.
        """
        needed, known = _columns(what)
        rows = sheets.read(data, form, needed=needed, known=known)
        if what == "limits":
            if not is_person(by):
                raise BadInput("the name of a person", repr(by), "limits are not set by software")
            plan = _sure(self._plan_rows(what, rows, by), digest)
            return self.set_limits(plan.limits, by) if plan.limits else 0

        def change(unit: Unit, store: RuleStore, edit: Edit) -> int:
            plan = _sure(self._plan_rows_in(unit, what, rows), digest)
            changed = store.put_tags(plan.tags, edit)
            return changed + put_assignments(store, plan.assignments, edit)

        return self._edit_rules(by, note, f"{what} imported", {"rows": len(rows)}, change)

    def preview_rollback(self, at: datetime, limits: bool = False) -> ChangePreview:
        """What would change to bring back rules, assignments and tags, and `limits` if asked, as they were then."""
        with self.parts.database.unit() as unit:
            return self._plan_back(unit, at, self.limits() if limits else ()).shown()

    def rollback_rules(self, at: datetime, digest: str, by: str, note: str = "", limits: bool = False) -> int:
        """Bring them back, each as a new version, so that this too can be taken back; gives how many changed.

        Raises BadInput where a listing could not be priced then, or the changes are not those of `digest` any more.
        """
        present = self.limits() if limits else ()

        def change(unit: Unit, store: RuleStore, edit: Edit) -> int:
            plan = _sure(self._plan_back(unit, at, present), digest)
            changed = len(store.put_rules(plan.documents, edit)) + store.put_assignments(plan.assignments, edit)
            changed += store.put_tags(plan.tags, edit)
            return changed + LimitsStore(unit.session).set(plan.limits, by=by, at=edit.at)

        why = note or f"back to {at:%Y-%m-%d %H:%M:%S} UTC"
        return self._edit_rules(by, why, "rules rolled back", {"to": at.isoformat(), "limits": limits}, change)

    def _plan_rows(self, what: str, rows: Sequence[sheets.Row], by: str) -> Plan:
        if what == "limits":
            return plan_limits(self.limits(), rows, by, self.parts.clock.now())
        with self.parts.database.unit() as unit:
            return self._plan_rows_in(unit, what, rows)

    def _plan_rows_in(self, unit: Unit, what: str, rows: Sequence[sheets.Row]) -> Plan:
        book = RuleStore(unit.session).book()
        return (plan_tags if what == "tags" else plan_assignments)(self.parts, unit, book, rows)

    def _plan_back(self, unit: Unit, at: datetime, present: Sequence[LimitsView]) -> Plan:
        if at.tzinfo is None or at > self.parts.clock.now():
            raise BadInput("a moment that is past, with its time zone", str(at), "write it like 2026-11-21T10:00:00Z")
        store = RuleStore(unit.session)
        former: dict[tuple[str, str, str], LimitsView] = {}
        if present:
            former = {(v.account, v.marketplace, v.sku): v for v in map(shown, LimitsStore(unit.session).as_of(at))}
        pairs = [(now, _then(now, former.get((now.account, now.marketplace, now.sku)))) for now in present]
        return plan_rollback(self.parts, unit, store.book(), store.book(at), pairs)


def _then(now: LimitsView, former: LimitsView | None) -> LimitsView:
    """Limits as they were, to be set over those of now; nothing was set then = nothing is set again."""
    values: dict[str, Any] = dict.fromkeys((name for name in LIMITS if name != "currency"), None)
    if former is not None:
        values = {name: getattr(former, name) for name in LIMITS}
    return replace(now, **values)


def _columns(what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if what not in COLUMNS:
        raise BadInput(f"one of {', '.join(COLUMNS)}", repr(what), "choose one of these tables")
    return COLUMNS[what]


def _sure(plan: Plan, digest: str) -> Plan:
    shown_now = plan.shown()
    if plan.errors:
        raise BadInput("changes without an error", "; ".join(plan.errors[:5]), "correct them; nothing was written")
    if shown_now.digest != digest:
        raise BadInput("the changes that were previewed", "others: something changed meanwhile", "preview it again")
    return plan
