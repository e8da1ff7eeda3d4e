"""The gate: all guards are asked, the strictest answer wins, every verdict is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.model import Action, Answer, Verdict

Judge = Callable[[Action, GuardFacts], tuple[Answer, str]]


class PolicyGap(Exception):
    """The policy lacks a limit a guard needs, or has one it cannot read; the text says which."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One brake: pure and total over any Action and facts; its answer always comes with a reason."""

    name: str
    judge: Judge

    def __call__(self, action: Action, facts: GuardFacts) -> Verdict:
        try:
            answer, reason = self.judge(action, facts)
        except PolicyGap as gap:
            reason = f"no usable limit in the policy: {gap}; `ecom policy offers` shows what a newer program ships"
            answer = Answer.DENY
        return Verdict(self.name, answer, reason)


def judge(action: Action, guards: Sequence[Guard], facts: GuardFacts) -> tuple[Answer, tuple[Verdict, ...]]:
    """The strictest answer. No guards = DENY. A guard that raises = DENY: a broken brake must not open the road."""
    verdicts = tuple(_ask(guard, action, facts) for guard in guards)
    if not verdicts:
        verdicts = (Verdict("gate", Answer.DENY, "no guards are configured"),)
    return max(v.answer for v in verdicts), verdicts


def _ask(guard: Guard, action: Action, facts: GuardFacts) -> Verdict:
    try:
        return guard(action, facts)
    except Exception as broken:  # noqa: BLE001 - the one place where a guard's crash becomes an answer
        return Verdict(guard.name, Answer.DENY, f"the guard itself failed: {type(broken).__name__}: {broken}")
