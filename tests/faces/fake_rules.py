"""The rules' part of the faces' fake App: a small book that edits change, and recorded calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.records.rule_views import (
    AssignmentView,
    Change,
    ChangePreview,
    MissedClause,
    RuleEdit,
    RulePreview,
    RulePreviewLine,
    RuleProblem,
    RuleText,
    RuleView,
    RuleWhy,
)
from pricing.rules import presets, problems_of, read

BEAT = """rule: beat-the-box
about: Below the Buy Box, asleep at night.
time_zone: America/New_York
sleep: [22:00 to 06:00]
clauses:
  - name: we hold it
    when: {buy_box: held}
    target: lowest
    offset: -0.2 %
    direction: up
  - name: another holds it
    when: {buy_box: lost}
    target: buy_box
    offset: -0.5 %
"""
DIGEST = "d1" * 32


class FakeRules:
    clock: Clock
    calls: list[tuple[Any, ...]]
    _documents: dict[str, tuple[int, str]]
    _assigned: dict[str, str]

    def _no_rules(self) -> None:
        self._documents, self._assigned = {}, {}

    def _some_rules(self) -> None:
        self._documents = {"beat-the-box": (3, BEAT), "sell-out": (1, presets()["sell-out"])}
        self._assigned = {"default": "beat-the-box", "tag:clearance": "sell-out"}

    def rules(self) -> Sequence[RuleView]:
        at = self.clock.now()
        taken = [
            RuleView(
                name,
                version,
                read(text).about,
                "anna",
                at,
                tuple(s for s, r in self._assigned.items() if r == name),
                40,
            )
            for name, (version, text) in self._documents.items()
        ]
        left = [
            RuleView(name, 0, read(text).about, "shipped", None, (), 0)
            for name, text in presets().items()
            if name not in self._documents
        ]
        return sorted([*taken, *left], key=lambda r: r.name)

    def rule(self, name: str, version: int | None = None) -> RuleText:
        if name in self._documents:
            found, text = self._documents[name]
            return RuleText(name, version or found, text, "anna", self.clock.now(), "")
        if name in presets():
            return RuleText(name, 0, presets()[name], "shipped", None, "came with the program")
        raise NotFound(f"no rule {name!r}")

    def check_rule(self, document: str) -> Sequence[RuleProblem]:
        return [RuleProblem(p.line, p.column, str(p)) for p in problems_of(document)]

    def set_rule(self, document: str, by: str, note: str = "") -> RuleText:
        rule = read(document)
        self.calls.append(("set_rule", rule.name, by, note))
        version = self._documents.get(rule.name, (0, ""))[0] + 1
        self._documents[rule.name] = (version, document)
        return self.rule(rule.name)

    def withdraw_rule(self, name: str, by: str, note: str = "") -> None:
        if name in self._assigned.values():
            raise BadInput("rules that are there for every scope", name, "give these scopes another rule first")
        self.calls.append(("withdraw_rule", name, by, note))
        self._documents.pop(name, None)

    def assignments(self) -> Sequence[AssignmentView]:
        at = self.clock.now()
        return [AssignmentView(scope, rule, 40, "anna", at, "season") for scope, rule in sorted(self._assigned.items())]

    def assign_rule(self, scopes: Sequence[str], rule: str | None, by: str, note: str = "") -> int:
        if rule is not None:
            self.rule(rule)
        self.calls.append(("assign_rule", tuple(scopes), rule, by, note))
        for scope in scopes:
            self._assigned.pop(scope, None)
            if rule is not None:
                self._assigned[scope] = rule
        return len(scopes)

    def rule_history(self, name: str | None = None, limit: int = 200) -> Sequence[RuleEdit]:
        at = self.clock.now()
        edits = [
            RuleEdit(at, "rule", "beat-the-box", 3, "written", "anna", "sleep at night"),
            RuleEdit(at, "assignment", "default", 1, "beat-the-box", "anna", ""),
        ]
        return [e for e in edits if self._documents and name in (None, e.subject, e.becomes)][:limit]

    def why_rule(self, account: str, marketplace: str, sku: str) -> RuleWhy:
        if sku == "NOPE":
            raise NotFound(f"no listing {sku!r} on {account}/{marketplace}")
        return RuleWhy(
            account, marketplace, sku, "beat-the-box", 3, "default", (),
            "beat-the-box/another holds it",
            (
                MissedClause("beat-the-box/sleep", ("time 22:00 to 06:00, seen 07:00",)),
                MissedClause("beat-the-box/we hold it", ("buy_box held, seen lost",)),
            ),
            (("buy_box", "lost"), ("stock", "12 units"), ("velocity", "not known")),
            "19.99 USD", "19.37 USD", "Buy Box 19.47 USD landed, buy_box -0.5 %, floor 14.00 USD",
            "14.00 USD (break-even + margin)", "29.00 USD", ((1, "19.59 USD"), (5, "19.19 USD")), None,
        )  # fmt: skip

    def preview_rule(self, document: str, scope_text: str | None = None, hours: int = 24) -> RulePreview:
        read(document)
        self.calls.append(("preview_rule", scope_text, hours))
        if not self._documents:
            return RulePreview("the newest known offers", 0, 0, 0, 0, (), ())
        at = self.clock.now()
        line = RulePreviewLine(at, "MUG-01", "19.99 USD", "19.37 USD", "19.17 USD", "beat-the-box/another holds it", "")
        return RulePreview(f"events recorded in the last {hours} hours", 12, 1, 3, 4, (line,), (("CUP-02", "no MAP"),))

    def export_table(self, what: str, form: str) -> bytes:
        if form not in ("csv", "xlsx"):
            raise BadInput("one of csv, xlsx", repr(form), "choose one")
        return b"scope,rule,note\ndefault,beat-the-box,\n"

    def preview_import(self, what: str, data: bytes, form: str) -> ChangePreview:
        if b"nothing" in data:
            return ChangePreview(what, 2, (), ("line 3: there is no rule 'nothing'",), DIGEST)
        return ChangePreview(what, 2, (Change("tag:winter", "rule", None, "sell-out"),), (), DIGEST)

    def apply_import(self, what: str, data: bytes, form: str, digest: str, by: str, note: str = "") -> int:
        self.calls.append(("apply_import", what, form, digest, by, note))
        return 1

    def preview_rollback(self, at: datetime, limits: bool = False) -> ChangePreview:
        return ChangePreview("rollback", 0, (Change("beat-the-box", "rule", "version 3", "version 2"),), (), DIGEST)

    def rollback_rules(self, at: datetime, digest: str, by: str, note: str = "", limits: bool = False) -> int:
        self.calls.append(("rollback_rules", at, digest, by, limits))
        return 1
