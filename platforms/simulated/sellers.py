"""Sellers by number. The first is the demo's; each further one has a world, credentials and quotas of its own.

Sellers share the vendors' servers and nothing else: no buyer of one is a rival's or another one's of the next. Which
seller a request is from is told by its credentials alone, as it is out there.
"""

from __future__ import annotations

from typing import Final

from platforms.simulated.state import EBAY, TIKTOK, WALMART

FIRST: Final = 1
_AMAZON: Final = "A2DEMOSELLER{:02d}"
_NUMBERED: Final = {WALMART: 10_001_234_567, TIKTOK: 7_495_000_000_000_000_001}
_EBAY: Final = "ecom_agent_demo"


def amazon_id(seller: int = FIRST) -> str:
    """A seller's name at Amazon: A2DEMOSELLER07 is the first."""
    return _AMAZON.format(seller + 6)


def channel_id(channel: str, seller: int = FIRST) -> str:
    """A seller's name on a further channel."""
    if channel == EBAY:
        return _EBAY if seller == FIRST else f"{_EBAY}{seller}"
    return str(_NUMBERED[channel] + seller - FIRST)


def credential(text: str, seller: int) -> str:
    """What is `text` for the first seller, for another one: it says whose it is, so that a server can tell."""
    return text if seller == FIRST else f"{text}-{seller}"


def owner(given: str, text: str, sellers: int) -> int | None:
    """Whose credential `given` is of those made from `text`; None when it is nobody's."""
    return next((n for n in range(FIRST, FIRST + sellers) if given == credential(text, n)), None)


def shop(domain: str, seller: int) -> str:
    """A further seller's shop stands beside the first one's, under a name of its own."""
    name, dot, rest = domain.partition(".")
    return f"{credential(name, seller)}{dot}{rest}"


def account(name: str, seller: int) -> str:
    """The name of the account in the settings: ebay_us, ebay_us_2."""
    return name if seller == FIRST else f"{name}_{seller}"
