"""What a patch does to `purchasable_offer`. An instance is named by its marketplace, currency and audience.

`replace` and `add` put an instance in the place of the one so named, whole: what is not said is gone. `merge` changes
the sub-attributes that are named, a null takes one away, and makes the instance where there is none. `delete` takes
the named instance away. Instances that are not named stand. Pure; ValueError says what Amazon would call an issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from platforms.simulated.state import CURRENCY
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.purchasable import CONSUMERS, SELECTORS, Instance, is_consumers

HIGHEST_MINOR = 10_000_000
_AUDIENCES = ("ALL", "B2B")
_MOST_LEVELS = 5


def patched(instances: list[dict[str, Any]], op: str, value: Any) -> list[dict[str, Any]]:
    """The attribute after one patch; the value is a list of instances."""
    now = {_name(one): one for one in instances}
    if not value:
        raise ValueError("'value' must name at least one offer.")
    for raw in value:
        said = {**CONSUMERS, **raw}
        name = _name(said)
        if op == "delete":
            now.pop(name, None)
            continue
        base = {**now.get(name, {}), **said} if op == "merge" else said
        now[name] = {key: part for key, part in base.items() if part is not None}
    _check(list(now.values()))
    return list(now.values())


def price_minor(instances: list[dict[str, Any]]) -> int:
    """The consumers' regular price."""
    return next(_minor(_regular(one)) for one in instances if is_consumers(one))


def _name(one: Instance) -> tuple[Any, ...]:
    return tuple(one.get(name) for name in SELECTORS)


def _check(instances: list[dict[str, Any]]) -> None:
    if not any(is_consumers(one) for one in instances):
        raise ValueError("The simulated marketplace cannot take the consumers' offer away.")
    for one in instances:
        if one["marketplace_id"] != MARKETPLACE:
            raise ValueError("'marketplace_id' is not the marketplace of the request.")
        if one["currency"] != CURRENCY:
            raise ValueError(f"'currency' must be {CURRENCY}; found {one['currency']}.")
        if one["audience"] not in _AUDIENCES:
            raise ValueError(f"'audience' has an invalid enum value: {one['audience']}.")
        prices = [_minor(_regular(one))]
        for name in ("discounted_price", "minimum_seller_allowed_price", "maximum_seller_allowed_price", "map_price"):
            for price in one.get(name, ()):
                for step in price["schedule"]:
                    _minor(step["value_with_tax"])
        levels = list(_levels(one))
        if len(levels) > _MOST_LEVELS or any(one["audience"] != "B2B" for _ in levels):
            raise ValueError(f"'quantity_discount_plan' is for B2B and has at most {_MOST_LEVELS} levels.")
        bounds = [1, *(bound for bound, _ in levels)]
        prices += [price for _, price in levels]
        if any(a >= b for a, b in pairwise(bounds)) or any(a <= b for a, b in pairwise(prices)):
            raise ValueError("'levels' must rise in 'lower_bound' and fall in price.")


def _regular(one: Mapping[str, Any]) -> Any:
    if "our_price" not in one:
        raise ValueError("'our_price' is required but not supplied.")
    return one["our_price"][0]["schedule"][0]["value_with_tax"]


def _levels(one: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Bound and price of a unit in minor units, whether told as a price or in percent."""
    for plan in one.get("quantity_discount_plan", ()):
        for step in plan["schedule"]:
            for level in step["levels"]:
                if type(level["lower_bound"]) is not int:
                    raise ValueError("'lower_bound' must be a whole number.")
                if step["discount_type"] == "fixed":
                    yield level["lower_bound"], _minor(level["value"])
                else:
                    yield level["lower_bound"], round(_minor(_regular(one)) * (100 - level["value"]) / 100)


def _minor(value: Any) -> int:
    try:
        minor = Decimal(str(value)) * 100
    except InvalidOperation:
        raise ValueError("'value_with_tax' is not a number.") from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor < HIGHEST_MINOR:
        raise ValueError("'value_with_tax' must be a positive price with at most two decimals.")
    return int(minor)
