"""`getAsyncReport` → how far a report is, and which one a refusal for being a duplicate names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from platforms._shared.payload import maybe_text, moment, text

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Made:
    """`url` is signed and dies after an hour: it is never kept. `at`: as of when the figures are, None = not told."""

    report_id: str
    status: str
    url: str | None
    at: datetime | None
    failure: str | None


def made(body: Any) -> Made:
    return Made(
        report_id=text(body, "reportId"),
        status=text(body, "status"),
        url=maybe_text(body, "url"),
        at=_told(body, "generatedAt") or _told(body, "createdAt"),
        failure=maybe_text(body, "failureReason"),
    )


def duplicate_of(words: Iterable[str]) -> str | None:
    """The report that a 425 says is being made already: "The Request is a duplicate of : <id>"."""
    found = (_ID.search(word) for word in words)
    return next((match.group(0) for match in found if match is not None), None)


def _told(body: Any, path: str) -> datetime | None:
    try:
        return moment(body, path)
    except ParseFailed:
        return None
