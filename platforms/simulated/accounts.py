"""The simulated sellers' accounts as settings: one on each platform for each seller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from platforms.simulated import credentials as demo
from platforms.simulated.sellers import FIRST, account
from platforms.simulated.servers.ads import credentials as ads
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart
from platforms.simulated.state import ADS, AMAZON, EBAY, SHOPIFY, TIKTOK, WALMART

_PLACES: Final[Mapping[str, tuple[str, str, Callable[[str, int], dict[str, str]]]]] = {
    "amazon": (AMAZON, demo.AMAZON_ACCOUNT, demo.demo_environment),
    "shopify": (SHOPIFY, demo.SHOP_ACCOUNT, demo.demo_environment),
    "ebay": (EBAY, ebay.ACCOUNT, ebay.environment),
    "walmart": (WALMART, walmart.ACCOUNT, walmart.environment),
    "tiktok_shop": (TIKTOK, tiktok.ACCOUNT, tiktok.environment),
    "amazon_ads": (ADS, ads.ACCOUNT, ads.environment),
}
PLATFORMS: Final = ("amazon", "shopify", "ebay", "walmart", "tiktok_shop")
"""Where things are sold, by the names of the connectors."""
WITH_ADS: Final = (*PLATFORMS, "amazon_ads")


def channel_of(platform: str) -> str:
    """The simulator's name of a connector's platform: tiktok_shop is its tiktok."""
    return _PLACES[platform][0]


@dataclass(frozen=True, slots=True)
class SimulatedAccount:
    """`channel` is the simulator's name of the platform, in its truth too; `values` are the account's settings."""

    name: str
    platform: str
    channel: str
    seller: int
    values: Mapping[str, str] = field(repr=False)


def accounts(base_url: str, platforms: Sequence[str] = PLATFORMS, sellers: int = FIRST) -> list[SimulatedAccount]:
    """Seller by seller, in the order of `platforms`; KeyError for one that is not simulated."""
    made = []
    for seller in range(FIRST, FIRST + sellers):
        for platform in platforms:
            channel, first, environment = _PLACES[platform]
            name = account(first, seller)
            prefix = f"ECOM_{name.upper()}__"
            told = environment(base_url, seller).items()
            values = {key.removeprefix(prefix): value for key, value in told if key.startswith(prefix)}
            made.append(SimulatedAccount(name, platform, channel, seller, values))
    return made


def environment(base_url: str, platforms: Sequence[str] = PLATFORMS, sellers: int = FIRST) -> dict[str, str]:
    """ECOM_… variables of all these accounts."""
    found = accounts(base_url, platforms, sellers)
    return {
        "ECOM_ACCOUNTS": ",".join(f"{one.name}:{one.platform}" for one in found),
        **{f"ECOM_{one.name.upper()}__{key}": value for one in found for key, value in one.values.items()},
    }
