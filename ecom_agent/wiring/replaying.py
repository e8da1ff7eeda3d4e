"""App's verb to decide again: recorded events through an engine of today, beside what was decided then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId
from ecom_agent.records.replays import ReplayReport
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Unit
from ecom_agent.store.kept_events import EventKeeper
from ecom_agent.wiring.parts import Parts
from native_pricer import ListingConfig
from native_pricer.journal import about_listing, about_page
from pricing import backtest
from pricing.repricing.inputs import RepricePolicy
from pricing.rules import Compiled, compile_rule, read, today


def _under(policy: RepricePolicy, sku: str | None) -> backtest.Change:
    """Every listing (or this one) by this policy's rule and caps; its floor and ceiling stay."""

    def change(cfg: ListingConfig) -> ListingConfig:
        if sku not in (None, cfg.sku):
            return cfg
        return replace(
            cfg, clauses=(policy.rule,), rivals=policy.rivals, max_step_bp=policy.max_step_bp,
            max_day_bp=policy.max_day_bp, cooldown_s=policy.cooldown_s, max_event_age_s=policy.max_event_age_s,
        )  # fmt: skip

    return change


def _ruled(document: str, sku: str | None, at: datetime) -> backtest.Change:
    """Every listing (or this one) by the clauses, rival filter and pause of a written rule, as they are on this day.

    Its floor and ceiling stay as they were. Raises BadInput for a document that cannot be read or run.
    """
    rule = read(document)
    made: dict[tuple[str, str], Compiled] = {}

    def compiled(currency: str, condition: str) -> Compiled:
        found = compile_rule(rule, currency, condition, today(rule, at))
        if not isinstance(found, Compiled):
            raise BadInput("a rule that these listings can run", "; ".join(found), "correct the rule")
        if found.strategy is not None:
            raise BadInput("a rule without a strategy", found.strategy, "`ecom evaluate market` compares strategies")
        return found

    def change(cfg: ListingConfig) -> ListingConfig:
        if sku not in (None, cfg.sku):
            return cfg
        key = cfg.currency, cfg.condition
        found = made.get(key) or made.setdefault(key, compiled(*key))
        return replace(
            cfg,
            clauses=found.clauses,
            rivals=found.rivals,
            cooldown_s=max(cfg.cooldown_s, found.pause_s),
            strategy=None,
        )

    return change


class Replaying:
    parts: Parts

    def replay(
        self,
        account: str,
        since: datetime,
        until: datetime,
        *,
        sku: str | None = None,
        policy: Mapping[str, Any] | None = None,
        rules: str | None = None,
    ) -> ReplayReport:
        """Decide again on every event of these hours. The same rules must give the same; `policy` asks what another
        repricing policy would have decided on each, `rules` what a written rule (YAML) would have.

        Raises BadInput for hours that are none, or a policy or rule that cannot be read.
        """
        opened = self.parts.accounts.get(account)
        if since.tzinfo is None or until.tzinfo is None or until <= since:
            raise BadInput("--from before --to, both with a time zone", f"{since} to {until}", "correct the hours")
        change = None
        if policy is not None:
            change = _under(RepricePolicy.read(policy), sku)
        if rules is not None:
            if policy is not None:
                raise BadInput("another policy or another rule", "both", "ask one after the other")
            change = _ruled(rules, sku, until)
        with self.parts.database.unit() as unit:
            keeper = EventKeeper(unit.session)
            stretches = keeper.stretches(opened.name, since, until, self._about(unit, opened.name, sku))
            return backtest.report(opened.name, since, until, stretches, change, sku)

    def _about(self, unit: Unit, account: AccountId, sku: str | None) -> list[str] | None:
        """What a journal calls this SKU's listings and their pages; None: everything."""
        if sku is None:
            return None
        listings = [one for one in ListingStore(unit.session).all(account) if one.sku == sku]
        if not listings:
            raise NotFound(f"no listing {sku!r} is known on {account}")
        return [
            name
            for one in listings
            for name in (
                about_listing(one.marketplace, one.sku),
                about_page(one.marketplace, one.external_id, one.condition.lower()),
            )
        ]
