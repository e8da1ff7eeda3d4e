"""Answering buyers: what no platform needs to be asked about, and keeping our words out of its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ecom_agent.errors import PlatformError, Rejected, TerminalError

_TELLING: Final = 16
"""So many characters of ours in a row are a repetition, no chance."""


def check(platform: str, operation: str, text: str, longest: int) -> None:
    """Raises Rejected for a text that is empty or too long."""
    if not text.strip():
        raise Rejected(platform, operation, "wanted a text, found none; write one")
    if len(text) > longest:
        raise Rejected(
            platform, operation, f"wanted at most {longest} characters, found {len(text)}; shorten it, or send two"
        )


@contextmanager
def unsaid(text: str) -> Iterator[None]:
    """A platform may repeat what we said when it refuses it: what is raised within repeats it no more."""
    try:
        yield
    except PlatformError as error:
        if _repeats(error.message, text):
            issues = error.issues if isinstance(error, TerminalError) else ()
            kept = tuple(issue for issue in issues if not _repeats(issue, text))
            error.message = "; ".join(kept) or "refused in words that repeat ours"
            error.args = (f"{error.platform} {error.operation}: {error.message}",)
            if isinstance(error, TerminalError):
                error.issues = kept
        raise


def _repeats(words: str, text: str) -> bool:
    """Whether a part of the text is in these words; a text that is shorter than that counts as a whole."""
    if len(text) <= _TELLING:
        return text in words
    return any(text[start : start + _TELLING] in words for start in range(len(text) - _TELLING + 1))
