"""The streams there are: what each needs of a connector, how its pages are opened, how often it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from ecom_agent.connector import Capability, Page
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import (
    PullsAdFigures,
    PullsCampaigns,
    PullsCharges,
    PullsExpectedPrices,
    PullsFees,
    PullsListings,
    PullsMessages,
    PullsOffers,
    PullsOrders,
    PullsReturns,
    PullsSearchTerms,
    PullsStock,
)
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.sync import Lane

Pages = Iterator[Page[Any]]
_MINUTES: Final = 5


@dataclass(frozen=True, slots=True)
class Stream:
    """`needs` is the port a connector must fulfil. Exactly one way to open it is given: from the stream's cursor, or
    for the listings that are asked about, which are those that `wanted` picks."""

    name: str
    capability: Capability
    needs: type
    from_cursor: Callable[[Any, str | None], Pages] | None = None
    for_listings: Callable[[Any, Sequence[Listing]], Pages] | None = None
    wanted: Callable[[Listing], bool] = lambda _listing: True
    silent: bool = False
    """Only those whose pages changed without an event for hours."""
    sealed: bool = False
    """Its records hold what may identify a person: landing them needs the vault."""


def _active(listing: Listing) -> bool:
    return listing.status is ListingStatus.ACTIVE


def _priced(listing: Listing) -> bool:
    """Fees are quoted at a price, also for what is out of stock or suppressed now."""
    return listing.status is not ListingStatus.DELETED and listing.price is not None and listing.price.minor > 0


STREAMS: Final[Mapping[str, Stream]] = MappingProxyType(
    {
        stream.name: stream
        for stream in (
            Stream("orders", Capability.READ_ORDERS, PullsOrders, from_cursor=lambda c, at: c.pull_orders(at)),
            Stream("stock", Capability.READ_STOCK, PullsStock, from_cursor=lambda c, at: c.pull_stock(at)),
            Stream("listings", Capability.READ_LISTINGS, PullsListings, from_cursor=lambda c, at: c.pull_listings(at)),
            Stream("fees", Capability.READ_FEES, PullsFees, for_listings=lambda c, of: c.fees(of), wanted=_priced),
            Stream(
                "offers", Capability.READ_OFFERS, PullsOffers, for_listings=lambda c, of: c.offers(of), wanted=_active
            ),
            Stream(
                "silent_offers",
                Capability.READ_OFFERS,
                PullsOffers,
                for_listings=lambda c, of: c.offers(of),
                wanted=_active,
                silent=True,
            ),
            Stream(
                "expected_prices",
                Capability.READ_EXPECTED_PRICES,
                PullsExpectedPrices,
                for_listings=lambda c, of: c.expected_prices(of),
                wanted=_active,
            ),
            Stream("returns", Capability.READ_RETURNS, PullsReturns, from_cursor=lambda c, at: c.pull_returns(at)),
            Stream("charges", Capability.READ_CHARGES, PullsCharges, from_cursor=lambda c, at: c.pull_charges(at)),
            Stream(
                "messages",
                Capability.READ_MESSAGES,
                PullsMessages,
                from_cursor=lambda c, at: c.pull_messages(at),
                sealed=True,
            ),
            Stream(
                "campaigns",
                Capability.READ_CAMPAIGNS,
                PullsCampaigns,
                from_cursor=lambda c, at: c.pull_campaigns(at),
            ),
            Stream(
                "ad_figures",
                Capability.READ_AD_FIGURES,
                PullsAdFigures,
                from_cursor=lambda c, at: c.pull_ad_figures(at),
            ),
            Stream(
                "search_terms",
                Capability.READ_SEARCH_TERMS,
                PullsSearchTerms,
                from_cursor=lambda c, at: c.pull_search_terms(at),
            ),
        )
    }
)


SWEEPS: Final = ("offers", "silent_offers")
"""Streams that look at pages of offers, told or not."""
_SILENT_AFTER_H: Final = 6
_LOOK_BACK_AT_H: Final = 3
_LANES: Final[Mapping[str, Lane]] = {
    **dict.fromkeys(("orders", "returns", "messages"), Lane.ORDERS),
    **dict.fromkeys(("stock", "listings"), Lane.STOCK),
}


def silent_after(policy: Mapping[str, Any]) -> timedelta:
    """How long a page may go without an event while sweeps see it change, by the policy `streams`.

    Raises BadInput for what is no whole number of hours above zero.
    """
    hours = policy.get("silent_after_h", _SILENT_AFTER_H)
    if type(hours) is not int or hours < 1:
        raise BadInput("streams.silent_after_h: a whole number of hours", repr(hours), "correct the policy `streams`")
    return timedelta(hours=hours)


def look_back_days(policy: Mapping[str, Any], stream: str) -> int:
    """How far back the nightly look-back of a stream reaches, by the policy `streams`; 0 = there is none.

    Raises BadInput for what is no whole number of days.
    """
    days = (policy.get("look_back_days") or {}).get(stream, 0)
    if type(days) is not int or days < 0:
        raise BadInput(
            f"streams.look_back_days.{stream}: a whole number of days", repr(days), "correct the policy `streams`"
        )
    return days


def look_back_hour(policy: Mapping[str, Any]) -> int:
    """At which hour of the day (UTC) look-backs begin. Raises BadInput for what is none."""
    hour = policy.get("look_back_at_h", _LOOK_BACK_AT_H)
    if type(hour) is not int or not 0 <= hour <= 23:
        raise BadInput("streams.look_back_at_h: an hour, 0 to 23", repr(hour), "correct the policy `streams`")
    return hour


def lane_of(stream: str) -> Lane:
    """Whose turn its calls wait for where tokens are scarce."""
    return _LANES.get(stream, Lane.REPORTS)


def stream_named(name: str) -> Stream:
    """Raises NotFound naming the streams there are."""
    try:
        return STREAMS[name]
    except KeyError:
        raise NotFound(f"no stream named {name!r}; there are: {', '.join(STREAMS)}") from None


def every_minutes(policy: Mapping[str, Any], account: AccountId, stream: str) -> int:
    """How often a stream of an account is due, by the policy `streams`; 0 = never by itself.

    Raises BadInput for an interval that is no whole number of minutes.
    """
    overrides = (policy.get("accounts") or {}).get(account) or {}
    usual = (policy.get("streams") or {}).get(stream, policy.get("default", _MINUTES))
    minutes = overrides.get(stream, usual)
    if type(minutes) is not int or minutes < 0:
        raise BadInput(
            f"a whole number of minutes for stream {stream} of {account}",
            repr(minutes),
            "correct the policy `streams`; 0 switches the stream off",
        )
    return minutes
