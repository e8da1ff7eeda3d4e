"""Where strategies prove themselves before they touch a price, and lose their place when they no longer do.

A pool of strategies breeds and competes (`pool`, `tournament`) on recorded and simulated days. What beats the incumbent
by a lower confidence bound (`evidence`) may ask for the next stage (`stages`): shadow → canary → live. Each step up
waits for a person; each step down is taken at once.
"""

from ecom_agent.actions.model import Kind
from ecom_agent.automation import Automation
from pricing.lab.inputs import DEFAULTS, NAME, LabPolicy
from pricing.lab.propose import propose

__all__ = ["AUTOMATION"]

AUTOMATION = Automation(
    name=NAME,
    title="Promote and demote pricing strategies",
    kinds=frozenset({Kind.STRATEGY_STAGE}),
    every_minutes=1_440,
    propose=propose,
    policy=DEFAULTS,
    check=LabPolicy.read,
)
