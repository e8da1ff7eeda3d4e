"""Files as platforms hand them out: packed with gzip or zip or not at all. Torn ones are refused, never half read."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import Final

from ecom_agent.errors import ParseFailed

MOST_BYTES: Final = 1 << 28
"""Unpacked: a file that claims to be longer is refused, and never held whole."""
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK"


def unpacked(raw: bytes) -> bytes:
    """What is in the file, told by its first bytes. Raises ParseFailed for a torn or damaged one."""
    try:
        if raw.startswith(_GZIP):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
                return _limited(file.read(MOST_BYTES + 1))
        if raw.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                names = [entry for entry in archive.infolist() if not entry.is_dir()]
                if len(names) != 1:
                    raise ParseFailed("report", f"wanted one file in the archive, found {len(names)}")
                with archive.open(names[0]) as file:
                    return _limited(file.read(MOST_BYTES + 1))
    except (EOFError, zlib.error, OSError, zipfile.BadZipFile) as error:
        raise ParseFailed("report", f"the file is torn or damaged ({type(error).__name__})") from None
    return _limited(raw)


def _limited(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise ParseFailed("report", f"longer than {MOST_BYTES} bytes")
    return content
