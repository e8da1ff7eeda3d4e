"""App's verbs that show: read models for screens and commands, and the seller's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.policies import PolicyOffer
from ecom_agent.records.views import (
    Exceptional,
    Health,
    LimitsView,
    ListingStory,
    ListingView,
    Overview,
    ProcessHealth,
    QuarantineView,
)
from ecom_agent.records.zones import zones
from ecom_agent.store.db import Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.limits import view as shown
from ecom_agent.store.processes import ProcessStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.views import ViewStore
from ecom_agent.wiring import booking
from ecom_agent.wiring.accounts import scheduled
from ecom_agent.wiring.governing import offered
from ecom_agent.wiring.parts import Parts


class Showing:
    parts: Parts

    def overview(self) -> Overview:
        with self.parts.database.unit() as unit:
            seen = self._views(unit).overview()
            lacking = [(one.refuses, _lacks(one)) for one in offered(unit.session)]
        broken = tuple(
            Exceptional("error", f"{account} is not set up right", why, "health", None)
            for account, why in self.parts.accounts.broken.items()
        )
        urgent, others = ([wrong for refuses, wrong in lacking if refuses is this] for this in (True, False))
        return replace(seen, exceptions=(*broken, *urgent, *seen.exceptions, *others))

    def pricing(self) -> Sequence[ListingView]:
        with self.parts.database.unit() as unit:
            return self._views(unit).listings()

    def story(self, account: str, marketplace: str, sku: str) -> ListingStory:
        with self.parts.database.unit() as unit:
            return self._views(unit).story(AccountId(account), MarketplaceId(marketplace), Sku(sku))

    def health(self) -> Health:
        with self.parts.database.unit() as unit:
            seen = self._views(unit).health()
        return replace(seen, paused_accounts=(*self.parts.accounts.broken.items(), *seen.paused_accounts))

    def quarantine(self) -> Sequence[QuarantineView]:
        with self.parts.database.unit() as unit:
            return QuarantineStore(unit.session).open()

    def limits(self) -> Sequence[LimitsView]:
        """A row for every listing, with what the seller set; version 0 = nothing was set yet."""
        rows: list[LimitsView] = []
        with self.parts.database.unit() as unit:
            facts = FactStore(unit.session)
            for account in self.parts.accounts.opened.values():
                for marketplace in account.marketplaces:
                    known = {limit.sku: shown(limit) for limit in facts.price_limits(account.name, marketplace)}
                    for listing in facts.listings(account.name, marketplace):
                        currency = "USD" if listing.price is None else listing.price.currency
                        empty = LimitsView(
                            account.name, marketplace, listing.sku, currency, None, None, None, None, None, 0
                        )
                        rows.append(known.pop(listing.sku, empty))
                    rows.extend(known.values())
        return rows

    def set_limits(self, rows: Sequence[LimitsView], by: str) -> int:
        """Store the rows that differ, all or none. Raises BadInput that names the row."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            changed = LimitsStore(unit.session).set(rows, by=by, at=now)
            if changed:
                skus = sorted({row.sku for row in rows})
                book.audit.append(AuditEvent(now, None, "limits set", by, {"changed": changed, "skus": skus}))
        return changed

    def _views(self, unit: Unit) -> ViewStore:
        _version, policy = self.parts.policy(unit, "streams", {})
        _version, books = self.parts.policy(unit, booking.POLICY, {})
        return ViewStore(
            unit.session,
            now=self.parts.clock.now(),
            mode=self.parts.mode,
            streams=scheduled(self.parts.accounts, policy),
            quotas=self.parts.quota.snapshot(),
            database=self.parts.database.address,
            zones=zones(books),
        )

    def report_process(self, process: ProcessHealth) -> None:
        """The supervisor's word on one process."""
        with self.parts.database.unit() as unit:
            ProcessStore(unit.session).report(process, at=self.parts.clock.now())


def _lacks(one: PolicyOffer) -> Exceptional:
    title = f"Policy {one.name}: a newer one is shipped"
    return Exceptional("warning" if one.refuses else "info", title, one.says, "policies", None)
