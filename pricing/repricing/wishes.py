"""A decision of the engine → the Action it wishes for. Pure."""

from __future__ import annotations

from datetime import datetime

from ecom_agent.actions import business
from ecom_agent.actions.model import WISHED, Action, Kind, Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices, read_business
from ecom_agent.records.catalog import Listing
from native_pricer import Decision
from native_pricer import Kind as Outcome
from pricing.repricing.companies import Companies, with_move
from pricing.repricing.inputs import NAME
from pricing.repricing.pages import moment


def wish(
    decision: Decision,
    *,
    account: AccountId,
    slot: datetime,
    mode: Mode,
    policy_version: int,
    companies: Companies | None = None,
) -> Action | None:
    """The Action of a MOVE, with what `companies` pay then; None for every other outcome."""
    d = decision
    if d.kind is not Outcome.MOVE or d.to_minor is None or d.sku is None or d.currency is None:
        return None
    told, reason = evidence(d), d.text
    if companies is not None and d.floor_minor is not None and d.before_minor is not None:
        moved = (Money(minor, d.currency) for minor in (d.before_minor, d.to_minor, d.floor_minor))
        also = with_move(companies, *moved)
        told |= also
        reason += f"; companies: {read_business(also[WISHED])}" if also else ""
    return Action(
        kind=Kind.PRICE_SET,
        account=account,
        marketplace=MarketplaceId(d.marketplace or ""),
        target=Sku(d.sku),
        before=None if d.before_minor is None else Money(d.before_minor, d.currency),
        after=Money(d.to_minor, d.currency),
        reason=reason,
        proposed_by=NAME,
        slot=slot,
        mode=mode,
        policy_version=policy_version,
        evidence=told,
    )


def wish_alone(
    listing: Listing, to: BusinessPrices, shown: BusinessPrices, *, slot: datetime, mode: Mode, policy_version: int
) -> Action | None:
    """The Action that gives companies other prices and leaves the consumer price; None where that is not known."""
    if listing.price is None:
        return None
    return Action(
        kind=Kind.PRICE_SET,
        account=listing.account,
        marketplace=listing.marketplace,
        target=listing.sku,
        before=listing.price,
        after=listing.price,
        reason=f"the rule's prices for companies: {to}; so far: {shown}",
        proposed_by=NAME,
        slot=slot,
        mode=mode,
        policy_version=policy_version,
        evidence=business.evidence(to, shown),
    )


def evidence(d: Decision) -> dict[str, str | int | bool | None]:
    """The facts seen and the limits that held; amounts in minor units of `currency`."""
    return {
        "event_id": d.event_id,
        "changed_at": None if d.changed_at_us is None else moment(d.changed_at_us).isoformat(),
        "asin": d.asin,
        "condition": d.condition,
        "currency": d.currency,
        "rival": d.rival_seller,
        "rival_landed_minor": d.rival_landed_minor,
        "buy_box_landed_minor": d.buy_box_minor,
        "we_hold_buy_box": d.we_hold_buy_box,
        "clause": d.clause,
        "rule": d.rule,
        "target_minor": d.target_minor,
        "code": d.code.value,
        "wanted_minor": d.wanted_minor,
        "floor_minor": d.floor_minor,
        "ceiling_minor": d.ceiling_minor,
        "clamp": d.clamp.value,
    }
