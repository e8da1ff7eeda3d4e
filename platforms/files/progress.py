"""How far a file was read: cursors that hold for one content and one mapping."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from ecom_agent.errors import BadInput
from platforms.files.mapping import FileMapping

BROKEN: Final = "row {}: wanted as many cells as the header has"


def digest(path: Path, mapping: FileMapping) -> str:
    """Another one for another content or another mapping. Raises BadInput where the file cannot be read."""
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput("a readable file", f"{path.name} ({error.strerror})", "check the path") from None
    return hashlib.sha256(f"{content} {mapping.digest()}".encode()).hexdigest()[:32]


def start(cursor: str | None, digest: str) -> int:
    """Index of the first record to read; 0 for a cursor of another file."""
    known, _, done = (cursor or "").partition(":")
    return int(done) if known == digest and done.isdigit() else 0
