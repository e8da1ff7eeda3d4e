"""How far a strategy may go: shadow (decides, sends nothing) → canary (1 % of SKUs) → live. Pure.

Up is one step at a time, on evidence that its lower bound is above the incumbent, and a person signs it. Down is at
once and by itself: a broken limit, a loss beyond what exploring may cost, or an upper bound below the incumbent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecom_agent.ids import Sku
from ecom_agent.records.strategies import Stage
from pricing.lab.evidence import Bounds
from pricing.lab.lines import checked

ALL_BP: Final = 10_000
_WHOLE: Final = {
    "shadow_days": (1, 365),
    "canary_days": (1, 365),
    "canary_share_bp": (1, 2_000),
    "loss_cap_minor": (1, 10**12),
}


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """What each step asks for. `loss_cap_minor`: what one challenger may cost in all before it is taken back."""

    confidence: float = 0.95
    shadow_days: int = 7
    canary_days: int = 14
    canary_share_bp: int = 100
    loss_cap_minor: int = 50_000

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> StagePolicy:
        """From policy data. Raises BadInput naming the key."""
        return checked(cls, body, _WHOLE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one strategy. Bounds are of its profit minus the incumbent's; None = not measured at all.

    `lost_minor`: what its own decisions are estimated to have cost against the incumbent so far (0 or more).
    `violations`: limits that it broke anywhere; the guard stopped them, but it should not have tried.
    """

    stage: Stage
    days_in_stage: int
    simulated: Bounds | None
    recorded: Bounds | None
    live: Bounds | None
    lost_minor: int = 0
    violations: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A wished change of stage, with the evidence in words."""

    to: Stage
    reason: str


@dataclass(frozen=True, slots=True)
class Stay:
    reason: str


def next_step(standing: Standing, policy: StagePolicy) -> Step | Stay:
    """The one step that the evidence asks for. Bad news is looked at first, and a retired strategy stays retired."""
    if standing.stage is Stage.RETIRED:
        return Stay("retired: a descendant may try again")
    return _down(standing, policy) or _up(standing, policy)


def _down(s: Standing, policy: StagePolicy) -> Step | None:
    if s.violations:
        return Step(Stage.RETIRED, f"asked for {s.violations} prices beyond its limits")
    if s.lost_minor > policy.loss_cap_minor:
        return Step(Stage.SHADOW if s.stage > Stage.SHADOW else Stage.RETIRED,
                    f"has cost {s.lost_minor} minor units, more than the {policy.loss_cap_minor} it may")  # fmt: skip
    if s.stage > Stage.SHADOW and s.live is not None and s.live.upper < 0:
        return Step(Stage.SHADOW, f"earns less than the incumbent on our own listings: {s.live}")
    if s.stage is Stage.SHADOW and s.simulated is not None and s.simulated.upper < 0:
        return Step(Stage.RETIRED, f"earns less than the incumbent in simulation: {s.simulated}")
    return None


def _up(s: Standing, policy: StagePolicy) -> Step | Stay:
    match s.stage:
        case Stage.SHADOW:
            needed = policy.shadow_days
            proofs = {"simulation": s.simulated, "replay of recorded days": s.recorded}
        case Stage.CANARY:
            needed, proofs = policy.canary_days, {"our own listings": s.live}
        case _:
            return Stay("live")
    if s.days_in_stage < needed:
        return Stay(f"{s.days_in_stage} of {needed} days in {s.stage.name.lower()}")
    for where, found in proofs.items():
        if found is None:
            return Stay(f"not measured yet by {where}")
        if found.lower <= 0:
            return Stay(f"not surely better by {where}: {found}")
    return Step(Stage(s.stage + 1), "; ".join(f"better by {where}: {found}" for where, found in proofs.items()))


def in_canary(strategy: str, sku: Sku, share_bp: int) -> bool:
    """Whether this SKU is one of the strategy's canaries: the same for ever, and other SKUs for other strategies."""
    digest = hashlib.sha256(f"{strategy}\0{sku}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % ALL_BP < share_bp
