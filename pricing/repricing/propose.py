"""The sweep: every listing whose page's offers are known, through `decide`. Yields wishes, sends nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ecom_agent.actions.model import Action
from ecom_agent.automation import Run
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.telemetry import log
from native_pricer import Decision
from pricing.repricing.decide import decide
from pricing.repricing.inputs import PriceInputs, RepricePolicy, lowest_price
from pricing.repricing.wishes import wish

_log = log(__name__)


def propose(run: Run) -> Iterator[Action]:
    """Price changes for the silent pages of one marketplace, in order of SKU.

    A listing that cannot be decided on (two currencies on its page) is logged and left alone.
    Raises BadInput when the policy is wrong or does not say who we are on this account.
    """
    policy = RepricePolicy.read(run.policy)
    for listing, decision in _decisions(run, policy):
        action = wish(decision, account=run.account, slot=run.slot, mode=run.mode, policy_version=run.policy_version)
        if action is not None:
            yield action
        else:
            _log.debug("price held", sku=listing.sku, code=decision.code.value)


def _decisions(run: Run, policy: RepricePolicy) -> Iterator[tuple[Listing, Decision]]:
    pages = {(p.external_id, p.condition.lower()): p for p in run.facts.newest_offers(run.account, run.marketplace)}
    if not pages:
        return
    seller_id = policy.seller_id(run.account)
    limits = {x.sku: x for x in run.facts.price_limits(run.account, run.marketplace)}
    fees = {x.sku: x for x in run.facts.fee_quotes(run.account, run.marketplace)}
    for listing in sorted(run.facts.listings(run.account, run.marketplace), key=lambda x: x.sku):
        page = pages.get((listing.external_id, listing.condition.lower()))
        if page is None or listing.status is not ListingStatus.ACTIVE:
            continue
        own = limits.get(listing.sku)
        least = lowest_price(own, fees.get(listing.sku))
        try:
            yield listing, decide(PriceInputs(listing, own, least, page, seller_id, run.slot), policy)
        except ValueError as e:
            _log.warning("listing cannot be priced", sku=listing.sku, page=page.external_id, why=str(e))
