"""Prices that follow the market: landed price of the lowest rival or the Buy Box, at a distance, inside our limits.

Two ways in, one rule (`native_pricer`): events through `lane.Lane`, microseconds after they come; and this sweep over
the newest offers known, for pages that sent none. Listings without rivals on their page (a shop of one's own) have no
event and no offers: there is nothing to do for them.
"""

from ecom_agent.actions.model import Kind
from ecom_agent.automation import Automation
from pricing.repricing.inputs import DEFAULTS, NAME, RepricePolicy
from pricing.repricing.propose import propose

__all__ = ["AUTOMATION"]

AUTOMATION = Automation(
    name=NAME,
    title="Follow rivals' prices within limits",
    kinds=frozenset({Kind.PRICE_SET}),
    every_minutes=15,
    propose=propose,
    policy=DEFAULTS,
    check=RepricePolicy.read,
)
