"""JSON patches of a listing as the marketplace reads and takes them, from a single call or out of a feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from platforms.simulated import constants as k
from platforms.simulated.state import AMAZON, Pending, PriceWrite
from platforms.simulated.wire import patched, purchasable

if TYPE_CHECKING:
    from platforms.simulated.world import World

_OPS = ("add", "replace", "merge", "delete")


class NoPatch(ValueError):
    """Not what the contract calls a patch; the message says what one needs."""


class Wished(NamedTuple):
    """What the patches come to: the whole offer, the quantity (None = not touched), and what is wrong with them."""

    offers: list[dict[str, Any]] | None
    quantity: int | None
    issues: list[dict[str, Any]]


def read(world: World, sku: str, patches: Sequence[Any]) -> Wished:
    """Changes nothing. Raises NoPatch."""
    offers: list[dict[str, Any]] | None = None
    quantity: int | None = None
    issues: list[dict[str, Any]] = []
    for one in patches:
        op, path, value = (
            (one.get("op"), one.get("path"), one.get("value")) if isinstance(one, Mapping) else (None,) * 3
        )
        if op not in _OPS or not isinstance(path, str):
            raise NoPatch(f"A patch needs an 'op' of {', '.join(_OPS)} and a 'path'.")
        try:
            if path == "/attributes/purchasable_offer":
                offers = patched.patched(purchasable.submitted(world, sku) if offers is None else offers, op, value)
            elif path == "/attributes/fulfillment_availability" and op != "delete":
                quantity = _quantity(world, sku, value)
            else:
                raise ValueError(f"The simulated marketplace cannot {op} {path}.")
        except (KeyError, IndexError, TypeError, AttributeError):
            issues.append(_issue("4000001", "The attribute does not have the shape of its product type.", path))
        except ValueError as e:
            issues.append(_issue("90220", str(e), path))
    return Wished(offers, quantity, issues)


def price_of(world: World, sku: str, offers: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole offer as `take_price` wants it; its rest is only named where it changes."""
    beside = purchasable.without_price(offers)
    same = beside == purchasable.without_price(purchasable.submitted(world, sku))
    return {"sku": sku, "price_minor": patched.price_minor(offers), **({} if same else {"beside": beside})}


def take_price(
    world: World, sku: str, price_minor: int, preview: bool, beside: list[dict[str, Any]] | None = None
) -> str:
    """Taken now, live after a while, or never (a fault). A preview is only noted. `beside`: the offer's rest."""
    submission = world.dice.uuid().replace("-", "")
    applies = not preview and not world.faults.strikes("not_applied", world.dice["faults"])
    write = PriceWrite(world.now, AMAZON, sku, price_minor, submission, preview, applies)
    world.ledger.writes.append(write)
    if applies:
        due = world.now + timedelta(seconds=k.APPLY_AFTER_S)
        world.pending.append(Pending(due, sku, price_minor, write, beside))
    return submission


def _quantity(world: World, sku: str, value: Any) -> int:
    quantity = value[0]["quantity"]
    if world.products[sku].is_fba or value[0].get("fulfillment_channel_code") != "DEFAULT":
        raise ValueError("'quantity' can only be set for the channel DEFAULT of an offer that the seller fulfils.")
    if type(quantity) is not int or not 0 <= quantity < 10**6:
        raise ValueError("'quantity' must be a whole number from 0.")
    return quantity


def _issue(code: str, message: str, path: str) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": [path.rsplit("/", 1)[-1]],
        "categories": ["INVALID_ATTRIBUTE"],
    }
