"""`listProfiles` → what we must know of an advertiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import exponent
from platforms._shared.payload import collect, find, need, text

VENDOR_DAYS, SELLER_DAYS = 14, 7
"""Within so many days after a click an order is credited to it, by the kind of advertiser."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An advertiser in one marketplace. Its reports are cut into days of `zone`, its money is in `currency`."""

    profile_id: str
    country: str
    currency: str
    zone: ZoneInfo
    marketplace: MarketplaceId
    attribution_days: int


@dataclass(frozen=True, slots=True)
class Where:
    """Whose records are read, and of what kind of advertiser."""

    account: AccountId
    profile: Profile

    @property
    def marketplace(self) -> MarketplaceId:
        return self.profile.marketplace


def profiles(body: Any) -> Mapping[str, Profile]:
    """All that can be read, by id: one that cannot is as if it were not there. Raises ParseFailed for no list."""
    if not isinstance(body, list):
        raise ParseFailed("profiles", f"wanted a list, found {type(body).__name__}")
    read, _poison = collect(body, lambda raw: (_profile(raw),), lambda raw: raw["profileId"])
    return {one.profile_id: one for one in read}


def _profile(raw: Any) -> Profile:
    """`profileId` is a number beyond what JavaScript holds exactly; some services write it as text."""
    name, currency = text(raw, "timezone"), text(raw, "currencyCode")
    exponent(currency)
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ParseFailed("timezone", f"no such time zone: {name[:40]!r}") from None
    kind = find(raw, "accountInfo.type")
    return Profile(
        profile_id=str(need(raw, "profileId")),
        country=text(raw, "countryCode"),
        currency=currency,
        zone=zone,
        marketplace=MarketplaceId(text(raw, "accountInfo.marketplaceStringId")),
        attribution_days=VENDOR_DAYS if kind == "vendor" else SELLER_DAYS,
    )
