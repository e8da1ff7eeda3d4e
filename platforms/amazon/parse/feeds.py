"""Feeds 2021-06-30: how far a feed is, where its documents lie, and its processing report, line by line. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from platforms._shared import packed
from platforms._shared.payload import count, find, items, maybe_count, maybe_text, text

DONE: Final = "DONE"
CANCELLED: Final = "CANCELLED"
FATAL: Final = "FATAL"
_ENDS: Final = (DONE, CANCELLED, FATAL)
_ERROR: Final = "ERROR"


@dataclass(frozen=True, slots=True)
class Feed:
    """`result` is the document that tells the lines' fates, None where there is none (yet)."""

    status: str
    result: str | None

    @property
    def ended(self) -> bool:
        return self.status in _ENDS


@dataclass(frozen=True, slots=True)
class Document:
    """`url` is signed and good for five minutes."""

    document_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """How many lines were worked through, taken and refused; Amazon's words by line, and those about no line."""

    processed: int
    accepted: int
    invalid: int
    refused: Mapping[int, Sequence[str]]
    about_all: Sequence[str]

    def adds_up(self, lines: int) -> bool:
        """Whether a line without an error was certainly taken: all were worked through and every refusal is named."""
        named = len(self.refused)
        return (self.processed, self.accepted, self.invalid) == (lines, lines - named, named)


def feed(raw: Any) -> Feed:
    """Read the answer of `getFeed`. Raises ParseFailed."""
    return Feed(text(raw, "processingStatus"), maybe_text(raw, "resultFeedDocumentId"))


def feed_id(raw: Any) -> str:
    """Read the answer of `createFeed`. Raises ParseFailed."""
    return text(raw, "feedId")


def document(raw: Any) -> Document:
    """Read the answer of `createFeedDocument` or `getFeedDocument`. Raises ParseFailed."""
    return Document(text(raw, "feedDocumentId"), text(raw, "url"))


def report(file: bytes, feed_id: str) -> Report:
    """Read the processing report (schema v2), packed or not. Raises ParseFailed, for another feed's report too."""
    try:
        raw = orjson.loads(packed.unpacked(file))
    except orjson.JSONDecodeError:
        raise ParseFailed("report", "not JSON") from None
    if text(raw, "header.feedId") != feed_id:
        raise ParseFailed("report.header.feedId", "the report of another feed")
    refused: dict[int, list[str]] = {}
    about_all: list[str] = []
    for issue in items(raw, "issues"):
        if text(issue, "severity") == _ERROR:
            number = maybe_count(issue, "messageId")
            words = about_all if number is None else refused.setdefault(number, [])
            words.append(f"{find(issue, 'code')}: {find(issue, 'message')}")
    return Report(
        count(raw, "summary.messagesProcessed"),
        count(raw, "summary.messagesAccepted"),
        count(raw, "summary.messagesInvalid"),
        refused,
        about_all,
    )
