"""A small believable shop for the faces' tests: two platforms, three currencies' worth of habits, one seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.attributions import AttributionReport, AttributionRow
from ecom_agent.records.backtests import BacktestReport, BacktestRow
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.policies import Lack, PolicyLine, PolicyOffer
from ecom_agent.records.replays import DecisionPair, ReplayReport
from ecom_agent.records.strategies import Stage, StrategyRecord, StrategyScore, StrategyStanding, StrategyTrial
from ecom_agent.records.views import (
    ActionView,
    AuditEventView,
    BreakerLine,
    BreakerView,
    CostView,
    Exceptional,
    HaltView,
    Health,
    LimitsView,
    ListingView,
    Overview,
    ProcessHealth,
    QuarantineView,
    QuotaHealth,
    SilentPage,
    StreamHealth,
    Tile,
    WarChoice,
    WarView,
)

SEED = 7
US, DE, SHOP = ("amazon_us", "ATVPDKIKX0DER"), ("amazon_de", "A1PA6795UKMFR9"), ("shop_main", "demo.myshopify.com")
ACCOUNTS = (("amazon_us", "amazon", (US[1],)), ("amazon_de", "amazon", (DE[1],)), ("shop_main", "shopify", (SHOP[1],)))
EVERYWHERE = (("orders", 5), ("stock", 15), ("listings", 30))
ON_AMAZON = (*EVERYWHERE, ("fees", 720), ("offers", 60), ("expected_prices", 60))
STREAMS = tuple(
    (account, stream, minutes)
    for account, platform, _ in ACCOUNTS
    for stream, minutes in (ON_AMAZON if platform == "amazon" else EVERYWHERE)
)

# (sku, title, place, currency, price in minor units)
GOODS = (
    ("MUG-STONE-01", "Stoneware mug, 350 ml, slate", US, "USD", 1899),
    ("MUG-STONE-02", "Stoneware mug, 350 ml, sand", US, "USD", 1899),
    ("KET-GOOSE-09", "Gooseneck kettle, 0.9 l, matt black", US, "USD", 5490),
    ("GRN-HAND-30", "Hand coffee grinder, 30 g", US, "USD", 4275),
    ("SCL-BREW-2K", "Brewing scale with timer, 2 kg", US, "USD", 2950),
    ("FLT-V02-100", "Paper filters, V-shape 02, 100 pieces", US, "USD", 749),
    ("DRP-CERA-02", "Ceramic dripper, size 02", US, "USD", 2199),
    ("FRP-STEEL-8", "French press, steel, 1 l", DE, "EUR", 3990),
    ("MLK-FOAM-15", "Milk frother, rechargeable", DE, "EUR", 1649),
    ("TIN-VAC-500", "Vacuum canister, 500 g", DE, "EUR", 2890),
    ("CUP-TRVL-45", "Travel cup, 450 ml, leak-proof", DE, "EUR", 2450),
    ("BRW-COLD-1L", "Cold brew bottle, 1 l", SHOP, "USD", 3200),
    ("TMP-58-WOOD", "Tamper, 58 mm, walnut", SHOP, "USD", 3850),
    ("BRS-GRN-SET", "Grinder brush set", SHOP, "USD", 1150),
)


def key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def listings(now: datetime) -> tuple[ListingView, ...]:
    dice = random.Random(SEED)
    rows = []
    for n, (sku, title, (account, marketplace), currency, price) in enumerate(GOODS):
        rival = None if account == "shop_main" else round(price * dice.uniform(0.96, 1.05))
        held = None if rival is None else price <= rival
        buy_box = None if rival is None else min(price, rival)
        no_floor = sku == "CUP-TRVL-45"
        rows.append(
            ListingView(
                account=account,
                marketplace=marketplace,
                sku=sku,
                title=title,
                price=Money(price, currency),
                buy_box=None if buy_box is None else Money(buy_box, currency),
                lowest_rival=None if rival is None else Money(rival, currency),
                we_hold_buy_box=held,
                floor=None if no_floor else Money(round(price * 0.82), currency),
                floor_reason="no minimum set" if no_floor else "break-even 14.02 + margin 1.50 (above the minimum)",
                ceiling=Money(round(price * 1.25), currency),
                seen_at=now - timedelta(seconds=40 + 95 * n),
                expected_price=None if rival is None else Money(round(rival * 1.01), currency),
                floor_parts=() if no_floor else floor_parts(price, currency),
                floor_costs=() if no_floor else floor_costs(price, currency, now),
            )
        )
    return tuple(rows)


def floor_parts(price: int, currency: str) -> tuple[tuple[str, Money], ...]:
    bounds = (("hard minimum", 0.75), ("break-even + margin", 0.82), ("break-even + return on cost", 0.79))
    return tuple((name, Money(round(price * share), currency)) for name, share in bounds)


def floor_costs(price: int, currency: str, now: datetime) -> tuple[CostView, ...]:
    at = now - timedelta(days=20)

    def cost(share: float) -> Money:
        return Money(round(price * share), currency)

    return (
        CostView("landed cost", cost(0.41), at, f"3.90 CNY at {currency}/CNY 7.12 of 2026-11-19 (ECB)"),
        CostView("platform fees", cost(0.28), now - timedelta(hours=5), "fee quote"),
        CostView("ads", cost(0.04), at, "by anna"),
        CostView("returns", None, None, "not known: not counted"),
    )


def wars(now: datetime) -> tuple[WarView, ...]:
    def some(*minor: int, currency: str = "USD") -> tuple[Money, ...]:
        return tuple(Money(m, currency) for m in minor)

    ours, rival, peace = some(1742, 1739, 1899)
    told = (("match", 1690, 2210, 1480, 3105), ("hold", 1742, 2874, 1902, 4410), ("leave", 1899, 4120, 3990, 4302))
    priced = WarView(
        *US, "MUG-STONE-01", "Stoneware mug, 350 ml, slate", now - timedelta(hours=7), now - timedelta(minutes=12), 14,
        0.084, ours, rival, peace, "match", "least expected loss a day", "-2.3 (-3.0 to -1.6) from 74 days, 81% own",
        tuple(WarChoice(name, *some(*minor)) for name, *minor in told),
    )  # fmt: skip
    thin = "-2.0 assumed: 9 usable days of 9; 21 are needed"
    unpriced = WarView(
        *DE, "CUP-TRVL-45", "Travel cup, 450 ml, leak-proof", now - timedelta(hours=30), now - timedelta(hours=3), 6,
        0.031, *some(2450, 2448, 2528, currency="EUR"), None, "no minimum set", thin, (),
    )  # fmt: skip
    return priced, unpriced


def points(listing: ListingView, now: datetime) -> tuple[PricePoint, ...]:
    """48 hours, a point every 30 minutes: a rival who undercuts and gives up, and us following."""
    if listing.price is None or listing.lowest_rival is None:
        return ()
    dice = random.Random(listing.sku)
    currency, top = listing.price.currency, listing.price.minor
    floor = round(top * 0.82)
    ours, rival, story = round(top * 1.04), round(top * 1.06), list[tuple[datetime, int, int]]()
    for n in range(96):
        rival = (
            round(top * 1.06) if rival < floor * 1.03 else rival + dice.choice((-top // 60, -top // 90, 0, 0, 0, 10))
        )
        wanted = max(floor, round(rival * 0.995))
        if n % 3 == 0:
            ours = wanted if abs(wanted - ours) < top * 0.1 else ours + (wanted - ours) // 2
        story.append((now - timedelta(minutes=30 * (95 - n)), ours, rival))
    shift = top - ours  # so that the story ends at today's price
    return tuple(
        PricePoint(
            at,
            Money(mine + shift, currency),
            Money(theirs + shift, currency),
            Money(min(mine, theirs) + shift, currency),
            mine <= theirs,
        )
        for at, mine, theirs in story
    )


def actions(now: datetime) -> tuple[ActionView, ...]:
    states = ("held", "verified", "verified", "applied", "held", "verified", "denied", "verified", "failed", "verified")
    rows = []
    for n, (sku, _title, (account, marketplace), currency, price) in enumerate(GOODS):
        state = states[n % len(states)]
        after = round(price * (0.985 if n % 3 else 1.02))
        moment = now - timedelta(minutes=4 + 11 * n)
        held_by = "change_rate" if state == "held" else None
        rows.append(
            ActionView(
                key=key(f"action {n}"),
                kind="price.set",
                account=account,
                marketplace=marketplace,
                target=sku,
                before=str(Money(price, currency)),
                after=str(Money(after, currency)),
                reason=f"lowest rival landed {Money(round(after * 1.005), currency)}, undercut 0.5 %"
                if n % 3
                else "alone with the Buy Box: raise by 2 %",
                proposed_by="pricing.repricing",
                state=state,
                mode="sandbox",
                slot=moment - timedelta(seconds=2),
                updated_at=moment,
                held_by=held_by,
                verdicts=(
                    ("halt", "allow", "nothing is halted here"),
                    ("price_band", "deny" if state == "denied" else "allow", "between floor and ceiling"),
                    ("change_rate", "hold" if held_by else "allow", "the 7th change today; 6 go without a person"),
                    ("freshness", "allow", "facts are 38 s old, limit 20 min"),
                ),
                undoable=state in ("verified", "applied"),
            )
        )
    return tuple(rows)


def audit(now: datetime, of: tuple[ActionView, ...]) -> tuple[AuditEventView, ...]:
    """Newest first."""
    steps = (("proposed", "pricing.repricing"), ("judged", "gate"), ("sent", "executor"), ("verified", "verifier"))
    events: list[AuditEventView] = []
    for action in reversed(of):
        for n, (step, actor) in enumerate(steps[: 2 if action.state == "held" else 4]):
            seq = len(events) + 1
            events.append(
                AuditEventView(
                    seq=seq,
                    at=action.slot + timedelta(seconds=n),
                    action_key=action.key,
                    step=step,
                    actor=actor,
                    detail={"after": action.after, "policy_version": 3, "state": action.state},
                    digest=key(f"event {seq}"),
                )
            )
    return tuple(reversed(events))


def limits() -> tuple[LimitsView, ...]:
    def text(minor: float) -> str:
        return f"{round(minor) / 100:.2f}"

    return tuple(
        LimitsView(
            account=account,
            marketplace=marketplace,
            sku=sku,
            currency=currency,
            hard_min=None if sku == "CUP-TRVL-45" else text(price * 0.75),
            ceiling=text(price * 1.25),
            map_price=text(price * 0.9) if sku == "KET-GOOSE-09" else None,
            unit_cost=text(price * 0.41),
            min_margin=text(150),
            version=1,
        )
        for sku, _title, (account, marketplace), currency, price in GOODS
    )


def tiles(now: datetime) -> tuple[Tile, ...]:
    return (
        Tile("sales_usd", "Sales, 24 h", 482_130, "USD", "orders", now - timedelta(minutes=2)),
        Tile("sales_eur", "Sales, 24 h", 96_240, "EUR", "orders", now - timedelta(minutes=3)),
        Tile("units", "Units, 24 h", 214, "count", "orders", now - timedelta(minutes=2)),
        Tile("buy_box_share", "Buy Box share", 0.634, "ratio", "offers", now - timedelta(seconds=50)),
        Tile("changes", "Price changes, 24 h", 187, "count", "actions", now - timedelta(seconds=20)),
        Tile("verified", "Changes verified", 0.989, "ratio", "actions", now - timedelta(seconds=20)),
        Tile("at_floor", "Listings at floor", 2, "count", "offers", now - timedelta(minutes=1)),
        Tile("days_of_cover", "Lowest days of cover", None, "count", "stock", None),
    )


def overview(now: datetime) -> Overview:
    dice = random.Random(SEED)
    hour = now.replace(minute=0, second=0, microsecond=0)
    sales = []
    for n in range(24):
        at = hour - timedelta(hours=23 - n)
        orders = round(4 + 5 * dice.random() + (6 if 14 <= at.hour <= 22 else 0))
        sales.append((at, "USD", orders, orders * 2_310 + dice.randrange(2_000)))
        sales.append((at, "EUR", orders // 3, orders // 3 * 2_790 + dice.randrange(900)))
    return Overview(
        at=now,
        mode="sandbox",
        exceptions=(
            Exceptional(
                "error",
                "No minimum price",
                "CUP-TRVL-45 on amazon_de: no price is written.",
                "pricing",
                now - timedelta(hours=5),
            ),
            Exceptional(
                "warning",
                "2 changes wait for a person",
                "The oldest since 44 min.",
                "approvals",
                now - timedelta(minutes=44),
            ),
            Exceptional(
                "warning",
                "Orders of amazon_de are late",
                "Last good pull 19 min ago, wanted every 5.",
                "health",
                now - timedelta(minutes=19),
            ),
            Exceptional("info", "3 records set aside", "They could not be read.", "health", now - timedelta(hours=2)),
        ),
        tiles=tiles(now),
        sales_by_hour=tuple(sales),
    )


def silent(now: datetime) -> tuple[SilentPage, ...]:
    """One page that its platform does not talk about."""
    told, seen = now - timedelta(hours=9), now - timedelta(minutes=20)
    return (SilentPage("amazon_us", "ATVPDKIKX0DER", "B0SILENT01", "new", told, seen, seen, 4),)


def quarantine(now: datetime) -> tuple[QuarantineView, ...]:
    wrong = (
        (41, "amazon_us", "orders", "114-2201998-5512", "orderTotal.currencyCode: unknown currency 'XXQ'", 2),
        (42, "amazon_us", "offers", "B0DEMO0007", "Offers[2].ListingPrice.Amount: negative price", 3),
        (44, "shop_main", "orders", "gid://shopify/Order/88", "lineItems: missing", 9),
    )
    return tuple(
        QuarantineView(n, account, stream, record, reason, now - timedelta(hours=hours), key(f"raw {n}"))
        for n, account, stream, record, reason, hours in wrong
    )


def health(now: datetime, halts: tuple[HaltView, ...]) -> Health:
    streams = tuple(
        StreamHealth(
            account=account,
            stream=stream,
            cursor=(now - timedelta(minutes=n + 2)).isoformat(timespec="seconds"),
            last_run_at=now - timedelta(minutes=n % 6, seconds=30),
            last_ok_at=now
            - timedelta(minutes=19 if (account, stream) == ("amazon_de", "orders") else n % 6, seconds=30),
            last_error="amazon searchOrders: throttled, wait 40 s"
            if (account, stream) == ("amazon_de", "orders")
            else None,
            fetched=120 + 7 * n,
            written=18 + n,
            quarantined=1 if n % 5 == 0 else 0,
            every_minutes=minutes,
        )
        for n, (account, stream, minutes) in enumerate(STREAMS)
    )
    quotas = tuple(
        QuotaHealth(account, operation, per_s, burst, tokens, throttled, now - timedelta(seconds=12))
        for account, operation, per_s, burst, tokens, throttled in (
            ("amazon_us", "searchOrders", 0.0056, 20, 14.2, 0),
            ("amazon_us", "patchListingsItem", 5, 10, 8.5, 3),
            ("amazon_us", "getListingOffersBatch", 0.1, 1, 0.2, 17),
            ("amazon_de", "searchOrders", 0.0056, 20, 0.0, 6),
            ("shop_main", "graphql", 100, 2000, 1810, 0),
        )
    )
    processes = tuple(
        ProcessHealth(name, pid, "running", restarts, last, now - timedelta(hours=6, minutes=pid % 50))
        for name, pid, restarts, last in (
            ("postgres", 4102, 0, None), ("market", 4110, 0, None), ("prefect", 4125, 0, None),
            ("flows", 4160, 1, "exit 1, 3 h ago"), ("lane", 4162, 0, None), ("api", 4163, 0, None),
            ("console", 4170, 0, None),
        )
    )  # fmt: skip
    return Health(
        at=now,
        mode="sandbox",
        streams=streams,
        quotas=quotas,
        processes=processes,
        halts=halts,
        paused_accounts=(("amazon_de", "credentials are refused: renew the refresh token"),),
        database="127.0.0.1:5432/ecom",
    )


def breakers(now: datetime, halts: tuple[HaltView, ...]) -> tuple[BreakerView, ...]:
    """Three accounts: one at ease, one that only raises, one whose halts decide."""
    halted = {h.scope: h for h in halts}

    def lines(errors: int, at_floor: int) -> tuple[BreakerLine, ...]:
        return (
            BreakerLine("errors", errors, 8, False, "halted", f"{errors} writes refused in a row; 8 trip"),
            BreakerLine(
                "at_floor", at_floor, 60, at_floor > 60, "reducing",
                f"{at_floor} of 120 live listings were brought to their floor; more than 60 trip",
            ),
            BreakerLine(
                "moved", 12, 48, False, "halted", "12 of 120 live listings moved within a minute; more than 48 trip"
            ),
            BreakerLine(
                "feeds", 9, 180, False, "halted", "offers last came 9 min ago, 0 tries failed since; 180 min trip"
            ),
        )  # fmt: skip

    seen = []
    for name, at_floor in (("amazon_us", 4), ("amazon_de", 71), ("shop_main", 0)):
        halt = halted.get("all") or halted.get(f"account:{name}")
        if halt is not None:
            told = (halt.level, halt.since, halt.by, halt.reason)
        elif at_floor > 60:
            told = ("reducing", now - timedelta(minutes=14), "system:breaker", lines(0, at_floor)[1].says)
        else:
            told = ("active", None, None, None)
        seen.append(BreakerView(name, *told, lines(1 if at_floor else 0, at_floor), None))
    return tuple(seen)


def standings(now: datetime) -> Sequence[StrategyStanding]:
    """A live strategy, its child as a canary, and one that is only watched."""
    born = now - timedelta(days=40)
    live = StrategyRecord("match-f0ce727c", "match", (), (), born)
    child = StrategyRecord("beat-1f3a09c2", "beat", (7, 0), ("beat-8e39183a",), born + timedelta(days=14))
    watched = StrategyRecord("beat-8e39183a", "beat", (1, 0), (), born)

    def score(member: str, gain: float, low: float, high: float) -> StrategyScore:
        day = now - timedelta(days=2)
        return StrategyScore(member, live.id, day, 4100.0 + gain, 0.52, 12.4, gain, low, high, 60, "repricers", -85.0)

    trial = StrategyTrial(
        AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER"), child.id, live.id, "live", now, 96.0, -140.0, 332.0,
        9, 3, lost_minor=1_250,
    )  # fmt: skip
    week = now - timedelta(days=9)
    return (
        StrategyStanding(live, Stage.LIVE, week, live.id, score(live.id, 0.0, 0.0, 0.0), None, None),
        StrategyStanding(child, Stage.CANARY, week, live.id, score(child.id, 420.0, 96.0, 744.0), None, trial),
        StrategyStanding(watched, Stage.SHADOW, born, live.id, score(watched.id, 88.0, -240.0, 416.0), None, None),
    )


def replayed(account: str, since: datetime, until: datetime, *, differs: bool) -> ReplayReport:
    """A thousand decisions, all the same again, or one that is not."""
    odd = DecisionPair(
        since, "ATVPDKIKX0DER", "MUG-STONE-01", "e-1", 1_899, "repriced", 1_849, "at_target", None,
        {"to_minor": ("1849", "None")},
    )  # fmt: skip
    first = (odd,) if differs else ()
    return ReplayReport(account, since, until, 1, 900, 1_000, 1_000 - len(first), len(first), 120, 120, first)


def attributed(account: str, split: datetime, days: int, *, empty: bool = False) -> AttributionReport:
    """One listing that earned more, mostly since it was featured for longer; and one without a cost."""
    if empty:
        return AttributionReport(account, split, days, (), (), ())
    row = AttributionRow("MUG-STONE-01", "USD", -120.0, 1_400.5, 300.0, 80.0, 0.0, 39.5, -900.0, 950.0, 1_700.0)
    left_out = (("BOWL-02", "its unit cost is not known"),)
    return AttributionReport(account, split, days, (replace(row, sku=None),), (row,), left_out)


def backtested(account: str, marketplace: str, now: datetime, days: int, *, empty: bool = False) -> BacktestReport:
    """Three ways of pricing over two listings."""
    ways = (("rival model", 4_812.4, 2), ("rules as they are", 4_420.0, 1), ("price as it was", 3_901.7, 0))
    rows = () if empty else tuple(BacktestRow(way, "USD", profit, better) for way, profit, better in ways)
    known = (0, 0, 0) if empty else (3, 2, 1_240)
    return BacktestReport(account, marketplace, now - timedelta(days=days), now, *known, rows)


def policy_offers() -> tuple[PolicyOffer, ...]:
    lines = (
        PolicyLine("guards.approval.message_persons", Lack.MISSING, None, 1),
        PolicyLine("guards.bid_band.most.USD", Lack.MISSING, None, "3.00"),
    )
    anew = (
        PolicyLine("streams.streams.fees", Lack.CHANGED, 60, 360),
        PolicyLine("streams.pace", Lack.GONE, "slow", None),
    )
    return PolicyOffer("guards", 4, "anna", True, lines), PolicyOffer("streams", 1, "shipped", False, anew)
