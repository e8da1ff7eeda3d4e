"""Nothing that was answered is forgotten: kill and reload at random points, and the truth is the same."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from simulated_kit import START

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import ConfigError
from platforms.simulated import simulation as simulation_module
from platforms.simulated import truth
from platforms.simulated.credentials import SHOP
from platforms.simulated.journal import Journal
from platforms.simulated.simulation import REAL, Simulation


def steps(count: int) -> list[tuple[str, dict[str, object]]]:
    """Commands as a client would send them, drawn once."""
    dice = random.Random(11)
    made: list[tuple[str, dict[str, object]]] = [
        ("subscribe", {"kind": "ANY_OFFER_CHANGED", "version": "1.0", "destination_id": "d", "directive": None}),
        ("faults", {"chances": {"duplicate_events": 0.1, "lost_events": 0.05, "not_applied": 0.3}}),
    ]
    now = START
    for n in range(count):
        now += timedelta(seconds=dice.choice((30, 60, 90, 300)))
        made.append(("advance", {"to": now.isoformat()}))
        price = {"sku": dice.choice(("MUG-STONE-12", "KNIFE-CHEF-8")), "price_minor": dice.randrange(2500, 4500)}
        made.append(("amazon_price", {**price, "preview": n % 3 == 0}))
        made.append(("shop_price", {"changes": [["MUG-STONE-12", dice.randrange(3000, 4000)]]}))
        made.append(("queue_send", {"bodies": [[f"note {n}", 0]]}))
    return made


def kill(sim: Simulation) -> None:
    """As kill -9 leaves it: no snapshot, no goodbye."""
    sim._journal.close()


def test_the_truth_is_the_same_after_kills_at_random_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(simulation_module, "SNAPSHOT_EVERY", 17)
    plain = Simulation(tmp_path / "plain", seed=7, start=START)
    hurt = Simulation(tmp_path / "hurt", seed=7, start=START)
    dice = random.Random(5)
    for command, arguments in steps(40):
        assert plain.do(command, **arguments) == hurt.do(command, **arguments)
        if dice.random() < 0.25:
            kill(hurt)
            with (tmp_path / "hurt" / "journal.jsonl").open("ab") as file:
                file.write(b'{"n": 99999, "do": "amaz')  # the line it was writing
            hurt = Simulation(tmp_path / "hurt", seed=7, start=START)
        assert truth.tell(hurt.world, SHOP) == truth.tell(plain.world, SHOP)
    assert list(hurt.world.queue.messages) == list(plain.world.queue.messages)


def test_without_a_snapshot_the_journal_alone_is_enough(tmp_path: Path):
    sim = Simulation(tmp_path, seed=7, start=START)
    for command, arguments in steps(5):
        sim.do(command, **arguments)
    before = truth.tell(sim.world, SHOP)
    sim.close()
    (tmp_path / "snapshot.pickle").write_bytes(b"torn")
    assert truth.tell(Simulation(tmp_path, seed=7, start=START).world, SHOP) == before


def test_what_is_in_flight_is_visible_again_after_a_crash(tmp_path: Path):
    sim = Simulation(tmp_path, seed=7, start=START)
    sim.do("queue_send", bodies=[["hello", 0]])
    assert len(sim.world.queue.receive(sim.now(), 10)) == 1
    assert sim.world.queue.receive(sim.now(), 10) == []
    kill(sim)
    assert len(Simulation(tmp_path, seed=7, start=START).world.queue.receive(START, 10)) == 1


def test_another_seed_in_the_same_folder_is_refused(tmp_path: Path):
    Simulation(tmp_path, seed=7, start=START).close()
    with pytest.raises(ConfigError, match="seed 7"):
        Simulation(tmp_path, seed=8, start=START)


def test_two_simulators_do_not_share_a_folder(tmp_path: Path):
    sim = Simulation(tmp_path, seed=7, start=START)
    with pytest.raises(ConfigError, match="another simulator"):
        Simulation(tmp_path, seed=7, start=START)
    sim.close()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--data-dir"):
        Simulation(tmp_path / "file" / "world", seed=7, start=START)


def test_a_full_disk_refuses_the_command_and_keeps_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sim = Simulation(tmp_path, seed=7, start=START)
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:10]))
    with pytest.raises(OSError, match="full"):
        sim.do("amazon_price", sku="MUG-STONE-12", price_minor=3000, preview=False)
    monkeypatch.undo()
    assert sim.world.ledger.writes == []
    sim.do("amazon_price", sku="MUG-STONE-12", price_minor=3100, preview=False)
    kill(sim)
    assert [w.price_minor for w in Simulation(tmp_path, seed=7, start=START).world.ledger.writes] == [3100]


def test_a_damaged_journal_is_a_clear_error(tmp_path: Path):
    Simulation(tmp_path, seed=7, start=START).close()
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b"not json\n")
    with pytest.raises(ConfigError, match="damaged"):
        Journal(tmp_path)


def test_in_real_pace_the_world_follows_the_clock_and_jumps_over_long_stops(tmp_path: Path):
    clock = FrozenClock(START)
    sim = Simulation(tmp_path, seed=7, start=START, pace=REAL, clock=clock)
    clock.sleep(600)
    sim.follow()
    assert sim.world.ticks == 10
    sim.do("amazon_price", sku="MUG-STONE-12", price_minor=3100, preview=False)
    sim.close()
    clock.sleep(3 * 86400)
    again = Simulation(tmp_path, seed=7, start=START, pace=REAL, clock=clock)
    again.follow()
    assert again.world.ticks <= 11
    assert again.now() == clock.now()
