"""Report files: packed with gzip or zip or not at all, CSV inside. Torn ones are refused, never half read."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Mapping
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


def rows_of(content: bytes) -> list[Mapping[str, str]]:
    """Lines of a CSV file by the names of its first line; a byte order mark and blank ends of names are taken off.

    Raises ParseFailed where it is no UTF-8 or has no header; a line of another length than the header is kept as
    far as it goes, for whoever reads it misses a field by its name.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseFailed("report", "not UTF-8") from None
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        names = [name.strip() for name in next(lines)]
        return [dict(zip(names, line, strict=False)) for line in lines if line]
    except StopIteration:
        raise ParseFailed("report", "an empty file, not even a header") from None
    except csv.Error as error:
        raise ParseFailed("report", f"no CSV: {error}") from None
