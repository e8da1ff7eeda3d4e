"""App's verbs around pricing rules: write them, say who has which, look at what they would do. Only persons edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ecom_agent.actions.actors import is_person
from ecom_agent.actions.audit import AuditEvent
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.rule_views import (
    AssignmentView,
    RuleEdit,
    RulePreview,
    RuleProblem,
    RuleText,
    RuleView,
    RuleWhy,
)
from ecom_agent.records.rules import RuleBook
from ecom_agent.store.db import Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.store.rules import Edit, RuleStore
from ecom_agent.wiring import rule_looks
from ecom_agent.wiring.parts import Parts
from ecom_agent.wiring.rule_desks import account_of, desk_of, every_listing, looked_at, new_problems, unknown_places
from pricing.rules import Library, presets, problems_of, read
from pricing.rules.scopes import DEFAULT, scope, why


class Ruling:
    parts: Parts

    def rules(self) -> Sequence[RuleView]:
        """Rules in force and presets that nobody took yet, by name, with where they hold."""
        with self.parts.database.unit() as unit:
            book = RuleStore(unit.session).book()
            counts = self._by_scope(unit, book)
        scopes: dict[str, list[str]] = {}
        for name, assignment in sorted(book.assignments.items()):
            scopes.setdefault(assignment.rule or "", []).append(name)
        taken = [
            RuleView(
                v.name, v.version, _about(v.document), v.by, v.at, tuple(scopes.get(v.name, ())),
                sum(n for s, n in counts.items() if book.assignments[s].rule == v.name),
            )
            for v in book.rules.values()
        ]  # fmt: skip
        left = [
            RuleView(n, 0, _about(text), "shipped", None, (), 0) for n, text in presets().items() if n not in book.rules
        ]
        return sorted([*taken, *left], key=lambda view: view.name)

    def rule(self, name: str, version: int | None = None) -> RuleText:
        """A rule as it was written: the one in force, or any version. Raises NotFound."""
        with self.parts.database.unit() as unit:
            versions = RuleStore(unit.session).versions(name, limit=100_000)
        for found in versions:
            if version in (None, found.version):
                return RuleText(name, found.version, found.document, found.by, found.at, found.note)
        if name in presets() and version in (None, 0):
            return RuleText(name, 0, presets()[name], "shipped", None, "came with the program")
        raise NotFound(f"no rule {name!r}" + ("" if version is None else f" in version {version}"))

    def check_rule(self, document: str) -> Sequence[RuleProblem]:
        """Everything that is wrong with a document; nothing is stored."""
        return [RuleProblem(p.line, p.column, str(p)) for p in problems_of(document)]

    def set_rule(self, document: str, by: str, note: str = "") -> RuleText:
        """Put a document in force under the name that it says; the same one again makes no version.

        Raises BadInput with every problem of the document, or where a listing that has the rule could not run it.
        """
        rule = read(document)
        self._edit_rules(
            by, note, "rule set", {"rule": rule.name}, lambda _, s, e: len(s.put_rules({rule.name: document}, e))
        )
        return self.rule(rule.name)

    def withdraw_rule(self, name: str, by: str, note: str = "") -> None:
        """Take a rule out of use; its versions stay. Raises BadInput while a scope has it."""

        def change(_unit: Unit, store: RuleStore, edit: Edit) -> int:
            if name not in store.book().rules:
                raise NotFound(f"no rule {name!r} is in force")
            return len(store.put_rules({name: None}, edit))

        self._edit_rules(by, note, "rule withdrawn", {"rule": name}, change)

    def assignments(self) -> Sequence[AssignmentView]:
        """Every scope that has a rule, the widest first, with the listings that it decides for."""
        with self.parts.database.unit() as unit:
            book = RuleStore(unit.session).book()
            counts = self._by_scope(unit, book)
        found = sorted(book.assignments.values(), key=lambda a: (a.scope != DEFAULT, a.scope))
        return [AssignmentView(a.scope, a.rule or "", counts[a.scope], a.by, a.at, a.note) for a in found]

    def assign_rule(self, scopes: Sequence[str], rule: str | None, by: str, note: str = "") -> int:
        """Let each of these scopes have the rule (None = none of its own); all or none. Gives how many changed.

        A preset is taken with its assignment. Raises BadInput for a scope that is none, NotFound for the rule.
        """
        wanted = {scope(text): rule for text in scopes}
        if not wanted:
            raise BadInput("at least one scope", "none", "name one, such as default")

        def change(unit: Unit, store: RuleStore, edit: Edit) -> int:
            strangers = unknown_places(self.parts, unit, wanted)
            if strangers:
                raise NotFound(f"no such listing or marketplace: {', '.join(strangers[:5])}")
            return put_assignments(store, wanted, edit)

        return self._edit_rules(by, note, "rules assigned", {"rule": rule, "scopes": sorted(wanted)}, change)

    def rule_history(self, name: str | None = None, limit: int = 200) -> Sequence[RuleEdit]:
        """Edits of rules and assignments, the newest first; of one rule where it is named."""
        with self.parts.database.unit() as unit:
            store = RuleStore(unit.session)
            versions, assigned = store.versions(name, limit=limit), store.assignment_versions(limit=limit)
        edits = [
            RuleEdit(v.at, "rule", v.name, v.version, "withdrawn" if v.document is None else "written", v.by, v.note)
            for v in versions
        ]
        edits += [
            RuleEdit(a.at, "assignment", a.scope, a.version, a.rule or "none of its own", a.by, a.note)
            for a in assigned
            if name in (None, a.rule)
        ]
        return sorted(edits, key=lambda e: (e.at, e.what, e.subject), reverse=True)[:limit]

    def why_rule(self, account: str, marketplace: str, sku: str) -> RuleWhy:
        """Which rule a listing has, over which others, and which part of it decides now. Raises NotFound."""
        opened = account_of(self.parts, account)
        with self.parts.database.unit() as unit:
            facts = FactStore(unit.session)
            listing = facts.listing(AccountId(account), MarketplaceId(marketplace), Sku(sku))
            if listing is None:
                raise NotFound(f"no listing {sku!r} on {account}/{marketplace}")
            placed = desk_of(self.parts, unit, opened, listing.marketplace, Library(facts.rule_book()))
            return rule_looks.why_rule(placed.desk, listing)

    def preview_rule(self, document: str, scope_text: str | None = None, hours: int = 24) -> RulePreview:
        """What a document would have decided, beside the rules in force: on the events recorded in these hours, or,
        where none are, on the newest known offers. In that scope; else where its name is assigned; else everywhere.

        Nothing is stored. Raises BadInput with every problem of the document.
        """
        rule = read(document)
        where = None if scope_text is None or not scope_text.strip() else scope(scope_text)
        with self.parts.database.unit() as unit:
            book = RuleStore(unit.session).book()
            return rule_looks.preview(self.parts, unit, book, looked_at(book, rule, document, where), hours)

    def _edit_rules(
        self, by: str, note: str, step: str, detail: dict[str, Any], change: Callable[[Unit, RuleStore, Edit], int]
    ) -> int:
        """One unit of work: change, look whether every listing can still be priced, write it down."""
        if not is_person(by):
            raise BadInput("the name of a person", repr(by), "rules are not set by software")
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as ledger:
            store = RuleStore(unit.session)
            store.lock()
            before = store.book()
            changed = change(unit, store, Edit(by, now, note))
            if changed:
                self._still_priced(unit, before, store.book())
                ledger.audit.append(AuditEvent(now, None, step, by, {**detail, "changed": changed, "note": note}))
        return changed

    def _still_priced(self, unit: Unit, before: RuleBook, after: RuleBook) -> None:
        wrong = new_problems(self.parts, unit, before, after)
        if wrong:
            raise BadInput("rules that are there and that every listing can run", "; ".join(wrong[:5]), "change these")

    def _by_scope(self, unit: Unit, book: RuleBook) -> Counter[str]:
        """Listings that each scope decides for."""
        winners = (why(book, (x.account, x.marketplace, x.sku)).winner for x in every_listing(self.parts, unit))
        return Counter(winner.scope for winner in winners if winner is not None)


def put_assignments(store: RuleStore, wanted: dict[str, str | None], edit: Edit) -> int:
    """With the presets that they name and nobody took yet. Raises NotFound for a rule that is none."""
    book = store.book()
    for name in sorted({rule for rule in wanted.values() if rule is not None and rule not in book.rules}):
        if name not in presets():
            raise NotFound(f"no rule {name!r}; there are: {', '.join(sorted({*book.rules, *presets()}))}")
        store.put_rules({name: presets()[name]}, edit)
    return store.put_assignments(wanted, edit)


def _about(document: str | None) -> str:
    try:
        return "" if document is None else read(document).about
    except BadInput:
        return "cannot be read by this version of the program"
