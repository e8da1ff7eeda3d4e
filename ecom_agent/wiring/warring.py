"""App's verb on price wars: the detector over every listing whose prices fall, with what each answer would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ecom_agent.economics.fx import NoRate
from ecom_agent.economics.margin import floor
from ecom_agent.economics.unit_costs import unit_costs
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stories import Stories
from ecom_agent.records.views import WarChoice, WarView
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Unit
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.sheets import cost_sheets
from ecom_agent.store.stories import falling, sold_by_day, stories
from ecom_agent.wiring.parts import Parts
from pricing.daily import by_day
from pricing.elasticity import Elasticity, Prior, TooThin, estimate
from pricing.war import LEAST_FALL, WINDOW, Economics, Moment, War, advise, detect
from pricing.war_scan import at_war

LEARN: Final = timedelta(days=90)
"""How far back sales are read for the elasticity."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REACH: Final = 1.645
_FLATTEST: Final = -0.1
"""An interval that touches 0 is cut here: buyers who do not mind the price at all are not believed in."""


class Warring:
    parts: Parts

    def wars(self) -> Sequence[WarView]:
        """Price wars that are on now, the deepest fall first. Each with advice, or with why there is none."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            places = falling(unit.session, now - WINDOW, LEAST_FALL)
            told = stories(unit.session, places, now - WINDOW)
            wars = [
                (places[n], currency, war)
                for n in at_war(told, len(places), now)
                if (currency := (story := told.of(n)).money()) and (war := detect(_moments(story, currency), now))
            ]
            learnt = stories(unit.session, [place for place, *_ in wars], now - LEARN)
            views = [_view(unit, *one, learnt.of(n), now) for n, one in enumerate(wars)]
        return sorted((view for view in views if view is not None), key=lambda war: -war.fall)


def _view(
    unit: Unit,
    place: tuple[AccountId, MarketplaceId, Sku],
    currency: str,
    war: War,
    story: Stories,
    now: datetime,
) -> WarView | None:
    listing = ListingStore(unit.session).get(*place)
    if listing is None:
        return None
    sold = sold_by_day(unit.session, *place, now - LEARN)
    estimated = estimate(by_day(story, sold, now))
    told, why_not = _economics(unit, listing, war, estimated, _a_day(sold, war), now)
    advice = None if told is None else advise(war, told)
    return WarView(
        account=place[0],
        marketplace=place[1],
        sku=place[2],
        title=listing.title,
        began=war.began,
        last_move=war.last_move,
        turns=war.turns,
        fall=war.fall,
        our_price=Money(war.our_price, currency),
        rival_price=Money(war.rival_price, currency),
        peace=Money(war.peace, currency),
        advice=None if advice is None else advice.choice.value,
        reason=why_not if advice is None else advice.reason,
        elasticity=_told(estimated),
        choices=tuple(
            WarChoice(
                c.choice.value, Money(c.price, currency), *(Money(round(x), currency) for x in (c.loss, c.low, c.high))
            )
            for c in (advice.costs if advice else ())
        ),
    )


def _economics(
    unit: Unit, listing: Listing, war: War, estimated: Elasticity | TooThin, a_day: float, now: datetime
) -> tuple[Economics | None, str]:
    """What the advice rests on, all as landed prices; or None and why not."""
    place = listing.account, listing.marketplace, listing.sku
    limits, quote = LimitsStore(unit.session).get(*place), FeeStore(unit.session).get(*place)
    if limits is None:
        return None, "no minimum set"
    sheets = cost_sheets(unit.session)
    least, costs = floor(limits, quote, sheets, now), unit_costs(limits, quote, sheets, now)
    if least.price is None:
        return None, least.reason
    if costs is None or isinstance(costs, NoRate):
        return None, "no landed cost is set: what a day costs cannot be told"
    shipping = 0 if listing.price is None else max(0, war.our_price - listing.price.minor)
    fixed = costs.fees.fixed if costs.fees else 0
    share = costs.fees.share if costs.fees else 0
    prior = Prior()
    value, sd = (prior.mean, prior.sd) if isinstance(estimated, TooThin) else (estimated.value, estimated.sd)
    middle = min(value, _FLATTEST)
    return (
        Economics(
            unit_cost=float(costs.own + fixed),
            fee_share=float(share),
            floor=least.price.minor + shipping,
            units_a_day=a_day,
            elasticity=middle,
            elasticity_low=min(middle, value - _REACH * sd),
            elasticity_high=max(middle, min(value + _REACH * sd, _FLATTEST)),
        ),
        "",
    )


def _a_day(sold: Mapping[date, int], war: War) -> float:
    """Units a day in the four weeks before the war, or since the first known day where that is less."""
    before = {day: n for day, n in sold.items() if war.began - timedelta(days=28) <= _noon(day) < war.began}
    if not before:
        return 0.0
    return sum(before.values()) / max(1.0, (war.began - _noon(min(before))) / timedelta(days=1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _moments(story: Stories, currency: str) -> list[Moment]:
    rows = zip(story.at.tolist(), story.ours.tolist(), story.rival.tolist(), story.currency.tolist(), strict=True)
    return [
        Moment(_EPOCH + timedelta(microseconds=at), ours if ours > 0 else None, rival if rival > 0 else None)
        for at, ours, rival, money in rows
        if money == currency.encode()
    ]


def _told(estimated: Elasticity | TooThin) -> str:
    if isinstance(estimated, TooThin):
        prior = Prior()
        return f"{prior.mean:.1f} assumed: {estimated.reason}"
    e = estimated
    return f"{e.value:.1f} ({e.low:.1f} to {e.high:.1f}) from {e.days} days, {e.own_share:.0%} own"
