"""What was asked of the world, written down before it is answered: a killed simulator forgets nothing it has said.

`journal.jsonl` is append only, one command a line; `snapshot.pickle` is the whole world after line n, replaced
by an atomic rename. A restart loads the snapshot and replays the lines after it. Pickle reads only what this
program wrote into its own folder.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ecom_agent.errors import ConfigError

VERSION = 3  # 2: sales channels; 3: offers say more than a price


class Journal:
    """The files of one simulated world in one folder. Raises ConfigError when the folder cannot be used."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
            self._file = os.open(folder / "journal.jsonl", os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        except OSError as e:
            raise ConfigError(
                f"the data folder {folder} cannot be used: {e.strerror}; choose another --data-dir"
            ) from e
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(self._file)
            os.close(self._lock)
            raise ConfigError(f"another simulator uses {folder}: stop it or choose another --data-dir") from e
        self._folder = folder
        self._lines = self._read()
        self._size = os.fstat(self._file).st_size
        self.number = self._lines[-1]["n"] if self._lines else 0

    def _read(self) -> list[dict[str, Any]]:
        raw = (self._folder / "journal.jsonl").read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):  # the line that was being written when it was killed: it was never answered
            os.ftruncate(self._file, len(whole))
        try:
            return [orjson.loads(line) for line in whole.splitlines()]
        except orjson.JSONDecodeError as e:
            raise ConfigError(f"{self._folder / 'journal.jsonl'} is damaged: remove the folder to start anew") from e

    def entries(self, after: int) -> Iterator[dict[str, Any]]:
        """The lines after line `after`, oldest first."""
        return (line for line in self._lines if line["n"] > after)

    def append(self, entry: dict[str, Any]) -> None:
        """Write one line. Raises OSError (a full disk) with the file as it was before."""
        line = orjson.dumps({"n": self.number + 1, **entry}) + b"\n"
        try:
            written = os.write(self._file, line)
            if written < len(line):
                raise OSError(28, "the disk is full")
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(line)
        self.number += 1

    def forget_read(self) -> None:
        """The lines were replayed: their memory is free."""
        self._lines = []

    def save(self, world: object) -> None:
        """Replace the snapshot by the world as it is after the newest line."""
        part = self._folder / "snapshot.part"
        part.write_bytes(pickle.dumps((VERSION, self.number, world), protocol=pickle.HIGHEST_PROTOCOL))
        part.replace(self._folder / "snapshot.pickle")

    def load(self) -> tuple[int, Any] | None:
        """(line number, world) of the snapshot; None without a readable one: the journal has it all."""
        try:
            version, number, world = pickle.loads((self._folder / "snapshot.pickle").read_bytes())
        except FileNotFoundError:
            return None
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError, ValueError):
            return None
        return (number, world) if version == VERSION and number <= self.number else None

    def close(self) -> None:
        os.close(self._file)
        os.close(self._lock)
