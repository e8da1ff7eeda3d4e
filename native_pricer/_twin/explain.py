"""Why one part of a listing's rule decides and not another: worked out on demand by the readable twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from native_pricer._twin.listing import Listing
from native_pricer._twin.rule import choose, features, holds
from native_pricer._twin.view import look
from native_pricer.clauses import Condition, Feature
from native_pricer.words import ParsedEvent


class Missed(NamedTuple):
    """A clause that did not apply: its conditions that did not hold, each with the value seen (None = not known)."""

    clause: str
    failed: tuple[tuple[Condition, int | None], ...]


class Why(NamedTuple):
    """`clause` None: no part of the rule applies. `missed`: the earlier clauses, in order. `seen`: all features."""

    clause: str | None
    missed: tuple[Missed, ...]
    seen: Mapping[Feature, int | None]


def explain(listing: Listing, event: ParsedEvent | None, now: int) -> Why:
    """For this listing on that page (None: no page of offers). Pure."""
    cfg = listing.cfg
    if event is None:
        event = ParsedEvent(None, cfg.marketplace, cfg.asin, cfg.condition.lower(), now, None, None, ())
    view = look(event, cfg, cfg.rivals)
    seen = features(view, listing, now)
    chosen = choose(listing, view, now)
    missed = []
    for clause in cfg.clauses:
        if clause is chosen:
            break
        failed = tuple((c, seen[c.feature]) for c in clause.when if not holds(c, seen[c.feature]))
        missed.append(Missed(clause.name, failed))
    return Why(None if chosen is None else chosen.name, tuple(missed), seen)
