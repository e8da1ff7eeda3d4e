"""Part five: the vendors' sample answers and events, through our parsers.

Each sample that one of our parsers is for must come out as records, or be set aside with a reason; an exception that
nobody meant to raise is a crash. Samples of operations that we do not use are only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.evaluate.contract.sampled import tiktok
from ecom_agent.evaluate.contract.tally import Miss, crash
from platforms._shared.read import Read

Reader = Callable[[bytes], Read[Any]]

FOLDERS: Final = ("*/samples/**/*.json",)
READERS: Final[Mapping[str, Reader]] = {**tiktok.READERS}
"""By the sample's place below the folder of contracts."""


@dataclass(slots=True)
class Samples:
    """`quarantined` holds what was set aside and why, `unread` the samples of operations that we do not use."""

    parsed: int = 0
    quarantined: list[str] = field(default_factory=list)
    crashed: list[Miss] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def run(specs: Path, *, readers: Mapping[str, Reader] = READERS) -> Samples:
    """All samples of the folder. `readers` hands in other parsers (a test's wrong ones)."""
    found = Samples()
    for pattern in FOLDERS:
        for file in sorted(specs.glob(pattern)):
            name = file.relative_to(specs).as_posix()
            if name in readers:
                _one(found, name, readers[name], file.read_bytes())
            else:
                found.unread.append(name)
    return found


def _one(found: Samples, name: str, read: Reader, body: bytes) -> None:
    try:
        page = read(body)
    except ParseFailed as error:
        found.quarantined.append(f"{name}: {error}")
        return
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        found.crashed.append(Miss("samples", name, crash(error)))
        return
    without = [poison for poison in page.poison if not poison.reason]
    if without or not (page.records or page.poison):
        found.crashed.append(Miss("samples", name, "set aside without a reason" if without else "nothing was read"))
    elif page.poison:
        found.quarantined += [f"{name}: {poison.reason}" for poison in page.poison]
    else:
        found.parsed += 1
