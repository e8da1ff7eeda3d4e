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


def silent_after(policy: Mapping[str, Any]) -> timedelta:
    """How long a page may go without an event while sweeps see it change, by the policy `streams`.

    Raises BadInput for what is no whole number of hours above zero.
    """
    hours = policy.get("silent_after_h", _SILENT_AFTER_H)
    if type(hours) is not int or hours < 1:
        raise BadInput("streams.silent_after_h: a whole number of hours", repr(hours), "correct the policy `streams`")
    return timedelta(hours=hours)


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
