"""An answer of 207: each item has a fate of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platforms._shared.payload import find, items, maybe_text


@dataclass(frozen=True, slots=True)
class Fate:
    """Of the one item that was sent. `errors` is Amazon's own list; neither id nor errors = it is not shown."""

    target_id: str | None
    bid: Any
    errors: tuple[Any, ...]


def fate(body: Any, *, group: str, item: str, key: str) -> Fate:
    """What became of the item of index 0. `group` is the list's name in the answer, `item` the entity's, `key` its id.

    Raises ParseFailed for another shape.
    """
    failed = next((e for e in items(body, f"{group}.error") if find(e, "index") == 0), None)
    if failed is not None:
        return Fate(None, None, tuple(items(failed, "errors")) or ({"errorType": "an error without words"},))
    done = next((one for one in items(body, f"{group}.success") if find(one, "index") == 0), None)
    if done is None:
        return Fate(None, None, ())
    return Fate(maybe_text(done, key) or maybe_text(done, f"{item}.{key}"), find(done, f"{item}.bid"), ())
