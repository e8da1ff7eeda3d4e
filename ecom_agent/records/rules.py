"""Pricing rules as the store keeps them: documents by version, which scope has which, tags of listings; and what
conditions look at beside the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import ExpectedPrice

Place = tuple[AccountId, MarketplaceId, Sku]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One state of one rule. `document` None = it was withdrawn then."""

    name: str
    version: int
    document: str | None
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RuleAssignment:
    """One state of one scope: "default", "marketplace:<account>/<id>", "brand:<name>", "tag:<name>" or
    "sku:<account>/<marketplace>/<sku>". `rule` None = it has no rule of its own."""

    scope: str
    version: int
    rule: str | None
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything that says which listing has which rule, at one moment: rules by name, assignments by scope."""

    rules: Mapping[str, RuleVersion] = field(default_factory=dict)
    assignments: Mapping[str, RuleAssignment] = field(default_factory=dict)
    tags: Mapping[Place, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What is known of one listing beside its page. None = not known.

    `units_14`/`units_30`: sold within the last 14 and 30 days. `sales_known_days`: for how many days back the account's
    orders are known. `usual`: the median price per
    unit that buyers paid over 90 days, without shipping. `changed_at`: when a
    platform last took a price of ours.
    """

    units_14: int = 0
    units_30: int = 0
    sales_known_days: int | None = None
    first_seen_at: datetime | None = None
    expected: ExpectedPrice | None = None
    usual: Money | None = None
    changed_at: datetime | None = None
