"""Faults inside an answer, for every vendor alike: unknown fields, a poison record, an unknown status, a torn file."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any, Final

from platforms.simulated.servers.base import WireFaults

STRANGE_STATUS: Final = "HELD_BY_A_WORD_NOBODY_KNOWS"


def spoil_page(faults: WireFaults, records: list[dict[str, Any]], *, heart: str, status: Sequence[str] = ()) -> None:
    """Change the records of one page in place, when the dice say so.

    `heart` is a field that no reader can do without: the poison record has nonsense there. `status` leads to the field
    with the status word, through dicts and the first entries of lists; empty = these records have none.
    """
    if not records:
        return
    if faults.strikes("extra_fields"):
        for record in records:
            record["addedLately"] = {"beta": True}
    if status and faults.strikes("unknown_status"):
        _set(records[faults.pick(len(records))], status)
    if faults.strikes("poison_record"):
        records[faults.pick(len(records))][heart] = {"unexpected": "shape"}


def _set(record: Any, path: Sequence[str]) -> None:
    for step in path[:-1]:
        record = record[step]
        if isinstance(record, list):
            record = record[0] if record else {}
    record[path[-1]] = STRANGE_STATUS


def gzipped(faults: WireFaults, data: bytes) -> bytes:
    """A compressed file; torn in the middle when the dice say so."""
    whole = gzip.compress(data, mtime=0)
    return whole[: len(whole) // 2] if faults.strikes("truncated_gzip") else whole
