"""Looking at rules without changing anything: why a listing has its rule, and what another rule would decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.rule_views import MissedClause, RulePreview, RulePreviewLine, RuleWhy
from ecom_agent.records.rules import RuleBook
from ecom_agent.store.db import Unit
from ecom_agent.store.kept_events import EventKeeper
from ecom_agent.wiring.accounts import Account
from ecom_agent.wiring.parts import Parts
from ecom_agent.wiring.rule_desks import desk_of
from native_pricer import Decision, ListingConfig, epoch_us
from native_pricer import amount as told_amount
from native_pricer.journal import about_listing, about_page
from pricing.backtest import rerun
from pricing.repricing import pages
from pricing.repricing.decide import answer, told
from pricing.repricing.ruled import Desk, Ruled
from pricing.rules import Library, business_prices, why
from pricing.rules.tell import feature, lacked

MOST_LINES: Final = 200
MOST_RECORDED: Final = 20
"""Listings whose recorded events a preview looks at: it answers while somebody waits."""


def why_rule(desk: Desk, listing: Listing) -> RuleWhy:
    """All of it for one listing of this desk."""
    found = why(desk.library.book, (listing.account, listing.marketplace, listing.sku))
    winner = found.winner
    version = None if winner is None else desk.library.book.rules.get(winner.rule or "")
    bare = RuleWhy(
        account=listing.account,
        marketplace=listing.marketplace,
        sku=listing.sku,
        rule=None if winner is None else winner.rule,
        version=None if version is None else version.version,
        scope=None if winner is None else winner.scope,
        overridden=tuple((a.scope, a.rule or "") for a in found.overridden),
        clause=None, missed=(), seen=(), price=None if listing.price is None else str(listing.price), wanted=None,
        decision="", floor="", ceiling="", business=(), problem=None,
    )  # fmt: skip
    try:
        ruled = desk.ruled(listing)
        if ruled is None:
            return replace(bare, problem=f"the listing is {listing.status}, and no part of the rule asks for that")
        return _explained(bare, desk, ruled)
    except ValueError as e:
        return replace(bare, problem=str(e))


def _explained(bare: RuleWhy, desk: Desk, ruled: Ruled) -> RuleWhy:
    cfg, band = ruled.cfg, ruled.band
    problem = None
    if ruled.page is None and desk.shows_offers:
        problem = "the offers on its page are not known yet"
        decision = None
    else:
        decision = answer(cfg, ruled.facts, ruled.page, desk.now, desk.policy.max_sweep_age_s)
    event = None if ruled.page is None else pages.event(ruled.page)
    engine = told(cfg, ruled.facts, desk.policy.max_sweep_age_s)
    seen = engine.explain(cfg.marketplace, cfg.sku, event, epoch_us(desk.now))
    return replace(
        bare,
        clause=seen.clause,
        missed=tuple(MissedClause(m.clause, tuple(lacked(c, v) for c, v in m.failed)) for m in seen.missed),
        seen=tuple(feature(what, value) for what, value in seen.seen.items()),
        wanted=None if decision is None or decision.to_minor is None else told_amount(decision.to_minor, cfg.currency),
        decision="" if decision is None else decision.text,
        floor=band.least.reason if band.least.price is None else f"{band.least.price} ({band.least.reason})",
        ceiling="none" if band.most is None else str(band.most),
        business=_business(ruled),
        problem=problem,
    )


def _business(ruled: Ruled) -> tuple[tuple[int, str], ...]:
    """For one unit and for each tier, off the price as it is."""
    spec, price, floor = (
        None if ruled.rule is None else ruled.rule.business,
        ruled.cfg.price_minor,
        ruled.band.least.price,
    )
    if spec is None or price is None or floor is None:
        return ()
    found = business_prices(Money(price, ruled.cfg.currency), floor, spec)
    return ((1, str(found.price)), *((units, str(tier)) for units, tier in found.tiers))


@dataclass(slots=True)
class _Tally:
    decisions: int = 0
    different: int = 0
    moves_now: int = 0
    moves_then: int = 0
    lines: list[RulePreviewLine] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, line: RulePreviewLine) -> None:
        self.decisions += 1
        self.moves_now += line.now is not None
        self.moves_then += line.then is not None
        if line.now != line.then:
            self.different += 1
            if len(self.lines) < MOST_LINES:
                self.lines.append(line)

    def shown(self, source: str) -> RulePreview:
        return RulePreview(
            source, self.decisions, self.different, self.moves_now, self.moves_then, tuple(self.lines),
            tuple(self.skipped.items())[:MOST_LINES],
        )  # fmt: skip


def preview(parts: Parts, unit: Unit, book: RuleBook, other: RuleBook, hours: int) -> RulePreview:
    """Decisions under `other` beside those under `book`, where the two give a listing different rules."""
    newest, recorded = _Tally(), _Tally()
    now_library, then_library = Library(book), Library(other)
    for account in parts.accounts.opened.values():
        for marketplace in account.marketplaces:
            then = desk_of(parts, unit, account, marketplace, then_library).desk
            moved = [x for x in then.listings if _rule(now_library, x) != _rule(then_library, x)]
            if not moved:
                continue
            now = replace(then, library=now_library)
            _on_records(parts, unit, account, marketplace, then, moved[:MOST_RECORDED], hours, recorded)
            for listing in moved:
                _on_newest(now, then, listing, newest)
    if recorded.decisions:
        recorded.skipped |= newest.skipped
        return recorded.shown(
            f"events recorded in the last {hours} hours, at most {MOST_RECORDED} listings a marketplace"
        )
    return newest.shown("the newest known offers")


def _rule(library: Library, listing: Listing) -> tuple[str | None, str | None]:
    name = library.rule_of(listing.account, listing.marketplace, listing.sku)
    version = library.book.rules.get(name or "")
    return name, None if version is None else version.document


def _on_newest(now: Desk, then: Desk, listing: Listing, tally: _Tally) -> None:
    try:
        ruled = then.ruled(listing)
        if ruled is None or (ruled.page is None and then.shows_offers):
            return
        other = answer(ruled.cfg, ruled.facts, ruled.page, then.now, then.policy.max_sweep_age_s)
    except ValueError as e:
        tally.skipped[listing.sku] = str(e)
        return
    present = _decision_now(now, listing)
    seen_at = then.now if ruled.page is None else ruled.page.seen_at
    tally.add(
        RulePreviewLine(
            at=seen_at,
            sku=listing.sku,
            before=None if listing.price is None else str(listing.price),
            now=None if present is None else _price(present, ruled.cfg),
            then=_price(other, ruled.cfg),
            clause=other.clause or "",
            why=other.text,
        )
    )


def _decision_now(now: Desk, listing: Listing) -> Decision | None:
    try:
        ruled = now.ruled(listing)
        if ruled is None or (ruled.page is None and (now.shows_offers or ruled.rule is None)):
            return None
        return answer(ruled.cfg, ruled.facts, ruled.page, now.now, now.policy.max_sweep_age_s)
    except ValueError:
        return None


def _on_records(
    parts: Parts, unit: Unit, account: Account, marketplace: MarketplaceId, then: Desk, listings: list[Listing],
    hours: int, tally: _Tally,
) -> None:  # fmt: skip
    """Decide again on the kept events of these listings, each under its other rule."""
    others: dict[str, ListingConfig] = {}
    about: list[str] = []
    for listing in listings:
        try:
            ruled = then.ruled(listing)
        except ValueError:
            continue
        if ruled is not None:
            others[listing.sku] = ruled.cfg
            about += [
                about_listing(marketplace, listing.sku),
                about_page(marketplace, listing.external_id, listing.condition.lower()),
            ]
    if not others:
        return

    def change(cfg: ListingConfig) -> ListingConfig:
        other = others.get(cfg.sku)
        if other is None or cfg.marketplace != marketplace:
            return cfg
        return replace(
            cfg, clauses=other.clauses, rivals=other.rivals, floor_minor=other.floor_minor,
            ceiling_minor=other.ceiling_minor, cooldown_s=other.cooldown_s,
        )  # fmt: skip

    since, until = then.now - timedelta(hours=hours), then.now
    for _run, calls in EventKeeper(unit.session).stretches(account.name, since, until, about):
        for pairs in rerun(calls, since, until, change):
            for p in pairs:
                if p.sku is None or p.sku not in others or p.marketplace != marketplace:
                    continue
                currency = others[p.sku].currency
                tally.add(
                    RulePreviewLine(
                        at=p.at,
                        sku=p.sku,
                        before=None if p.before_minor is None else told_amount(p.before_minor, currency),
                        now=None if p.then_minor is None else told_amount(p.then_minor, currency),
                        then=None if p.now_minor is None else told_amount(p.now_minor, currency),
                        clause=p.differs.get("clause", ("", ""))[1],
                        why=p.now_code,
                    )
                )


def _price(decision: Decision, cfg: ListingConfig) -> str | None:
    return None if decision.to_minor is None else told_amount(decision.to_minor, cfg.currency)
