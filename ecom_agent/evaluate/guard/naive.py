"""What no guard leads to, judged by the same oracles: proof that they can find something."""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.model import Action, Answer
from ecom_agent.evaluate.guard.fuzz import World
from ecom_agent.evaluate.guard.stream import BROKEN, Event
from native_pricer import Decision


class Naive(World):
    """The same lives, but prices come from a rule that many start with: a cent below the lowest rival, always."""

    def _judge(self, event: Event, decisions: tuple[Decision, ...]) -> None:
        if event.rival is None or event.currency == BROKEN:
            return
        for place, given in self.stored.items():
            if (given["marketplace"], given["asin"]) == (event.page.marketplace, event.page.asin):
                self.counts["approved"] += 1
                self.oracle.looked(place, self.now)
                self.oracle.judge(place, event.rival - 1, self.now, event.currency, given["currency"])


def _open(_action: Action, _facts: GuardFacts) -> tuple[Answer, str]:
    return Answer.ALLOW, "nobody asks"


OPEN_GATE = (Guard("open", _open),)
