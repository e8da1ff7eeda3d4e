"""Pricing rules, who has which, and tags of listings: every edit is a new version, and nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row
from sqlmodel import Field, Session, SQLModel

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.rules import Place, RuleAssignment, RuleBook, RuleVersion
from ecom_agent.store.columns import WHEN
from ecom_agent.store.line import driver


class PricingRuleRow(SQLModel, table=True):
    __tablename__ = "pricing_rule"
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str | None = Field(description="NULL = withdrawn")
    by: str
    at: datetime = Field(sa_type=WHEN)
    note: str


class RuleAssignmentRow(SQLModel, table=True):
    __tablename__ = "rule_assignment"
    scope: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    rule: str | None = Field(description="NULL = none of its own")
    by: str
    at: datetime = Field(sa_type=WHEN)
    note: str


class ListingTagRow(SQLModel, table=True):
    __tablename__ = "listing_tag"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    given: bool
    by: str
    at: datetime = Field(sa_type=WHEN)
    note: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Who changes something, when, and why."""

    by: str
    at: datetime
    note: str = ""


# The newest version of each key, now or as it was at a moment.
_NEWEST: Final = """
SELECT DISTINCT ON ({keys}) * FROM {table} WHERE %(at)s::timestamptz IS NULL OR at <= %(at)s
ORDER BY {keys}, version DESC
"""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('pricing rules'))"


class RuleStore:
    """Never commits: the caller's unit of work does, once. Whether a document can be read is the caller's to know."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Until the commit nobody else edits rules, assignments or tags."""
        driver(self._session).execute(_LOCK)

    def book(self, at: datetime | None = None) -> RuleBook:
        """Everything in force, now or at a moment: withdrawn rules, ended assignments and lost tags are left out."""
        tags: dict[Place, set[str]] = {}
        for row in self._newest("listing_tag", "account, marketplace, sku, tag", at):
            if row["given"]:
                place = AccountId(row["account"]), MarketplaceId(row["marketplace"]), Sku(row["sku"])
                tags.setdefault(place, set()).add(row["tag"])
        rules = [_version(row) for row in self._newest("pricing_rule", "name", at)]
        assignments = [_assignment(row) for row in self._newest("rule_assignment", "scope", at)]
        return RuleBook(
            {rule.name: rule for rule in rules if rule.document is not None},
            {a.scope: a for a in assignments if a.rule is not None},
            {place: frozenset(names) for place, names in tags.items()},
        )

    def versions(self, name: str | None = None, *, limit: int = 200) -> Sequence[RuleVersion]:
        """States of one rule or of all, the newest first."""
        asked = {"name": name, "limit": limit}
        found = self._all(
            "SELECT * FROM pricing_rule WHERE %(name)s::varchar IS NULL OR name = %(name)s"
            " ORDER BY at DESC, name, version DESC LIMIT %(limit)s",
            asked,
        )
        return [_version(row) for row in found]

    def assignment_versions(self, *, limit: int = 200) -> Sequence[RuleAssignment]:
        """States of all scopes, the newest first."""
        found = self._all(
            "SELECT * FROM rule_assignment ORDER BY at DESC, scope, version DESC LIMIT %(limit)s", {"limit": limit}
        )
        return [_assignment(row) for row in found]

    def put_rules(self, documents: Mapping[str, str | None], edit: Edit) -> dict[str, int]:
        """Make these the documents in force (None = withdrawn); gives the version of each that differs."""
        self.lock()
        now = {row["name"]: row for row in self._newest("pricing_rule", "name", None)}
        changed = {
            name: _next(now.get(name))
            for name, document in documents.items()
            if document != (now[name]["document"] if name in now else None)
        }
        rows = [{"name": name, "document": documents[name], "version": v} for name, v in changed.items()]
        self._add("pricing_rule", rows, edit)
        return changed

    def put_assignments(self, wanted: Mapping[str, str | None], edit: Edit) -> int:
        """Let each scope have this rule (None = none of its own); gives how many differ."""
        self.lock()
        now = {row["scope"]: row for row in self._newest("rule_assignment", "scope", None)}
        rows = [
            {"scope": scope, "rule": rule, "version": _next(now.get(scope))}
            for scope, rule in wanted.items()
            if rule != (now[scope]["rule"] if scope in now else None)
        ]
        self._add("rule_assignment", rows, edit)
        return len(rows)

    def put_tags(self, wanted: Mapping[Place, frozenset[str]], edit: Edit) -> int:
        """Let each of these listings have exactly these tags; gives how many listings differ."""
        self.lock()
        versions: dict[tuple[Place, str], dict[str, Any]] = {}
        have: dict[Place, set[str]] = {}
        for row in self._newest("listing_tag", "account, marketplace, sku, tag", None):
            place = AccountId(row["account"]), MarketplaceId(row["marketplace"]), Sku(row["sku"])
            versions[place, row["tag"]] = row
            if row["given"]:
                have.setdefault(place, set()).add(row["tag"])
        rows, changed = [], 0
        for place, tags in wanted.items():
            moved = tags.symmetric_difference(have.get(place, set()))
            changed += bool(moved)
            where = dict(zip(("account", "marketplace", "sku"), place, strict=True))
            for tag in sorted(moved):
                version = _next(versions.get((place, tag)))
                rows.append({**where, "tag": tag, "given": tag in tags, "version": version})
        self._add("listing_tag", rows, edit)
        return changed

    def _newest(self, table: str, keys: str, at: datetime | None) -> list[dict[str, Any]]:
        return self._all(_NEWEST.format(table=table, keys=keys), {"at": at})

    def _all(self, sql: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        return driver(self._session).cursor(row_factory=dict_row).execute(sql.encode(), asked).fetchall()

    def _add(self, table: str, rows: Sequence[Mapping[str, Any]], edit: Edit) -> None:
        if not rows:
            return
        columns = [*rows[0], "by", "at", "note"]
        values = ", ".join(f"%({c})s" for c in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"
        whole = [{**row, "by": edit.by, "at": edit.at, "note": edit.note} for row in rows]
        driver(self._session).cursor().executemany(sql.encode(), whole)


def _next(row: Mapping[str, Any] | None) -> int:
    return 1 if row is None else int(row["version"]) + 1


def _version(row: Mapping[str, Any]) -> RuleVersion:
    return RuleVersion(row["name"], row["version"], row["document"], row["by"], row["at"], row["note"])


def _assignment(row: Mapping[str, Any]) -> RuleAssignment:
    return RuleAssignment(row["scope"], row["version"], row["rule"], row["by"], row["at"], row["note"])
