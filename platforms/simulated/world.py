"""The world: seed + tick → state. Nothing else moves it but the commands that come in through the vendors' APIs.

One tick is a minute: due steps (prices going live, orders moving on, shipments arriving), rivals, featured
offers, buyers, notices. The laws live in demand, rivals, featured, logistics and fees; here is only their order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from platforms.simulated import constants as k
from platforms.simulated import demand, featured, lives, logistics, notices, opening, rivals, sales, shelf
from platforms.simulated.ads import auction
from platforms.simulated.ads import lives as ad_lives
from platforms.simulated.ads.model import Ads
from platforms.simulated.agenda import Agenda
from platforms.simulated.channels import ads as channel_ads
from platforms.simulated.channels import box
from platforms.simulated.channels import constants as channel_constants
from platforms.simulated.channels import sales as channel_sales
from platforms.simulated.channels.model import Channel
from platforms.simulated.dice import Dice
from platforms.simulated.faults import FaultPlan
from platforms.simulated.hooks import HookBook
from platforms.simulated.queue import Queue
from platforms.simulated.sellers import FIRST, amazon_id
from platforms.simulated.shelf import Apart
from platforms.simulated.state import AMAZON, BulkRun, FeedBook, Ledger, Offer, Page, Pending, Stock, Subscription

TICK = timedelta(seconds=k.TICK_S)
_SHOP_TIME = timedelta(hours=k.SHOP_TIME_OFFSET_H)


class World:
    """All state of the simulated market. `now` is where it stands, `ticked_at` the last whole minute done."""

    seller = FIRST
    """Whose market it is; worlds that were saved before there were further sellers are the first one's."""
    apart: Apart | None = None
    """What channels show where our warehouse keeps its own count; None = the shop's count is the stock."""
    ads: Ads | None = None
    """Our advertising at Amazon; it is opened by a command, and costs nothing before."""
    feeds: FeedBook | None = None
    """Our feeds at Amazon; there are none in a world that was saved before there were any."""

    def __init__(self, seed: int, start: datetime, seller: int = FIRST, products: int | None = None) -> None:
        self.seed, self.start, self.seller = seed, start, seller
        self.now = self.ticked_at = start
        self.ticks = 0
        self.dice = Dice(seed)
        self.products = opening.products(self.dice, products)
        self.by_asin = {product.asin: product for product in self.products.values()}
        self.pages = opening.pages(self.products, self.dice, start, amazon_id(seller))
        self.shop = opening.shop(self.products, self.dice, start)
        self.stock = opening.stock(self.products, self.dice, start)
        self.agenda = Agenda()
        self.ledger = Ledger()
        self.pending: list[Pending] = []
        self.queue = Queue()
        self.subscriptions: dict[str, Subscription] = {}
        self.destinations: dict[str, tuple[str, str]] = {}
        self.hooks = HookBook()
        self.bulk_runs: dict[str, BulkRun] = {}
        self.channels: dict[str, Channel] = {}
        """Further sales channels by name; one is opened by a command, and costs nothing before."""
        self.faults = FaultPlan()
        self.answers: dict[str, tuple[str, object]] = {}  # idempotency key → (fingerprint of the request, answer)
        for page in self.pages.values():
            page.featured = featured.draw(self.dice["featured"], self.in_stock(page), self.reference(page), None)

    @property
    def seller_id(self) -> str:
        """Our name at Amazon."""
        return amazon_id(self.seller)

    def reference(self, page: Page) -> int:
        return self.products[page.sku].reference_minor

    def sellable(self, sku: str) -> int:
        """Units that a buyer on the marketplace can order from us now."""
        stock = self.stock[sku]
        return stock.fba if self.products[sku].is_fba else shelf.shown(self, AMAZON, sku)

    def in_stock(self, page: Page) -> list[Offer]:
        rivals_here = [offer for offer in page.offers[1:] if offer.back_at is None]
        return [page.ours, *rivals_here] if self.sellable(page.sku) > 0 else rivals_here

    def advance(self, to: datetime) -> int:
        """Let the time pass up to `to`; returns the ticks done. A moment in the past does nothing."""
        done = 0
        while self.ticked_at + TICK <= to:
            self.ticked_at += TICK
            self.now = self.ticked_at
            self._tick()
            done += 1
        self.now = max(self.now, to)
        return done

    def skip(self, to: datetime) -> None:
        """Jump over a stretch in which nobody watched: due times and waiting rivals move along."""
        whole = (to - self.ticked_at) // TICK * TICK
        self.agenda.shift(whole)
        for page in self.pages.values():
            self._wait(page.offers, whole)
        for channel in self.channels.values():
            for item in channel.items.values():
                self._wait(item.rivals, whole)
            for taken in channel.pending:
                taken.due += whole
            if channel.ads is not None:
                channel.ads.agenda.shift(whole)
        if self.ads is not None:
            self.ads.agenda.shift(whole)
        self.ticked_at += whole
        self.now = max(to, self.now)

    @staticmethod
    def _wait(offers: list[Offer], by: timedelta) -> None:
        for offer in offers:
            offer.wakes_at += by
            offer.back_at = offer.back_at + by if offer.back_at else None

    def _tick(self) -> None:
        self.ticks += 1
        now = self.now
        changed: dict[str, str] = {}
        self._apply_prices(now, changed)
        lives.run(self, now)
        redraw = self.ticks % (k.FEATURED_EVERY_S // k.TICK_S) == 0
        for page in self.pages.values():
            self._wake_rivals(page, now, changed)
            if redraw:
                self._redraw(page, now, changed)
            self._count_box(page)
        self._tell(changed, now)
        sales.tick(self, now)
        if self.channels:
            self._other_channels(now)
        if self.ads is not None:
            self._advertise(self.ads, now)
        self._restock(now)
        if self.ticks % 60 == 0:
            self.queue.expire(now)

    def _other_channels(self, now: datetime) -> None:
        busy = demand.season(now)
        for channel in self.channels.values():
            if self.ticks % channel_constants.RIVALS_EVERY_TICKS == 0:
                box.tick(self, channel, now)
            channel_sales.tick(self, channel, busy, now)
            if channel.ads is not None:
                channel_ads.tick(self, channel, channel.ads, now)

    def _advertise(self, ads: Ads, now: datetime) -> None:
        ad_lives.run(self, ads, now)
        if self.ticks % (3600 // k.TICK_S) == 0:
            auction.hour(self, ads, now)

    def _apply_prices(self, now: datetime, changed: dict[str, str]) -> None:
        due = [p for p in self.pending if p.due <= now]
        self.pending = [p for p in self.pending if p.due > now]
        for pending in due:
            page = self.pages[pending.sku]
            pending.write.applied_at = pending.due
            page.priced_at = pending.due
            if pending.beside is not None:
                page.beside = pending.beside
            if page.ours.price_minor != pending.price_minor:
                page.ours.price_minor = pending.price_minor
                changed[page.sku] = "Internal"

    def _wake_rivals(self, page: Page, now: datetime, changed: dict[str, str]) -> None:
        dice = self.dice["rivals"]
        for offer in page.offers[1:]:
            if offer.back_at is not None:
                if offer.back_at > now:
                    continue
                offer.back_at = None
                changed.setdefault(page.sku, "Internal")
            elif dice.random() < k.OUT_OF_STOCK_PER_DAY * k.TICK_S / 86400:
                offer.back_at = now + timedelta(seconds=dice.uniform(*k.OUT_OF_STOCK_S))
                changed.setdefault(page.sku, "Internal")
                continue
            if offer.policy != "fixed" and offer.wakes_at <= now:
                self._act(page, offer, now, changed)

    def _act(self, page: Page, offer: Offer, now: datetime, changed: dict[str, str]) -> None:
        dice = self.dice["rivals"]
        others = [other for other in self.in_stock(page) if other is not offer]
        holder = next((other for other in page.offers if other.seller == page.featured), None)
        view = rivals.View(
            lowest_minor=min((other.landed_minor for other in others), default=None),
            featured_minor=holder.landed_minor if holder else None,
            is_featured=holder is offer,
            local_hour=(now + _SHOP_TIME).hour,
        )
        price = rivals.next_price(offer, view, dice)
        rivals.rest(offer, now, dice)
        if price != offer.price_minor:
            offer.price_minor = price
            changed.setdefault(page.sku, "Internal")

    def _redraw(self, page: Page, now: datetime, changed: dict[str, str]) -> None:
        winner = featured.draw(self.dice["featured"], self.in_stock(page), self.reference(page), page.featured)
        if winner != page.featured:
            page.featured = winner
            self.ledger.featured_changes += 1
            changed.setdefault(page.sku, "FeaturedOffer")

    def _count_box(self, page: Page) -> None:
        if self.sellable(page.sku) > 0 and featured.eligible(page.ours, self.reference(page)):
            page.eligible_minutes += 1
            page.held_minutes += page.featured == page.ours.seller

    def _tell(self, changed: dict[str, str], now: datetime) -> None:
        """Everybody on a changed page hears of it; we do by a notification, unless the page is silent."""
        for sku, kind in changed.items():
            page = self.pages[sku]
            page.changed_at = now
            for offer in page.offers[1:]:
                rivals.hear(offer, now)
            notices.offer_changed(self, page, kind)
            notices.pricing_health(self, page)

    def _restock(self, now: datetime) -> None:
        if self.ticks % 15:
            return
        for product in self.products.values():
            stock = self.stock[product.sku]
            fba_rate, own_rate = opening.units_per_day(product)
            if self.channels:
                own_rate += channel_sales.units_per_day(self, product.sku)
            if fba_rate and logistics.wants_shipment(stock.fba, stock.fba_inbound, fba_rate):
                self._order_goods(stock, product.sku, "fba", logistics.shipment(fba_rate), now)
            if own_rate and logistics.wants_shipment(stock.own, stock.own_inbound, own_rate):
                self._order_goods(stock, product.sku, "own", logistics.shipment(own_rate), now)

    def _order_goods(self, stock: Stock, sku: str, where: str, units: int, now: datetime) -> None:
        if where == "fba":
            stock.fba_inbound += units
            stock.fba_updated_at = now
        else:
            stock.own_inbound += units
        self.agenda.add(
            now + timedelta(seconds=logistics.travel_s(self.dice["logistics"])), f"arrive_{where}", sku, units
        )
