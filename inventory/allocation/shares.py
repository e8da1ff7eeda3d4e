"""How many units each outlet should show. Pure whole-number sums; the same for any order of the outlets.

Split: one unit after the other goes to whom its weight entitles most (D'Hondt: weight / units it would then have), so
that more stock never gives anybody less. The first `few_units` belong to whoever goes first. Where a bundle's part is
used up, the others of its other parts go on. Counted in jumps, not in units: a pool may hold thousands.
Shared: each may show all that is there, down to a bound on what all show together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from ecom_agent.economics.allocation_policy import ChannelRule
from ecom_agent.economics.pools import Pools, ours
from ecom_agent.ids import Sku
from ecom_agent.records.pools import Outlet, OutletKey

_FINE: Final = 1 << 20
"""Steps per unit of weight in the search for the level up to which all are filled; ties are settled one by one."""
Units = dict[OutletKey, int]


def shares(pools: Pools) -> Mapping[OutletKey, int]:
    """Units for every outlet that is served, of SKUs that were counted."""
    served = [o for o in pools.book.outlets if ours(o) and rule(pools, o).publish and pools.uncounted(o) is None]
    found: Units = {}
    for group in groups(pools, served):
        found.update(_group(pools, sorted(group, key=lambda o: order(pools, o))))
    return found


def rule(pools: Pools, outlet: Outlet) -> ChannelRule:
    return pools.policy.channel(outlet.account, outlet.marketplace)


def order(pools: Pools, outlet: Outlet) -> tuple[int, OutletKey]:
    """Who goes first: the policy's priority, then names, so that it is always the same one."""
    return rule(pools, outlet).priority, outlet.key


def groups(pools: Pools, served: Sequence[Outlet]) -> list[list[Outlet]]:
    """Outlets that share a SKU, directly or through bundles, together."""
    home: dict[Sku, list[Outlet]] = {}
    for outlet in served:
        merged = [outlet]
        for other in {id(home[part]): home[part] for part in pools.parts(outlet) if part in home}.values():
            merged += other
        for part in {part for one in merged for part in pools.parts(one)}:
            home[part] = merged
    return list({id(group): group for group in home.values()}.values())


def _group(pools: Pools, outlets: Sequence[Outlet]) -> Units:
    """The same, until nobody is left with fewer than is worth showing."""
    fill = _shared if pools.policy.shared else _split
    shut: set[OutletKey] = set()
    while True:
        found = fill(pools, outlets, shut)
        small = [o for o in outlets if 0 < found[o.key] < rule(pools, o).least]
        if not small:
            return found
        shut.add(small[-1].key)


def _left(pools: Pools, outlets: Sequence[Outlet]) -> dict[Sku, int]:
    """What may be shown of each part by these, besides those that are left alone."""
    served = {outlet.key for outlet in outlets}
    left = {}
    for part in {part for outlet in outlets for part in pools.parts(outlet)}:
        alone = (one for one in pools.users[part] if one.key not in served)
        left[part] = max(0, pools.most[part] - sum(pools.claims[o.key] * pools.parts(o)[part] for o in alone))
    return left


def _cap(pools: Pools, outlet: Outlet, shut: set[OutletKey]) -> int:
    line = rule(pools, outlet)
    if outlet.key in shut or line.weight == 0:
        return 0
    whole = min(pools.free[part] // each for part, each in pools.parts(outlet).items())
    return whole if line.most is None else min(whole, line.most)


def _shared(pools: Pools, outlets: Sequence[Outlet], shut: set[OutletKey]) -> Units:
    left, found, seen = _left(pools, outlets), Units(), set[Sku]()
    for outlet in outlets:
        parts, most = pools.parts(outlet), _cap(pools, outlet, shut)
        scarce = any(part in seen and pools.free[part] <= pools.policy.few_units for part in parts)
        found[outlet.key] = 0 if scarce else min(most, *(left[part] // each for part, each in parts.items()))
        for part, each in parts.items():
            left[part] -= found[outlet.key] * each
        if most:
            seen.update(parts)
    return found


def _split(pools: Pools, outlets: Sequence[Outlet], shut: set[OutletKey]) -> Units:
    left, caps = _left(pools, outlets), {o.key: _cap(pools, o, shut) for o in outlets}
    weights = {o.key: _weight(pools, o) for o in outlets}
    found, first = dict.fromkeys(caps, 0), set[Sku]()
    for outlet in outlets:
        if caps[outlet.key] and not first & set(pools.parts(outlet)):
            _give(pools, outlet, min(pools.policy.few_units, caps[outlet.key]), found, left)
        if caps[outlet.key]:
            first.update(pools.parts(outlet))
    open_ = [o for o in outlets if _fits(pools, o, found, caps, left)]
    while open_:
        level = _level(partial(_asked, pools, open_, weights, found, caps), left)
        for outlet in open_:
            _give(pools, outlet, _at(weights[outlet.key], found, caps, outlet.key, level), found, left)
        _one_more(pools, open_, weights, found, caps, left)
        open_ = [o for o in open_ if _fits(pools, o, found, caps, left)]
    return found


def _weight(pools: Pools, outlet: Outlet) -> int:
    return rule(pools, outlet).weight * (max(1, outlet.sold) if pools.policy.by_sales else 1)


def _fits(pools: Pools, outlet: Outlet, found: Units, caps: Units, left: Mapping[Sku, int]) -> bool:
    parts = pools.parts(outlet).items()
    return found[outlet.key] < caps[outlet.key] and all(left[part] >= each for part, each in parts)


def _give(pools: Pools, outlet: Outlet, units: int, found: Units, left: dict[Sku, int]) -> None:
    """As many more as there are parts for."""
    parts = pools.parts(outlet).items()
    more = min(units, *(left[part] // each for part, each in parts))
    found[outlet.key] += more
    for part, each in parts:
        left[part] -= more * each


def _at(weight: int, found: Units, caps: Units, key: OutletKey, level: int) -> int:
    """How many more it would have where everybody is filled up to `level`."""
    return max(0, min(caps[key], weight * level // _FINE) - found[key])


def _asked(
    pools: Pools, some: Sequence[Outlet], weights: Units, found: Units, caps: Units, level: int
) -> dict[Sku, int]:
    asked: dict[Sku, int] = {}
    for outlet in some:
        more = _at(weights[outlet.key], found, caps, outlet.key, level)
        for part, each in pools.parts(outlet).items():
            asked[part] = asked.get(part, 0) + more * each
    return asked


def _level(asked: Callable[[int], Mapping[Sku, int]], left: Mapping[Sku, int]) -> int:
    """The highest level for which there is enough of every part."""
    low, high = 0, (max(left.values()) + 1) * _FINE
    while low < high:
        middle = (low + high + 1) // 2
        if all(units <= left[part] for part, units in asked(middle).items()):
            low = middle
        else:
            high = middle - 1
    return low


def _one_more(
    pools: Pools, some: Sequence[Outlet], weights: Units, found: Units, caps: Units, left: dict[Sku, int]
) -> None:
    """One unit each, in the order of entitlement, until one of them finds its part used up or is full."""
    able = list(some)
    while able:
        best = max(able, key=lambda o: (Fraction(weights[o.key], found[o.key] + 1), -some.index(o)))
        if not _fits(pools, best, found, caps, left):
            return
        _give(pools, best, 1, found, left)
