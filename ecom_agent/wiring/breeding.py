"""App's verbs on the strategy lab: its week, evidence, pool and pedigrees. Steps are Actions of `pricing.lab`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.strategies import Stage, StrategyRecord, StrategyScore, StrategyStanding, StrategyTrial
from ecom_agent.store.db import Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.store.kept_events import EventKeeper
from ecom_agent.store.lab import LabStore
from ecom_agent.store.trials import TrialStore
from ecom_agent.wiring.parts import Parts
from native_pricer import epoch_us
from native_pricer.strategies import Strategy, strategy
from pricing.lab import AUTOMATION, live, pool, recorded
from pricing.lab.evidence import bounds
from pricing.lab.inputs import LabPolicy
from pricing.lab.tournament import Score
from pricing.lab.week import Week, run_week
from pricing.repricing.strategic import Assignments, named_strategies
from pricing.rules import Library

RECORDED: Final = timedelta(days=7)
"""How many of our own days a strategy is led through."""
MOST_RECORDED: Final = 5


class Breeding:
    parts: Parts

    def lab_standings(self, account: str, marketplace: str) -> Sequence[StrategyStanding]:
        """Every strategy of the pool at this place, the widest stage and surest gain first."""
        opened = self.parts.accounts.get(account)
        with self.parts.database.unit() as unit:
            default = pool.identity(strategy(self._lab_policy(unit).incumbent))
            found = TrialStore(unit.session).standings(opened.name, MarketplaceId(marketplace), default)
        return sorted(found, key=lambda s: (-s.stage, -(s.simulated.gain_low if s.simulated else 0.0), s.member.id))

    def lab_pedigree(self, member: str) -> Sequence[tuple[int, StrategyRecord]]:
        """(generations back, strategy), from itself to the founders. Raises NotFound for one that never was."""
        with self.parts.database.unit() as unit:
            records = {record.id: record for record in LabStore(unit.session).members(culled=True)}
        if member not in records:
            raise NotFound(f"no strategy {member!r} was ever in the pool; `ecom lab list` names them")
        return list(pool.pedigree(member, records))

    def lab_week(self, tell: Callable[[str], None] = lambda _line: None) -> Mapping[str, int]:
        """Play this week's tournaments, cull and breed, and look at the canaries. Gives counts.

        One tournament against each strategy that is the incumbent somewhere. Takes minutes; nothing is sent.
        """
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            policy, lab = self._lab_policy(unit), LabStore(unit.session)
            if not lab.members():
                lab.add([_record(founder) for founder in pool.founders(now)])
            records = {record.id: record for record in lab.members(culled=True)}
            members, misfits = _fitting(lab.members())
            lab.cull(misfits, now)
            default = strategy(policy.incumbent)
            standing = [p for place in self._places() for p in lab.places(*place)]
            at_work = {p.member: p.stage for p in standing if p.stage > Stage.SHADOW}
            number = lab.weeks() + 1
        lives = {m for m, stage in at_work.items() if stage is Stage.LIVE}
        incumbents = {pool.identity(default): default} | {m: _genes(records[m]) for m in sorted(lives)}
        counts = {"strategies": len(members), "tournaments": len(incumbents), "born": 0, "culled": 0}
        for name, incumbent in incumbents.items():
            week = run_week(members, incumbent, at_work, number, now, policy.week, tell)
            first = name == pool.identity(default)
            with self.parts.database.unit() as unit:
                lab = LabStore(unit.session)
                lab.add([_record(pool.Member(incumbent, (), now))] if name not in records else [])
                lab.keep_scores([_score(name, now, one) for one in week.scores])
                if first:
                    counts.update(_next_generation(lab, week, name, now))
        counts |= self.lab_look()
        return counts

    def lab_look(self) -> Mapping[str, int]:
        """Measure canaries on our own listings, and what simulation found better on our recorded days.

        Gives how many trials of each source were made.
        """
        now, looked = self.parts.clock.now(), {"live": 0, "recorded": 0}
        for account, marketplace in self._places():
            with self.parts.database.unit() as unit:
                policy, trials, facts = self._lab_policy(unit), TrialStore(unit.session), FactStore(unit.session)
                default = strategy(policy.incumbent)
                standings = trials.standings(account, marketplace, pool.identity(default))
                canaries = [standing for standing in standings if standing.stage is Stage.CANARY]
                for standing, sides in _with_sides(facts, account, marketplace, canaries, now):
                    trials.keep(_canary(trials, account, marketplace, standing, sides, policy, now))
                    looked["live"] += 1
                for trial in _on_recorded_days(unit, account, marketplace, standings, default, policy, now):
                    trials.keep(trial)
                    looked["recorded"] += 1
        return looked

    def _lab_policy(self, unit: Unit) -> LabPolicy:
        return LabPolicy.read(self.parts.automation_policy(unit, AUTOMATION)[1])

    def _places(self) -> list[tuple[AccountId, MarketplaceId]]:
        opened = self.parts.accounts.opened.values()
        return [(account.name, marketplace) for account in opened for marketplace in account.marketplaces]


def _next_generation(lab: LabStore, week: Week, incumbent: str, now: datetime) -> Mapping[str, int]:
    culled = [member for member in week.culled if member != incumbent]
    lab.cull(culled, now)
    lab.add([_record(child) for child in week.born])
    return {"born": len(week.born), "culled": len(culled)}


def _with_sides(
    facts: FactStore,
    account: AccountId,
    marketplace: MarketplaceId,
    canaries: Sequence[StrategyStanding],
    now: datetime,
) -> Iterator[tuple[StrategyStanding, tuple[Sequence[Sku], Sequence[Sku]]]]:
    """Each canary with the listings that it prices and those that it is held against, as rules are today."""
    if not canaries:
        return
    assigned = Assignments.of(facts.strategies(account, marketplace))
    named = named_strategies(facts.listings(account, marketplace), Library(facts.rule_book()), now)
    for standing in canaries:
        yield standing, assigned.sides(standing.member.id, named)


def _canary(
    trials: TrialStore,
    account: AccountId,
    marketplace: MarketplaceId,
    standing: StrategyStanding,
    sides: tuple[Sequence[Sku], Sequence[Sku]],
    policy: LabPolicy,
    now: datetime,
) -> StrategyTrial:
    name, began, today = standing.member.id, _day(standing.since), _day(now)
    canaries, others = sides
    earned = trials.earned(account, marketplace, standing.since - live.BEFORE)
    found = live.differences(earned, canaries, others, began, today)
    looks = 1 if standing.live is None else standing.live.looks + (_day(standing.live.at) < today)
    told = bounds(found, confidence=policy.stages.confidence, look=looks)
    return StrategyTrial(
        account, marketplace, name, standing.incumbent, "live", now, told.mean, told.lower, told.upper, told.pairs,
        looks, live.lost(found, len(canaries)),
    )  # fmt: skip


def _on_recorded_days(
    unit: Unit,
    account: AccountId,
    marketplace: MarketplaceId,
    standings: Sequence[StrategyStanding],
    default: Strategy,
    policy: LabPolicy,
    now: datetime,
) -> Iterator[StrategyTrial]:
    """The few that simulation finds surely better, on our pages of the last week. None where nothing was recorded."""
    better = [s for s in standings if s.stage is Stage.SHADOW and s.simulated is not None and s.simulated.gain_low > 0]
    surest = sorted(better, key=lambda s: -(s.simulated.gain_low if s.simulated else 0.0))[:MOST_RECORDED]
    if not surest:
        return
    began = now - RECORDED
    stretches = EventKeeper(unit.session).stretches(account, began, now)
    found = [one for _, calls in stretches for one in recorded.records(calls, epoch_us(began))]
    here = [one for one in found if one.config.marketplace == marketplace]
    incumbent = next((_genes(s.member) for s in standings if s.member.id == s.incumbent), default)
    for s in surest:
        looks = 1 if s.recorded is None else s.recorded.looks + 1
        told = bounds(
            recorded.gains(here, _genes(s.member), incumbent), confidence=policy.stages.confidence, look=looks
        )
        yield StrategyTrial(
            account, marketplace, s.member.id, s.incumbent, "recorded", now, told.mean, told.lower, told.upper,
            told.pairs, looks,
        )  # fmt: skip


def _day(at: datetime) -> date:
    return at.date()


def _genes(record: StrategyRecord) -> Strategy:
    return Strategy(record.species, record.genes)


def _fitting(records: Sequence[StrategyRecord]) -> tuple[list[pool.Member], list[str]]:
    """Those that this version can still play, and the ids of those whose species or genes it no longer knows."""
    members, misfits = [], []
    for record in records:
        try:
            members.append(_member(record))
        except ValueError:
            misfits.append(record.id)
    return members, misfits


def _member(record: StrategyRecord) -> pool.Member:
    return pool.Member(_genes(record), record.parents, record.born_at)


def _record(member: pool.Member) -> StrategyRecord:
    return StrategyRecord(member.id, member.strategy.species, member.strategy.genes, member.parents, member.born_at)


def _score(incumbent: str, at: datetime, one: Score) -> StrategyScore:
    return StrategyScore(
        member=one.member,
        incumbent=incumbent,
        at=at,
        profit_minor=one.profit_minor,
        share=one.share,
        writes=one.writes,
        gain=one.gain.mean,
        gain_low=one.gain.lower,
        gain_high=one.gain.upper,
        pairs=one.gain.pairs,
        worst_mix=one.worst_mix,
        worst_gain=one.worst_gain,
    )
