"""One stock for many channels: how many units each may show, so that none is sold that is not there.

What lies on the shelf comes from our own stock book (`ecom stock`), what is promised from the orders of all channels.
The seller's policy is `allocation`, which the guard `stock_pool` reads too; there is none under this automation's name.
"""

from ecom_agent.actions.model import Kind
from ecom_agent.automation import Automation
from inventory.allocation.inputs import NAME
from inventory.allocation.propose import propose

__all__ = ["AUTOMATION"]

AUTOMATION = Automation(
    name=NAME,
    title="Share one stock out to all channels",
    kinds=frozenset({Kind.STOCK_SET}),
    every_minutes=5,
    propose=propose,
    policy={},
)
