"""One account's outlets of all pools. Yields wishes, sends nothing.

Every account's run decides on the whole book and wishes only for its own channel: the same facts give all of them the
same shares.
"""

from __future__ import annotations

from collections.abc import Iterator

from ecom_agent.actions.model import Action, Kind
from ecom_agent.automation import Run
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.ids import Sku
from ecom_agent.records.pools import Outlet
from ecom_agent.telemetry import log
from inventory.allocation.decide import decide
from inventory.allocation.inputs import NAME, AllocationInputs, Hold, Publish

_log = log(__name__)


def propose(run: Run) -> Iterator[Action]:
    """Units to show at this account and marketplace, one location of a listing at a time: lowering before raising.

    Raises BadInput where the policy is wrong.
    """
    book = run.facts.pool_book(run.slot, account=run.account)
    if not book.shelves:
        return
    found = decide(AllocationInputs(book, run.slot), AllocationPolicy.read(book.policy))
    wished: dict[Sku, tuple[Outlet, Publish]] = {}
    for outlet in sorted(book.outlets, key=lambda o: o.key):
        if (outlet.account, outlet.marketplace) != (run.account, run.marketplace):
            continue
        answer = found[outlet.key]
        if isinstance(answer, Hold):
            _log.debug("stock held", account=outlet.account, sku=outlet.sku, why=answer.reason)
        elif outlet.sku not in wished or answer.to < outlet.shown:
            wished[outlet.sku] = outlet, answer
    for outlet, publish in wished.values():
        yield _wish(run, book.policy_version, outlet, publish)


def _wish(run: Run, policy_version: int, outlet: Outlet, answer: Publish) -> Action:
    return Action(
        kind=Kind.STOCK_SET,
        account=outlet.account,
        marketplace=outlet.marketplace,
        target=outlet.sku,
        before=outlet.shown,
        after=answer.to,
        reason=answer.reason,
        proposed_by=NAME,
        slot=run.slot,
        mode=run.mode,
        policy_version=policy_version,
        evidence={"location": outlet.location, "sku": outlet.own, "share": answer.wanted, "sold_14_days": outlet.sold},
    )
