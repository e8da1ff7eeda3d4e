"""The fake App's customers, unknown words and bindings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.bindings import Binding, BindingBoard, Review, Suggestion
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.costs import FxRate
from ecom_agent.records.daily import DaySales
from ecom_agent.records.likeness import BY_SKU, place_of
from ecom_agent.records.people import Buyer, Customer
from ecom_agent.records.unmapped import Unmapped

NASTY = "[click](javascript:alert(1)) <b>mug</b>"


class FakePeople:
    calls: list[tuple[Any, ...]]
    clock: Clock

    def _some_people(self) -> None:
        now = self.clock.now()
        seen = now - timedelta(days=40), now - timedelta(hours=3)
        self._customers = [
            Customer("ab" * 16, "ebay", 3, 2, *seen, None, Buyer("ebay", "t•••", "A•••", "a•••@mail.example")),
            Customer("cd" * 16, "tiktok_shop", 1, 0, *seen, seen[1], None),
        ]
        self._unmapped = [
            Unmapped("ebay_us", "ebay", "word", "return.status", "DREAMING", 4, *seen),
            Unmapped("shop", "shopify", "field", "orders: orders.moonPhase", "", 120, *seen),
        ]
        rate = FxRate("EUR", "USD", Decimal("1.0842"), now, "ECB")
        why = "no rate from GBP to EUR: enter one in the policy fx"
        self._rates = [rate]
        self._days = [
            DaySales(now.date(), "amazon_us", "ATVPDKIKX0DER", "America/Los_Angeles", 12, Money(21684, "USD"),
                     Money(20000, "EUR"), "EUR/USD 1.0842 of 2026-11-21 (ECB)", ""),
            DaySales(now.date(), "amazon_uk", "A1F83G8C2ARO7P", "Europe/London", 2, Money(1000, "GBP"), None, "", why),
        ]  # fmt: skip
        mug, same = self._listing("amazon_us", "MUG-01"), self._listing("shop", "CUP-9")
        odd = self._listing("ebay_us", "KETTLE", title=NASTY)
        bound = Binding(mug.account, mug.marketplace, mug.sku, Sku("MUG"), True, "by hand", "anna", now)
        sure = Suggestion(*place_of(same), Sku("MUG"), 1.0, "equal GTIN 04006381333931", False)
        choose = [
            Suggestion(*place_of(odd), Sku(sku), score, f"title 84% alike: {NASTY}", True)
            for sku, score in (("POT", 0.67), ("PAN", 0.64))
        ]
        alone = Review(self._listing("shop", "LAMP"), ())
        self._board = BindingBoard((bound,), (), (Review(same, (sure,)), Review(odd, tuple(choose)), alone))

    def _listing(self, account: str, sku: str, *, title: str = "Stoneware mug, 350 ml") -> Listing:
        now = self.clock.now()
        return Listing(
            AccountId(account), MarketplaceId("US"), Sku(sku), f"id-{sku}", None, title, ListingStatus.ACTIVE,
            Money(1290, "USD"), "new", "fbm", now, now, "04006381333931", "Acme",
        )  # fmt: skip

    def sales_by_day(self, days: int = 7) -> Sequence[DaySales]:
        return self._days

    def fx_rates(self, days: int = 30) -> Sequence[FxRate]:
        return self._rates

    def enter_fx_rates(self, rows: Sequence[Mapping[str, str]], source: str, by: str) -> int:
        self.calls.append(("enter_fx_rates", len(rows), source, by))
        return len(rows)

    def customers(self, most: int = 200) -> Sequence[Customer]:
        return self._customers[:most]

    def customer(self, key: str, *, plainly: bool = False, by: str | None = None) -> Customer:
        for one in self._customers:
            if one.key == key:
                if plainly:
                    self.calls.append(("customer", key, by))
                    return replace(one, buyer=Buyer("ebay", "tea_friend", "Ann", "ann@mail.example"))
                return one
        raise NotFound(f"no customer {key!r}: `ecom customers list` shows them")

    def customer_key(self, platform: str, id: str) -> str:
        return "ab" * 16

    def forget_customer(self, key: str, by: str) -> Mapping[str, int]:
        self.customer(key)
        self.calls.append(("forget_customer", key, by))
        return {"customers": 1, "messages": 2, "replies": 1, "payloads": 3, "webhooks": 0, "set_aside": 0}

    def retain(self) -> dict[str, int]:
        self.calls.append(("retain",))
        return {"persons": 2, "replies": 1, "payloads": 9}

    def unmapped(self) -> Sequence[Unmapped]:
        return self._unmapped

    def binding_board(self) -> BindingBoard:
        return self._board

    def bind(self, account: str, marketplace: str, sku: str, our_sku: str, by: str, why: str = "by hand") -> None:
        self.calls.append(("bind", account, sku, our_sku, by))
        self._drop(account, sku)

    def reject_binding(self, account: str, marketplace: str, sku: str, our_sku: str, by: str) -> None:
        self.calls.append(("reject_binding", account, sku, our_sku, by))
        self._drop(account, sku)

    def unbind(self, account: str, marketplace: str, sku: str, by: str) -> int:
        self.calls.append(("unbind", account, sku, by))
        return 1

    def accept_sure_bindings(self, by: str, least: float = BY_SKU) -> int:
        self.calls.append(("accept_sure_bindings", by))
        return 1

    def import_bindings(self, rows: Sequence[Mapping[str, str]], by: str) -> int:
        self.calls.append(("import_bindings", len(rows), by))
        return len(rows)

    def _drop(self, account: str, sku: str) -> None:
        left = tuple(r for r in self._board.reviews if (r.listing.account, r.listing.sku) != (account, sku))
        self._board = replace(self._board, reviews=left)

    def _no_people(self) -> None:
        self._customers, self._unmapped, self._board = [], [], BindingBoard((), (), ())
        self._days, self._rates = [], []
