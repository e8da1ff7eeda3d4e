"""Each vendor's simulated server as the request cases meet it.

Who asks is no matter of the contract, so the made-up identity of a case is replaced by the simulated seller's, where
the case gives one; what it leaves out stays left out. A vendor that has no door here is not built.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.evaluate.contract.doors import ads, amazon, ebay, tiktok, walmart
from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said

__all__ = ["DOORS", "Asked", "Door", "Said"]

DOORS: Final[Mapping[str, Door]] = {
    "amazon-ads": ads.DOOR,
    "amazon-sp-api": amazon.DOOR,
    "ebay": ebay.DOOR,
    "tiktok-shop": tiktok.DOOR,
    "walmart": walmart.DOOR,
}
"""By the vendor's folder of contracts."""
