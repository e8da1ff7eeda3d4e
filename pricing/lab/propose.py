"""The wishes of the lab: a step for each strategy whose evidence asks for one. It sends nothing, and plays nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ecom_agent.actions.model import HOUSE, Action, Kind
from ecom_agent.automation import Run
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.records.strategies import Stage, StrategyScore, StrategyStanding, StrategyTrial
from native_pricer.strategies import strategy
from pricing.lab.evidence import Bounds
from pricing.lab.inputs import NAME, LabPolicy
from pricing.lab.pool import identity
from pricing.lab.stages import Standing, Step, next_step


def propose(run: Run) -> Iterator[Action]:
    """At most one canary at a time at a place asks to go up, the surest first: evidence must not be mixed."""
    policy = LabPolicy.read(run.policy)
    standings = run.facts.strategy_standings(run.account, run.marketplace, identity(strategy(policy.incumbent)))
    steps = [
        (s, step)
        for s in standings
        if isinstance(step := next_step(standing(s, (run.slot - s.since).days), policy.stages), Step)
    ]
    down = [(s, step) for s, step in steps if step.to < s.stage]
    yield from (_wish(run, s, step) for s, step in down)
    busy = any(s.stage is Stage.CANARY for s in standings)
    up = [(s, step) for s, step in steps if step.to > s.stage and not (busy and step.to is Stage.CANARY)]
    if up:
        surest = max(up, key=lambda pair: (pair[1].to, _surely(pair[0]), pair[0].member.id))
        yield _wish(run, *surest)


def standing(s: StrategyStanding, days: int) -> Standing:
    """The evidence as `next_step` takes it. Losses and broken limits count wherever they were found."""
    trials = [trial for trial in (s.recorded, s.live) if trial is not None]
    return Standing(
        stage=s.stage,
        days_in_stage=days,
        simulated=None if s.simulated is None else _bounds(s.simulated),
        recorded=None if s.recorded is None else _bounds(s.recorded),
        live=None if s.live is None else _bounds(s.live),
        lost_minor=0 if s.live is None else s.live.lost_minor,
        violations=sum(trial.violations for trial in trials),
    )


def _bounds(found: StrategyScore | StrategyTrial) -> Bounds:
    return Bounds(found.gain, found.gain_low, found.gain_high, found.pairs)


def _surely(s: StrategyStanding) -> float:
    return s.simulated.gain_low if s.simulated is not None else 0.0


def _wish(run: Run, s: StrategyStanding, step: Step) -> Action:
    return Action(
        kind=Kind.STRATEGY_STAGE,
        account=HOUSE,
        marketplace=MarketplaceId(f"{run.account}/{run.marketplace}"),
        target=Sku(s.member.id),
        before=int(s.stage),
        after=int(step.to),
        reason=f"{s.stage.name.lower()} → {step.to.name.lower()}: {step.reason}",
        proposed_by=NAME,
        slot=run.slot,
        mode=run.mode,
        policy_version=run.policy_version,
        evidence={
            "species": s.member.species,
            "genes": ",".join(map(str, s.member.genes)),
            "incumbent": s.incumbent,
            "simulated": None if s.simulated is None else str(_bounds(s.simulated)),
            "recorded": None if s.recorded is None else str(_bounds(s.recorded)),
            "live": None if s.live is None else str(_bounds(s.live)),
        },
    )
