"""The world with its journal and its clock: the one thing that the servers hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ecom_agent.clock import Clock, SystemClock
from ecom_agent.errors import ConfigError
from platforms.simulated.commands import COMMANDS
from platforms.simulated.journal import VERSION, Journal
from platforms.simulated.sellers import FIRST
from platforms.simulated.world import TICK, World

SNAPSHOT_EVERY = 300  # journal lines: a restart replays at most as many
LONGEST_CATCH_UP = timedelta(hours=6)  # a longer stop in real pace is jumped over, not lived through
LOCKSTEP, REAL = "lockstep", "real"


class Simulation:
    """One world. In lockstep its time moves only by `advance`; in real pace it follows `clock`.

    The seed and the start are those of the first run in this folder; ConfigError when another seed is asked for.
    `products`: so many of the catalogue, None = the demo's.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        start: datetime,
        pace: str = LOCKSTEP,
        clock: Clock | None = None,
        seller: int = FIRST,
        products: int | None = None,
    ) -> None:
        self.pace = pace
        self._clock = clock or SystemClock()
        self._journal = Journal(folder)
        self._since_save = 0
        try:
            self.world = self._load({"seed": seed, "seller": seller, "products": products}, start)
        except ConfigError:
            self._journal.close()
            raise
        self._journal.forget_read()
        if pace == REAL:
            self._resume()

    def _load(self, wanted: dict[str, Any], start: datetime) -> World:
        journal = self._journal
        first = next(journal.entries(0), None)
        if first is None:
            journal.append({"do": "begin", "at": start.isoformat(), **wanted, "version": VERSION})
            return World(start=start, **wanted)
        stands = {"seller": FIRST, "products": None, **first}
        if any(stands[name] != value for name, value in {**wanted, "version": VERSION}.items()):
            told = ", ".join(f"{name} {stands[name]}" for name in ("seed", "version", "seller", "products"))
            raise ConfigError(
                f"the data folder holds a world of {told}; wanted seed {wanted['seed']}, version {VERSION}, seller "
                f"{wanted['seller']}, products {wanted['products']}: remove the folder or choose another --data-dir"
            )
        number, world = journal.load() or (first["n"], World(start=datetime.fromisoformat(first["at"]), **wanted))
        for entry in journal.entries(number):
            world.advance(datetime.fromisoformat(entry["at"]))
            COMMANDS[entry["do"]](world, **entry["args"])
            self._since_save += 1
        found: World = world
        return found

    def _resume(self) -> None:
        now = self._clock.now()
        if now - self.world.now > LONGEST_CATCH_UP:
            self.do("skip", to=now.isoformat())

    def now(self) -> datetime:
        """The time that vendors' clocks show: the world's in lockstep, the real one else."""
        return self.world.now if self.pace == LOCKSTEP else max(self.world.now, self._clock.now())

    def do(self, command: str, **args: Any) -> Any:
        """Write one command down, then do it. Raises OSError when it cannot be written; then nothing was done."""
        self._journal.append({"do": command, "at": self.world.now.isoformat(), "args": args})
        answer = COMMANDS[command](self.world, **args)
        self._since_save += 1
        if self._since_save >= SNAPSHOT_EVERY:
            self.save()
        return answer

    def advance(self, to: datetime) -> None:
        """Let the time pass up to `to`, durably."""
        if to > self.world.now:
            self.do("advance", to=to.isoformat())

    def follow(self) -> None:
        """In real pace: catch up with the clock. Only whole ticks are written down, a command notes its own moment."""
        if self.pace != REAL:
            return
        now = self._clock.now()
        if now >= self.world.ticked_at + TICK:
            self.advance(now)
        else:
            self.world.advance(now)

    def save(self) -> None:
        self._journal.save(self.world)
        self._since_save = 0

    def close(self) -> None:
        self.save()
        self._journal.close()
