"""No channel shows more units than are left of the pool when all others keep what they may still promise.

Showing fewer is always right. Without a count of what we have, without the policy that says what is held back, nothing
is raised. The pool is read anew before sending: what others sold or were given meanwhile is in it.
"""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, PolicyGap
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.economics.pools import Pools
from ecom_agent.errors import BadInput


def _judge(action: Action, facts: GuardFacts) -> Finding:
    to = action.after
    if action.kind is not Kind.STOCK_SET or not isinstance(to, int):
        return Answer.ALLOW, "not stock"
    if facts.level is not None and to <= facts.level.fulfillable:
        return Answer.ALLOW, "no more than is shown already"
    if facts.pool is None:
        return Answer.DENY, "what we have of it was never counted, or nobody said which product it is: `ecom stock`"
    key = (action.account, action.marketplace, action.target, str(action.evidence.get("location") or ""))
    outlet = next((one for one in facts.pool.outlets if one.key == key), None)
    if outlet is None:
        return Answer.DENY, "this listing draws from no pool of ours"
    try:
        room = Pools(facts.pool, AllocationPolicy.read(facts.pool.policy)).room(outlet)
    except BadInput as error:
        raise PolicyGap(str(error)) from None
    if room is None:
        return Answer.DENY, "a part of it was never counted"
    if to > room:
        return Answer.DENY, f"{to} units; the pool leaves {room} beside what other channels may still promise"
    return Answer.ALLOW, f"{to} of {room} units that the pool leaves"


GUARD = Guard("stock_pool", _judge)
