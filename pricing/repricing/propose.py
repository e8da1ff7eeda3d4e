"""The sweep: every listing whose page's offers are known, and those that need none. Yields wishes, sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecom_agent.actions.model import Action
from ecom_agent.automation import Run
from ecom_agent.ids import Sku
from ecom_agent.records.catalog import Listing
from ecom_agent.telemetry import log
from native_pricer import Decision
from pricing.repricing.companies import Companies, alone, companies
from pricing.repricing.decide import answer
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.pages import moment
from pricing.repricing.ruled import Ruled, open_desk
from pricing.repricing.wishes import wish, wish_alone

_log = log(__name__)


def propose(run: Run) -> Iterator[Action]:
    """Price changes for the silent pages of one marketplace, in order of SKU.

    A listing that cannot be decided on (two currencies on its page, a rule in another currency) is logged and left
    alone.
    Raises BadInput when the policy is wrong or does not say who we are on this account.
    """
    policy = RepricePolicy.read(run.policy)
    for listing, ruled, decision in _decisions(run, policy):
        found = companies(listing, ruled)
        action = wish(
            decision,
            account=run.account,
            slot=run.slot,
            mode=run.mode,
            policy_version=run.policy_version,
            companies=found,
        )
        if action is None and found is not None:
            action = _for_companies(run, listing, ruled, found)
        if action is not None:
            yield action
        else:
            _log.debug("price held", sku=listing.sku, code=decision.code.value)


def _for_companies(run: Run, listing: Listing, ruled: Ruled, found: Companies) -> Action | None:
    """The price stays, and they do not pay what the rule says."""
    changed_us, floor = ruled.cfg.last_change_us, ruled.band.least.price
    if listing.price is None or floor is None or floor.currency != listing.price.currency:
        return None
    news = changed_us is None or listing.seen_at >= moment(changed_us)
    to = alone(found, listing.price, floor, news=news)
    if to is None:
        return None
    return wish_alone(listing, to, found.shown, slot=run.slot, mode=run.mode, policy_version=run.policy_version)


def _decisions(run: Run, policy: RepricePolicy) -> Iterator[tuple[Listing, Ruled, Decision]]:
    """Of every listing whose page is known; in a shop of one's own, of those that have a rule."""
    desk = open_desk(
        run.facts,
        run.account,
        run.marketplace,
        policy=policy,
        seller_id=policy.seller_ids.get(run.account) or str(run.account),
        now=run.slot,
        mode=run.mode.value,
        shows_offers=run.shows_offers,
    )
    if run.shows_offers:
        if not desk.pages:
            return
        policy.seller_id(run.account)
    memories: Mapping[Sku, bytes] | None = None
    for listing in desk.listings:
        try:
            ruled = desk.ruled(listing)
            if ruled is None or (ruled.page is None and (run.shows_offers or ruled.rule is None)):
                continue
            if memories is None and ruled.cfg.strategy is not None:
                memories = run.facts.strategy_memories(run.account, run.marketplace, run.slot)
            memory = None if memories is None else memories.get(listing.sku)
            yield listing, ruled, answer(ruled.cfg, ruled.facts, ruled.page, run.slot, policy.max_sweep_age_s, memory)
        except ValueError as e:
            _log.warning("listing cannot be priced", sku=listing.sku, page=listing.external_id, why=str(e))
