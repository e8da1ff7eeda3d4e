"""Persons' data as screens and lists show it by default: enough to tell one from another, not enough to know who."""

from __future__ import annotations

from typing import Final

_DOTS: Final = "•••"


def masked(told: str | None) -> str | None:
    """The first letter and dots; of a mail address its domain too. None stays None."""
    if not told:
        return None
    name, at, domain = told.rpartition("@")
    return f"{name[:1]}{_DOTS}@{domain}" if at and name else f"{told[:1]}{_DOTS}"
