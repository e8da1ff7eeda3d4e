"""What a file would do to the store, asked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecom_agent.ids import AccountId


@dataclass(frozen=True, slots=True)
class FilePreview:
    """The whole file was read, and nothing was kept of it.

    `fetched` = `new` + `changed` + `unchanged` + `quarantined`, in records. `sample` are the first ones as they would
    be stored, field by field; what is kept sealed shows its length only. `refused` are the first that would be set
    aside: (id if it has one, why). `already` tells that this very file was imported with this mapping: doing it again
    changes nothing.
    """

    kind: str
    account: AccountId
    fetched: int
    new: int
    changed: int
    unchanged: int
    quarantined: int
    sample: tuple[Mapping[str, str | None], ...]
    refused: tuple[tuple[str | None, str], ...]
    already: bool
