"""POST /webhooks/{platform}/{account}: take a platform's event, check its signature over the raw bytes, keep it.

What is kept is worked on later; the sender gets its answer at once. GET there answers eBay's question to a new address.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool

from ecom_agent.api import door
from ecom_agent.errors import EcomError

RECEIVED: Final = Counter("ecom_webhooks_total", "Webhooks by what became of them", ["outcome"])
UNKNOWN: Final = "unknown_account"
router = APIRouter()


@router.post("/webhooks/{platform}/{account}")
async def receive(platform: str, account: str, request: Request) -> JSONResponse:
    """200 accepted or duplicate · 401 wrong signature or replayed · 404 no such account · 503 come again.

    400 unreadable · 413 too big.
    """
    raw = await door.body(request)
    if raw is None:
        return door.answered(RECEIVED, "too_big", 413)
    return await run_in_threadpool(keep, platform, account, door.headers(request), raw)


def keep(platform: str, account: str, headers: dict[str, str], raw: bytes) -> JSONResponse:
    from ecom_agent.wiring import app

    try:
        return door.answered(RECEIVED, app().receive_webhook(platform, account, headers, raw), 200)
    except EcomError as error:
        return door.refused(RECEIVED, error, UNKNOWN)


@router.get("/webhooks/{platform}/{account}")
def challenge(platform: str, account: str, challenge_code: str = "") -> JSONResponse:
    """200 with the answer · 400 without a code · 404 where no challenge is asked · 503 where it is not set up."""
    from ecom_agent.wiring import app

    if not challenge_code:
        return door.answered(RECEIVED, "no_code", 400)
    try:
        told = app().answer_challenge(platform, account, challenge_code)
    except EcomError as error:
        return door.refused(RECEIVED, error, UNKNOWN)
    RECEIVED.labels("challenge").inc()
    return JSONResponse(dict(told))
