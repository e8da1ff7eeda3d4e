"""App's verbs around bindings: what is bound, what is suggested, a person's word on it. Suggestions bind nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from ecom_agent.actions.actors import is_person
from ecom_agent.actions.audit import AuditEvent
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.bindings import Binding, BindingBoard, Place, Review, Suggestion
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.likeness import BY_SKU, place_of, suggest
from ecom_agent.store.bindings import BindingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Unit
from ecom_agent.wiring.parts import Parts

BY_HAND: Final = "by hand"


class BindingListings:
    parts: Parts

    def binding_board(self) -> BindingBoard:
        """Everything about bindings at once, of all accounts."""
        with self.parts.database.unit() as unit:
            listings, said = self._listings(unit), BindingStore(unit.session).all()
        by_place: dict[Place, list[Suggestion]] = defaultdict(list)
        for one in suggest(listings.values(), said):
            by_place[one.place].append(one)
        bound = tuple(one for one in said if one.bound)
        taken = {one.place for one in bound}
        open_ = [x for x in listings.values() if place_of(x) not in taken and x.status is not ListingStatus.DELETED]
        reviews = [Review(x, tuple(by_place[place_of(x)])) for x in open_]
        reviews.sort(key=lambda r: (-(r.suggestions[0].score if r.suggestions else 0.0), place_of(r.listing)))
        return BindingBoard(bound, tuple(one for one in said if not one.bound), tuple(reviews))

    def bind(self, account: str, marketplace: str, sku: str, our_sku: str, by: str, why: str = BY_HAND) -> None:
        """A person says which product of ours a listing sells. Raises NotFound for a listing that is not there."""
        self._say([(account, marketplace, sku, our_sku, True, why)], by)

    def reject_binding(self, account: str, marketplace: str, sku: str, our_sku: str, by: str) -> None:
        """A person says which it does not sell: it is not suggested again."""
        self._say([(account, marketplace, sku, our_sku, False, "rejected")], by)

    def unbind(self, account: str, marketplace: str, sku: str, by: str) -> int:
        """Nothing was said of this listing any more; gives how many words of people are gone."""
        _only_persons(by)
        now = self.parts.clock.now()
        place = AccountId(account), MarketplaceId(marketplace), Sku(sku)
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            gone = BindingStore(unit.session).forget(place)
            if gone:
                detail = {"account": account, "marketplace": marketplace, "sku": sku}
                book.audit.append(AuditEvent(now, None, "binding dropped", by, detail))
        return gone

    def accept_sure_bindings(self, by: str, least: float = BY_SKU) -> int:
        """Bind what is suggested by GTIN or seller SKU and by nothing else contradicted; gives how many."""
        sure = [one for review in self.binding_board().reviews if (one := review.sure) and one.score >= least]
        self._say([(*one.place, one.our_sku, True, one.reason) for one in sure], by)
        return len(sure)

    def import_bindings(self, rows: Sequence[Mapping[str, str]], by: str) -> int:
        """Bind by a table with account, marketplace, sku, our_sku: all rows, or none if one is wrong. Gives how many.

        Raises BadInput and NotFound naming the row.
        """
        self._say([(r["account"], r["marketplace"], r["sku"], r["our_sku"], True, "imported") for r in rows], by)
        return len(rows)

    def _say(self, said: Sequence[tuple[str, str, str, str, bool, str]], by: str) -> None:
        _only_persons(by)
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            listings = self._listings(unit)
            words = []
            for account, marketplace, sku, our_sku, bound, why in said:
                place = AccountId(account), MarketplaceId(marketplace), Sku(sku)
                if place not in listings:
                    raise NotFound(f"no listing {account}/{marketplace}/{sku}: correct it, or pull listings")
                if not our_sku.strip():
                    raise BadInput(
                        f"a SKU of ours for {account}/{marketplace}/{sku}", repr(our_sku), "name the product"
                    )
                words.append(Binding(*place, Sku(our_sku.strip()), bound, why, by, now))
            BindingStore(unit.session).put(words)
            if words:
                detail = {"changed": len(words), "first": "/".join((*words[0].place, words[0].our_sku))}
                book.audit.append(AuditEvent(now, None, "bindings set", by, detail))

    def _listings(self, unit: Unit) -> dict[Place, Listing]:
        store = ListingStore(unit.session)
        return {place_of(x): x for account in self.parts.accounts.opened for x in store.all(account)}


def _only_persons(by: str) -> None:
    if not is_person(by):
        raise BadInput("the name of a person", repr(by), "listings are not bound by software")
