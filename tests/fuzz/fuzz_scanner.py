"""`make fuzz`: damaged notifications through the sanitized scanner, each beside the plain parser's reading.

Exit 1 at the first disagreement or sanitizer report; the notification that brought it is kept in the build folder, and
`ARGS="--file <path>"` reads it again (with those before it: what the scanner learned matters). Exit 2: cannot build.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sanitized
from scanner_mutations import bursts

FOLDER = sanitized.ROOT / "build" / "fuzz"
KEPT = 400  # notifications before the one at fault
ROUND = 200  # between two looks at the clock


def main() -> int:
    options = _options()
    try:
        extension = sanitized.build(options.sources, options.folder)
        environment = sanitized.environment()
    except sanitized.CannotBuild as e:
        sys.stderr.write(f"{e}\n")
        return 2
    if options.file is None:
        _trail(options.folder).unlink(missing_ok=True)
    command = [sys.executable, __file__, *sys.argv[1:], "--extension", str(extension)]
    done = subprocess.run(command, env=environment)
    if done.returncode and _trail(options.folder).exists():
        sys.stderr.write(f'again: make fuzz ARGS="--file {_trail(options.folder)}"\n')
    return 1 if done.returncode else 0


def inside(options: argparse.Namespace) -> int:
    """In the process that holds the sanitizers."""
    sanitized.load(options.extension)
    from scanner_comparer import Comparer

    from native_pricer import _engine  # type: ignore[attr-defined]

    comparer = Comparer(_engine.Core)
    started = time.monotonic()
    given = _read(options.file) if options.file else bursts(random.Random(options.seed))
    trail = [] if options.file else Trail(_trail(options.folder))
    for raw in _until(given, started + options.seconds):
        trail.append(raw)
        problem = comparer.disagreement(raw)
        if problem is not None:
            sys.stderr.write(f"{problem}\nof {raw!r}\n")
            return 1
    whole, whole_missed, parts, parts_missed = comparer.warm.predicted()
    sys.stdout.write(
        f"seed {options.seed}, {time.monotonic() - started:.0f} s: {comparer.asked} notifications, "
        f"{comparer.understood} understood, 0 disagreements; "
        f"layouts hit {whole} of {whole + whole_missed} notifications, {parts} of {parts + parts_missed} parts\n"
    )
    return 0


class Trail:
    """The last notifications on disk before they are read: a sanitizer ends the process at once."""

    def __init__(self, path: Path) -> None:
        self.path, self.kept = path, list[bytes]()
        self._file = path.open("wb")

    def append(self, raw: bytes) -> None:
        self.kept.append(raw)
        if len(self.kept) == 2 * KEPT:
            del self.kept[:KEPT]
            self._file.seek(0)
            self._file.truncate()
            self._file.write(b"".join(map(_framed, self.kept)))
        else:
            self._file.write(_framed(raw))
        self._file.flush()


def _framed(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _read(path: Path) -> Iterator[bytes]:
    """The notifications of a trail; each is a block of exactly its size."""
    data = path.read_bytes()
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def _until(given: Iterable[bytes], end: float) -> Iterator[bytes]:
    given = iter(given)
    while time.monotonic() < end and (batch := list(islice(given, ROUND))):
        yield from batch


def _trail(folder: Path) -> Path:
    return folder / "trail.bin"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to try (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="of the dice (default 1)")
    parser.add_argument("--file", type=Path, help="read this trail again instead of new notifications")
    parser.add_argument("--sources", type=Path, default=sanitized.ROOT / "native_pricer", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=FOLDER, help=argparse.SUPPRESS)
    parser.add_argument("--extension", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    parsed = _options()
    sys.exit(inside(parsed) if parsed.extension else main())
