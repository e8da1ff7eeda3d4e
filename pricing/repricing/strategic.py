"""Which strategy prices a listing whose rule follows one: the rule names it, the lab chooses its genes.

The lab never reaches further than rules let it: a listing whose rule has no clause with a strategy gets none, and one
whose rule names a species only ever gets that species.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.ids import Sku
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.strategies import Stage, StrategyBook, StrategyPlace, StrategyRecord
from native_pricer.strategies import COAXING, Strategy, species, strategy
from pricing.lab.assign import strategy_of
from pricing.lab.inputs import LabPolicy
from pricing.rules import Library
from pricing.rules.words import LAB


@dataclass(frozen=True, slots=True)
class Assignments:
    """One marketplace's. `incumbent` prices where a rule leaves the choice to the lab, and it has none at work."""

    places: tuple[StrategyPlace, ...] = ()
    members: Mapping[str, Strategy] = field(default_factory=dict)
    policy: LabPolicy = field(default_factory=lambda: LabPolicy.read({}))

    @classmethod
    def of(cls, book: StrategyBook) -> Assignments:
        """Raises BadInput when the lab's policy is wrong."""
        return cls(tuple(book.places), dict(_members(book.members)), LabPolicy.read(book.policy))

    def strategy(self, named: str | None, sku: Sku) -> Strategy | None:
        """For a rule that names this strategy, or "lab"; None where it names none."""
        if named is None:
            return None
        found = self._at_work(named, sku)
        if found is not None:
            return found[1]
        return strategy(self.policy.incumbent if named == LAB else named)

    def sides(self, member: str, named: Mapping[Sku, str]) -> tuple[list[Sku], list[Sku]]:
        """The listings a canary is judged by: those that it prices, and those that it could price but for the draw.

        `named`: what each listing's rule names. Listings whose rule does not let it in are on neither side, nor are
        those that another canary prices: of both it would only be measured what has nothing to do with it.
        """
        ours, others = list[Sku](), list[Sku]()
        if member not in self.members:
            return ours, others
        canaries = {place.member for place in self.places if place.stage is Stage.CANARY}
        for sku, name in named.items():
            if name in (LAB, self.members[member].species):
                found = self._at_work(name, sku)
                if found is not None and found[0] == member:
                    ours.append(sku)
                elif found is None or found[0] not in canaries:
                    others.append(sku)
        return ours, others

    def _at_work(self, named: str, sku: Sku) -> tuple[str, Strategy] | None:
        able = self.members
        if named != LAB:
            able = {name: one for name, one in self.members.items() if one.species == named}
        return strategy_of(sku, self.places, able, self.policy.stages.canary_share_bp)


def named_strategies(listings: Iterable[Listing], library: Library, now: datetime) -> dict[Sku, str]:
    """What the rules of listings on sale name: a species or "lab". Without those whose rule names nothing, or cannot
    be run."""
    found = dict[Sku, str]()
    for listing in listings:
        if listing.status is not ListingStatus.ACTIVE or listing.price is None:
            continue
        try:
            rule = library.compiled(listing, listing.price.currency, now)
        except ValueError:
            continue
        if rule is not None and rule.strategy is not None:
            found[listing.sku] = rule.strategy
    return found


def _members(records: Iterable[StrategyRecord]) -> Iterable[tuple[str, Strategy]]:
    """Those that this program still knows and may use: species and genes may have changed since they were bred.

    Chance never switches on what its species ships switched off for legal reasons.
    """
    for record in records:
        try:
            one = Strategy(record.species, record.genes)
        except ValueError:
            continue
        genes = {gene.name: value for gene, value in zip(species(one.species).genes, one.genes, strict=True)}
        if not genes.get(COAXING):
            yield record.id, one
