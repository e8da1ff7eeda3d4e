"""Strategies on recorded days: our own pages as they were, priced by one strategy and by another. Pure.

Each listing is led through its events again. Our offer on the page gets the price that the strategy would have by then,
and the Buy Box goes to the offer that the demand model gives the best odds. Rivals stay as recorded: they answer
nothing. That flatters a strategy that would be answered, so simulation, where they do answer, is asked as well.
Profit is expected units times margin, so that luck in the recorded sales moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from native_pricer import Clause, Engine, ListingConfig, ListingFacts, ParsedEvent, ParsedOffer, Target, parse_event
from native_pricer import demand as model
from native_pricer.journal import Call, moment
from native_pricer.market_laws import Laws
from native_pricer.strategies import Strategy
from native_pricer.words import DAY_US

_LAWS: Final = Laws()
_GAP_US: Final = DAY_US
"""A page is taken to stay as it was for at most a day: after that nobody knows."""
_READS: Final = ("on_event", "observe")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One listing's days. `events`: (received, page), oldest first, epoch µs; `units_a_day` at the reference price."""

    config: ListingConfig
    facts: ListingFacts
    events: tuple[tuple[int, ParsedEvent], ...]
    reference_minor: int
    units_a_day: float


def records(calls: Iterable[Call], since_us: int) -> list[Recorded]:
    """Every listing of a journal whose price, costs, sales and pages since then are known."""
    configs: dict[tuple[str, str], ListingConfig] = {}
    facts: dict[tuple[str, str], ListingFacts] = {}
    pages: dict[tuple[str, str, str], list[tuple[int, ParsedEvent]]] = {}
    for call in calls:
        at = moment(call)
        if call.name == "configure":
            config = call.given[0]
            key = (config.marketplace, config.sku)
            former = configs.get(key)
            # what is not said again is as before: the first price known is where the recorded days begin
            configs[key] = (
                config
                if former is None or former.price_minor is None
                else replace(config, price_minor=former.price_minor)
            )
        elif call.name == "inform":
            facts[call.given[0], call.given[1]] = call.given[2]
        elif call.name in _READS and at is not None and at >= since_us:
            event = parse_event(call.raw)
            if isinstance(event, ParsedEvent):
                pages.setdefault((event.marketplace, event.asin, event.condition), []).append((at, event))
    found = (
        _recorded(config, facts.get(key), pages.get((config.marketplace, config.asin, config.condition.lower()), []))
        for key, config in configs.items()
    )
    return [one for one in found if one is not None]


def gains(recorded: Iterable[Recorded], challenger: Strategy, incumbent: Strategy) -> list[float]:
    """Profit a day of the challenger minus the incumbent's, minor units, one number a listing: days of one listing are
    not independent."""
    return [a_day(one, profit(one, challenger) - profit(one, incumbent)) for one in recorded]


def a_day(one: Recorded, amount: float) -> float:
    """What is an amount over the recorded days, by day."""
    return amount * DAY_US / (one.events[-1][0] - one.events[0][0])


def profit(one: Recorded, strategy: Strategy) -> float:
    """Expected profit over the recorded days under this strategy, minor units."""
    clause = Clause(name="lab", target=Target.STRATEGY)
    return _profit(one, replace(one.config, clauses=(clause,), strategy=strategy))


def profit_by_rules(one: Recorded) -> float:
    """The same under the listing's rule as it was last configured."""
    return _profit(one, one.config)


def _profit(one: Recorded, config: ListingConfig) -> float:
    engine = Engine()
    engine.configure(config)
    engine.inform(one.config.marketplace, one.config.sku, one.facts)
    price, earned = one.config.price_minor, 0.0
    assert price is not None
    for (at, event), (following, _) in pairwise(one.events):
        page = _as_if(one, event, price)
        for decision in engine.on_offers(page, at, at):
            if decision.sku == one.config.sku and decision.to_minor is not None:
                price = decision.to_minor
                engine.applied(one.config.marketplace, one.config.sku, price, at)
                page = _as_if(one, event, price)
        earned += _units_a_day(one, page) * _margin(one, price) * min(following - at, _GAP_US) / DAY_US
    return earned


def _recorded(
    config: ListingConfig, facts: ListingFacts | None, events: list[tuple[int, ParsedEvent]]
) -> Recorded | None:
    own = [(at, e) for at, e in sorted(events, key=lambda x: x[0]) if _ours(config, e) is not None]
    if facts is None or config.price_minor is None or config.floor_minor is None or len(own) < 2:
        return None
    if (
        own[-1][0] <= own[0][0]
        or facts.unit_cost_minor is None
        or facts.fee_bp is None
        or not facts.velocity_centiunits
    ):
        return None
    lowest = [min((o.landed_minor for o in e.offers if o.landed_minor), default=0) for _, e in own]
    reference = facts.reference_minor or round(median(lowest))
    if reference <= 0:
        return None
    return Recorded(config, facts, tuple(own), reference, facts.velocity_centiunits / 100)


def _as_if(one: Recorded, event: ParsedEvent, price: int) -> ParsedEvent:
    """The page with our offer at `price` and the Buy Box at the best odds."""
    offers = [o._replace(listing_minor=price) if o.seller_id == one.config.seller_id else o for o in event.offers]
    weights = [_odds(one, o) for o in offers]
    best = max(range(len(offers)), key=lambda i: weights[i])
    shown = [o._replace(is_winner=i == best and weights[i] > 0) for i, o in enumerate(offers)]
    box = shown[best].landed_minor if weights[best] > 0 else None
    return event._replace(offers=tuple(shown), buy_box_minor=box, event_id=None)


def _odds(one: Recorded, offer: ParsedOffer) -> float:
    landed = offer.landed_minor
    if landed is None or landed > one.reference_minor * (1 + _LAWS.over_reference):
        return 0.0
    return _quality(offer) * math.pow(landed / one.reference_minor, -_LAWS.kappa)


def _quality(offer: ParsedOffer) -> float:
    """What is not shown counts as usual: rated 95 %, two days of handling."""
    rating = 0.95 if offer.feedback_percent is None else offer.feedback_percent / 100
    days = 2 if offer.max_hours is None else -(-offer.max_hours // 24)
    beta = (_LAWS.fba, _LAWS.quality, _LAWS.handling)
    return model.quality(fba=bool(offer.is_fba), rating=rating, handling_days=days, beta=beta, tau=1.0)


def _units_a_day(one: Recorded, page: ParsedEvent) -> float:
    ours = _ours(one.config, page)
    known = [(o.landed_minor, _quality(o)) for o in _others(one.config, page)]
    return one.units_a_day * model.expected_units(
        None if ours is None else ours.landed_minor,
        [(landed, quality) for landed, quality in known if landed is not None],
        one.reference_minor,
        own_quality=1.0 if ours is None else _quality(ours),
        kappa=_LAWS.kappa,
        epsilon=_LAWS.elasticity,
        incumbent=0.0,
        to_featured=_LAWS.to_featured,
        limit_bp=round(_LAWS.over_reference * 10_000),
    )


def _margin(one: Recorded, price: int) -> float:
    assert one.facts.unit_cost_minor is not None
    assert one.facts.fee_bp is not None
    return price * (1 - one.facts.fee_bp / 10_000) - one.facts.unit_cost_minor


def _ours(config: ListingConfig, event: ParsedEvent) -> ParsedOffer | None:
    return next((o for o in event.offers if o.seller_id == config.seller_id), None)


def _others(config: ListingConfig, event: ParsedEvent) -> Iterator[ParsedOffer]:
    return (o for o in event.offers if o.seller_id != config.seller_id)
