"""Which rule a listing has: default < marketplace < brand < tag < SKU, the narrowest assignment wins. Pure.

A brand is the tag "brand:<name>", since no platform's listing tells it reliably. Where several brands or tags of one
listing have assignments, the first in the alphabet wins; `Why` names the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.rules import Place, RuleAssignment, RuleBook

DEFAULT: Final = "default"
BRAND: Final = "brand:"
KINDS: Final = ("default", "marketplace", "brand", "tag", "sku")
_FORM: Final = "default, marketplace:<account>/<id>, brand:<name>, tag:<name> or sku:<account>/<marketplace>/<sku>"
_PARTS: Final = {"marketplace": 2, "brand": 1, "tag": 1, "sku": 3}
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Why:
    """The assignment that decides for a listing (None = none does), and those it stands over, the nearest first."""

    winner: RuleAssignment | None
    overridden: tuple[RuleAssignment, ...]


def tag(text: str) -> str:
    """A tag in the form in which it is kept and compared. Raises BadInput."""
    read = " ".join(text.split()).casefold()
    if not read or len(read) > _LONGEST or not read.isprintable() or "," in read:
        raise BadInput("a tag of plain text without commas", repr(text[:60]), "write it like 'winter' or 'brand:acme'")
    return read


def scope(text: str) -> str:
    """A scope in the form in which it is kept. Raises BadInput."""
    text = text.strip()
    if text.casefold() == DEFAULT:
        return DEFAULT
    kind, colon, rest = text.partition(":")
    kind = kind.strip().casefold()
    if colon and kind in ("brand", "tag"):
        return f"{kind}:{tag(rest)}"
    parts = rest.strip().split("/", 2 if kind == "sku" else 1)
    if kind not in _PARTS or len(parts) != _PARTS[kind] or not all(p.strip() for p in parts) or not rest.isprintable():
        raise BadInput(f"a scope: {_FORM}", repr(text[:80]), "correct it")
    return f"{kind}:{'/'.join(part.strip() for part in parts)}"


def scope_of_listing(account: AccountId, marketplace: MarketplaceId, sku: Sku) -> str:
    return f"sku:{account}/{marketplace}/{sku}"


def scopes_of(place: Place, tags: Iterable[str]) -> Iterator[str]:
    """All scopes that hold a listing, the narrowest first."""
    account, marketplace, sku = place
    ordered = sorted(tags)
    yield scope_of_listing(account, marketplace, sku)
    yield from (f"tag:{name}" for name in ordered if not name.startswith(BRAND))
    yield from (name for name in ordered if name.startswith(BRAND))
    yield f"marketplace:{account}/{marketplace}"
    yield DEFAULT


def why(book: RuleBook, place: Place) -> Why:
    """Which assignment decides for this listing."""
    found = [
        assignment
        for name in scopes_of(place, book.tags.get(place, ()))
        if (assignment := book.assignments.get(name)) is not None and assignment.rule is not None
    ]
    return Why(found[0] if found else None, tuple(found[1:]))
