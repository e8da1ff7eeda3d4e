"""The page of offers as one listing of ours sees it. Plain Python; `view.pxi` says the same, function by function."""

from __future__ import annotations

from typing import Final, NamedTuple

from native_pricer.clauses import Clause, Target
from native_pricer.config import ListingConfig
from native_pricer.rivals import Channel, RivalFilter
from native_pricer.words import ParsedEvent, ParsedOffer


class View(NamedTuple):
    """Landed prices in minor units; None = unknown, or nobody. `rival` is the lowest that passes the filter.

    `aim` is what the chosen clause's nth, seller or average comes to; `box_counts`: the holder of the Buy Box passes
    the filter, so its price may be followed. `suppressed`: offers are shown and nobody is featured.
    """

    rival: ParsedOffer | None
    aim: int | None
    box: int | None
    box_counts: bool
    we_hold: bool | None
    our_shipping: int | None
    offers: int
    rivals: int
    suppressed: bool
    box_fba: bool | None

    @property
    def rival_landed(self) -> int | None:
        return None if self.rival is None else self.rival.landed_minor


NO_VIEW: Final = View(None, None, None, False, None, None, 0, 0, False, None)


def look(event: ParsedEvent, cfg: ListingConfig, rivals: RivalFilter) -> View:
    """The page through that filter; `aim` is left out."""
    passing = [o for o in event.offers if o.seller_id != cfg.seller_id and passes(o, rivals)]
    priced = [o for o in passing if o.landed_minor is not None]
    shippings = {o.shipping_minor for o in event.offers if o.seller_id == cfg.seller_id}
    holders = [event.offers[i] for i in event.holders()]
    box = event.buy_box_minor
    if box is None and holders:
        box = holders[0].landed_minor
    we_hold, counts = _holder(holders, cfg, box, rivals, ours_shown=bool(shippings))
    ours = cfg.shipping_minor
    if ours is None and len(shippings) == 1:
        (ours,) = shippings
    channels = {o.is_fba for o in holders}
    return View(
        min(priced, key=lambda o: o.landed_minor or 0, default=None),
        None,
        box,
        counts,
        we_hold,
        ours,
        len(event.offers),
        len(passing),
        bool(event.offers) and box is None and not holders,
        channels.pop() if len(channels) == 1 else None,
    )


def aim(event: ParsedEvent, cfg: ListingConfig, clause: Clause, view: View) -> View:
    """What the chosen clause sees differently: its own filter, and the price of its nth, seller or average."""
    rivals = cfg.rivals if clause.rivals is None else clause.rivals
    if clause.rivals is not None:
        view = look(event, cfg, rivals)
    others = [o for o in event.offers if o.seller_id != cfg.seller_id and o.landed_minor is not None]
    if clause.target is Target.SELLER:
        chosen = [o.landed_minor for o in others if o.seller_id == clause.seller and o.landed_minor is not None]
        return view._replace(aim=min(chosen, default=None))
    landed = sorted(o.landed_minor for o in others if o.landed_minor is not None and passes(o, rivals))
    if clause.target is Target.NTH and len(landed) >= clause.nth:
        return view._replace(aim=landed[clause.nth - 1])
    if clause.target is Target.AVERAGE and landed:
        return view._replace(aim=sum(landed) // len(landed))
    return view


def passes(offer: ParsedOffer, rivals: RivalFilter) -> bool:
    """Whether the offer counts as a rival. What is not known passes no filter on it."""
    count, percent, hours = offer.feedback_count, offer.feedback_percent, offer.max_hours
    return (
        (rivals.channel is Channel.ANY or offer.is_fba is (rivals.channel is Channel.FBA))
        and (not rivals.min_feedback_count or (count is not None and count >= rivals.min_feedback_count))
        and (rivals.max_feedback_count is None or (count is not None and count <= rivals.max_feedback_count))
        and (not rivals.min_feedback_percent or (percent is not None and percent >= rivals.min_feedback_percent))
        and (rivals.max_handling_hours is None or (hours is not None and hours <= rivals.max_handling_hours))
        and (not rivals.prime_only or offer.is_prime is True)
        and (not rivals.featured_only or offer.is_featured_merchant is True)
        and (not rivals.ships_from or offer.ships_from in rivals.ships_from)
        and (not rivals.sub_conditions or offer.sub_condition in rivals.sub_conditions)
        and offer.seller_id not in rivals.exclude
        and (not rivals.only or offer.seller_id in rivals.only)
    )


def _holder(
    holders: list[ParsedOffer], cfg: ListingConfig, box: int | None, rivals: RivalFilter, *, ours_shown: bool
) -> tuple[bool | None, bool]:
    """(do we hold the Buy Box, may the rule follow its price)."""
    if box is None:
        return None, False
    own = [o for o in holders if o.seller_id == cfg.seller_id]
    if own and (own[0].is_winner or len(holders) == 1):
        return True, False
    if own or (not holders and not ours_shown):
        return None, False
    if not holders:
        return False, rivals.lets_all_pass
    return False, any(passes(o, rivals) for o in holders)
