"""Only a listing that we know and that is on sale is changed."""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.records.catalog import ListingStatus

_ANSWERS = {
    ListingStatus.ACTIVE: Answer.ALLOW,
    ListingStatus.INACTIVE: Answer.HOLD,
    ListingStatus.SUPPRESSED: Answer.HOLD,
    ListingStatus.DELETED: Answer.DENY,
}


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind in (Kind.STRATEGY_STAGE, Kind.MESSAGE_SEND, Kind.BID_SET):
        return Answer.ALLOW, "not about a listing"
    listing = facts.listing
    if listing is None:
        return Answer.DENY, f"no listing {action.target} is known on {action.marketplace}"
    if (listing.account, listing.marketplace, listing.sku) != (action.account, action.marketplace, action.target):
        return Answer.DENY, "the facts are of another listing"
    return _ANSWERS[listing.status], f"the listing is {listing.status}"


GUARD = Guard("listing", _judge)
