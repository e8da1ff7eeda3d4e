"""POST /webhooks/{platform}/{account}: take a shop's event, check its signature over the raw bytes, keep it.

What is kept is worked on later; the sender gets its answer at once. Neither body nor headers are logged.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool

from ecom_agent.errors import AuthFailed, EcomError, NotFound
from ecom_agent.telemetry import log

MOST_BYTES: Final = 1024 * 1024
RETRY_S: Final = "30"
RECEIVED: Final = Counter("ecom_webhooks_total", "Webhooks by what became of them", ["outcome"])
_log = log("webhooks")
router = APIRouter()


@router.post("/webhooks/{platform}/{account}")
async def receive(platform: str, account: str, request: Request) -> JSONResponse:
    """200 accepted or duplicate · 401 wrong signature · 404 no such account · 413 too big · 503 come again."""
    raw = await body(request)
    if raw is None:
        return answered("too_big", 413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return await run_in_threadpool(keep, platform, account, headers, raw)


def keep(platform: str, account: str, headers: dict[str, str], raw: bytes) -> JSONResponse:
    from ecom_agent.wiring import app

    try:
        return answered(app().receive_webhook(platform, account, headers, raw), 200)
    except AuthFailed:
        return answered("bad_signature", 401)
    except NotFound:
        return answered("unknown_account", 404)
    except EcomError as e:
        _log.warning("webhook not kept; the sender is asked to come again", error=type(e).__name__)
        return answered("not_kept", 503)


def answered(outcome: str, status: int) -> JSONResponse:
    RECEIVED.labels(outcome).inc()
    return JSONResponse({"status": outcome}, status, headers={"Retry-After": RETRY_S} if status == 503 else None)


async def body(request: Request) -> bytes | None:
    """The raw bytes, or None as soon as there are more than a webhook may have."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return None
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > MOST_BYTES:
            return None
    return bytes(taken)
