"""What each outlet should be told now, so that at no moment more is promised than there is. Pure.

Lowering goes first and always may. Raising waits: for others to show fewer (what they may still promise counts, also
where a change of theirs is under way), for orders that were not read yet, and for facts that are too old.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.economics.pools import Pools, ours
from ecom_agent.records.pools import PLATFORM_HELD, Outlet, OutletKey
from inventory.allocation.inputs import AllocationInputs, Decision, Hold, Publish
from inventory.allocation.shares import order, rule, shares


def decide(seen: AllocationInputs, policy: AllocationPolicy) -> Mapping[OutletKey, Decision]:
    """One answer for each outlet of the book. Same facts, same answers, in whatever order the facts come."""
    pools = Pools(seen.book, policy)
    wanted = shares(pools)
    found: dict[OutletKey, Decision] = {}
    for outlet in sorted(seen.book.outlets, key=lambda o: order(pools, o)):
        want = wanted.get(outlet.key)
        why = _not_served(pools, outlet, seen.now) if want is not None else _not_shared(pools, outlet)
        if why is not None or want is None:
            found[outlet.key] = Hold(why or "it has no share", want)
            continue
        answer = _lower(pools, outlet, want) if want < outlet.shown else _raise(pools, outlet, want, seen.now)
        if isinstance(answer, Publish) and answer.to > outlet.shown:
            pools.claims[outlet.key] = max(pools.claims[outlet.key], answer.to)
        found[outlet.key] = answer
    return found


def _not_shared(pools: Pools, outlet: Outlet) -> str | None:
    if outlet.location in PLATFORM_HELD:
        return "the platform holds these units: they are not ours to set"
    if not ours(outlet):
        return f"the listing is {outlet.status}"
    if not rule(pools, outlet).publish:
        return "the policy leaves this channel alone"
    return f"{pools.uncounted(outlet)} was never counted"


def _not_served(pools: Pools, outlet: Outlet, now: datetime) -> str | None:
    if outlet.under_way:
        return "a change of it is under way"
    if old := _too_old(outlet.seen_at, now, pools.policy):
        return f"its stock was last read {old}"
    return None


def _lower(pools: Pools, outlet: Outlet, want: int) -> Decision:
    most = pools.room(outlet)
    if most is not None and outlet.shown <= most and want and outlet.shown - want < pools.policy.least_move:
        return Hold("too little to move", want)
    return Publish(want, want, _reason(pools, outlet, want))


def _raise(pools: Pools, outlet: Outlet, want: int, now: datetime) -> Decision:
    if want == outlet.shown:
        return Hold("it shows its share", want)
    if outlet.unexplained:
        return Hold(f"{outlet.unexplained} fewer are shown than were set, and no order says why yet", want)
    for other in (one for part in pools.parts(outlet) for one in pools.users[part]):
        if old := _too_old(other.orders_at, now, pools.policy):
            return Hold(f"orders of {other.account} were last read {old}", want)
    to = min(want, pools.room(outlet) or 0)
    if to <= outlet.shown:
        return Hold("others must show fewer first", want)
    if to - outlet.shown < pools.policy.least_move and outlet.shown > 0:
        return Hold("too little to move", want)
    return Publish(to, want, _reason(pools, outlet, want) + ("" if to == want else "; more when others show fewer"))


def _too_old(at: datetime | None, now: datetime, policy: AllocationPolicy) -> str | None:
    if at is None:
        return "never"
    return (
        f"{int((now - at) / timedelta(minutes=1))} min ago" if now - at > timedelta(minutes=policy.stale_min) else None
    )


def _reason(pools: Pools, outlet: Outlet, want: int) -> str:
    parts = [
        f"{pools.free[part]} of {part} may be sold on {len(pools.users[part])} channels"
        + (f", {each} for each" if each > 1 else "")
        for part, each in pools.parts(outlet).items()
    ]
    kind = "all of it" if pools.policy.shared else "its share"
    return f"{'; '.join(parts)}: {kind} is {want}"
