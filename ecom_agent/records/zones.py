"""Whose day it is: a marketplace's day begins at its own midnight, not at that of UTC. Moments themselves stay UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ecom_agent.errors import BadInput

UTC_NAME: Final = "UTC"
_OF_COUNTRIES: Final = {
    "America/Los_Angeles": "ATVPDKIKX0DER EBAY_US EBAY_MOTORS_US",  # both report the United States in Pacific time
    "America/Toronto": "A2EUQ1WTGCTBG2 EBAY_CA WALMART_CA",
    "America/Mexico_City": "A1AM78C64UM0Y8",
    "America/Sao_Paulo": "A2Q3Y263D00KWC",
    "Europe/London": "A1F83G8C2ARO7P EBAY_GB",
    "Europe/Dublin": "A28R8C7NBKEWEA EBAY_IE",
    "Europe/Berlin": "A1PA6795UKMFR9 EBAY_DE",
    "Europe/Paris": "A13V1IB3VIYZZH EBAY_FR",
    "Europe/Rome": "APJ6JRA9NG5V4 EBAY_IT",
    "Europe/Madrid": "A1RKKUPIHCS9HS EBAY_ES",
    "Europe/Amsterdam": "A1805IZSGTT6HS EBAY_NL",
    "Europe/Brussels": "AMEN7PMS3EDWL EBAY_BE",
    "Europe/Vienna": "EBAY_AT",
    "Europe/Zurich": "EBAY_CH",
    "Europe/Warsaw": "A1C3SOZRARQ6R3 EBAY_PL",
    "Europe/Stockholm": "A2NODRKZP88ZB9",
    "Europe/Istanbul": "A33AVAJ2PDY3EV",
    "Asia/Tokyo": "A1VC38T7YXB528",
    "Asia/Singapore": "A19VAU5U5O7RUS EBAY_SG",
    "Asia/Kolkata": "A21TJRUUN4KGV",
    "Asia/Dubai": "A2VIGQ35RCS4UG",
    "Asia/Riyadh": "A17E79C6D8DWNP",
    "Asia/Hong_Kong": "EBAY_HK",
    "Australia/Sydney": "A39IBJ37TRP1C6 EBAY_AU",
    "Africa/Cairo": "ARBP9OOSHTCHU",
    "Africa/Johannesburg": "AE08WJ6YKNBMC",
}
ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {marketplace: zone for zone, told in _OF_COUNTRIES.items() for marketplace in told.split()}
)
"""Marketplace → IANA zone. Source: Amazon's list of marketplace ids, eBay's MarketplaceIdEnum. A marketplace that is
not in it (a shop's own domain, Walmart, TikTok Shop) has UTC's day until the policy `books` names its zone."""


def zones(policy: Mapping[str, object]) -> Mapping[str, str]:
    """The table with the seller's own lines (`zones` of the policy `books`) over it. Raises BadInput."""
    own = policy.get("zones") or {}
    if not isinstance(own, Mapping):
        raise BadInput("books.zones: marketplaces with their zones", repr(own), "correct the policy `books`")
    for marketplace, name in own.items():
        _zone(name, f"books.zones.{marketplace}")
    return {**ZONES, **{str(marketplace): str(name) for marketplace, name in own.items()}}


def midnight(now: datetime, zone: str) -> datetime:
    """When the day began there that it is at `now`."""
    there = now.astimezone(ZoneInfo(zone))
    return datetime.combine(there.date(), time.min, there.tzinfo).astimezone(now.tzinfo)


def _zone(name: object, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{where}: a zone such as Europe/Berlin", repr(name), "correct the policy `books`") from None
