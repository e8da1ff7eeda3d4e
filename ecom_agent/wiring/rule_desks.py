"""The pricing room's desks for all accounts, on the rules in force or on others that somebody only looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ecom_agent.connector import Capability
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.rules import Place, RuleAssignment, RuleBook, RuleVersion
from ecom_agent.store.db import Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.wiring.accounts import Account
from ecom_agent.wiring.parts import Parts
from pricing.repricing.inputs import NAME, RepricePolicy
from pricing.repricing.ruled import Desk, open_desk
from pricing.rules import Library, Rule
from pricing.rules.scopes import DEFAULT, scope_of_listing

_ANY: Final = datetime.min.replace(tzinfo=UTC)


class Placed(NamedTuple):
    account: Account
    desk: Desk


def repricing_policy(parts: Parts, unit: Unit) -> RepricePolicy:
    automation = next(a for a in parts.automations if a.name == NAME)
    return RepricePolicy.read(parts.automation_policy(unit, automation)[1])


def desk_of(parts: Parts, unit: Unit, account: Account, marketplace: MarketplaceId, library: Library) -> Placed:
    """One marketplace as a sweep would see it now."""
    policy = repricing_policy(parts, unit)
    desk = open_desk(
        FactStore(unit.session),
        account.name,
        marketplace,
        policy=policy,
        seller_id=policy.seller_ids.get(account.name) or str(account.name),
        now=parts.clock.now(),
        mode=parts.mode.value,
        shows_offers=account.can(Capability.READ_OFFERS),
        library=library,
    )
    return Placed(account, desk)


def every_listing(parts: Parts, unit: Unit) -> Iterator[Listing]:
    """Of all accounts that are set up, but those that were deleted."""
    facts = FactStore(unit.session)
    for account in parts.accounts.opened.values():
        for listing in facts.listings(account.name):
            if listing.marketplace in account.marketplaces and listing.status is not ListingStatus.DELETED:
                yield listing


def currency_of(listing: Listing, limits: Mapping[Place, str]) -> str | None:
    """What a listing is priced in; None while nobody told."""
    if listing.price is not None:
        return listing.price.currency
    return limits.get((listing.account, listing.marketplace, listing.sku))


def unfit(parts: Parts, unit: Unit, book: RuleBook) -> dict[tuple[str, str], str]:
    """(rule, currency) → why that rule cannot be run for the listings of that currency which have it."""
    library, found = Library(book), dict[tuple[str, str], str]()
    now = parts.clock.now()
    facts = FactStore(unit.session)
    limits = {
        (x.account, x.marketplace, x.sku): x.currency
        for account in parts.accounts.opened.values()
        for marketplace in account.marketplaces
        for x in facts.price_limits(account.name, marketplace)
    }
    for listing in every_listing(parts, unit):
        currency = currency_of(listing, limits)
        if currency is None:
            continue
        try:
            library.compiled(listing, currency, now)
        except ValueError as e:
            name = library.rule_of(listing.account, listing.marketplace, listing.sku)
            found.setdefault((name or "", currency), f"{listing.sku} in {listing.marketplace}: {e}")
    return found


def looked_at(book: RuleBook, rule: Rule, document: str, scope: str | None) -> RuleBook:
    """The book as if this document were in force: in that scope, else where its name is assigned, else everywhere."""
    version = RuleVersion(rule.name, 0, document, "", _ANY, "")
    assignments = dict(book.assignments)
    if scope is not None:
        assignments[scope] = RuleAssignment(scope, 0, rule.name, "", _ANY, "")
    elif all(a.rule != rule.name for a in assignments.values()):
        assignments = {DEFAULT: RuleAssignment(DEFAULT, 0, rule.name, "", _ANY, "")}
    return replace(book, rules={**book.rules, rule.name: version}, assignments=assignments)


def account_of(parts: Parts, account: str) -> Account:
    """Raises ConfigError for one that is unknown or wrongly set up."""
    return parts.accounts.get(AccountId(account))


def new_problems(parts: Parts, unit: Unit, before: RuleBook, after: RuleBook) -> list[str]:
    """What an edit would break: scopes whose rule is gone, listings that could not run theirs. Old troubles are not
    told again."""
    lost = sorted(f"{s}: no rule {a.rule!r}" for s, a in after.assignments.items() if a.rule not in after.rules)
    if lost:
        return lost
    known = unfit(parts, unit, before)
    return [why for key, why in unfit(parts, unit, after).items() if known.get(key) != why]


def unknown_places(parts: Parts, unit: Unit, scopes: Iterable[str]) -> list[str]:
    """Scopes of listings and marketplaces that are not there."""
    known = {f"marketplace:{a.name}/{m}" for a in parts.accounts.opened.values() for m in a.marketplaces}
    known |= {scope_of_listing(x.account, x.marketplace, x.sku) for x in every_listing(parts, unit)}
    return sorted(s for s in scopes if s.startswith(("sku:", "marketplace:")) and s not in known)
