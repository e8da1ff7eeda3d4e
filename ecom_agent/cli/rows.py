"""Rows of a CSV file that commands read: which columns it must have, and what is wrong with it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from ecom_agent.errors import BadInput


def read(file: Path, columns: Sequence[str]) -> Sequence[Mapping[str, str]]:
    """These columns of every row, blanks around values taken off; others are passed over. Raises BadInput."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if not set(reader.fieldnames or ()) >= set(columns):
                found = ", ".join(reader.fieldnames or ()) or "no header"
                raise BadInput(f"columns {', '.join(columns)}", found, f"correct the first line of {file}")
            return [{name: (line[name] or "").strip() for name in columns} for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise BadInput("a readable CSV file in UTF-8", f"{file}: {e}", "correct the path or the file") from e
