"""Report files: CSV by the names of its first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from ecom_agent.errors import ParseFailed


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
