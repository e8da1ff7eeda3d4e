"""A file of any kind to pages: which reader belongs to which mapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecom_agent.connector import Page
from ecom_agent.ids import AccountId
from platforms.files import rows
from platforms.files.costs import CostReader
from platforms.files.mapping import FileMapping, OrderMapping
from platforms.files.mapping_kinds import CostMapping, MessageMapping, ReviewMapping
from platforms.files.messages import MessageReader
from platforms.files.orders import read_orders
from platforms.files.reviews import ReviewReader


def read_file(
    path: Path, mapping: FileMapping, *, account: AccountId | None = None, cursor: str | None = None
) -> Iterator[Page[Any]]:
    """Pages of the records in the file, going on behind `cursor`. `account` takes the mapping's place.

    Raises BadInput for a file or columns that cannot be read at all.
    """
    into = account or AccountId(mapping.account)
    match mapping:
        case OrderMapping():
            return read_orders(path, mapping, account=into, cursor=cursor)
        case ReviewMapping():
            return rows.pages(path, mapping, ReviewReader(mapping, into), cursor=cursor)
        case MessageMapping():
            return rows.pages(path, mapping, MessageReader(mapping, into), cursor=cursor)
        case CostMapping():
            return rows.pages(path, mapping, CostReader(mapping, into), cursor=cursor)
    raise TypeError(f"no reader for {type(mapping).__name__}")
