"""App's verbs around the stock book: what we have, what each channel shows and why, counting, sharing out at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.economics.pools import buffer, sellable
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import Sku
from ecom_agent.records.pools import EntryKind, Outlet, OutletKey, OutletView, PoolBook, PoolEntry, PoolView
from ecom_agent.store.pools import PoolStore
from ecom_agent.wiring.deciding import Deciding
from inventory.allocation import AUTOMATION
from inventory.allocation.decide import decide
from inventory.allocation.inputs import AllocationInputs, Decision, Publish

_MOST: Final = 10_000_000


class Stocking(Deciding):
    def pools(self, sku: str | None = None) -> Sequence[PoolView]:
        """Every pool, or the one of this product of ours, as of now. Raises NotFound for a product nobody knows."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            store = PoolStore(unit.session)
            book, known = store.book(now), store.skus()
        if sku is not None and sku not in known:
            raise NotFound(f"no product {sku!r}: bind a listing to it, or count it first")
        policy = AllocationPolicy.read(book.policy)
        found = decide(AllocationInputs(book, now), policy)
        wanted = sorted(known) if sku is None else [Sku(sku)]
        return [_view(one, book, policy, found) for one in wanted if one not in policy.bundles]

    def stock_entries(self, sku: str) -> Sequence[PoolEntry]:
        """What was entered for one product, the newest first."""
        with self.parts.database.unit() as unit:
            return PoolStore(unit.session).entries(Sku(sku))

    def count_stock(self, units: Mapping[str, int], by: str, note: str = "") -> int:
        """So many of each lie on the shelf now, with those of orders that were not shipped yet. Gives how many.

        Raises BadInput for a product nobody knows, or units that cannot be; then nothing is entered.
        """
        return self._enter({Sku(sku): n for sku, n in units.items()}, EntryKind.COUNT, by, note)

    def move_stock(self, sku: str, units: int, by: str, note: str) -> int:
        """So many came (> 0) or went (< 0) beside orders. Gives what is on hand then."""
        with self.parts.database.unit() as unit:
            if Sku(sku) not in PoolStore(unit.session).book(self.parts.clock.now()).shelves:
                raise BadInput("a product that was counted", sku, "count it first: `ecom stock count`")
        self._enter({Sku(sku): units}, EntryKind.MOVE, by, note)
        return self.pools(sku)[0].on_hand or 0

    def reallocate(self, slot: datetime) -> dict[str, int]:
        """Share out at every account and marketplace now: after orders came in. Gives counts by state.

        Nothing where nothing was ever counted.
        """
        counts: Counter[str] = Counter()
        with self.parts.database.unit() as unit:
            if not PoolStore(unit.session).counted():
                return {}
        for account in self.parts.accounts.opened.values():
            for marketplace in account.marketplaces:
                counts.update(self.propose(AUTOMATION.name, account.name, marketplace, slot))
        return dict(counts)

    def _enter(self, units: Mapping[Sku, int], kind: EntryKind, by: str, note: str) -> int:
        now = self.parts.clock.now()
        least = 0 if kind is EntryKind.COUNT else -_MOST
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            store = PoolStore(unit.session)
            known = store.skus()
            for sku, n in units.items():
                if sku not in known:
                    raise BadInput("a product that a listing is bound to, or a bundle's part", sku, "bind it first")
                if type(n) is not int or not least <= n <= _MOST:
                    raise BadInput(f"{sku}: a whole number from {least} to {_MOST}", repr(n), "correct it")
            store.add([PoolEntry(sku, kind, n, now, by, note) for sku, n in units.items()])
            detail = {"kind": kind.value, "units": dict(units), "note": note}
            book.audit.append(AuditEvent(now, None, "stock entered", by, detail))
        return len(units)


def _view(sku: Sku, book: PoolBook, policy: AllocationPolicy, found: Mapping[OutletKey, Decision]) -> PoolView:
    shelf = book.shelves.get(sku)
    outlets = [outlet for outlet in book.outlets if sku in policy.parts(outlet.own)]
    return PoolView(
        sku=sku,
        on_hand=None if shelf is None else shelf.on_hand,
        reserved=None if shelf is None else shelf.reserved,
        buffer=None if shelf is None else buffer(shelf, policy),
        sellable=None if shelf is None else sellable(shelf, policy),
        counted_at=None if shelf is None else shelf.counted_at,
        mode="shared" if policy.shared else "split",
        outlets=tuple(_outlet(outlet, policy.parts(outlet.own)[sku], found[outlet.key]) for outlet in outlets),
    )


def _outlet(outlet: Outlet, each: int, answer: Decision) -> OutletView:
    return OutletView(
        account=outlet.account,
        marketplace=outlet.marketplace,
        sku=outlet.sku,
        location=outlet.location,
        each=each,
        shown=outlet.shown,
        share=answer.wanted,
        wanted=answer.to if isinstance(answer, Publish) else None,
        why=answer.reason,
        seen_at=outlet.seen_at,
        orders_at=outlet.orders_at,
    )
