"""A week of the lab through the App: founders play, children are bred, and what was learnt can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.strategies import Stage, StrategyPlace, StrategyRecord
from ecom_agent.store.lab import LabStore
from ecom_agent.wiring import App, build, demo_values, prepare_database
from native_pricer.strategies import SPECIES
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
US = "amazon_us"
SHORT = {"week": {"pool": 5, "children": 4, "markets": 8, "days": 1}}


@pytest.fixture
def lab(postgres_url: str, tmp_path: Path) -> Iterator[App]:
    """An App nobody calls outside with, and weeks that are over soon."""
    prepare_database(postgres_url, NOW)
    app = build(demo_values("http://127.0.0.1:9", postgres_url, tmp_path), FrozenClock(NOW))
    app.set_policy("pricing.lab", SHORT, "anna")
    yield app
    app.close()


def put(app: App, *records: StrategyRecord, stage: Stage = Stage.CANARY) -> None:
    with app.parts.database.unit() as unit:
        LabStore(unit.session).add(records)
        for record in records:
            place = StrategyPlace(AccountId(US), MarketplaceId(MARKETPLACE), record.id, stage, NOW)
            LabStore(unit.session).put(place)


def next_week(app: App) -> None:
    assert isinstance(app.clock, FrozenClock)
    app.clock.move_to(app.clock.now() + timedelta(days=7))


def test_a_week_founds_the_pool_plays_culls_and_breeds(lab: App) -> None:
    counts = lab.lab_week()
    founders = sum(species.legal_reason is None for species in SPECIES.values())
    assert counts["strategies"] == founders
    assert (counts["culled"], counts["born"], counts["tournaments"]) == (founders - 5, 4, 1)
    found = lab.lab_standings(US, MARKETPLACE)
    assert len(found) == 5 + 4
    assert all(s.stage is Stage.SHADOW for s in found)
    played = [s.simulated for s in found if s.simulated is not None]
    assert len(played) == 5
    child = next(s.member for s in found if s.member.parents)
    assert lab.lab_pedigree(child.id)[0] == (0, child)
    assert lab.lab_pedigree(child.id)[-1][1].parents == ()


def test_a_canary_is_measured_and_what_is_at_work_is_not_culled(lab: App) -> None:
    lab.lab_week()
    worst = min(lab.lab_standings(US, MARKETPLACE), key=lambda s: s.simulated.gain_low if s.simulated else 0.0)
    put(lab, worst.member)
    next_week(lab)
    counts = lab.lab_week()
    assert counts["live"] == 1
    canary = next(s for s in lab.lab_standings(US, MARKETPLACE) if s.member == worst.member)
    assert canary.stage is Stage.CANARY
    assert canary.live is not None
    assert canary.live.pairs == 0  # there is no listing here: measured, and nothing is known


def test_a_live_strategy_is_the_incumbent_that_others_are_played_against(lab: App) -> None:
    lab.lab_week()
    bred = next(s.member for s in lab.lab_standings(US, MARKETPLACE) if s.member.parents)
    put(lab, bred, stage=Stage.LIVE)
    next_week(lab)
    assert lab.lab_week()["tournaments"] == 2
    assert {s.incumbent for s in lab.lab_standings(US, MARKETPLACE)} == {bred.id}


def test_strategies_of_a_former_version_leave_the_pool(lab: App) -> None:
    put(lab, StrategyRecord("old-1", "a species of old", (1, 2), (), NOW), stage=Stage.SHADOW)
    lab.lab_week()
    assert "old-1" not in {s.member.id for s in lab.lab_standings(US, MARKETPLACE)}
    assert lab.lab_pedigree("old-1")[0][1].species == "a species of old"


def test_who_never_was_has_no_pedigree(lab: App) -> None:
    with pytest.raises(NotFound, match="ecom lab list"):
        lab.lab_pedigree("nobody-1")


def test_the_automation_proposes_nothing_without_evidence(lab: App) -> None:
    lab.lab_week()
    assert lab.propose("pricing.lab", US, MARKETPLACE, NOW) == {"proposed": 0}
