"""Part five: the vendors' sample answers and events, through our parsers.

Each sample that one of our parsers is for must come out as records, or be set aside with a reason; an answer of an
operation that no parser is for must at least come whole through the connector's client. An exception that nobody meant
to raise is a crash. Samples of requests, and of vendors without a reader, are only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.evaluate.contract.sampled import ads, tiktok, walmart
from ecom_agent.evaluate.contract.tally import Miss, crash
from platforms._shared.read import Read

Reader = Callable[[bytes], Read[Any]]

FOLDERS: Final = ("*/samples/**/*.json",)
INSIDE: Final = (walmart.examples, ads.examples)
"""What finds the samples that stand inside a vendor's contracts: by name, and the body."""
READERS: Final[Mapping[str, Reader]] = {**tiktok.READERS, **walmart.READERS, **ads.READERS}
"""By the sample's place below the folder of contracts, or its name inside them."""
CLIENTS: Final[Mapping[str, Reader]] = {tiktok.ANSWERS: tiktok.through_client}
"""By a pattern of places: the vendor's client, for answers that have no reader."""


@dataclass(slots=True)
class Samples:
    """`quarantined` holds what was set aside and why, `unread` the samples that nothing of ours is for."""

    parsed: int = 0
    quarantined: list[str] = field(default_factory=list)
    crashed: list[Miss] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def run(specs: Path, *, readers: Mapping[str, Reader] = READERS, clients: Mapping[str, Reader] = CLIENTS) -> Samples:
    """All samples of the folder. `readers` and `clients` hand in others (a test's wrong ones)."""
    found = Samples()
    for name, body in _all(specs):
        read = readers.get(name) or next((one for place, one in clients.items() if fnmatch(name, place)), None)
        if read is None:
            found.unread.append(name)
        else:
            _one(found, name, read, body)
    return found


def _all(specs: Path) -> Iterator[tuple[str, bytes]]:
    for pattern in FOLDERS:
        for file in sorted(specs.glob(pattern)):
            yield file.relative_to(specs).as_posix(), file.read_bytes()
    for inside in INSIDE:
        yield from inside(specs)


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
