"""What all that calls us has in common: how much may be sent, what a refusal is called, and that each call is counted.

Neither body, query nor headers are logged.
"""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter

from ecom_agent.errors import AuthFailed, EcomError, NotFound, ParseFailed, Replayed
from ecom_agent.telemetry import log

MOST_BYTES: Final = 1024 * 1024
RETRY_S: Final = "30"
REFUSALS: Final[tuple[tuple[type[EcomError], str, int], ...]] = (
    (Replayed, "replayed", 401),
    (AuthFailed, "bad_signature", 401),
    (ParseFailed, "unreadable", 400),
)
"""The first that fits. NotFound has its name from what was not found; anything else is our own trouble: come again."""
_log = log("door")


def refused(counter: Counter, error: EcomError, unknown: str) -> JSONResponse:
    """`unknown` is what NotFound is called here."""
    if isinstance(error, NotFound):
        return answered(counter, unknown, 404)
    for kind, outcome, status in REFUSALS:
        if isinstance(error, kind):
            return answered(counter, outcome, status)
    _log.warning("a call was not kept; the sender is asked to come again", error=type(error).__name__)
    return answered(counter, "not_kept", 503)


def answered(counter: Counter, outcome: str, status: int) -> JSONResponse:
    counter.labels(outcome).inc()
    return JSONResponse({"status": outcome}, status, headers={"Retry-After": RETRY_S} if status == 503 else None)


async def body(request: Request) -> bytes | None:
    """The raw bytes, or None as soon as there are more than a call may have."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return None
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > MOST_BYTES:
            return None
    return bytes(taken)


def headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
