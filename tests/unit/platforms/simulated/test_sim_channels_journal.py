"""Nothing that a channel's server was answered is forgotten, and old data are refused clearly."""

from __future__ import annotations

import pickle
import random
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from channel_kit import next_command
from simulated_kit import START

from ecom_agent.errors import ConfigError
from platforms.simulated import simulation as simulation_module
from platforms.simulated import truth
from platforms.simulated.channels.commands import COMMANDS
from platforms.simulated.credentials import SHOP
from platforms.simulated.journal import VERSION
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY
from platforms.simulated.world import World


def kill(sim: Simulation) -> None:
    """As kill -9 leaves it: no snapshot, no goodbye."""
    sim._journal.close()


def test_the_truth_is_the_same_after_kills_at_random_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(simulation_module, "SNAPSHOT_EVERY", 19)
    monkeypatch.setattr("platforms.simulated.channels.constants.RETURN_ASKED_AFTER_S", (60, 600))
    monkeypatch.setattr("platforms.simulated.channels.constants.DELIVERED_AFTER_S", (60, 600))
    monkeypatch.setattr("platforms.simulated.channels.constants.SHIP_AFTER_S", (60, 600))
    monkeypatch.setattr("platforms.simulated.channels.constants.RETURN_SHARE", 0.9)
    sims = {name: Simulation(tmp_path / name, seed=7, start=START) for name in ("plain", "hurt")}
    dice = random.Random(3)
    for sim in sims.values():
        sim.do("channel_open", channel=EBAY)
        sim.do("faults", chances={"duplicate_events": 0.3, "late_updates": 0.2, "not_applied": 0.2})
    done = set()
    for _ in range(110):
        now = sims["plain"].now() + timedelta(minutes=dice.choice((0, 1, 20)))
        command, arguments = next_command(sims["plain"].world.channels[EBAY], dice)
        done.add(command)
        answers = []
        for sim in sims.values():
            sim.advance(now)
            answers.append(sim.do(command, channel=EBAY, **arguments))
        assert answers[0] == answers[1]
        if dice.random() < 0.15:
            kill(sims["hurt"])
            sims["hurt"] = Simulation(tmp_path / "hurt", seed=7, start=START)
            plain, hurt = (sim.world for sim in sims.values())
            assert truth.tell(plain, SHOP) == truth.tell(hurt, SHOP)
            for field in ("changes", "owed", "listeners", "kept", "touched", "counts", "threads"):
                assert getattr(plain.channels[EBAY], field) == getattr(hurt.channels[EBAY], field), field
    assert done == set(COMMANDS) - {"channel_open"}


def test_a_world_with_channels_survives_pickling():
    world = World(7, START)
    COMMANDS["channel_open"](world, channel=EBAY)
    world.advance(START + timedelta(hours=2))
    copy = pickle.loads(pickle.dumps(world))
    for one in (world, copy):
        one.advance(START + timedelta(hours=4))
    assert truth.tell(copy, SHOP) == truth.tell(world, SHOP)


def test_data_of_an_older_simulator_are_refused_with_what_to_do(tmp_path: Path):
    Simulation(tmp_path, seed=7, start=START).close()
    journal = tmp_path / "journal.jsonl"
    first = orjson.loads(journal.read_bytes())
    journal.write_bytes(orjson.dumps({**first, "version": 1}) + b"\n")
    with pytest.raises(ConfigError, match=rf"version 1.*wanted seed 7, version {VERSION}.*--data-dir"):
        Simulation(tmp_path, seed=7, start=START)
